public import Foundation
internal import TensorCore

/// Changes an ONNX file in ways that preserve its types: the result is well formed, and often a
/// network that nobody would build. The same seed gives the same changes.
public struct StrangeONNX {
  private var model: WireMessage
  private var graph: WireMessage
  private var generator: SeededGenerator

  /// The field numbers of the messages (onnx.proto3).
  private enum Field {
    static let graph = 7
    static let node = 1, initializer = 5, input = 11, output = 12
    static let nodeInput = 1, nodeOutput = 2, nodeKind = 4, attribute = 5
    static let integer = 3, integers = 8
    static let extents = 1, elementType = 2, packedIntegers = 7, rawData = 9
    static let name = 1, valueType = 2
  }

  /// Operators that can replace each other.
  private static let families: [[String]] = [
    [
      "Relu", "Sigmoid", "Tanh", "Neg", "Abs", "Exp", "Log", "Sqrt", "Softplus", "Identity",
      "Softmax", "LogSoftmax", "Flatten", "GlobalAveragePool", "GlobalMaxPool", "Transpose",
      "Erf", "HardSigmoid", "HardSwish", "Elu", "Reciprocal", "ReduceMean", "ReduceSum", "ArgMax",
      "Floor", "Squeeze", "Shape", "Size", "ReduceMax",
    ],
    [
      "Add", "Sub", "Mul", "Div", "Max", "Min", "MatMul", "Pow", "Concat", "Greater", "Mean",
      "PRelu",
    ],
    ["Reshape", "Expand", "Tile", "Unsqueeze", "Squeeze", "Gather", "ReduceSum"],
    ["Conv", "ConvTranspose"],
    ["MaxPool", "AveragePool", "LpPool"],
  ]

  /// - Returns: Nil if the data is not an ONNX model.
  public init?(_ data: Data, seed: UInt64) {
    guard let model = WireMessage(data), let graph = model.messages(Field.graph).first else {
      return nil
    }
    (self.model, self.graph) = (model, graph)
    generator = SeededGenerator(seed: seed)
  }

  public var data: Data {
    var model = model
    model.replace(Field.graph, [graph])
    return model.data
  }

  public mutating func change() {
    switch Int.random(in: 0..<14, using: &generator) {
    case 0...2: rewire()
    case 3...5: exchangeOperator()
    case 6, 7: changeAttribute()
    case 8: changeIntegers()
    case 9: changeExtents(of: Field.initializer)
    case 10: changeInput()
    case 11: renameOutput()
    case 12: bypass()
    default: insert()
    }
  }

