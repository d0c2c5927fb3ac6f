public import Kernels
public import TensorCore

/// `y = x Wᵀ + b` over the last axis of `[…, C]`, with parameters `[W]` or `[W, b]`, `W` of shape
/// `[K, C]`.
public struct Linear: Operation {
  public init() {}

  public var kind: String { "linear" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .keepingAxes(of: $0, mixing: [$0.rank - 1]) } ?? .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard parameters.count == 1 || parameters.count == 2 else {
      throw OperationError("takes weights and an optional bias, not \(parameters.count) tensors")
    }
    let weights = parameters[0]
    guard
      input.rank >= 2, weights.rank == 2, !weights.extents.contains(0),
      input.extents.last == weights[1]
    else {
      throw OperationError("inputs \(input) and weights \(weights) disagree on features")
    }
    if parameters.count == 2, parameters[1] != [weights[0]] {
      throw OperationError("a bias of \(parameters[1]) does not fit \(weights[0]) outputs")
    }
    return try .checked(input.extents.dropLast() + [weights[0]])
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape), output: Self.apply(to: inputs[0], parameters: parameters))
  }

  /// - Parameters:
  ///   - activation: Applied to each result before it is stored.
  ///   - precision: In which it is stored; that of the input by default.
  static func apply(
    to input: Tensor, parameters: [Tensor], activation: ActivationFunction? = nil,
    storing precision: Precision? = nil
  ) -> Tensor {
    let output = innerProduct(
      input.rowsOfFeatures, with: parameters[0],
      bias: parameters.count > 1 ? parameters[1] : nil, activation: activation,
      storing: precision)
    return input.shape.rank == 2
      ? output : output.reshaped(to: Shape(input.shape.extents.dropLast() + [output.shape[1]]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let result = innerProductInputGradient(of: gradient.rowsOfFeatures, with: parameters[0])
    let shape = evaluation.inputShapes[0]
    return [shape.rank == 2 ? result : result.reshaped(to: shape)]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = innerProductWeightGradient(
      of: gradient.rowsOfFeatures, inputs: evaluation.keptInputs[0].rowsOfFeatures,
      hasBias: parameters.count > 1)
    return parameters.count > 1 ? [result.weights, result.bias] : [result.weights]
  }

  public func scratchpadBytes(
    _ pass: LayerPass, inputs: [Shape], parameters: [Shape], output: Shape
  ) -> Int {
    guard let features = inputs.first?.extents.last, let outputs = parameters.first?[0],
      features > 0
    else { return 0 }
    return innerProductScratchpadBytes(
      rows: inputs[0].elementCount / features, inputs: features, outputs: outputs, pass)
  }

  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int {
    let rows = inputs.first?.extents.dropLast().reduce(1, *) ?? 1
    return rows * (parameters.first?.elementCount ?? 0)
  }
}

extension Tensor {
  /// `[…, C]` as `[rows, C]`.
  fileprivate var rowsOfFeatures: Tensor {
    guard shape.rank != 2, let features = shape.extents.last else { return self }
    return reshaped(to: [count / max(features, 1), features])
  }
}
