internal import Foundation
internal import TensorCore

/// The functions that oneDNN lacks, as loops that the compiler specialises for each.
func applyLoop(_ tensor: consuming Tensor, _ function: ActivationFunction) -> Tensor {
  switch function {
  case .selu(let alpha, let gamma):
    return loop(tensor) { $0 > 0 ? gamma * $0 : gamma * alpha * expm1($0) }
  case .celu(let alpha):
    return loop(tensor) { max($0, 0) + min(alpha * expm1($0 / alpha), 0) }
  case .hardSigmoid(let alpha, let beta):
    return loop(tensor) { max(0, min(1, alpha * $0 + beta)) }
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

/// `gradient · f′` for the same functions, and for those that are flat.
func multiplySlope(
  _ gradient: consuming Tensor, at point: Tensor, _ function: ActivationFunction
) -> Tensor {
  switch function {
  case .selu(let alpha, let gamma):
    return loop(gradient, point) { $0 * ($1 > 0 ? gamma : gamma * alpha * exp($1)) }
  case .celu(let alpha):
    return loop(gradient, point) { g, x in
      g * ((x > 0 ? 1 : 0) + (alpha * expm1(x / alpha) < 0 ? exp(x / alpha) : 0))
    }
  case .hardSigmoid(let alpha, _):
    return loop(gradient, point) { $1 > 0 && $1 < 1 ? alpha * $0 : 0 }
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
