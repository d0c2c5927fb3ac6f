internal import Kernels
public import TensorCore

/// `x` if that is positive, otherwise a learned slope times `x` (He et al. 2015), with one
/// parameter, the slope, which broadcasts to `x`.
public struct PReLU: Operation {
  public init() {}

  public var kind: String { "PReLU" }
  public var pullbackReads: PullbackReads { .inputs }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard parameters.count == 1 else {
      throw OperationError("takes a slope, not \(parameters.count) tensors")
    }
    guard broadcastShape([input, parameters[0]]) == input else {
      throw OperationError("a slope of \(parameters[0]) does not broadcast to \(input)")
    }
    return input
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs.removeLast()
    return Evaluation(inputShapes: [input.shape], output: rectify(input, slope: parameters[0]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let slopes = rectifierSlopes(at: evaluation.keptInputs[0], slope: parameters[0])
    return [combine(gradient, slopes, .multiply)]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let negative = combine(evaluation.keptInputs[0], .number(0), .minimum)
    return [sum(combine(negative, gradient, .multiply), to: parameters[0].shape)]
  }
}
