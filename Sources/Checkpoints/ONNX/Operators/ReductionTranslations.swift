internal import Kernels
internal import Networks
internal import TensorCore

/// Reductions of many numbers to one.
let reductionTranslations: [String: Translation] = [
  "ReduceMean": reduction(.mean),
  "ReduceSum": reduction(.sum),
  "ReduceMax": reduction(.maximum),
  "ReduceMin": reduction(.minimum),
  "ReduceProd": reduction(.product),
  "ReduceSumSquare": reduction(.sumOfSquares),
  "ReduceL1": reduction(.l1),
  "ReduceL2": reduction(.l2),
  "ReduceLogSumExp": reduction(.logSumExp),
  "ArgMax": extreme(least: false),
  "ArgMin": extreme(least: true),
]

private func reduction(_ function: ReductionFunction) -> Translation {
  { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let axes = try reducedAxes(call, rank: input.shape.rank)
    if axes.isEmpty, input.shape.rank > 0 { return [input] }
    let reduce = Reduce(
      function, axes: axes, keepsAxes: call.attributes.flag("keepdims") ?? true)
    return [try builder.add(reduce, [input], name: call.name)]
  }
}

private func extreme(least: Bool) -> Translation {
  { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let extreme = ArgMax(
      axis: try call.axis(call.attributes.integer("axis") ?? 0, rank: input.shape.rank),
      keepsAxis: call.attributes.flag("keepdims") ?? true,
      takesLast: call.attributes.flag("select_last_index") ?? false, least: least)
    return [try builder.add(extreme, [input], name: call.name, type: .signed64)]
  }
}
