internal import Kernels
internal import TensorCore

/// Evaluates nodes whose operands are known integers: the arithmetic on shapes and indices that
/// exporters include in a graph. Exact where `Float` would round.
struct IntegerFolding {
  private let call: OperatorCall
  private let operands: [IntegerArray]
  private var budget: Budget

  /// - Returns: The node's outputs; nil if it is not such a node.
  static func fold(
    _ call: OperatorCall, budget: inout Budget
  ) throws(ImportProblem) -> [KnownTensor]? {
    guard !call.inputs.isEmpty, folded.contains(call.kind),
      call.inputs.allSatisfy({ $0 == nil || $0?.known?.isInteger == true })
    else { return nil }
    var operands: [IntegerArray] = []
    for case .known(let tensor, _)? in call.inputs {
      operands.append(
        IntegerArray(extents: tensor.shape.extents, elements: try tensor.integers()))
    }
    var folding = IntegerFolding(call: call, operands: operands, budget: budget)
    let result = try folding.run()
    budget = folding.budget
    return result
  }

  private static let folded: Set<String> = [
    "Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Sum", "Neg", "Abs", "Not", "And", "Or",
    "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Where", "Cast", "Gather",
    "Concat", "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Slice", "Transpose", "Expand",
    "Range", "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin",
  ]

  private mutating func run() throws(ImportProblem) -> [KnownTensor]? {
    guard let first = operands.first, call.optional(0) != nil else {
      throw ImportProblem("expected inputs, found none")
    }
    switch call.kind {
    case "Add", "Sum": return try combined { a, b in a &+ b }
    case "Sub": return try combined { a, b in a &- b }
    case "Mul": return try combined { a, b in a &* b }
    case "Div": return try divided { a, b in a.dividedReportingOverflow(by: b).partialValue }
    case "Mod":
      let followsDividend = call.attributes.flag("fmod") ?? false
      return try divided { a, b in
        let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
        return followsDividend || rest == 0 || (rest < 0) == (b < 0) ? rest : rest &+ b
      }
    case "Min": return try combined { a, b in min(a, b) }
    case "Max": return try combined { a, b in max(a, b) }
    case "And": return try combined(.boolean) { a, b in a & b }
    case "Or": return try combined(.boolean) { a, b in a | b }
    case "Equal": return try combined(.boolean) { a, b in a == b ? 1 : 0 }
    case "Less": return try combined(.boolean) { a, b in a < b ? 1 : 0 }
    case "Greater": return try combined(.boolean) { a, b in a > b ? 1 : 0 }
    case "LessOrEqual": return try combined(.boolean) { a, b in a <= b ? 1 : 0 }
    case "GreaterOrEqual": return try combined(.boolean) { a, b in a >= b ? 1 : 0 }
    case "Neg": return try mapped(first) { 0 &- $0 }
    case "Abs": return try mapped(first) { $0 < 0 ? 0 &- $0 : $0 }
    case "Not": return try mapped(first) { $0 == 0 ? 1 : 0 }
    case "Cast": return try cast(first)
    case "Where": return try chosen()
    case "Gather": return try gathered(first)
    case "Concat": return try concatenated()
    case "Unsqueeze", "Squeeze", "Reshape", "Flatten": return try reshaped(first)
    case "Slice": return try sliced(first)
    case "Transpose": return try transposed(first)
    case "Expand": return try expanded(first)
    case "Range": return try range()
    default: return try reduced(first)
    }
  }

  // MARK: Number by number

  private mutating func combined(
    _ type: ElementType? = nil, _ combine: (Int, Int) -> Int
  ) throws(ImportProblem) -> [KnownTensor] {
    guard let extents = broadcastShape(operands.map { Shape($0.extents) })?.extents else {
      throw ImportProblem("inputs \(operands.map(\.extents)) do not broadcast")
    }
    try use(extents)
    var result = operands[0].broadcast(to: extents)
    for operand in operands.dropFirst() {
      let other = operand.broadcast(to: extents)
      for index in result.elements.indices {
        result.elements[index] = combine(result.elements[index], other.elements[index])
      }
    }
    return [try known(result, type)]
  }

  private mutating func divided(
    _ combine: (Int, Int) -> Int
  ) throws(ImportProblem) -> [KnownTensor] {
    guard operands.count == 2 else { throw ImportProblem("expected 2 inputs") }
    guard !operands[1].elements.contains(0) else { throw ImportProblem("divides by 0") }
    return try combined(nil, combine)
  }

  private mutating func mapped(
    _ operand: IntegerArray, _ transform: (Int) -> Int
  ) throws(ImportProblem) -> [KnownTensor] {
    try use(operand.extents)
    return [
      try known(
        IntegerArray(extents: operand.extents, elements: operand.elements.map(transform)))
    ]
  }

  /// Converts to another integer type; nil for floats, which are not handled here.
  private mutating func cast(_ operand: IntegerArray) throws(ImportProblem) -> [KnownTensor]? {
    guard let type = try castType(call), type.integerRange != nil else { return nil }
    try use(operand.extents)
    let elements = operand.elements.map(type.converted)
    return [try known(IntegerArray(extents: operand.extents, elements: elements), type)]
  }

  private mutating func chosen() throws(ImportProblem) -> [KnownTensor] {
    guard operands.count == 3,
      let extents = broadcastShape(operands.map { Shape($0.extents) })?.extents
    else {
      throw ImportProblem("inputs \(operands.map(\.extents)) do not broadcast")
    }
    try use(extents)
    let parts = operands.map { $0.broadcast(to: extents).elements }
    let elements = parts[0].indices.map { parts[0][$0] != 0 ? parts[1][$0] : parts[2][$0] }
    return [
      try known(IntegerArray(extents: extents, elements: elements), call.input(1).type)
    ]
  }

