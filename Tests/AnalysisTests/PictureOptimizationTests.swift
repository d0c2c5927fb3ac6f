import Analysis
import Foundation
import Kernels
import Networks
import Synchronization
import TensorCore
import TestSupport
import Testing

/// The loop with parts that no figure has yet: it need not know them.
@Suite struct `Picture optimization` {
  private static let objectives: [any Objective] = [
    MeanActivation(node: "relu2", unit: 3), MeanActivation(node: "relu1", unit: 1),
    Difference(MeanActivation(node: "relu3", unit: 2), MeanActivation(node: "relu1", unit: 0)),
  ]

  private func start(_ network: Network, seed: Int) -> Tensor {
    let input = network.graph.inputShape
    return Tensor.random(
      [2, input[0], (input[1] + 1) / 2, (input[2] + 1) / 2], seed: seed
    ).map { $0 * 0.3 }
  }

  @Test(.slow, arguments: 0..<3, 0..<3)
  func `raises a hidden unit's mean at half resolution, mirrored at random`(
    objective: Int, seed: Int
  ) throws {
    let network = try Network.random(seed: seed, smooth: true)
    let half = HalfResolution(start: start(network, seed: seed), size: network.graph.inputShape)
    for ascent in [NormalizedAscent(rate: 0.1), Momentum(rate: 0.5)] as [any Ascent] {
      let optimization = PictureOptimization(
        of: Self.objectives[objective], in: half,
        under: [RandomMirror(), RandomShift(reach: 1), RandomGain()], by: ascent, steps: 40)
      let found = optimization.run(on: network, identities: [0, 1])
      let before = Self.objectives[objective].values(
        in: network.record(half.pictures(of: half.start).value))
      for (row, course) in found.courses.enumerated() {
        let last = try #require(course.values.last)
        #expect(last > before[row] + 0.2, "picture \(row) by \(ascent)")
        #expect(course.values.count == 41)
        #expect(!course.isUnguided && course.stoppedAt == nil)
      }
      let (x, shape) = (SlowArray(found.pictures), found.pictures.shape)
      for index in Slow.indices(shape.extents) {
        let corner = [index[0], index[1], index[2] / 2 * 2, index[3] / 2 * 2]
        #expect(x[index] == x[corner] && abs(x[index]) <= 2)
      }
    }
  }

  /// From the objective back through mirror, shift, gain and upsampling to the parameters.
  @Test(arguments: 0..<3, 0..<4)
  func `ascends the slope of the whole chain`(objective: Int, seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    func run(_ start: Tensor) -> (value: Double, gradient: Tensor?) {
      let seen = SeenGradients()
      let optimization = PictureOptimization(
        of: Self.objectives[objective],
        in: HalfResolution(start: start, size: network.graph.inputShape),
        under: [RandomMirror(), RandomShift(reach: 3), RandomGain()], by: seen, steps: 1,
        seed: UInt64(seed))
      let found = optimization.run(on: network, identities: [0, 1])
      return (found.courses.reduce(0) { $0 + Double($1.values[0]) }, seen.last)
    }
    let start = start(network, seed: seed)
    let gradient = try #require(run(start).gradient)
    let direction = Tensor.random(start.shape, seed: 7)
    let slope = centralDifference(
      of: { run($0).value }, at: start, along: direction, step: 3e-3)
    let size = max(abs(slope), Double(gradient.norm))
    #expect(abs(gradient.dot(direction) - slope) < 2e-3 * size && size > 0.01)
  }

  @Test func `stops a picture whose objective is not finite, and only that`() throws {
    let network = try Network.random(seed: 1, smooth: true)
    let pixels = PixelParameterization(network.graph.inputShape)
    let optimization = PictureOptimization(
      of: Failing(of: MeanActivation(node: "relu2", unit: 3), row: 1), in: pixels,
      by: NormalizedAscent(rate: 0.1), steps: 5)
    let found = optimization.run(on: network, identities: [0, 1])
    #expect(found.courses.map(\.stoppedAt) == [nil, 0])
    #expect(found.pictures.rows(1..<2).elements.allSatisfy { $0 == 0 })
    #expect(found.pictures.rows(0..<1).norm > 0.1)
  }
}

/// The mean of a unit's map.
private struct MeanActivation: Objective {
  let node: String
  let unit: Int

  var nodes: [String] { [node] }

  func values(in recording: Recording) -> [Float] {
    let (maps, mask) = (recording[node], signals(in: recording)[0].signal)
    return (0..<maps.shape[0]).map { row in
      Float(maps.rows(row..<(row + 1)).dot(mask.rows(row..<(row + 1))))
    }
  }

