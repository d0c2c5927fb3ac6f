internal import OneDNN
public import TensorCore

/// Functions of one number whose derivative is known from their value.
public enum ActivationFunction: Sendable, Hashable, Codable {
  /// `max(x, 0)`.
  case rectifier
  /// `1 / (1 + e⁻ˣ)`.
  case logistic
  case hyperbolicTangent
}

/// Applies a function to every element, in place where nobody else holds the tensor.
public func activate(_ tensor: consuming Tensor, _ function: ActivationFunction) -> Tensor {
  guard tensor.count > 0 else { return tensor }
  let primitive = primitive(
    .elementwise(function.elementwise, count: tensor.count, backward: false))
  tensor.withWritePointer { primitive.run([(.source, $0), (.destination, $0)]) }
  return tensor
}

/// `gradient · f′`, with the derivative read off the function's `output`.
public func activationGradient(
  of gradient: consuming Tensor, output: Tensor, _ function: ActivationFunction
) -> Tensor {
  guard gradient.count > 0 else { return gradient }
  let primitive = primitive(
    .elementwise(function.elementwise, count: output.count, backward: true))
  output.arranged(as: gradient.layout).withReadPointer { output in
    gradient.withWritePointer {
      primitive.run([
        (.destination, output), (.destinationGradient, $0), (.sourceGradient, $0),
      ])
    }
  }
  return gradient
}

/// The sum of two tensors of one shape, in the first's place where nobody else holds it.
public func add(_ a: consuming Tensor, _ b: Tensor) -> Tensor {
  precondition(a.shape == b.shape, "shapes differ: \(a.shape) and \(b.shape)")
  guard a.count > 0 else { return a }
  let primitive = primitive(.add(count: a.count))
  b.arranged(as: a.layout).withReadPointer { b in
    a.withWritePointer { primitive.run([(.source, $0), (.secondSource, b), (.destination, $0)]) }
  }
  return a
}

extension ActivationFunction {
  fileprivate var elementwise: Elementwise {
    switch self {
    case .rectifier: .rectifier
    case .logistic: .logistic
    case .hyperbolicTangent: .hyperbolicTangent
    }
  }
}
