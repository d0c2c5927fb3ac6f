internal import Kernels
public import TensorCore

/// `y = x Wᵀ + b` over `[N, C]`, with parameters `[W]` or `[W, b]`, `W` of shape `[K, C]`.
public struct Linear: Operation {
  public init() {}

  public var kind: String { "linear" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard parameters.count == 1 || parameters.count == 2 else {
      throw OperationError("takes weights and an optional bias, not \(parameters.count) tensors")
    }
    let weights = parameters[0]
    guard input.rank == 2, weights.rank == 2, input[1] == weights[1] else {
      throw OperationError("inputs \(input) and weights \(weights) disagree on features")
    }
    if parameters.count == 2, parameters[1] != [weights[0]] {
      throw OperationError("a bias of \(parameters[1]) does not fit \(weights[0]) outputs")
    }
    return [input[0], weights[0]]
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: innerProduct(
        inputs[0], with: parameters[0], bias: parameters.count > 1 ? parameters[1] : nil))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [innerProductInputGradient(of: gradient, with: parameters[0])] }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = innerProductWeightGradient(
      of: gradient, inputs: evaluation.keptInputs[0], hasBias: parameters.count > 1)
    return parameters.count > 1 ? [result.weights, result.bias] : [result.weights]
  }

  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int {
    parameters.first?.elementCount ?? 0
  }
}
