internal import TensorCore

/// The operands of `Slice`, with axes counted from the front.
struct SliceOperands {
  let axes: [Int]
  let starts: [Int]
  let ends: [Int]
  let steps: [Int]

  /// Attributes up to opset 9, operands from 10 on.
  init(_ call: OperatorCall, rank: Int) throws(ImportProblem) {
    guard let starts = try call.integers("starts", orInput: 1),
      let ends = try call.integers("ends", orInput: 2)
    else { throw ImportProblem("expected starts and ends, found none") }
    let axes = try call.integers("axes", orInput: 3) ?? Array(starts.indices)
    let steps = try call.optionalKnown(4)?.short().integers() ?? starts.map { _ in 1 }
    guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count
    else {
      throw ImportProblem(
        "expected as many starts, ends, axes and steps, "
          + "found \(starts.count), \(ends.count), \(axes.count), \(steps.count)")
    }
    guard !steps.contains(0) else { throw ImportProblem("expected steps other than 0") }
    (self.starts, self.ends, self.steps) = (starts, ends, steps)
    self.axes = try call.axes(axes, rank: rank)
  }
}

/// The number of elements in an array with these extents.
///
/// - Throws: `ImportProblem` if an extent is negative or the product exceeds any memory.
func checkedCount(_ extents: [Int]) throws(ImportProblem) -> Int {
  var count = 1
  for extent in extents {
    guard extent >= 0 else {
      throw ImportProblem("expected extents of at least 0, found \(extents)")
    }
    // An axis of extent 0 must not hide others whose product overflows elsewhere.
    let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
    guard !overflow, product <= 1 << 40 else {
      throw ImportProblem("an array of \(extents) has too many numbers")
    }
    count = product
  }
  return extents.contains(0) ? 0 : count
}

/// The extents given in a file, each checked.
func checkedExtents(_ extents: [Int]) throws(ImportProblem) -> [Int] {
  _ = try checkedCount(extents)
  return extents
}

/// Indices counted from the front.
func checkedIndices(_ indices: [Int], extent: Int) throws(ImportProblem) -> [Int] {
  var found: [Int] = []
  found.reserveCapacity(indices.count)
  for index in indices {
    guard -extent <= index, index < extent else {
      throw ImportProblem("expected indices of \(extent) rows, found \(index)")
    }
    found.append(index < 0 ? index + extent : index)
  }
  return found
}

/// The order in which `Transpose` puts the axes.
func transposeOrder(_ call: OperatorCall, rank: Int) throws(ImportProblem) -> [Int] {
  let order = call.attributes.integers("perm") ?? Array((0..<rank).reversed())
  guard order.sorted() == Array(0..<rank) else {
    throw ImportProblem("expected a permutation of \(rank) axes, found \(order)")
  }
  return order
}

/// The axes that a reduction removes: an attribute in older versions, an operand in newer ones; all
/// axes if none is given.
func reducedAxes(_ call: OperatorCall, rank: Int) throws(ImportProblem) -> [Int] {
  let axes = try call.axes(call.integers("axes", orInput: 1) ?? [], rank: rank).sorted()
  let keepsAll = call.attributes.flag("noop_with_empty_axes") ?? false
  return axes.isEmpty && !keepsAll ? Array(0..<rank) : axes
}

/// The type that `Cast` converts to; nil if the node's attribute is missing.
func castType(_ call: OperatorCall) throws(ImportProblem) -> ElementType? {
  if call.kind == "CastLike" { return try call.input(1).type }
  guard let code = call.attributes.integer("to") else { return nil }
  guard let type = ElementType(onnx: code) else {
    throw ImportProblem("expected a type of numbers to cast to, found data type \(code)")
  }
  return type
}

/// The output extents of `Reshape`, `Flatten`, `Squeeze` and `Unsqueeze`.
func reshapedExtents(
  _ call: OperatorCall, of extents: [Int]
) throws(ImportProblem) -> [Int] {
  let rank = extents.count
  switch call.kind {
  case "Flatten":
    let axis = call.attributes.integer("axis") ?? 1
    guard -rank <= axis, axis <= rank else {
      throw ImportProblem("expected an axis of \(rank), found \(axis)")
    }
    let split = axis < 0 ? axis + rank : axis
    return [extents[..<split].reduce(1, *), extents[split...].reduce(1, *)]
  case "Squeeze":
    guard let given = try call.integers("axes", orInput: 1) else {
      return extents.filter { $0 != 1 }
    }
    let axes = try call.axes(given, rank: rank)
    if let axis = axes.first(where: { extents[$0] != 1 }) {
      throw ImportProblem("axis \(axis) of \(extents) cannot be squeezed")
    }
    return extents.indices.filter { !axes.contains($0) }.map { extents[$0] }
  case "Unsqueeze":
    guard let given = try call.integers("axes", orInput: 1) else {
      throw ImportProblem("expected axes, found none")
    }
    guard given.count <= 8 else { throw ImportProblem("expected a few axes, found \(given.count)") }
    let axes = try call.axes(given, rank: rank + given.count)
    var rest = extents[...]
    return (0..<(rank + axes.count)).map { axes.contains($0) ? 1 : rest.removeFirst() }
  default:
    guard let target = try call.integers("shape", orInput: 1) else {
      throw ImportProblem("expected a shape, found none")
    }
    return try reshapeTarget(
      target, of: extents, copiesZeros: !(call.attributes.flag("allowzero") ?? false))
  }
}

/// Resolves the −1 of `Reshape`, and its 0 if that stands for the input's extent.
private func reshapeTarget(
  _ target: [Int], of extents: [Int], copiesZeros: Bool
) throws(ImportProblem) -> [Int] {
  let problem = ImportProblem("\(extents) does not reshape to \(target)")
  var result = target
  for (axis, extent) in target.enumerated() where extent == 0 && copiesZeros {
    guard axis < extents.count else { throw problem }
    result[axis] = extents[axis]
  }
  guard result.allSatisfy({ $0 >= -1 }), result.filter({ $0 == -1 }).count <= 1 else {
    throw problem
  }
  let count = try checkedCount(extents)
  if let open = result.firstIndex(of: -1) {
    let known = try checkedCount(result.filter { $0 != -1 })
    guard known > 0, count % known == 0 else { throw problem }
    result[open] = count / known
  }
  guard try checkedCount(result) == count else { throw problem }
  return result
}
