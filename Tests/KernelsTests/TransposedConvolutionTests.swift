import Kernels
import TensorCore
import TestSupport
import Testing

/// A random transposed convolution for a seed, with one to three axes.
private struct Case {
  let images, filters, bias: Tensor
  let moves: WindowGeometry
  let groups: Int
  let output: [Int]

  init(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let axes = 0..<[2, 1, 3][seed % 3]
    groups = pick(1...3)
    let window = axes.map { _ in pick(1...(axes.count > 2 ? 3 : 4)) }
    let dilation = axes.map { _ in pick(1...3) }
    let stride = axes.map { _ in pick(1...3) }
    let extents = axes.map { _ in pick(1...(axes.count > 2 ? 3 : 5)) }
    let full = axes.map { (extents[$0] - 1) * stride[$0] + dilation[$0] * (window[$0] - 1) + 1 }
    let before = axes.map { pick(0...min(3, (full[$0] - 1) / 2)) }
    let after = axes.map { pick(0...min(3, (full[$0] - 1) / 2)) }
    output = axes.map {
      full[$0] - before[$0] - after[$0] + pick(0...(max(stride[$0], dilation[$0]) - 1))
    }
    moves = WindowGeometry(
      stride: stride, dilation: dilation, paddingBefore: before, paddingAfter: after)
    let (channels, perGroup) = (groups * pick(1...4), pick(1...5))
    images = .random(Shape([pick(1...2), channels] + extents), seed: seed)
    filters = .random(Shape([channels, perGroup] + window), seed: seed + 1)
    bias = .random([groups * perGroup], seed: seed + 2)
  }

  func run(bias: Tensor?) -> Tensor {
    convolveTransposed(
      images, with: filters, bias: bias, to: output, geometry: moves, groups: groups)
  }
}

@Suite struct `Transposed convolution` {
  @Test(arguments: 0..<60)
  func `adds every input, times the filters, to its window`(seed: Int) {
    let example = Case(seed: seed)
    let output = example.run(bias: example.bias)
    #expect(output.shape.spatial == example.output)
    expectClose(
      output.elements,
      Slow.convolveTransposed(
        example.images, example.filters, bias: example.bias, example.moves,
        groups: example.groups, to: example.output),
      relative: 1e-5, absolute: 1e-4)
  }

  /// Linear in images and in filters, so ⟨g, f(d)⟩ = ⟨f*(g), d⟩ exactly.
  @Test(arguments: 0..<60)
  func `gradients are the transposes`(seed: Int) {
    let example = Case(seed: seed)
    let output = example.run(bias: nil)
    let gradient = Tensor.random(output.shape, seed: seed + 3)
    let images = transposedConvolutionInputGradient(
      of: gradient, with: example.filters, imageShape: example.images.shape,
      geometry: example.moves, groups: example.groups)
    let (filters, bias) = transposedConvolutionFilterGradient(
      of: gradient, images: example.images, filterShape: example.filters.shape, hasBias: true,
      geometry: example.moves, groups: example.groups)
    #expect(images.shape == example.images.shape && filters.shape == example.filters.shape)
    let value = gradient.dot(output)
    let scale = Double(gradient.norm * output.norm) * 1e-5 + 1e-4
    #expect(abs(images.dot(example.images) - value) < scale)
    #expect(abs(filters.dot(example.filters) - value) < scale)
    let positions = example.output.reduce(1, *)
    let sums = (0..<example.bias.count).map { channel in
      gradient.elements.enumerated()
        .filter { $0.offset / positions % example.bias.count == channel }
        .reduce(0.0) { $0 + Double($1.element) }
    }
    expectClose(bias?.elements ?? [], sums, absolute: 1e-3)
  }
}
