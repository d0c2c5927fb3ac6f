internal import Networks
internal import TensorCore

/// The same numbers under other extents.
let shapeTranslations: [String: Translation] = [
  "Identity": { call, _ throws(ImportProblem) in [try call.input(0)] },
  "Flatten": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let rank = input.shape.rank
    let axis = call.attributes.integer("axis") ?? 1
    guard -rank <= axis, axis <= rank else {
      throw ImportProblem("expected an axis of \(rank), found \(axis)")
    }
    return [
      try builder.add(
        Flatten(axis: axis < 0 ? axis + rank : axis), [input], name: call.name)
    ]
  },
  "Reshape": reshape,
  "Squeeze": reshape,
  "Unsqueeze": reshape,
]

/// Uses the extents for the batch that the graph is built for; the network makes the batch extent
/// variable.
private let reshape: Translation = { call, builder throws(ImportProblem) in
  let input = try call.input(0)
  let extents = try reshapedExtents(call, of: input.shape.extents)
  return [try builder.add(Reshape(extents), [input], name: call.name)]
}
