internal import OneDNN
public import TensorCore

/// Applies a function to every element, in place if the tensor is uniquely referenced.
public func activate(_ tensor: consuming Tensor, _ function: ActivationFunction) -> Tensor {
  guard tensor.count > 0 else { return tensor }
  guard let elementwise = function.elementwise else { return applyLoop(tensor, function) }
  let magnitude = tensor.knownMagnitude ?? tensor.measuredMagnitude()
  let precision = tensor.precision
  guard precision == .float32 || magnitude.isFinite,
    let primitive = primitive(
      .elementwise(elementwise, count: tensor.count, backward: false, of: precision.elementType),
      of: precision)
  else { return activate(tensor.converted(to: .float32), function).converted(to: precision) }
  // oneDNN treats most non-finite elements as numbers, and computes `max(NaN, 0)` as 0.
  let broken = magnitude.isFinite ? nil : tensor
  var result = tensor.rewrittenInPrecision { primitive.run([(.source, $0), (.destination, $1)]) }
  if let broken {
    result.rewrite(where: { !$0.isFinite }, of: broken) { function($0) }
    return result
  }
  if let bound = function.bound(magnitude) {
    result.noteMagnitude(precision == .float32 ? bound : bound * roundingMargin)
  }
  return result
}

/// `gradient · f′`, in place of the gradient if that is uniquely referenced.
///
/// - Parameter point: The function's input or output, as its
///   ``ActivationFunction/derivativeSource`` requires; ignored if that is `nothing`.
public func activationGradient(
  of gradient: consuming Tensor, at point: Tensor, _ function: ActivationFunction
) -> Tensor {
  guard gradient.count > 0 else { return gradient }
  guard let elementwise = function.elementwise, function.derivativeSource != .nothing else {
    return multiplySlope(gradient, at: point, function)
  }
  let read = function.derivativeSource == .output ? Argument.destination : .source
  let precision = gradient.precision
  if precision != .float32, point.precision == precision, point.layout == gradient.layout,
    point.isFinite,
    let primitive = primitiveIfOffered(
      .elementwise(elementwise, count: point.count, backward: true, of: precision.elementType))
  {
    return gradient.rewrittenInPrecision { source, target in
      point.withMemory(as: precision) {
        primitive.run([(read, $0), (.destinationGradient, source), (.sourceGradient, target)])
      }
    }
  }
  let primitive = primitive(.elementwise(elementwise, count: point.count, backward: true))
  let point = point.arranged(as: gradient.layout)
  var result = gradient.rewritten { source, target in
    point.withReadPointer {
      primitive.run([(read, $0), (.destinationGradient, source), (.sourceGradient, target)])
    }
  }
  if !point.isFinite { result.rewrite(where: \.isNaN, of: point) { $0 } }
  return result
}

extension Tensor {
  /// Overwrites the elements at positions where another tensor of the same layout meets a
  /// condition.
  @inline(__always)
  fileprivate mutating func rewrite(
    where isChosen: (Float) -> Bool, of other: Tensor, _ value: (Float) -> Float
  ) {
    withUnsafeMutableElements { elements in
      other.withUnsafeElements { other in
        for index in other.indices where isChosen(other[index]) {
          elements[index] = value(other[index])
        }
      }
    }
  }

  /// Computes a tensor of the same shape, layout and precision from this one's memory: in place if
  /// it is uniquely referenced.
  consuming func rewrittenInPrecision(
    _ body: (_ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer) -> Void
  ) -> Tensor {
    if ownsItsElements() {
      withMutableMemory { body($0, $0) }
      return self
    }
    let (shape, layout, precision) = (shape, layout, precision)
    return withMemory(as: precision) { source in
      Tensor(shape: shape, layout: layout, precision: precision) { body(source, $0) }
    }
  }

  /// Computes a tensor of the same shape and layout from this one's elements: in place if it is
  /// uniquely referenced.
  consuming func rewritten(
    _ body: (_ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    if precision != .float32 { self = converted(to: .float32) }
    return rewrittenInPrecision {
      body($0.assumingMemoryBound(to: Float.self), $1.assumingMemoryBound(to: Float.self))
    }
  }
}

extension ActivationFunction {
  /// Whether a convolution or inner product can apply it in the same pass.
  public var canFollowALayer: Bool { elementwise?.canFollowALayer ?? false }

  /// The oneDNN counterpart of the function; nil unless both 2.x and 3.x have one.
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
    // oneDNN 2.x has a logarithm, but its results near 1 are only accurate to four digits.
    case .selu, .celu, .hardSigmoid, .softsign, .logarithm, .negation, .reciprocal, .floor,
      .ceiling, .errorFunction, .not:
      nil
    }
  }
}
