internal import Foundation
internal import TensorCore

/// The functions that oneDNN lacks, as loops that the compiler specialises for each function.
func applyLoop(_ tensor: consuming Tensor, _ function: ActivationFunction) -> Tensor {
  switch function {
  case .selu(let alpha, let gamma):
    return loop(tensor) { $0 > 0 ? gamma * $0 : gamma * alpha * expm1($0) }
  case .celu(let alpha):
    return loop(tensor) { max($0, 0) + min(alpha * expm1($0 / alpha), 0) }
  case .hardSigmoid(let alpha, let beta):
    return loop(tensor) { held(alpha * $0 + beta, 0, 1) }
  case .softsign: return loop(tensor) { $0 / (1 + abs($0)) }
  case .logarithm: return loop(tensor) { log($0) }
  case .negation: return loop(tensor) { -$0 }
  case .reciprocal: return loop(tensor) { 1 / $0 }
  case .floor: return loop(tensor) { $0.rounded(.down) }
  case .ceiling: return loop(tensor) { $0.rounded(.up) }
  case .errorFunction: return loop(tensor) { erf($0) }
  case .not: return loop(tensor) { $0 == 0 ? 1 : 0 }
  default: preconditionFailure("\(function) is oneDNN's")
  }
}

/// `gradient · f′` for the same functions, and for those whose derivative is zero.
func multiplySlope(
  _ gradient: consuming Tensor, at point: Tensor, _ function: ActivationFunction
) -> Tensor {
  switch function {
  case .selu(let alpha, let gamma):
    return loop(gradient, point) { $0 * ($1 > 0 ? gamma : gamma * alpha * exp($1)) }
  case .celu(let alpha):
    return loop(gradient, point) { g, x in
      g * ((x > 0 ? 1 : 0) + (alpha * expm1(x / alpha) < 0 || x.isNaN ? exp(x / alpha) : 0))
    }
  case .hardSigmoid(let alpha, _):
    return loop(gradient, point) { g, y in
      y.isNaN ? y : g * (y <= 0 || y >= 1 ? 0 : alpha)
    }
  case .softsign:
    return loop(gradient, point) { g, x in
      let root = 1 + abs(x)
      return g / (root * root)
    }
  case .logarithm: return loop(gradient, point) { $0 / $1 }
  case .reciprocal: return loop(gradient, point) { -$0 * $1 * $1 }
  case .errorFunction:
    let slope = Float(2 / Double.pi.squareRoot())
    return loop(gradient, point) { $0 * slope * exp(-$1 * $1) }
  case .negation: return loop(gradient) { -$0 }
  case .floor, .ceiling, .rounding, .not: return loop(gradient) { _ in 0 }
  default: preconditionFailure("\(function)'s slope is oneDNN's")
  }
}

extension ActivationFunction {
  /// A single value, by the formula, of a function that oneDNN otherwise computes: −∞ · 0 is NaN,
  /// as in PyTorch.
  func callAsFunction(_ x: Float) -> Float {
    func softplus() -> Float { log1p(exp(-abs(x))) + (x < 0 ? 0 : x) }
    switch self {
    case .rectifier: return x < 0 ? 0 : x
    case .leakyRectifier(let slope): return x < 0 ? slope * x : x
    case .logistic: return 1 / (1 + exp(-x))
    case .hyperbolicTangent: return tanh(x)
    case .elu(let alpha): return x < 0 ? alpha * expm1(x) : x
    case .hardSwish: return x * held(x / 6 + 0.5, 0, 1)
    case .swish: return x / (1 + exp(-x))
    case .softplus: return softplus()
    case .gelu: return x * 0.5 * (1 + erf(x / Float(2).squareRoot()))
    case .tanhGelu:
      return 0.5 * x * (1 + tanh((2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .mish: return x * tanh(softplus())
    case .clip(let lower, let upper): return held(x, min(lower, upper), upper)
    case .exponential: return exp(x)
    case .squareRoot: return x.squareRoot()
    case .absolute: return abs(x)
    case .rounding: return x.rounded(.toNearestOrEven)
    case .selu, .celu, .hardSigmoid, .softsign, .logarithm, .negation, .reciprocal, .floor,
      .ceiling, .errorFunction, .not:
      preconditionFailure("\(self) is a loop")
    }
  }

  /// An upper bound on the results' magnitude for inputs of at most `magnitude`, for the functions
  /// that can follow a layer; nil for others.
  func bound(_ magnitude: Float) -> Float? {
    switch self {
    case .rectifier, .swish, .hardSwish, .gelu, .tanhGelu: magnitude
    case .leakyRectifier(let slope): max(1, abs(slope)) * magnitude
    case .logistic, .hyperbolicTangent: 1
    case .elu(let alpha): max(abs(alpha), magnitude)
    case .clip(let lower, let upper):
      lower <= 0 && upper >= 0
        ? min(magnitude, max(-lower, upper)) : max(abs(lower), abs(upper))
    default: nil
    }
  }
}

/// A number clamped to two bounds; NaN stays NaN.
@inline(__always)
private func held(_ x: Float, _ lower: Float, _ upper: Float) -> Float {
  x < lower ? lower : x > upper ? upper : x
}

@inline(__always)
private func loop(_ tensor: consuming Tensor, _ function: (Float) -> Float) -> Tensor {
  let count = tensor.count
  return tensor.rewritten { source, target in
    for index in 0..<count { target[index] = function(source[index]) }
  }
}

@inline(__always)
private func loop(
  _ first: consuming Tensor, _ second: Tensor, _ function: (Float, Float) -> Float
) -> Tensor {
  let count = first.count
  let second = second.arranged(as: first.layout)
  return first.rewritten { source, target in
    second.withUnsafeElements { second in
      for index in 0..<count { target[index] = function(source[index], second[index]) }
    }
  }
}
