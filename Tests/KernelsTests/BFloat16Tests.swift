import Kernels
import TensorCore
import TestSupport
import Testing

/// Kernels on rounded numbers, compared with the same kernels in `Float` on the same numbers: they
/// differ by the rounding of the result, at most 2⁻⁸ of it, and by the order of sums.
@Suite(.enabled(if: BFloat16Check.isAnnounced, "the processor has no bf16 instructions"))
struct `Kernels in bfloat16` {
  private func rounded(_ shape: Shape, seed: Int) -> Tensor {
    Tensor.random(shape, seed: seed).arranged(as: .channelsLast).converted(to: .bfloat16)
  }

  /// Weights as a kernel rounds them.
  private func weights(_ shape: Shape, seed: Int) -> Tensor {
    Tensor.random(shape, seed: seed).converted(to: .bfloat16).converted(to: .float32)
  }

  private func expectSame(
    _ what: String, _ inputs: [Tensor], precision: Precision = .bfloat16,
    sourceLocation: SourceLocation = #_sourceLocation, _ run: ([Tensor]) -> Tensor
  ) {
    let result = run(inputs)
    let expected = run(inputs.map { $0.converted(to: .float32) })
    #expect(result.precision == precision, "\(what)", sourceLocation: sourceLocation)
    let scale = Double(expected.reduce(0) { max($0, abs($1)) })
    expectClose(
      result.elements, expected.elements.map(Double.init),
      relative: precision == .bfloat16 ? 0x1p-8 : 1e-4, absolute: scale * 1e-4, what,
      sourceLocation: sourceLocation)
  }

