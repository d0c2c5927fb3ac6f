import Kernels
import TensorCore
import TestSupport
import Testing

/// A random locally connected layer for a seed, with one to three axes.
private struct Case {
  let images, filters, bias: Tensor
  let moves: WindowGeometry

  init(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let axes = 0..<[2, 1, 3][seed % 3]
    let window = axes.map { _ in pick(1...3) }
    let dilation = axes.map { _ in pick(1...2) }
    let before = axes.map { _ in pick(0...2) }
    let after = axes.map { _ in pick(0...2) }
    let extents = axes.map { dilation[$0] * (window[$0] - 1) + 1 + pick(0...4) }
    moves = WindowGeometry(
      stride: axes.map { _ in pick(1...3) }, dilation: dilation, paddingBefore: before,
      paddingAfter: after)
    let places = moves.outputExtents(extents, window: window) ?? []
    let (count, channels, kernels) = (pick(1...5), pick(1...4), pick(1...5))
    images = .random(Shape([count, channels] + extents), seed: seed)
    filters = .random(Shape(places + [kernels, channels] + window), seed: seed + 1)
    bias = .random([places.reduce(kernels, *)], seed: seed + 2)
  }
}

@Suite struct `Locally connected layers` {
  @Test(arguments: 0..<60)
  func `apply the filters of each place`(seed: Int) {
    let example = Case(seed: seed)
    for bias in [example.bias, nil] {
      expectClose(
        connectLocally(
          example.images, with: example.filters, bias: bias, geometry: example.moves
        ).elements,
        Slow.connectLocally(example.images, example.filters, bias: bias, example.moves),
        relative: 1e-5, absolute: 1e-4)
    }
  }

  /// Linear in images and in filters, so ⟨g, f(d)⟩ = ⟨f*(g), d⟩ exactly.
  @Test(arguments: 0..<60)
  func `gradients are the transposes`(seed: Int) {
    let example = Case(seed: seed)
    let output = connectLocally(example.images, with: example.filters, geometry: example.moves)
    let signal = Tensor.random(output.shape, seed: seed + 3)
    let forward = output.dot(signal)
    let input = localConnectionInputGradient(
      of: signal, with: example.filters, imageShape: example.images.shape, geometry: example.moves)
    let (filters, bias) = localConnectionFilterGradient(
      of: signal, images: example.images, filterShape: example.filters.shape, hasBias: true,
      geometry: example.moves)
    let tolerance = 1e-4 * Double(signal.norm * output.norm) + 1e-4
    #expect(abs(input.dot(example.images) - forward) <= tolerance)
    #expect(abs(filters.dot(example.filters) - forward) <= tolerance)
    let biased = connectLocally(
      example.images * 0, with: example.filters, bias: example.bias, geometry: example.moves)
    #expect(abs((bias?.dot(example.bias) ?? 0) - biased.dot(signal)) <= tolerance)
  }

  @Test(arguments: 0..<10)
  func `with the same filters everywhere are convolutions`(seed: Int) {
    let images = Tensor.random([3, 2, 7, 6], seed: seed)
    let shared = Tensor.random([4, 2, 3, 3], seed: seed + 1)
    let bias = Tensor.random([4], seed: seed + 2)
    let moves = WindowGeometry(stride: 1 + seed % 2, padding: seed % 3)
    let expected = convolve(images, with: shared, bias: bias, geometry: moves)
    let places = expected.shape.spatial.reduce(1, *)
    let filters = Tensor(
      shape: Shape(expected.shape.spatial + shared.shape.extents),
      (0..<places).flatMap { _ in shared.elements })
    let local = connectLocally(
      images, with: filters,
      bias: Tensor(shape: [places * 4], (0..<places).flatMap { _ in bias.elements }),
      geometry: moves)
    expectClose(local, expected, relativeNorm: 1e-6)
  }

  @Test func `NaN stays NaN, and only where it is seen`() {
    var images = Tensor(shape: [1, 1, 4, 4], repeating: 1)
    images.withUnsafeMutableElements { $0[0] = .nan }
    let filters = Tensor(shape: [3, 3, 1, 1, 2, 2], repeating: 0)
    let output = connectLocally(images, with: filters, geometry: WindowGeometry()).elements
    #expect(output.map(\.isNaN) == [true] + [Bool](repeating: false, count: 8))
  }
}
