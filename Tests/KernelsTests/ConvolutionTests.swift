import Kernels
import TensorCore
import TestSupport
import Testing

/// A random convolution for a seed: one to three axes, odd sizes, strides, paddings, dilations and
/// groups.
private struct Case {
  let images, filters, bias: Tensor
  let moves: WindowGeometry
  let groups: Int

  /// - Parameter extreme: Padding, dilation and stride far larger than window and picture.
  init(seed: Int, extreme: Bool = false) {
    var generator = SeededGenerator(seed: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let axes = 0..<[2, 1, 3][seed % 3]
    groups = [1, 1, 2, 3][pick(0...3)]
    let window = axes.map { _ in pick(1...(axes.count > 2 ? 3 : 4)) }
    let (widest, longest) = extreme ? (11, 9) : (2, 3)
    let dilation = axes.map { _ in pick(1...(extreme ? 7 : 2)) }
    let padding = axes.map { _ in [pick(0...widest), pick(0...widest)] }
    let extents = axes.map {
      let least = extreme ? 1 - padding[$0].reduce(0, +) : 1
      return max((window[$0] - 1) * dilation[$0] + pick(least...(axes.count > 2 ? 4 : 9)), 1)
    }
    // Stride and window may leave the last rows unread.
    moves = WindowGeometry(
      stride: axes.map { _ in pick(1...longest) }, dilation: dilation,
      paddingBefore: padding.map { $0[0] }, paddingAfter: padding.map { $0[1] })
    let (channels, kernels) = (groups * pick(1...4), groups * pick(1...5))
    images = .random(Shape([pick(1...3), channels] + extents), seed: seed)
    filters = .random(Shape([kernels, channels / groups] + window), seed: seed + 1)
    bias = .random([kernels], seed: seed + 2)
  }

  func run(_ images: Tensor, _ filters: Tensor, _ bias: Tensor?) -> Tensor {
    convolve(images, with: filters, bias: bias, geometry: moves, groups: groups)
  }
}

@Suite struct `Convolution` {
  @Test(arguments: 0..<40)
  func `agrees with the sum over the window`(seed: Int) {
    let example = Case(seed: seed)
    expectClose(
      example.run(example.images, example.filters, example.bias).elements,
      Slow.convolve(
        example.images, example.filters, bias: example.bias, example.moves,
        groups: example.groups),
      relative: 1e-5, absolute: 1e-4)
  }

  /// What oneDNN rejects is computed by the definition.
  @Test(arguments: 0..<60)
  func `takes any padding, dilation and stride`(seed: Int) {
    let example = Case(seed: seed, extreme: true)
    let output = example.run(example.images, example.filters, example.bias)
    expectClose(
      output.elements,
      Slow.convolve(
        example.images, example.filters, bias: example.bias, example.moves,
        groups: example.groups),
      relative: 1e-5, absolute: 1e-4)
    expectTransposes(example)
  }

  @Test func `rectifies in the same pass`() {
    let example = Case(seed: 3)
    let plain = example.run(example.images, example.filters, nil)
    let rectified = convolve(
      example.images, with: example.filters, geometry: example.moves, groups: example.groups,
      activation: .rectifier)
    #expect(rectified.elements == plain.elements.map { max($0, 0) })
    #expect(plain.elements.contains { $0 < 0 })
  }

