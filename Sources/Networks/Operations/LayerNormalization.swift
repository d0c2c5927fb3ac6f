internal import Kernels
public import TensorCore

/// Standardizes over all axes starting from a given one (Ba et al. 2016), with parameters `[scale]`
/// or `[scale, shift]` of those axes' shape.
public struct LayerNormalization: Operation {
  public let axis: Int
  public let epsilon: Float

  public init(axis: Int, epsilon: Float = 1e-5) { (self.axis, self.epsilon) = (axis, epsilon) }

  public var kind: String { "layer norm" }
  public var pullbackReads: PullbackReads { .inputs }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .keepingAxes(of: $0, mixing: axes($0)) } ?? .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs, along: axis)
    guard parameters.count == 1 || parameters.count == 2 else {
      throw OperationError("takes a scale and an optional shift, not \(parameters.count) tensors")
    }
    let normalized = Shape(Array(input.extents[axis...]))
    for parameter in parameters where parameter != normalized {
      throw OperationError("a parameter of \(parameter) does not fit \(normalized) of \(input)")
    }
    return input
  }

  private func axes(_ shape: Shape) -> [Int] { Array(axis..<shape.rank) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    return Evaluation(
      inputShapes: [shape],
      output: standardize(
        inputs[0].arranged(as: .rowMajor), over: axes(shape), scale: parameters[0],
        shift: parameters.count > 1 ? parameters[1] : nil, epsilon: epsilon))
  }

  private func gradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> (input: Tensor, scale: Tensor, shift: Tensor) {
    standardizationGradients(
      of: gradient.arranged(as: .rowMajor),
      at: evaluation.keptInputs[0].arranged(as: .rowMajor), over: axes(gradient.shape),
      scale: parameters[0], epsilon: epsilon)
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [gradients(gradient, through: evaluation, parameters: parameters).input]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = gradients(gradient, through: evaluation, parameters: parameters)
    return parameters.count > 1 ? [result.scale, result.shift] : [result.scale]
  }
}