  func signals(in recording: Recording) -> [NodeSignal] {
    let shape = recording[node].shape
    let area = shape.spatial.reduce(1, *)
    let signal = Tensor(shape: shape) { target in
      for index in 0..<target.count {
        target[index] = index / area % shape[1] == unit ? 1 / Float(area) : 0
      }
    }
    return [NodeSignal(node: node, signal: signal)]
  }
}

/// Reads two nodes, and so sends back two signals.
private struct Difference: Objective {
  let (first, second): (any Objective, any Objective)

  init(_ first: any Objective, _ second: any Objective) {
    (self.first, self.second) = (first, second)
  }

  var nodes: [String] { first.nodes + second.nodes }

  func values(in recording: Recording) -> [Float] {
    zip(first.values(in: recording), second.values(in: recording)).map { $0 - $1 }
  }

  func signals(in recording: Recording) -> [NodeSignal] {
    first.signals(in: recording)
      + second.signals(in: recording).map { NodeSignal(node: $0.node, signal: $0.signal * -1) }
  }
}

/// NaN for one picture.
private struct Failing: Objective {
  let objective: any Objective
  let row: Int

  init(of objective: any Objective, row: Int) { (self.objective, self.row) = (objective, row) }

  var nodes: [String] { objective.nodes }

  func values(in recording: Recording) -> [Float] {
    objective.values(in: recording).enumerated().map { $0 == row ? .nan : $1 }
  }

  func signals(in recording: Recording) -> [NodeSignal] { objective.signals(in: recording) }
}

/// `2 tanh(p)` in blocks of four pixels, fewer at an odd edge.
private struct HalfResolution: Parameterization {
  let start: Tensor
  /// `[C, H, W]`.
  let size: Shape

  func initialParameters(for identities: [Int]) -> Tensor { start }

  func pictures(of parameters: Tensor) -> TensorWithPullback {
    let shape = Shape([parameters.shape[0]] + size.extents)
    let p = SlowArray(parameters)
    func block(_ index: [Int]) -> [Int] { [index[0], index[1], index[2] / 2, index[3] / 2] }
    let pictures = SlowArray(shape.extents) { 2 * tanh(p[block($0)]) }
    return (
      Tensor(shape: shape, pictures.elements.map { Float($0) }),
      { gradient in
        let g = SlowArray(gradient)
        var sums: [[Int]: Double] = [:]
        for index in Slow.indices(shape.extents) { sums[block(index), default: 0] += g[index] }
        let own = SlowArray(parameters.shape.extents) { index in
          let t = tanh(p[index])
          return 2 * (1 - t * t) * (sums[index] ?? 0)
        }
        return Tensor(shape: parameters.shape, own.elements.map { Float($0) })
      }
    )
  }
}

/// Left and right change places in half of all steps.
private struct RandomMirror: Transformation {
  func transform(
    _ pictures: Tensor, using generator: inout SeededGenerator
  ) -> TensorWithPullback {
    guard Bool.random(using: &generator) else { return (pictures, { $0 }) }
    func mirrored(_ images: Tensor) -> Tensor {
      let x = SlowArray(images)
      let result = SlowArray(x.extents) {
        x[[$0[0], $0[1], $0[2], x.extents[3] - 1 - $0[3]]]
      }
      return Tensor(shape: images.shape, result.elements.map { Float($0) })
    }
    return (mirrored(pictures), mirrored)
  }
}

/// Contrast changed by up to a fifth.
private struct RandomGain: Transformation {
  func transform(
    _ pictures: Tensor, using generator: inout SeededGenerator
  ) -> TensorWithPullback {
    let gain = Float(generator.uniform(0.8...1.2))
    return (pictures * gain, { $0 * gain })
  }
}

/// Remembers earlier gradients (Polyak 1964).
private struct Momentum: Ascent {
  let rate: Float
  private var velocity: Tensor?

  init(rate: Float) { self.rate = rate }

  mutating func step(
    _ parameters: inout Tensor, along gradient: Tensor, rows: [Int], progress: Float,
    randomness: [SeededGenerator]
  ) {
    let velocity = velocity.map { $0 * 0.9 + gradient } ?? gradient
    parameters = parameters + velocity * rate
    self.velocity = velocity
  }
}

/// Goes nowhere, and keeps the gradient.
private final class SeenGradients: Ascent {
  private let gradient = Mutex<Tensor?>(nil)

  var last: Tensor? { gradient.withLock { $0 } }

  func step(
    _ parameters: inout Tensor, along gradient: Tensor, rows: [Int], progress: Float,
    randomness: [SeededGenerator]
  ) {
    self.gradient.withLock { $0 = gradient }
  }
}
