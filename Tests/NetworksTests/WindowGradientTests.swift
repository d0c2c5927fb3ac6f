import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// A windowed or rearranging operation with random arguments, between two layers without kinks, so
/// that signals reach it as they do in networks.
private struct RandomOperation {
  let network: Network
  let images: Tensor

  init(_ kind: Int, seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed), path: kind)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let axes = 0..<(1 + seed % 3)
    let extents = axes.map { _ in pick(4...(axes.count > 2 ? 5 : 7)) }
    let window = axes.map { _ in pick(1...3) }
    let moves = WindowGeometry(
      stride: axes.map { _ in pick(1...3) },
      dilation: zip(extents, window).map { $1 < 2 ? pick(1...3) : pick(1...(($0 - 1) / ($1 - 1))) },
      paddingBefore: window.map { pick(0...($0 / 2)) },
      paddingAfter: window.map { pick(0...($0 / 2)) })
    let pool = PoolingGeometry(window: window, moves: moves, ceiling: pick(0...1) == 0)
    let shape = Shape([4] + extents)
    let weights = Tensor.random(Shape([4, 3] + window), seed: seed) * 0.3
    var sketch = NetworkSketch(shape, seed: seed)
    let operations: [(any Operation, [(String, Tensor)])] = [
      (
        Convolution(window: window, moves: moves),
        [("w", .random(Shape([3, 4] + window), seed: 1))]
      ),
      (
        ConvolutionTranspose(
          window: window, moves: moves, outputPadding: moves.stride.map { $0 - 1 }, groups: 2),
        [("w", weights), ("b", .random([6], seed: 2))]
      ),
      (MaxPool(pool), []),
      (AveragePool(pool, countsPadding: seed % 2 == 0), []),
      (LpPool(pool, p: pick(1...3)), []),
      (GlobalPool([.average, .maximum, .power(2)][pick(0...2)]), []),
      (AdaptiveAveragePool(extents: axes.map { _ in pick(1...8) }), []),
      (
        Resample(
          ResamplingRule(mode: [.linear, .cubic, .nearest][pick(0...2)]),
          axes: axes.map { $0 + 2 }, extents: axes.map { _ in pick(1...9) }), []
      ),
      (
        Pad(
          before: [0, 0] + axes.map { _ in pick(-1...2) },
          after: [0, 0] + axes.map { _ in pick(-1...2) },
          mode: [.constant, .reflect, .edge][pick(0...2)]), []
      ),
    ]
    let (operation, parameters) = operations[kind]
    try sketch.add("it", operation, parameters: parameters.map { (name: $0.0, value: $0.1) })
    network = try sketch.network()
    images = .separated(Shape([2] + shape.extents), seed: seed)
  }

  static let kindCount = 9
}

@Suite struct `Gradients of windowed operations` {
  /// With numbers that are 0.05 apart, a difference this wide crosses no kink.
  private static let step: Float = 1e-2

  @Test(arguments: 0..<RandomOperation.kindCount, 0..<12)
  func `are the slopes at pictures and parameters`(kind: Int, seed: Int) throws {
    let example = try RandomOperation(kind, seed: seed)
    let recording = example.network.record(example.images)
    let signal = Tensor.random(recording["it"].shape, seed: seed + 1)
    func value(_ network: Network, _ images: Tensor) -> Double {
      network.record(images, keeping: .only([]))["it"].dot(signal)
    }
    let gradient = recording.propagate(signal, from: "it").input
    #expect(gradient.shape == example.images.shape)
    let direction = Tensor.random(example.images.shape, seed: seed + 2).map { max(-2, min(2, $0)) }
    let slope = centralDifference(
      of: { value(example.network, $0) }, at: example.images, along: direction, step: Self.step)
    // What a difference of two sums loses to rounding.
    let size = recording["it"].map(abs).dot(signal.map(abs))
    let rounding = size * Double(Float.ulpOfOne) / Double(Self.step)
    let limit = { (slope: Double, gradient: Tensor) in
      2e-3 * max(abs(slope), Double(gradient.norm)) + rounding
    }
    #expect(abs(gradient.dot(direction) - slope) <= limit(slope, gradient))

    for (name, gradient) in recording.parameterGradients(of: signal, from: "it") {
      let point = try #require(example.network.parameters[name])
      let direction = Tensor.random(point.shape, seed: seed + 3)
      let slope = centralDifference(
        of: {
          var changed = example.network
          changed.parameters[name] = $0
          return value(changed, example.images)
        }, at: point, along: direction)
      #expect(abs(gradient.dot(direction) - slope) <= limit(slope, gradient), "\(name)")
    }
  }

  @Test func `of unpooling lead to the values`() throws {
    let pool = PoolingGeometry(window: 2, stride: 2)
    var sketch = NetworkSketch([3, 6, 4], seed: 1)
    try sketch.add("pool", MaxPool(pool), of: ["input"])
    try sketch.add("places", MaxPoolIndices(pool), of: ["input"])
    try sketch.add("it", MaxUnpool(outputExtents: [6, 4]), of: ["pool", "places"])
    let network = try sketch.network()
    let images = Tensor.separated([2, 3, 6, 4], seed: 1)
    let recording = network.record(images)
    let (x, y) = (images.elements, recording["it"].elements)
    #expect(y.count { $0 != 0 } == 36)
    #expect(x.indices.allSatisfy { y[$0] == 0 || y[$0] == x[$0] })
    let signal = Tensor.random(images.shape, seed: 2)
    let gradient = recording.propagate(signal, from: "it").input
    #expect(gradient.elements == y.indices.map { y[$0] == 0 ? 0 : signal.elements[$0] })
    // A picture alone has the same indices as in a batch.
    let alone = network.record(images.rows(1..<2))
    #expect(alone["places"].elements == recording["places"].rows(1..<2).elements)
  }
}
