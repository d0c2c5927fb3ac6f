internal import Networks
internal import TensorCore

/// Operators as early opsets defined them, converted to later ones.
///
/// Attributes that became operands are read in both forms where the operator is translated; only
/// operators that changed their meaning, name or default are listed here.
/// Source: github.com/onnx/onnx, docs/Changelog.md.
struct OlderOperator: Sendable {
  /// The first version with the semantics of the translations.
  let changed: Int
  let modernize:
    @Sendable (OperatorCall, inout NetworkBuilder) throws(ImportProblem) -> OperatorCall
}

extension OperatorCall {
  /// The same call, converted to an opset that the translations support.
  ///
  /// - Throws: `ImportProblem` if the call has no equivalent in later versions.
  func modernized(_ builder: inout NetworkBuilder) throws(ImportProblem) -> OperatorCall {
    guard let older = olderOperators[kind], opset < older.changed else { return self }
    return try older.modernize(self, &builder)
  }
}

private let olderOperators: [String: OlderOperator] = [
  "Add": broadcasting, "Sub": broadcasting, "Mul": broadcasting, "Div": broadcasting,
  "Pow": broadcasting, "And": broadcasting, "Or": broadcasting, "Equal": broadcasting,
  "Less": broadcasting, "Greater": broadcasting,
  "BatchNormalization": OlderOperator(changed: 9) { call, _ throws(ImportProblem) in
    let shape = try call.input(0).shape
    guard call.attributes.flag("spatial") ?? true || shape.rank == 2 else {
      throw ImportProblem("expected statistics of each channel, found spatial = 0")
    }
    return call
  },
  "Cast": OlderOperator(changed: 6) { call, _ throws(ImportProblem) in
    guard let name = call.attributes.text("to"), !name.isEmpty else { return call }
    guard let code = numbersOfTypes[name] else {
      throw ImportProblem("expected a type of numbers to cast to, found \(quoted(name))")
    }
    return call.setting("to", to: code)
  },
  "Concat": OlderOperator(changed: 4) { call, _ throws(ImportProblem) in
    call.attributes.has("axis") ? call : call.setting("axis", to: 1)
  },
  "GlobalLpPool": wholeNorm,
  "LpPool": wholeNorm,
  "Pad": OlderOperator(changed: 2) { call, _ throws(ImportProblem) in
    call.attributes.integers("paddings").map { call.setting("pads", to: $0) } ?? call
  },
  "PRelu": OlderOperator(changed: 7) { call, _ throws(ImportProblem) in
    // One slope per channel, or a single one, which already broadcasts.
    let (rank, slope) = (try call.input(0).shape.rank, try call.known(1))
    guard slope.shape.rank == 1, slope.shape[0] > 1, rank > 2 else { return call }
    let extents = slope.shape.extents + [Int](repeating: 1, count: rank - 2)
    return call.replacing(
      1, by: .known(try slope.reshaped(to: Shape(extents)), name: call.name + ".slope"))
  },
  "Selu": OlderOperator(changed: 6) { call, _ throws(ImportProblem) in
    // The first version's defaults were rounded.
    call.setting("alpha", unlessGiven: 1.6732).setting("gamma", unlessGiven: 1.0507)
  },
  "Split": OlderOperator(changed: 2) { call, _ throws(ImportProblem) in
    guard call.attributes.has("axis") else { throw ImportProblem("expected an axis, found none") }
    return call
  },
  "Tile": OlderOperator(changed: 6) { call, _ throws(ImportProblem) in
    let rank = try call.input(0).shape.rank
    guard let tiles = try call.known(1).short().integers().first,
      let axis = try call.known(2).short().integers().first
    else { throw ImportProblem("expected a number of tiles and an axis, found none") }
    var repeats = [Int](repeating: 1, count: rank)
    repeats[try call.axis(axis, rank: rank)] = tiles
    return call.keepingInputs(1).replacing(
      1, by: .known(KnownTensor(repeats, shape: [rank]), name: call.name + ".repeats"))
  },
  "Upsample": OlderOperator(changed: 7) { call, _ throws(ImportProblem) in
    guard let height = call.attributes.float("height_scale"),
      let width = call.attributes.float("width_scale"), try call.input(0).shape.rank == 4
    else { throw ImportProblem("expected pictures, a height_scale and a width_scale") }
    return call.setting("scales", to: [1, 1, height, width])
  },
]