  /// Of the few channels of a picture, the gradient is computed in blocks of pixels.
  @Test(.slow, arguments: 0..<60)
  func `gradient of a picture is the sum over windows`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed), path: 0xB10C)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let window = [pick(1...11), pick(1...7)]
    let moves = WindowGeometry(
      stride: [pick(1...4), pick(1...5)], dilation: [1, 1],
      paddingBefore: window.map { pick(0...($0 - 1)) },
      paddingAfter: window.map { pick(0...($0 - 1)) })
    let extents = window.map { $0 + pick(0...14) }
    let image = Shape([pick(1...2), pick(1...4)] + extents)
    let filters = Tensor.random(Shape([pick(1...5), image[1]] + window), seed: seed)
    let output = try #require(moves.outputExtents(extents, window: window))
    let gradient = Tensor.random(Shape([image[0], filters.shape[0]] + output), seed: seed + 1)
    let own = convolutionInputGradient(
      of: gradient, with: filters, imageShape: image, geometry: moves)
    let expected = Slow.convolveTransposed(
      gradient, filters, bias: nil, moves, groups: 1, to: extents)
    #expect(own.shape == image)
    expectClose(own.elements, expected, relative: 1e-5, absolute: 1e-4)
    // An infinite signal reaches the pixels of its window, and no others.
    var broken = gradient
    broken.withUnsafeMutableElements { $0[$0.count / 2] = .infinity }
    let reached = convolutionInputGradient(
      of: broken, with: filters, imageShape: image, geometry: moves)
    let slow = Slow.convolveTransposed(
      broken, filters, bias: nil, moves, groups: 1, to: extents)
    #expect(reached.elements.map(\.isFinite) == slow.map(\.isFinite))
  }

  /// The convolution is linear in images and in filters, so ⟨g, f(d)⟩ = ⟨f*(g), d⟩ exactly.
  @Test(arguments: 0..<40)
  func `gradients are the transposes`(seed: Int) { expectTransposes(Case(seed: seed)) }

  private func expectTransposes(_ example: Case, seed: Int = 1) {
    let output = example.run(example.images, example.filters, nil)
    let gradient = Tensor.random(output.shape, seed: seed + 3)
    let images = convolutionInputGradient(
      of: gradient, with: example.filters, imageShape: example.images.shape,
      geometry: example.moves, groups: example.groups)
    let (filters, bias) = convolutionFilterGradient(
      of: gradient, images: example.images, filterShape: example.filters.shape, hasBias: true,
      geometry: example.moves, groups: example.groups)
    let value = gradient.dot(output)
    let scale = Double(gradient.norm * output.norm) * 1e-5 + 1e-4
    #expect(images.shape == example.images.shape && filters.shape == example.filters.shape)
    #expect(abs(images.dot(example.images) - value) < scale)
    #expect(abs(filters.dot(example.filters) - value) < scale)
    let positions = gradient.shape.spatial.reduce(1, *)
    let sums = (0..<gradient.shape[1]).map { channel in
      gradient.elements.enumerated()
        .filter { $0.offset / positions % gradient.shape[1] == channel }
        .reduce(0.0) { $0 + Double($1.element) }
    }
    expectClose(bias?.elements ?? [], sums, absolute: 1e-3)
  }

  @Test func `one filter serves many tasks at once`() async {
    let image = Tensor(shape: [1, 1, 4, 4], (0..<16).map(Float.init))
    let filter = Tensor(shape: [1, 1, 3, 3], repeating: 1)
    let results = await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<32 { group.addTask { convolve(image, with: filter).elements } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.allSatisfy { $0 == [45, 54, 81, 90] })
  }

  @Test func `changed filters are arranged anew`() {
    let images = Tensor.random([1, 16, 8, 8], seed: 1)
    var filters = Tensor.random([16, 16, 3, 3], seed: 2)
    let before = convolve(images, with: filters)
    filters.withUnsafeMutableElements { for index in $0.indices { $0[index] *= 2 } }
    let after = convolve(images, with: filters)
    expectClose(after, before * 2, relativeNorm: 1e-6)
  }

  @Test func `mismatched channels trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = convolve(
        Tensor(shape: [1, 2, 3, 3], repeating: 1), with: Tensor(shape: [1, 1, 3, 3], repeating: 1))
    }
  }
}

@Suite struct `Inner product` {
  @Test(arguments: [(1, 3, 2), (5, 40, 7), (33, 17, 64)])
  func `agrees with the sum, and its gradients with the transposes`(
    batch: Int, inputs: Int, outputs: Int
  ) {
    let x = Tensor.random([batch, inputs], seed: 1)
    let w = Tensor.random([outputs, inputs], seed: 2)
    let b = Tensor.random([outputs], seed: 3)
    let (xs, ws, bs) = (x.elements, w.elements, b.elements)
    let expected = (0..<batch * outputs).map { index -> Double in
      let (row, column) = (index / outputs, index % outputs)
      return (0..<inputs).reduce(Double(bs[column])) {
        $0 + Double(xs[row * inputs + $1]) * Double(ws[column * inputs + $1])
      }
    }
    expectClose(innerProduct(x, with: w, bias: b).elements, expected, absolute: 1e-4)
    let g = Tensor.random([batch, outputs], seed: 4)
    let value = g.dot(innerProduct(x, with: w))
    #expect(abs(innerProductInputGradient(of: g, with: w).dot(x) - value) < 1e-3)
    let (dw, db) = innerProductWeightGradient(of: g, inputs: x, hasBias: true)
    #expect(abs(dw.dot(w) - value) < 1e-3)
    let gs = g.elements
    expectClose(
      db?.elements ?? [],
      (0..<outputs).map { column in
        (0..<batch).reduce(0.0) { $0 + Double(gs[$1 * outputs + column]) }
      }, absolute: 1e-4)
  }
}
