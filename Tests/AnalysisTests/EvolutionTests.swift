import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Features evolve` {
  /// One unit that weighs the two channels of a picture, and one that never responds.
  private func network(_ weights: [Float]) throws -> Network {
    try Network(
      graph: Graph(
        inputShape: [2, 2, 2],
        [
          Graph.Node("conv", Convolution(1), inputs: ["input"], parameters: ["w"]),
          Graph.Node("relu", Activation.relu, inputs: ["conv"]),
        ]),
      parameters: Parameters(["w": Tensor(shape: [2, 2, 1, 1], weights + [-1, -1])]))
  }

  /// The first picture is bright in the first channel at its second place, the second one in the
  /// second channel at its last.
  private let pictures = Tensor(
    shape: [2, 2, 2, 2], [0, 3, 0, 0, 1, 0, 0, 0] + [0, 0, 1, 0, 0, 0, 0, 2])

  @Test func `and another picture becomes the strongest at the third of five checkpoints`() throws {
    let weights: [[Float]] = [[1, 0], [2, 0.5], [0.25, 4], [0, 1], [0, 0]]
    let findings = try weights.map { weights in
      let network = try network(weights)
      let scan = TopActivationScan(network, layers: ["relu"])
      scan.observe(network.record(pictures), pictures: [0, 1])
      return scan.findings()[0]
    }
    let found = UnitEvolution(of: 0, in: findings.map(\.strongestOnly))
    #expect(found.strongest.map { $0?.picture } == [0, 0, 1, 1, nil])
    #expect(found.strongest.map { $0?.value } == [3, 6, 8, 2, nil])
    #expect(found.strongest.map { $0?.position } == [[0, 1], [0, 1], [1, 1], [1, 1], nil])
    #expect(found.changesPicture == [false, false, true, false, false])
    let silent = UnitEvolution(of: 1, in: findings)
    #expect(silent.strongest.allSatisfy { $0 == nil } && !silent.changesPicture.contains(true))
    #expect(findings[0].strongestOnly.units.allSatisfy { $0.count <= 1 })
    #expect(findings[0].units[0].count == 2)
  }

  private func features(_ tensors: [Tensor]) -> LayerFeatures {
    LayerFeatures(
      layers: tensors.indices.map { "layer\($0)" }, pictures: Array(0..<tensors[0].shape[0]),
      features: tensors)
  }

  /// `1 − CKA` from the inner products of centred features.
  private func slowDistance(_ a: Tensor, _ b: Tensor) -> Double {
    func products(_ tensor: Tensor) -> [[Double]] {
      let (count, width) = (tensor.shape[0], tensor.shape[1])
      let values = tensor.elements.map(Double.init)
      let rows = (0..<count).map { row in
        (0..<width).map { column in
          let mean = (0..<count).reduce(0) { $0 + values[$1 * width + column] } / Double(count)
          return values[row * width + column] - mean
        }
      }
      return rows.map { own in rows.map { other in zip(own, other).reduce(0) { $0 + $1.0 * $1.1 } }
      }
    }
    func inner(_ x: [[Double]], _ y: [[Double]]) -> Double {
      zip(x.joined(), y.joined()).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (x, y) = (products(a), products(b))
    return 1 - inner(x, y) / (inner(x, x) * inner(y, y)).squareRoot()
  }

  @Test(arguments: 0..<4) func `by a distance from each checkpoint to the next`(seed: Int) throws {
    let all = (0..<4).map { checkpoint in
      [3, 30].map { Tensor.random([17, $0], seed: 100 * seed + 10 * checkpoint + $0) }
    }
    let found = LayerMovementAnalysis().run(on: all.map(features))
    #expect(found.map(\.layer) == ["layer0", "layer1"])
    for (layer, movement) in found.enumerated() {
      let expected = zip(all, all.dropFirst()).map { slowDistance($0[layer], $1[layer]) }
      let distances = movement.distances.compactMap(\.self)
      expectClose(distances.map(Float.init), expected, relative: 1e-5)
    }
  }

  @Test func `by none if only the scale and the order of features change`() throws {
    let first = Tensor.random([20, 4], seed: 3)
    let values = first.elements
    let moved = Tensor(
      shape: [20, 4], (0..<80).map { 7 * values[$0 / 4 * 4 + (3 - $0 % 4)] + 2 })
    let flat = Tensor(shape: [20, 4], repeating: 1)
    let found = LayerMovementAnalysis().run(on: [first, moved, flat].map { features([$0]) })
    #expect(abs(try #require(found[0].distances[0])) < 1e-6)
    #expect(found[0].distances[1] == nil)
    // Of two pictures nothing can be said.
    let few = [0, 1].map { features([Tensor.random([2, 4], seed: $0)]) }
    #expect(LayerMovementAnalysis().run(on: few)[0].distances == [nil])
  }
}
