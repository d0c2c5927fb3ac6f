public import Kernels
public import TensorCore

/// 1 where a relation of its two inputs holds, otherwise 0, broadcast as in NumPy.
public struct Comparison: Operation {
  public let function: ComparisonFunction

  public init(_ function: ComparisonFunction) { self.function = function }

  public var kind: String {
    switch function {
    case .less: "less"
    case .greater: "greater"
    case .equal: "equal"
    case .lessOrEqual: "less or equal"
    case .greaterOrEqual: "greater or equal"
    case .and: "and"
    case .or: "or"
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard inputs.count == 2 else {
      throw OperationError("takes two inputs, not \(inputs.count)")
    }
    return try broadcast(inputs)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shapes = inputs.map(\.shape)
    let second = inputs.removeLast()
    return Evaluation(
      inputShapes: shapes, output: compare(inputs.removeLast(), second, function))
  }

  /// A step function has derivative 0 wherever it is differentiable.
  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { evaluation.inputShapes.map { Tensor(shape: $0, repeating: 0) } }
}

/// With inputs `[condition, a, b]`: `a` where the condition is not 0, otherwise `b`.
public struct Select: Operation {
  public init() {}

  public var kind: String { "select" }
  public var pullbackReads: PullbackReads { .inputs }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard inputs.count == 3 else {
      throw OperationError("takes a condition and two inputs, not \(inputs.count)")
    }
    return try broadcast(inputs)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape), output: select(inputs[0], inputs[1], inputs[2]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let condition = evaluation.keptInputs[0]
    let shapes = evaluation.inputShapes
    let (gradient, nothing) = (gradient, Tensor.number(0))
    return [
      Tensor(shape: shapes[0], repeating: 0),
      sum(select(condition, gradient, nothing), to: shapes[1]),
      sum(select(condition, nothing, gradient), to: shapes[2]),
    ]
  }
}
