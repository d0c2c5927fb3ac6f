internal import TensorCore

/// What a name in an ONNX graph refers to while the network is built.
enum Value: Sendable {
  /// A number or weights.
  case known(KnownTensor, name: String)
  /// The output of a node of the network, which depends on the pictures.
  case live(LiveValue)

  struct LiveValue: Sendable {
    let node: String
    /// For the batch that the graph is built for.
    let shape: Shape
    /// Its type in the file; at run time every number is a `Float`.
    let type: ElementType
  }

  var shape: Shape {
    switch self {
    case .known(let tensor, _): tensor.shape
    case .live(let value): value.shape
    }
  }

  var type: ElementType {
    switch self {
    case .known(let tensor, _): tensor.type
    case .live(let value): value.type
    }
  }

  var isInteger: Bool { type.integerRange != nil }

  var known: KnownTensor? {
    if case .known(let tensor, _) = self { tensor } else { nil }
  }

  /// The same numbers with another declared type.
  func retyped(_ type: ElementType) throws(ImportProblem) -> Value {
    switch self {
    case .known(let tensor, let name):
      .known(try tensor.retyped(type), name: name)
    case .live(let value): .live(LiveValue(node: value.node, shape: value.shape, type: type))
    }
  }
}
