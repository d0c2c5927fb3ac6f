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
  "Unsqueeze": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let extents = try reshapedExtents(call, of: input.shape.extents)
    guard case .live = input, let batch = input.shape.extents.first else {
      return [try builder.add(Reshape(extents), [input], name: call.name)]
    }
    // The pictures' axis may have moved back.
    let given = try call.integers("axes", orInput: 1) ?? []
    let axes = try call.axes(given, rank: extents.count)
    let pictures = extents.indices.first { !axes.contains($0) } ?? 0
    var open = extents
    if extents[pictures] == batch, !extents.contains(0) { open[pictures] = -1 }
    return [try builder.add(Reshape(open), [input], name: call.name)]
  },
]

private let reshape: Translation = { call, builder throws(ImportProblem) in
  let input = try call.input(0)
  let extents = try reshapedExtents(call, of: input.shape.extents, isBatched: true)
  return [try builder.reshaped(input, to: extents, name: call.name)]
}

extension NetworkBuilder {
  /// Other extents for a value; the first of a live one follows the number of pictures.
  mutating func reshaped(
    _ value: Value, to extents: [Int], name: String
  ) throws(ImportProblem) -> Value {
    // Where there are no numbers at all, none are left over to count.
    guard case .live = value, !extents.isEmpty, !extents.contains(0) else {
      return try add(Reshape(extents), [value], name: name)
    }
    return try add(Reshape([-1] + extents.dropFirst()), [value], name: name)
  }
}
