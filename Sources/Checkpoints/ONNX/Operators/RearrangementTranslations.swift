internal import Networks
internal import TensorCore

/// The same numbers at other positions, repeated or in part.
let rearrangementTranslations: [String: Translation] = [
  "Transpose": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    return [
      try builder.transposed(
        input, transposeOrder(call, rank: input.shape.rank), name: call.name)
    ]
  },
  "Concat": { call, builder throws(ImportProblem) in
    let inputs = try call.allInputs()
    guard let axis = call.attributes.integer("axis") else {
      throw ImportProblem("expected an axis, found none")
    }
    return [
      try builder.add(
        Concatenate(axis: call.axis(axis, rank: inputs[0].shape.rank)), inputs, name: call.name)
    ]
  },
  "Split": { call, builder throws(ImportProblem) in try split(call, &builder) },
  "Slice": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let slice = try SliceOperands(call, rank: input.shape.rank)
    return [
      try builder.add(
        Slice(axes: slice.axes, starts: slice.starts, ends: slice.ends, steps: slice.steps),
        [input], name: call.name)
    ]
  },
  "Gather": { call, builder throws(ImportProblem) in
    let (input, indices) = (try call.input(0), try call.known(1))
    let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: input.shape.rank)
    let count = indices.shape.elementCount
    // An `Int` is as large as two `Float`s.
    try builder.budget.use(numbers: 2 * count, steps: count)
    let gather = Gather(
      axis: axis, indices: try indices.integers(), indexShape: indices.shape.extents)
    return [try builder.add(gather, [input], name: call.name)]
  },
  "Pad": { call, builder throws(ImportProblem) in
    [try builder.add(pad(call), [call.input(0)], name: call.name)]
  },
  "Expand": { call, builder throws(ImportProblem) in
    let extents = try checkedExtents(call.known(1).short().integers())
    return [try builder.add(Expand(extents), [call.input(0)], name: call.name)]
  },
  "Tile": { call, builder throws(ImportProblem) in
    let repeats = try checkedExtents(call.known(1).short().integers())
    return [try builder.add(Tile(repeats), [call.input(0)], name: call.name)]
  },
  "DepthToSpace": { call, builder throws(ImportProblem) in
    let mode = call.attributes.text("mode") ?? "DCR"
    guard mode == "DCR" || mode == "CRD" else {
      throw ImportProblem("expected the mode DCR or CRD, found \(quoted(mode))")
    }
    return [
      try builder.add(
        DepthToSpace(
          block: call.attributes.integer("blocksize") ?? 0, columnRowDepth: mode == "CRD"),
        [call.input(0)], name: call.name)
    ]
  },
  "SpaceToDepth": { call, builder throws(ImportProblem) in
    [
      try builder.add(
        SpaceToDepth(block: call.attributes.integer("blocksize") ?? 0), [call.input(0)],
        name: call.name)
    ]
  },
]

/// Each part is a slice of its own.
private func split(
  _ call: OperatorCall, _ builder: inout NetworkBuilder
) throws(ImportProblem) -> [Value] {
  let input = try call.input(0)
  let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: input.shape.rank)
  let extent = input.shape[axis]
  let count = call.attributes.integer("num_outputs") ?? call.outputs.count
  guard count > 0, count == call.outputs.count else {
    throw ImportProblem("expected \(count) outputs, found \(call.outputs.count)")
  }
  // Equal parts; the last one is shorter if the extent is not divisible.
  let equal = (extent + count - 1) / count
  let given = try call.integers("split", orInput: 1)
  let widths = given ?? (0..<count).map { min(equal, max(0, extent - $0 * equal)) }
  guard widths.count == count, widths.allSatisfy({ 0...extent ~= $0 }),
    widths.reduce(0, +) == extent
  else { throw ImportProblem("expected parts that add up to \(extent), found \(widths)") }
  var parts: [Value] = []
  var start = 0
  for (name, width) in zip(call.outputs, widths) {
    let slice = Slice(axes: [axis], starts: [start], ends: [start + width], steps: [1])
    parts.append(try builder.add(slice, [input], name: name ?? call.name + ".unused"))
    start += width
  }
  return parts
}

private func pad(_ call: OperatorCall) throws(ImportProblem) -> Pad {
  let rank = try call.input(0).shape.rank
  guard let pads = try call.integers("pads", orInput: 1) else {
    throw ImportProblem("expected pads, found none")
  }
  let axes = try call.axes(call.optionalKnown(3)?.short().integers() ?? Array(0..<rank), rank: rank)
  guard pads.count == 2 * axes.count else {
    throw ImportProblem("expected \(2 * axes.count) pads, found \(pads)")
  }
  var before = [Int](repeating: 0, count: rank)
  var after = before
  for (position, axis) in axes.enumerated() {
    (before[axis], after[axis]) = (pads[position], pads[axes.count + position])
  }
  let mode = call.attributes.text("mode") ?? "constant"
  guard let mode = Pad.Mode(rawValue: mode) else {
    throw ImportProblem(
      "expected the mode constant, reflect, edge or wrap, found \(quoted(mode))")
  }
  let value = try call.number("value", orInput: 2) ?? 0
  return Pad(before: before, after: after, mode: mode, value: value.isNaN ? 0 : value)
}
