public import TensorCore

/// Numbers that are part of the network: no inputs, and one parameter that is the output.
public struct Constant: Operation {
  public init() {}

  public var kind: String { "constant" }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard inputs.isEmpty, parameters.count == 1 else {
      throw OperationError(
        "takes one parameter, not \(inputs.count) inputs and \(parameters.count) parameters")
    }
    return parameters[0]
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation { Evaluation(inputShapes: [], output: parameters[0]) }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [] }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] { [gradient] }
}
