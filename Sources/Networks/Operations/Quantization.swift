internal import Kernels
public import TensorCore

/// With inputs `[x, scale, zero point]`: `round(x / scale) + zero point` within the bounds of the
/// integer type, stored as floats.
///
/// In the backward pass, a signal passes wherever nothing was clamped, as if there were no rounding
/// (Bengio et al. 2013, the straight-through estimator); otherwise nothing would pass.
public struct Quantize: Operation {
  /// The axis of a scale of rank one.
  public let axis: Int
  public let lower: Float
  public let upper: Float

  public init(axis: Int, lower: Float, upper: Float) {
    (self.axis, self.lower, self.upper) = (axis, lower, upper)
  }

  public var kind: String { "quantize" }
  public var pullbackReads: PullbackReads { .inputs }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard lower.isFinite, upper.isFinite, lower <= upper else {
      throw OperationError("quantizes to \(lower)…\(upper)")
    }
    guard inputs.count == 3 else {
      throw OperationError("takes a tensor, a scale and a zero point, not \(inputs.count) inputs")
    }
    return try quantized(inputs, axis: axis)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shapes = inputs.map(\.shape)
    let (scale, zeroPoint) = (
      inputs[1].along(axis, of: shapes[0]), inputs[2].along(axis, of: shapes[0])
    )
    inputs.removeLast(2)
    return Evaluation(
      inputShapes: shapes,
      output: quantize(
        inputs.removeLast(), scale: scale, zeroPoint: zeroPoint, lower: lower, upper: upper))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let (inputs, shapes) = (evaluation.keptInputs, evaluation.inputShapes)
    let scale = inputs[1].along(axis, of: shapes[0])
    let steps = combine(
      combine(inputs[0], scale, .divide), inputs[2].along(axis, of: shapes[0]), .add)
    let inside = steps.map { step in
      step.isNaN ? step : step >= lower && step <= upper ? 1 : 0
    }
    return [
      combine(combine(gradient, scale, .divide), inside, .multiply),
      Tensor(shape: shapes[1], repeating: 0), Tensor(shape: shapes[2], repeating: 0),
    ]
  }
}

/// With inputs `[q, scale]` or `[q, scale, zero point]`: `(q − zero point) · scale`.
public struct Dequantize: Operation {
  /// The axis of a scale of rank one.
  public let axis: Int

  public init(axis: Int) { self.axis = axis }

  public var kind: String { "dequantize" }
  public var pullbackReads: PullbackReads { .inputs }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard inputs.count == 2 || inputs.count == 3 else {
      throw OperationError(
        "takes a tensor, a scale and an optional zero point, not \(inputs.count) inputs")
    }
    return try quantized(inputs, axis: axis)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shapes = inputs.map(\.shape)
    let numbers = inputs[1...].map { $0.along(axis, of: shapes[0]) }
    inputs.removeLast(shapes.count - 1)
    return Evaluation(
      inputShapes: shapes,
      output: dequantize(
        inputs.removeLast(), scale: numbers[0], zeroPoint: numbers.count > 1 ? numbers[1] : nil))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let (inputs, shapes, gradient) = (evaluation.keptInputs, evaluation.inputShapes, gradient)
    let numbers = inputs.dropFirst().map { $0.along(axis, of: shapes[0]) }
    let atInput = combine(gradient, numbers[0], .multiply)
    var steps = inputs[0]
    if numbers.count > 1 { steps = combine(steps, numbers[1], .subtract) }
    let atScale = sum(combine(steps, gradient, .multiply), to: numbers[0].shape)
    let atZero = numbers.dropFirst().map { activate(sum(atInput, to: $0.shape), .negation) }
    return zip([atInput, atScale] + atZero, shapes).map { $0.reshaped(to: $1) }
  }
}

extension Operation {
  /// The shape of a tensor whose scale, and zero point if there is one, is a single number or
  /// varies along an axis.
  fileprivate func quantized(_ inputs: [Shape], axis: Int) throws(OperationError) -> Shape {
    let input = inputs[0]
    for number in inputs.dropFirst() where number.elementCount != 1 {
      guard number.rank == 1, input.extents.indices.contains(axis), number[0] == input[axis] else {
        throw OperationError("a scale of \(number) does not fit axis \(axis) of \(input)")
      }
    }
    return input
  }
}

extension Tensor {
  /// Numbers along one axis of a shape, with a shape that broadcasts to it.
  fileprivate func along(_ axis: Int, of shape: Shape) -> Tensor {
    guard count != 1 else { return reshaped(to: []) }
    return reshaped(
      to: Shape(shape.extents.indices.map { $0 == axis ? shape[axis] : 1 }))
  }
}
