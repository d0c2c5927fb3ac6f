import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Anything that a broken or malicious file can contain must be rejected in one line, or computed.
@Suite struct `Windows and shapes of hostile files` {
  private func problem(
    _ operation: any Operation, _ inputs: [Shape], _ parameters: [Shape] = []
  ) -> String? {
    do throws(OperationError) {
      _ = try operation.outputShape(for: inputs, parameters: parameters)
      return nil
    } catch {
      return error.description
    }
  }

  private let images: Shape = [1, 4, 8, 8]

  @Test func `geometries are refused by name`() {
    func pool(
      _ window: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1],
      before: [Int] = [0, 0], after: [Int] = [0, 0]
    ) -> MaxPool {
      MaxPool(
        PoolingGeometry(
          window: window,
          moves: WindowGeometry(
            stride: stride, dilation: dilation, paddingBefore: before, paddingAfter: after)))
    }
    #expect(problem(pool([0, 2]), [images]) == "a window of [0, 2] is not in 1...1048576")
    #expect(
      problem(pool([2, 2], stride: [1, 0]), [images]) == "a stride of [1, 0] is not in 1...1048576")
    #expect(
      problem(pool([2, 2], dilation: [.max, 1]), [images])
        == "a dilation of [9223372036854775807, 1] is not in 1...1048576")
    #expect(
      problem(pool([2, 2], before: [-1, 0]), [images])
        == "a leading padding of [-1, 0] is not in 0...1048576")
    #expect(
      problem(pool([2, 2], stride: [1]), [images]) == "a stride of [1] does not fit 2 axes")
    #expect(
      problem(pool([2, 2]), [[1, 4, 8]]) == "takes images of 4 axes, not [1, 4, 8]")
    #expect(
      problem(pool([2, 2], before: [3, 0]), [images])
        == "a window of [2, 2] is entirely inside the padding of images [1, 4, 8, 8]")
    #expect(problem(pool([2, 2]), [[1, 4, 0, 8]]) == "images [1, 4, 0, 8] are empty")
    #expect(
      problem(GlobalPool(), [[1, 4, 2, 2, 2, 2]])
        == "takes images of 6 axes, not [1, 4, 2, 2, 2, 2]")
    #expect(
      problem(
        AveragePool(
          PoolingGeometry(window: 1, stride: 1, padding: 1 << 20)), [images])
        == "an output of [1, 4, 2097160, 2097160] is not a tensor of at most 2³¹ elements")
  }

  @Test func `what does not fit is refused with both shapes`() {
    #expect(
      problem(Reshape([-1, 5]), [images]) == "inputs [1, 4, 8, 8] do not reshape to [-1, 5]")
    #expect(
      problem(Reshape([.max, .max]), [images])
        == "inputs [1, 4, 8, 8] do not reshape to [9223372036854775807, 9223372036854775807]")
    #expect(
      problem(Reshape([-1, -1]), [images]) == "inputs [1, 4, 8, 8] do not reshape to [-1, -1]")
    #expect(
      problem(Transpose([0, 1, 1, 2]), [images])
        == "[0, 1, 1, 2] is not an order of the axes of inputs [1, 4, 8, 8]")
    #expect(
      problem(Gather(axis: 1, indices: [4], indexShape: [1]), [images])
        == "inputs [1, 4, 8, 8] have no index 4 on axis 1")
    #expect(
      problem(Gather(axis: 1, indices: [1], indexShape: [.max, .max]), [images])
        == "an output of [9223372036854775807, 9223372036854775807] is not a tensor of at most 2³¹ "
        + "elements")
    #expect(
      problem(Slice(axes: [4], starts: [0], ends: [1], steps: [1]), [images])
        == "inputs [1, 4, 8, 8] have no axis 4")
    #expect(
      problem(Slice(axes: [1], starts: [0], ends: [1], steps: [0]), [images])
        == "a step of a slice is 0")
    #expect(
      problem(Pad(before: [0, 0, -5, 0], after: [0, 0, -4, 0]), [images])
        == "pads [0, 0, -5, 0] and [0, 0, -4, 0] cut off more than inputs [1, 4, 8, 8] have")
    #expect(
      problem(Expand([3, 8, 8]), [images]) == "inputs [1, 4, 8, 8] do not expand to [3, 8, 8]")
    #expect(
      problem(Tile([1, 1, .max, 1]), [images])
        == "repeats [1, 1, 9223372036854775807, 1] are too many")
    #expect(
      problem(DepthToSpace(block: 3, columnRowDepth: true), [images])
        == "channels of [1, 4, 8, 8] cannot be divided into blocks of 3×3")
    #expect(
      problem(SpaceToDepth(block: 3), [images])
        == "inputs [1, 4, 8, 8] cannot be divided into blocks of 3×3")
    #expect(
      problem(Resample(ResamplingRule(), axes: [2], scales: [.nan]), [images])
        == "scales [nan] are not between 2⁻³¹ and 2³¹")
    #expect(
      problem(Resample(ResamplingRule(), axes: [2], scales: [0.01]), [images])
        == "inputs [1, 4, 8, 8] cannot be resized to [1, 4, 0, 8]")
    #expect(
      problem(AdaptiveAveragePool(extents: [0, 1]), [images])
        == "output extents must be from 1 to 2³¹, not [0, 1]")
    #expect(
      problem(
        ConvolutionTranspose(window: [2, 2], moves: WindowGeometry(), outputPadding: [1, 0]),
        [images], [[4, 3, 2, 2]])
        == "an output padding of [1, 0] is not below stride [1, 1] or dilation [1, 1]")
    #expect(
      problem(
        ConvolutionTranspose(
          window: [1, 1], moves: WindowGeometry(padding: 4), outputPadding: [0, 0]),
        [images], [[4, 3, 1, 1]]) == "the padding removes the whole output of [0, 0]")
    #expect(
      problem(Convolution(1, groups: .max), [images], [[4, 4, 1, 1]])
        == "images [1, 4, 8, 8] and filters [4, 4, 1, 1] in 9223372036854775807 groups disagree "
        + "on channels")
    #expect(problem(Concatenate(axis: -1), [images]) == "has no inputs with an axis -1")
  }

  /// Numbers that files contain by mistake or malice. Outputs must stay small; what fits is run.
  @Test(arguments: 0..<400)
  func `never trap, whatever the numbers are`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed), path: 0xBAD)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func wild() -> Int {
      let sensible = [0, 1, 1, 1, 1, 2, 2, 3]
      return pick(0...9) > 0
        ? sensible[pick(0...7)] : [-1, -2, 1 << 20, 1 << 31, .max, .min][pick(0...5)]
    }
    func wilds(_ count: Int) -> [Int] { (0..<count).map { _ in wild() } }
    let rank = pick(1...6)
    let shape = Shape((0..<rank).map { _ in pick(0...9) == 0 ? 0 : pick(1...4) })
    let axes = max(rank - 2, 1)
    let moves = WindowGeometry(
      stride: wilds(axes), dilation: wilds(axes), paddingBefore: wilds(axes),
      paddingAfter: wilds(axes))
    let pool = PoolingGeometry(window: wilds(axes), moves: moves, ceiling: pick(0...1) == 0)
    let filters = Shape([pick(0...4), pick(1...4)] + pool.window.map { min(max($0, 0), 4) })
    let modes: [Pad.Mode] = [.constant, .reflect, .edge, .wrap]
    let scales: [Double] = [0.5, 1.5, 2, .infinity, .nan, 0, -1, 1e-300]
    let operations: [(any Operation, [Shape])] = [
      (MaxPool(pool), []), (AveragePool(pool), []), (AveragePool(pool, countsPadding: false), []),
      (LpPool(pool, p: wild()), []), (MaxPoolIndices(pool, columnMajor: true), []),
      (GlobalPool(.power(wild())), []), (GlobalPool(.maximum), []), (GlobalPool(), []),
      (Convolution(window: pool.window, moves: moves, groups: wild()), [filters]),
      (
        ConvolutionTranspose(
          window: pool.window, moves: moves, outputPadding: wilds(axes), groups: wild()),
        [filters]
      ),
      (Reshape(wilds(pick(0...4))), []), (Flatten(axis: wild()), []),
      (Transpose(wilds(rank)), []), (Concatenate(axis: wild()), []),
      (
        Slice(
          axes: wilds(2), starts: wilds(2), ends: wilds(2), steps: wilds(2)), []
      ),
      (
        Gather(axis: wild(), indices: wilds(2), indexShape: [[2], [1, 2], wilds(2)][pick(0...2)]),
        []
      ),
      (Pad(before: wilds(rank), after: wilds(rank), mode: modes[pick(0...3)]), []),
      (Expand(wilds(pick(0...5))), []), (Tile(wilds(rank)), []),
      (DepthToSpace(block: wild(), columnRowDepth: true), []), (SpaceToDepth(block: wild()), []),
      (
        Resample(
          ResamplingRule(antialiases: true), axes: [wild()],
          extents: pick(0...1) == 0 ? [wild()] : nil, scales: [scales[pick(0...7)]]), []
      ),
      (AdaptiveAveragePool(extents: wilds(axes)), []),
      (MaxUnpool(outputExtents: wilds(axes)), []),
    ]
    for (operation, parameters) in operations {
      let inputs = operation is MaxUnpool ? [shape, shape] : [shape]
      guard
        let output = try? operation.outputShape(for: inputs, parameters: parameters),
        output.elementCount < 100_000
      else { continue }
      _ = operation.reach(from: inputs, to: output)
      let evaluation = operation.evaluate(
        inputs.map { .random($0, seed: seed) }, parameters: parameters.map { .random($0, seed: 1) },
        mode: .inference)
      #expect(evaluation.output?.shape == output, "\(operation) of \(shape)")
      guard operation.pullbackReads.isEmpty else { continue }
      let back = operation.pullback(
        .random(output, seed: 2), through: evaluation,
        parameters: parameters.map { .random($0, seed: 1) })
      #expect(back.map(\.shape) == inputs, "\(operation) of \(shape)")
    }
  }
}