  // MARK: Rearranged

  private mutating func gathered(_ data: IntegerArray) throws(ImportProblem) -> [KnownTensor] {
    guard operands.count == 2 else { throw ImportProblem("expected 2 inputs") }
    let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: data.extents.count)
    let indices = try checkedIndices(operands[1].elements, extent: data.extents[axis])
    var extents = data.extents
    extents.replaceSubrange(axis...axis, with: operands[1].extents)
    try use(extents)
    return [
      try known(data.gathered(axis: axis, indices: indices, indexExtents: operands[1].extents))
    ]
  }

  private mutating func concatenated() throws(ImportProblem) -> [KnownTensor] {
    let first = operands[0].extents
    let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: first.count)
    for operand in operands {
      var extents = operand.extents
      guard extents.count == first.count else {
        throw ImportProblem("inputs \(first) and \(extents) differ")
      }
      extents[axis] = first[axis]
      guard extents == first else { throw ImportProblem("inputs \(first) and \(extents) differ") }
      try use(operand.extents)
    }
    return [try known(IntegerArray(concatenating: operands, axis: axis))]
  }

  private mutating func reshaped(_ data: IntegerArray) throws(ImportProblem) -> [KnownTensor] {
    try use(data.extents)
    let extents = try reshapedExtents(call, of: data.extents)
    return [try known(IntegerArray(extents: extents, elements: data.elements))]
  }

  private mutating func sliced(_ data: IntegerArray) throws(ImportProblem) -> [KnownTensor] {
    let slice = try SliceOperands(call, rank: data.extents.count)
    var view = data.view
    for (position, axis) in slice.axes.enumerated() {
      let bounds = SliceBounds(
        start: slice.starts[position], end: slice.ends[position], step: slice.steps[position],
        extent: data.extents[axis])
      // If only one element is taken, the step is irrelevant, however long it is.
      view = view.sliced(
        axis, from: bounds.first, step: bounds.count > 1 ? bounds.step : 1, count: bounds.count)
    }
    try use(view.extents)
    return [try known(data.walked(view))]
  }

  private mutating func transposed(_ data: IntegerArray) throws(ImportProblem) -> [KnownTensor] {
    try use(data.extents)
    return [try known(data.transposed(try transposeOrder(call, rank: data.extents.count)))]
  }

  private mutating func expanded(_ data: IntegerArray) throws(ImportProblem) -> [KnownTensor] {
    let wanted = try checkedExtents(call.known(1).short().integers())
    guard let extents = broadcastShape([Shape(data.extents), Shape(wanted)])?.extents else {
      throw ImportProblem("input \(data.extents) does not expand to \(wanted)")
    }
    try use(extents)
    return [try known(data.broadcast(to: extents))]
  }

  private mutating func range() throws(ImportProblem) -> [KnownTensor] {
    guard operands.count == 3, operands.allSatisfy({ $0.elements.count == 1 }) else {
      throw ImportProblem("expected a start, a limit and a step, each one number")
    }
    let (start, limit, step) = (
      operands[0].elements[0], operands[1].elements[0], operands[2].elements[0]
    )
    let (distance, overflow) = limit.subtractingReportingOverflow(start)
    guard step != 0, !overflow, distance.magnitude < 1 << 40 else {
      throw ImportProblem("cannot count from \(start) to \(limit) by \(step)")
    }
    let whole = distance / step
    let count = (distance > 0) == (step > 0) ? (whole * step == distance ? whole : whole + 1) : 0
    try use([count])
    return [
      try known(IntegerArray(extents: [count], elements: (0..<count).map { start + $0 * step }))
    ]
  }

  private mutating func reduced(_ data: IntegerArray) throws(ImportProblem) -> [KnownTensor] {
    try use(data.extents)
    let axes = try reducedAxes(call, rank: data.extents.count)
    let kept = data.extents.indices.filter { !axes.contains($0) }
    let moved = data.transposed(kept + axes)
    let width = axes.map { data.extents[$0] }.reduce(1, *)
    let count = kept.map { data.extents[$0] }.reduce(1, *)
    let (start, combine): (Int?, (Int, Int) -> Int) =
      switch call.kind {
      case "ReduceProd": (1, { $0 &* $1 })
      case "ReduceSum": (0, { $0 &+ $1 })
      case "ReduceMax": (nil, { max($0, $1) })
      default: (nil, { min($0, $1) })
      }
    guard width > 0 || start != nil else { throw ImportProblem("reduces no numbers at all") }
    let elements = (0..<count).map { row in
      let numbers = moved.elements[(row * width)..<((row + 1) * width)]
      return numbers.dropFirst(start == nil ? 1 : 0).reduce(start ?? numbers[row * width], combine)
    }
    let keepsAxes = call.attributes.flag("keepdims") ?? true
    let extents =
      keepsAxes
      ? data.extents.indices.map { axes.contains($0) ? 1 : data.extents[$0] }
      : kept.map { data.extents[$0] }
    return [try known(IntegerArray(extents: extents, elements: elements))]
  }

  // MARK: Bounds

  private mutating func use(_ extents: [Int]) throws(ImportProblem) {
    let count = try checkedCount(extents)
    let read = operands.reduce(0) { $0 + $1.elements.count }
    // An `Int` is as large as two `Float`s.
    try budget.use(numbers: 2 * count, steps: count + read)
  }

  private func known(
    _ array: IntegerArray, _ type: ElementType? = nil
  ) throws(ImportProblem) -> KnownTensor {
    let own = try call.input(0).type
    return KnownTensor(array.elements, shape: Shape(array.extents), type: type ?? own)
  }
}
