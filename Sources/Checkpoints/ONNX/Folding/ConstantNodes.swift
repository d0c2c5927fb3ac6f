internal import Files
internal import TensorCore

/// Nodes whose outputs are known whatever they read: constants, and the shapes of values.
struct ConstantNodes {
  let file: ONNXFile

  /// - Returns: Nil if the node is none of these.
  func tensors(
    _ call: OperatorCall, budget: inout Budget
  ) throws(ImportProblem) -> [KnownTensor]? {
    switch call.kind {
    case "Constant": return [try constant(call.attributes)]
    case "Shape":
      let extents = try call.input(0).shape.extents
      let bounds = SliceBounds(
        start: call.attributes.integer("start") ?? 0,
        end: call.attributes.integer("end") ?? extents.count, step: 1, extent: extents.count)
      let part = Array(extents[bounds.first..<(bounds.first + bounds.count)])
      return [KnownTensor(part, shape: [part.count])]
    case "Size": return [KnownTensor([try checkedCount(call.input(0).shape.extents)], shape: [])]
    case "ConstantOfShape": return [try constantOfShape(call, &budget)]
    default: return nil
    }
  }

  private func constantOfShape(
    _ call: OperatorCall, _ budget: inout Budget
  ) throws(ImportProblem) -> KnownTensor {
    let extents = try checkedExtents(call.known(0).short().integers())
    let count = try checkedCount(extents)
    var value = KnownTensor(scalar: 0)
    if let proto = call.attributes.tensor("value") { value = try stored(proto) }
    guard value.shape.elementCount == 1 else {
      throw ImportProblem("expected one number as its value, found \(value.shape)")
    }
    guard value.isInteger else {
      // Nothing is stored until a node needs it, but then all of it is.
      try budget.check(numbers: count)
      return KnownTensor(
        repeating: try value.tensor().elements[0], shape: Shape(extents), type: value.type)
    }
    // An `Int` is as large as two `Float`s.
    try budget.use(numbers: 2 * count, steps: count)
    return KnownTensor(
      [Int](repeating: try value.integers()[0], count: count), shape: Shape(extents),
      type: value.type)
  }

  private func constant(_ attributes: Attributes) throws(ImportProblem) -> KnownTensor {
    if let proto = attributes.tensor("value") { return try stored(proto) }
    if let value = attributes.float("value_float"), attributes.has("value_float") {
      return KnownTensor(scalar: value)
    }
    if attributes.has("value_floats"), let values = attributes.floats("value_floats") {
      return KnownTensor(Tensor(shape: [values.count], values))
    }
    if attributes.has("value_int"), let value = attributes.integer("value_int") {
      return KnownTensor([value], shape: [])
    }
    if attributes.has("value_ints"), let values = attributes.integers("value_ints") {
      return KnownTensor(values, shape: [values.count])
    }
    throw ImportProblem("expected a constant of numbers")
  }

  private func stored(_ proto: TensorProto) throws(ImportProblem) -> KnownTensor {
    do throws(FileError) {
      return KnownTensor(try file.tensor(proto))
    } catch {
      throw ImportProblem(error)
    }
  }
}