  @Test(arguments: 0..<12)
  func `convolve pictures`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    func pick(_ values: [Int]) -> Int { values[Int(generator.next() % UInt64(values.count))] }
    let groups = pick([1, 1, 2])
    let (channels, filters) = (groups * pick([1, 3, 8, 17]), groups * pick([1, 5, 16]))
    let window = pick([1, 2, 3, 5])
    let moves = WindowGeometry(
      stride: pick([1, 2, 4]), padding: pick([0, 1]), dilation: pick([1, 1, 2]))
    let images = rounded([2, channels, 13, 11], seed: seed)
    let kernel = weights([filters, channels / groups, window, window], seed: seed)
    let bias = Tensor.random([filters], seed: seed)
    let shape = convolve(images, with: kernel, geometry: moves, groups: groups).shape
    expectSame("convolution", [images]) {
      convolve(
        $0[0], with: kernel, bias: bias, geometry: moves, groups: groups, activation: .rectifier)
    }
    expectSame("unrounded", [images], precision: .float32) {
      convolve(
        $0[0], with: kernel, bias: bias, geometry: moves, groups: groups, storing: .float32)
    }
    expectSame("with an addend", [images, rounded(shape, seed: seed + 1)]) {
      convolve($0[0], with: kernel, geometry: moves, groups: groups, addingTo: $0[1])
    }
    let back = convolutionInputGradient(
      of: rounded(shape, seed: seed + 2), with: kernel, imageShape: images.shape, geometry: moves,
      groups: groups)
    expectSame("gradient", [rounded(shape, seed: seed + 2)], precision: back.precision) {
      convolutionInputGradient(
        of: $0[0], with: kernel, imageShape: images.shape, geometry: moves, groups: groups)
    }
  }

  @Test func `multiply by matrices`() {
    let matrix = weights([10, 33], seed: 1)
    expectSame("product", [rounded([5, 33], seed: 2)]) {
      innerProduct($0[0], with: matrix, bias: Tensor.random([10], seed: 3))
    }
    expectSame("unrounded", [rounded([5, 33], seed: 2)], precision: .float32) {
      innerProduct($0[0], with: matrix, storing: .float32)
    }
    expectSame("gradient", [rounded([5, 10], seed: 4)]) {
      innerProductInputGradient(of: $0[0], with: matrix)
    }
  }

  @Test(arguments: [3, 8])
  func `pool and normalize`(channels: Int) {
    let images = rounded([2, channels, 9, 10], seed: 5)
    let pool = PoolingGeometry(window: 3, stride: 2, padding: 1)
    expectSame("max", [images]) { maxPoolWithoutSwitches($0[0], pool) }
    expectSame("max with switches", [images]) { maxPool($0[0], pool).0 }
    let shape = maxPool(images, pool).0.shape
    expectSame("max gradient", [images, rounded(shape, seed: 6)], precision: .float32) {
      maxPoolInputGradient(
        of: $0[1], switches: maxPool($0[0], pool).1, imageShape: images.shape, pool)
    }
    expectSame("mean", [images]) { averagePool($0[0], pool, countsPadding: true) }
    expectSame("mean gradient", [rounded(shape, seed: 7)], precision: .float32) {
      averagePoolInputGradient(
        of: $0[0], imageShape: images.shape, pool, countsPadding: true)
    }
    let response = LocalResponse(size: 5, alpha: 0.1, beta: 0.75, k: 1)
    expectSame("local response", [images]) { normalizeLocalResponse($0[0], response).output }
    let statistics = (0..<4).map { Tensor.random([channels], seed: $0).map { abs($0) + 0.1 } }
    expectSame("batch norm", [images]) {
      batchNormalize(
        $0[0], scale: statistics[0], shift: statistics[1], mean: statistics[2],
        variance: statistics[3], epsilon: 1e-5)
    }
  }

  @Test(arguments: [
    ActivationFunction.rectifier, .logistic, .hyperbolicTangent, .gelu, .swish, .hardSwish,
    .elu(alpha: 1), .leakyRectifier(slope: 0.1), .clip(lower: 0, upper: 6),
  ])
  func `apply functions`(function: ActivationFunction) {
    let images = rounded([2, 7, 5, 5], seed: 8)
    expectSame("\(function)", [images]) { activate($0[0], function) }
    let point = function.derivativeSource == .output ? activate(images, function) : images
    expectSame("\(function) gradient", [rounded([2, 7, 5, 5], seed: 9), point]) {
      activationGradient(of: $0[0], at: $0[1], function)
    }
  }

  @Test func `add and multiply`() {
    let (a, b) = (rounded([2, 16, 12, 12], seed: 10), rounded([2, 16, 12, 12], seed: 11))
    let gate = rounded([2, 16, 1, 1], seed: 12)
    expectSame("sum", [a, b]) { combine($0[0], $0[1], .add) }
    expectSame("gate", [a, gate]) { combine($0[0], $0[1], .multiply) }
  }

  @Test(arguments: [[2, 4, 6], [3, 4], [1]])
  func `join and separate without a change`(channels: [Int]) {
    let parts = channels.map { rounded([2, $0, 3, 4], seed: $0) }
    let joined = concatenate(parts, along: 1)
    #expect(
      joined.elements
        == concatenate(parts.map { $0.converted(to: .float32) }, along: 1).elements)
    let again = separate(joined, along: 1, into: parts.map(\.shape))
    #expect(again.map(\.elements) == parts.map(\.elements))
    let areEven = channels.allSatisfy { $0.isMultiple(of: 2) }
    #expect(joined.precision == (areEven ? .bfloat16 : .float32))
  }

  @Test(arguments: [Float.nan, .infinity])
  func `keep what is not finite`(value: Float) {
    var images = Tensor.random([1, 4, 6, 6], seed: 13)
    images.withUnsafeMutableElements { $0[20] = value }
    let broken = images.arranged(as: .channelsLast).converted(to: .bfloat16)
    let kernel = Tensor.random([8, 4, 3, 3], seed: 14)
    let moves = WindowGeometry(stride: 1, padding: 1)
    let pool = PoolingGeometry(window: 2, stride: 1)
    func isBroken(_ tensor: Tensor) -> [Bool] { tensor.elements.map { !$0.isFinite } }
    for run: (Tensor) -> Tensor in [
      { convolve($0, with: kernel, geometry: moves, activation: .rectifier) },
      { activate($0, .rectifier) }, { activate($0, .logistic) },
      { maxPoolWithoutSwitches($0, pool) }, { maxPool($0, pool).0 },
    ] {
      #expect(isBroken(run(broken)) == isBroken(run(broken.converted(to: .float32))))
    }
  }

  @Test func `pass their own test`() { #expect(BFloat16Check.problem() == nil) }
}