/// `TensorProto.DataType`, by the names that were used before the numbers.
private let numbersOfTypes = [
  "FLOAT": 1, "UINT8": 2, "INT8": 3, "UINT16": 4, "INT16": 5, "INT32": 6, "INT64": 7, "BOOL": 9,
  "FLOAT16": 10, "DOUBLE": 11, "UINT32": 12, "UINT64": 13,
]

/// The first version allowed a fractional norm.
private let wholeNorm = OlderOperator(changed: 2) { call, _ throws(ImportProblem) in
  guard let norm = call.attributes.float("p"), norm != 0 else { return call }
  guard let whole = Int(exactly: norm) else {
    throw ImportProblem("expected an integer p, found \(norm)")
  }
  return call.setting("p", to: whole)
}

/// Before opset 7, the second operand was aligned with the first one's axes from `axis` on, or with
/// the last ones, and only if `broadcast` was set.
///
/// ```
/// A   [N, C, H, W]
/// B      [C]           axis = 1 ─► [C, 1, 1], which NumPy's rules align in the same way
/// ```
private let broadcasting = OlderOperator(changed: 7) {
  call, builder throws(ImportProblem) in
  let (a, b) = (try call.input(0), try call.input(1))
  guard call.attributes.flag("broadcast") ?? false else {
    guard a.shape == b.shape || b.shape.elementCount == 1 else {
      throw ImportProblem(
        "expected inputs of one shape, as broadcast is 0, found \(a.shape) and \(b.shape)")
    }
    return call
  }
  guard let given = call.attributes.integer("axis"), b.shape.elementCount != 1 else { return call }
  let axis = try call.axis(given, rank: a.shape.rank)
  let missing = a.shape.rank - axis - b.shape.rank
  guard missing >= 0 else {
    throw ImportProblem("\(b.shape) does not fit \(a.shape) from axis \(axis) on")
  }
  guard missing > 0 else { return call }
  let extents = b.shape.extents + [Int](repeating: 1, count: missing)
  let name = call.name + ".operand"
  guard let known = b.known else {
    return call.replacing(1, by: try builder.add(Reshape(extents), [b], name: name))
  }
  return call.replacing(1, by: .known(try known.reshaped(to: Shape(extents)), name: name))
}

extension OperatorCall {
  private func with(_ attributes: Attributes, _ inputs: [Value?]) -> OperatorCall {
    OperatorCall(
      kind: kind, opset: opset, attributes: attributes, inputs: inputs, outputs: outputs)
  }

  fileprivate func keepingInputs(_ count: Int) -> OperatorCall {
    with(attributes, Array(inputs.prefix(count)))
  }

  /// - Parameter position: The position of an input, or the one after the last.
  fileprivate func replacing(_ position: Int, by value: Value) -> OperatorCall {
    with(attributes, inputs.prefix(position) + [value] + inputs.dropFirst(position + 1))
  }

  fileprivate func setting(_ name: String, to value: Int) -> OperatorCall {
    with(attributes.setting(name) { $0.i = value }, inputs)
  }

  fileprivate func setting(_ name: String, to values: [Int]) -> OperatorCall {
    with(attributes.setting(name) { $0.ints = values }, inputs)
  }

  fileprivate func setting(_ name: String, to values: [Float]) -> OperatorCall {
    with(attributes.setting(name) { $0.floats = values }, inputs)
  }

  fileprivate func setting(_ name: String, unlessGiven value: Float) -> OperatorCall {
    attributes.has(name) ? self : with(attributes.setting(name) { $0.f = value }, inputs)
  }
}
