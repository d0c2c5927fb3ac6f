internal import Kernels
public import TensorCore

/// The sum of its inputs, all of one shape.
public struct Add: Operation {
  public init() {}

  public var kind: String { "add" }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard let first = inputs.first else { throw OperationError("has no inputs") }
    for shape in inputs where shape != first {
      throw OperationError("inputs \(first) and \(shape) differ")
    }
    return first
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let parts = inputs
    let sum = parts.dropFirst().reduce(parts[0]) { add($0, $1) }
    return Evaluation(inputShapes: parts.map(\.shape), output: sum)
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let gradient = gradient
    return evaluation.inputShapes.map { _ in gradient }
  }
}