  private mutating func pick(_ range: Range<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// A small number, as is typical for extents, axes and strides.
  private mutating func small() -> Int { [-2, -1, 0, 1, 1, 2, 2, 3, 4, 5, 7, 8][pick(0..<12)] }

  private mutating func changeNode(
    _ change: (inout Self, inout WireMessage, _ earlier: [String]) -> Void
  ) {
    var nodes = graph.messages(Field.node)
    guard !nodes.isEmpty else { return }
    let place = pick(0..<nodes.count)
    let earlier =
      graph.messages(Field.input).flatMap { $0.texts(Field.name) }
      + nodes[..<place].flatMap { $0.texts(Field.nodeOutput) }
    change(&self, &nodes[place], earlier)
    graph.replace(Field.node, nodes)
  }

  /// Makes a node read another value.
  private mutating func rewire() {
    changeNode { strange, node, earlier in
      var inputs = node.texts(Field.nodeInput)
      guard !inputs.isEmpty, !earlier.isEmpty else { return }
      // Mostly the first operand, which is seldom a weight.
      let input = strange.pick(0..<3) > 0 ? 0 : strange.pick(0..<inputs.count)
      inputs[input] = earlier[strange.pick(0..<earlier.count)]
      node.replace(Field.nodeInput, texts: inputs)
    }
  }

  private mutating func exchangeOperator() {
    changeNode { strange, node, _ in
      guard let kind = node.texts(Field.nodeKind).first,
        let family = Self.families.first(where: { $0.contains(kind) })
      else { return }
      node.replace(Field.nodeKind, texts: [family[strange.pick(0..<family.count)]])
    }
  }

  private mutating func changeAttribute() {
    changeNode { strange, node, _ in
      var attributes = node.messages(Field.attribute)
      guard !attributes.isEmpty else { return }
      let place = strange.pick(0..<attributes.count)
      var integers = attributes[place].numbers(Field.integers)
      if integers.isEmpty {
        guard !attributes[place].numbers(Field.integer).isEmpty else { return }
        attributes[place].replace(Field.integer, numbers: [strange.small()])
      } else {
        if strange.pick(0..<3) == 0 {
          integers.shuffle(using: &strange.generator)
        } else {
          integers[strange.pick(0..<integers.count)] = strange.small()
        }
        attributes[place].replace(Field.integers, numbers: integers)
      }
      node.replace(Field.attribute, attributes)
    }
  }

  /// Changes a number in an initializer that is a shape, an axis or an index.
  private mutating func changeIntegers() {
    var tensors = graph.messages(Field.initializer)
    let places = tensors.indices.filter { tensors[$0].numbers(Field.elementType) == [7] }
    guard !places.isEmpty else { return }
    let place = places[pick(0..<places.count)]
    let value = small()
    var integers = tensors[place].numbers(Field.packedIntegers)
    if !integers.isEmpty {
      integers[pick(0..<integers.count)] = value
      tensors[place].replace(Field.packedIntegers, numbers: integers)
    } else if let index = tensors[place].fields.firstIndex(where: { $0.key == Field.rawData }),
      case .bytes(var data) = tensors[place].fields[index].value, data.count >= 8
    {
      let start = 8 * pick(0..<(data.count / 8))
      withUnsafeBytes(of: Int64(value).littleEndian) {
        data.replaceSubrange(start..<(start + 8), with: $0)
      }
      tensors[place].fields[index].value = .bytes(data)
    }
    graph.replace(Field.initializer, tensors)
  }

  /// Other extents for the same number of elements.
  private mutating func changeExtents(of field: Int) {
    var tensors = graph.messages(field)
    guard !tensors.isEmpty else { return }
    let place = pick(0..<tensors.count)
    var extents = tensors[place].numbers(Field.extents)
    switch pick(0..<3) {
    case 0: extents.shuffle(using: &generator)
    case 1: extents = [extents.reduce(1, *)]
    default: extents.insert(1, at: pick(0..<(extents.count + 1)))
    }
    tensors[place].replace(Field.extents, numbers: extents)
    graph.replace(field, tensors)
  }

  /// Changes the size, number or channels of the pictures.
  private mutating func changeInput() {
    var inputs = graph.messages(Field.input)
    // name, type.tensor_type.shape.dim[i].dim_value
    guard !inputs.isEmpty, var type = inputs[0].messages(Field.valueType).first,
      var tensor = type.messages(1).first, var shape = tensor.messages(2).first
    else { return }
    var dimensions = shape.messages(1)
    guard !dimensions.isEmpty else { return }
    dimensions[pick(0..<dimensions.count)].replace(1, numbers: [1 + pick(0..<9)])
    shape.replace(1, dimensions)
    tensor.replace(2, [shape])
    type.replace(1, [tensor])
    inputs[0].replace(Field.valueType, [type])
    graph.replace(Field.input, inputs)
  }

  /// Makes another value the output of the network.
  private mutating func renameOutput() {
    let values = graph.messages(Field.node).flatMap { $0.texts(Field.nodeOutput) }
    var outputs = graph.messages(Field.output)
    guard !values.isEmpty, !outputs.isEmpty else { return }
    outputs[0].replace(Field.name, texts: [values[pick(0..<values.count)]])
    graph.replace(Field.output, outputs)
  }

  /// Removes a node: its readers read its first input instead.
  private mutating func bypass() {
    var nodes = graph.messages(Field.node)
    guard nodes.count > 1 else { return }
    let node = nodes.remove(at: pick(0..<nodes.count))
    guard let input = node.texts(Field.nodeInput).first,
      let output = node.texts(Field.nodeOutput).first
    else { return }
    for place in nodes.indices {
      let inputs = nodes[place].texts(Field.nodeInput)
      nodes[place].replace(Field.nodeInput, texts: inputs.map { $0 == output ? input : $0 })
    }
    graph.replace(Field.node, nodes)
  }

  /// Inserts an operator with one operand after a value.
  private mutating func insert() {
    var nodes = graph.messages(Field.node)
    guard !nodes.isEmpty else { return }
    let place = pick(0..<nodes.count)
    guard let value = nodes[place].texts(Field.nodeOutput).first, var new = WireMessage(Data())
    else { return }
    let family = Self.families[0]
    let name = "\(value).strange"
    new.replace(Field.nodeInput, texts: [value])
    new.replace(Field.nodeOutput, texts: [name])
    new.replace(Field.nodeKind, texts: [family[pick(0..<family.count)]])
    for later in nodes.indices where later > place {
      let inputs = nodes[later].texts(Field.nodeInput)
      nodes[later].replace(Field.nodeInput, texts: inputs.map { $0 == value ? name : $0 })
    }
    nodes.insert(new, at: place + 1)
    graph.replace(Field.node, nodes)
  }
}
