internal import TensorCore

/// What a name of an ONNX graph stands for while the network is built.
enum Value: Sendable {
  /// A number or weights.
  case known(KnownTensor, name: String)
  /// What a node of the network gives for pictures.
  case live(LiveValue)

  struct LiveValue: Sendable {
    let node: String
    /// For the batch that the graph is built for.
    let shape: Shape
    /// What the file calls it; at run time every number is a `Float`.
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

  /// The same numbers under another type's name.
  func retyped(_ type: ElementType) throws(ImportProblem) -> Value {
    switch self {
    case .known(let tensor, let name):
      .known(try tensor.retyped(type), name: name)
    case .live(let value): .live(LiveValue(node: value.node, shape: value.shape, type: type))
    }
  }
}
