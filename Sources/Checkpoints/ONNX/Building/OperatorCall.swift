internal import TensorCore

/// One node of an ONNX graph with the values that it reads.
struct OperatorCall {
  let kind: String
  /// The version of the operator's domain.
  let opset: Int
  let attributes: Attributes
  /// Nil for an operand that is omitted.
  let inputs: [Value?]
  /// The network's names for the outputs; nil for one that is omitted.
  let outputs: [String?]

  /// The network's name for the first output, from which the names of auxiliary nodes are derived.
  var name: String { outputs.lazy.compactMap { $0 }.first ?? kind }

  /// - Throws: `ImportProblem` if the operand is omitted.
  func input(_ position: Int) throws(ImportProblem) -> Value {
    guard let value = optional(position) else {
      throw ImportProblem("expected at least \(position + 1) inputs, found \(inputs.count)")
    }
    return value
  }

  func optional(_ position: Int) -> Value? {
    position < inputs.count ? inputs[position] : nil
  }

  /// Every input; none may be omitted.
  func allInputs() throws(ImportProblem) -> [Value] {
    var all: [Value] = []
    for position in inputs.indices { all.append(try input(position)) }
    guard !all.isEmpty else { throw ImportProblem("expected inputs, found none") }
    return all
  }

  /// A weight, an axis or a size, which must be known when the network is built.
  func known(_ position: Int) throws(ImportProblem) -> KnownTensor {
    guard let tensor = try optionalKnown(position) else {
      throw ImportProblem("expected at least \(position + 1) inputs, found \(inputs.count)")
    }
    return tensor
  }

  func optionalKnown(_ position: Int) throws(ImportProblem) -> KnownTensor? {
    guard let value = optional(position) else { return nil }
    guard let known = value.known else {
      throw ImportProblem(
        "expected input \(position + 1) to be constant, but it depends on the pictures")
    }
    return known
  }

  /// A known operand as a weight of the node.
  func parameter(_ position: Int) throws(ImportProblem) -> KnownParameter {
    let tensor = try known(position)
    guard case .known(_, let name) = try input(position) else {
      throw ImportProblem("expected input \(position + 1) to be constant")
    }
    return KnownParameter(shared: tensor, name: name)
  }

  /// The only number in a known operand.
  func number(_ position: Int) throws(ImportProblem) -> Float? {
    guard let tensor = try optionalKnown(position) else { return nil }
    guard tensor.shape.elementCount == 1 else {
      throw ImportProblem("expected one number as input \(position + 1), found \(tensor.shape)")
    }
    return try tensor.tensor().elements[0]
  }

  /// An attribute in older versions of an operator, an operand in newer ones.
  func number(
    _ attribute: String, orInput position: Int
  ) throws(ImportProblem) -> Float? {
    if let value = attributes.float(attribute) { return value }
    return try number(position)
  }

  /// Axes, sizes or pads: an attribute in older versions of an operator, an operand in newer ones.
  func integers(
    _ attribute: String, orInput position: Int
  ) throws(ImportProblem) -> [Int]? {
    if let values = attributes.integers(attribute) { return values }
    return try optionalKnown(position)?.short().integers()
  }

  /// An axis counted from the front.
  func axis(_ axis: Int, rank: Int) throws(ImportProblem) -> Int {
    guard -rank <= axis, axis < rank else {
      throw ImportProblem("expected an axis of \(rank), found \(axis)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Axes counted from the front, each once.
  func axes(_ axes: [Int], rank: Int) throws(ImportProblem) -> [Int] {
    var found: [Int] = []
    for axis in axes {
      let axis = try self.axis(axis, rank: rank)
      guard !found.contains(axis) else { throw ImportProblem("expected axis \(axis) once") }
      found.append(axis)
    }
    return found
  }
}

/// The attributes of one node. A missing value means 0, because Protocol Buffers omit zeros.
struct Attributes {
  private var byName: [String: AttributeProto]

  init(_ attributes: [AttributeProto]) {
    byName = Dictionary(attributes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func has(_ name: String) -> Bool { byName[name] != nil }

  func integer(_ name: String) -> Int? {
    byName[name]?.i
  }

  func integers(_ name: String) -> [Int]? { byName[name]?.ints }

  func float(_ name: String) -> Float? {
    byName[name]?.f
  }

  func floats(_ name: String) -> [Float]? { byName[name]?.floats }

  func text(_ name: String) -> String? {
    byName[name].map { String(decoding: $0.s, as: UTF8.self) }
  }

  func tensor(_ name: String) -> TensorProto? {
    byName[name]?.t
  }

  func graph(_ name: String) -> GraphProto? {
    byName[name]?.g
  }

  func flag(_ name: String) -> Bool? { integer(name).map { $0 != 0 } }

  /// The same attributes, except for one whose value is set by `fill`.
  func setting(_ name: String, _ fill: (inout AttributeProto) -> Void) -> Attributes {
    var attribute = AttributeProto()
    attribute.name = name
    fill(&attribute)
    var result = self
    result.byName[name] = attribute
    return result
  }
}
