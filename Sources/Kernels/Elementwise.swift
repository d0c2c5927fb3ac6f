internal import OneDNN
public import TensorCore

/// Applies a function to every element, in place where nobody else holds the tensor.
public func activate(_ tensor: consuming Tensor, _ function: ActivationFunction) -> Tensor {
  guard tensor.count > 0 else { return tensor }
  guard let elementwise = function.elementwise else { return applyLoop(tensor, function) }
  let magnitude = tensor.knownMagnitude ?? tensor.measuredMagnitude()
  let primitive = primitive(.elementwise(elementwise, count: tensor.count, backward: false))
  let strays = magnitude.isFinite ? [] : tensor.strays()
  var result = tensor.rewritten { primitive.run([(.source, $0), (.destination, $1)]) }
  guard magnitude.isFinite else {
    result.withUnsafeMutableElements { for (index, x) in strays { $0[index] = function(x) } }
    return result
  }
  if let bound = function.bound(magnitude) { result.noteMagnitude(bound) }
  return result
}

/// `gradient · f′`, in the gradient's place where nobody else holds it.
///
/// - Parameter point: The function's input or output, as its ``ActivationFunction/derivativeSource``
///   says; anything where that is nothing.
public func activationGradient(
  of gradient: consuming Tensor, at point: Tensor, _ function: ActivationFunction
) -> Tensor {
  guard gradient.count > 0 else { return gradient }
  guard let elementwise = function.elementwise, function.derivativeSource != .nothing else {
    return multiplySlope(gradient, at: point, function)
  }
  let primitive = primitive(.elementwise(elementwise, count: point.count, backward: true))
  let read = function.derivativeSource == .output ? Argument.destination : .source
  let point = point.arranged(as: gradient.layout)
  let strays = point.isFinite ? [] : point.strays()
  var result = gradient.rewritten { source, target in
    point.withReadPointer {
      primitive.run([(read, $0), (.destinationGradient, source), (.sourceGradient, target)])
    }
  }
  let missing = strays.filter(\.value.isNaN)
  if !missing.isEmpty {
    result.withUnsafeMutableElements { for (index, _) in missing { $0[index] = .nan } }
  }
  return result
}

extension Tensor {
  /// The elements that are not finite, by their places in memory: oneDNN's functions take most of
  /// them for numbers, and `max(NaN, 0)` for 0.
  fileprivate func strays() -> [(index: Int, value: Float)] {
    withUnsafeElements { elements in
      elements.indices.compactMap { elements[$0].isFinite ? nil : ($0, elements[$0]) }
    }
  }

  /// Writes a tensor of this shape and layout from this one's elements: in place where nobody
  /// else holds them.
  consuming func rewritten(
    _ body: (_ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    if ownsItsElements() {
      withWritePointer { body($0, $0) }
      return self
    }
    let (shape, layout) = (shape, layout)
    return withReadPointer { source in
      Tensor(shape: shape, layout: layout) { body(source, $0) }
    }
  }
}

extension ActivationFunction {
  /// Whether a convolution or inner product can apply it in the same pass.
  public var canFollowALayer: Bool { elementwise?.canFollowALayer ?? false }

  /// The function in oneDNN's words; nil where it has none in both 2.x and 3.x.
  var elementwise: Elementwise? {
    switch self {
    case .rectifier: .rectifier(slope: 0)
    case .leakyRectifier(let slope): .rectifier(slope: slope)
    case .logistic: .logistic
    case .hyperbolicTangent: .hyperbolicTangent
    case .elu(let alpha): .elu(alpha: alpha)
    case .hardSwish: .hardSwish
    case .swish: .swish
    case .softplus: .softplus
    case .gelu: .gelu
    case .tanhGelu: .tanhGelu
    case .mish: .mish
    case .clip(let lower, let upper): .clip(lower: min(lower, upper), upper: upper)
    case .exponential: .exponential
    case .squareRoot: .squareRoot
    case .absolute: .absolute
    case .rounding: .rounding
    // oneDNN 2.x has a logarithm, but near 1 it keeps four digits only.
    case .selu, .celu, .hardSigmoid, .softsign, .logarithm, .negation, .reciprocal, .floor,
      .ceiling, .errorFunction, .not:
      nil
    }
  }
}
