internal import Foundation
internal import OneDNN
public import TensorCore

/// Functions of two numbers, or of more, applied one after another.
public enum ArithmeticFunction: String, Sendable, Hashable, Codable, CaseIterable {
  case add, subtract, multiply, divide, power, minimum, maximum, mean

  /// Whether any number of operands is allowed.
  public var takesMany: Bool {
    switch self {
    case .add, .multiply, .minimum, .maximum, .mean: true
    case .subtract, .divide, .power: false
    }
  }
}

/// Comparisons, and the logic of their results: 1 if true, otherwise 0.
public enum ComparisonFunction: String, Sendable, Hashable, Codable, CaseIterable {
  case less, greater, equal, lessOrEqual, greaterOrEqual, and, or
}

/// Combines two tensors element by element, broadcast as in NumPy; in place of one that has the
/// result's shape if that one is uniquely referenced.
public func combine(
  _ a: consuming Tensor, _ b: consuming Tensor, _ function: ArithmeticFunction
) -> Tensor {
  guard function == .add, let first = a.knownMagnitude, let second = b.knownMagnitude else {
    return combineUnbounded(a, b, function)
  }
  let sum = combineUnbounded(a, b, function)
  LayerBound((first + second) * (sum.precision == .float32 ? 1 : roundingMargin)).note(on: sum)
  return sum
}

private func combineUnbounded(
  _ a: consuming Tensor, _ b: consuming Tensor, _ function: ArithmeticFunction
) -> Tensor {
  let shape = broadcastShape([a.shape, b.shape])
  if a.shape != shape, b.shape == shape, function.takesMany {
    return combineUnbounded(b, a, function)
  }
  guard a.shape == shape, a.count >= worthAPrimitive, let binary = function.binary else {
    return loops(a, b, function)
  }
  let second = b.shape == a.shape ? b.arranged(as: a.layout) : b
  let loop = BroadcastLoop(a.shape, a.layout, a.strides(for: a.shape), second.strides(for: a.shape))
  guard let extents = loop.secondExtents else { return loops(a, second, function) }
  let precision = a.precision
  if precision != .float32, second.precision == precision,
    let primitive = primitiveIfOffered(
      .binary(binary, loop.extents, extents, of: precision.elementType))
  {
    return a.rewrittenInPrecision { source, target in
      second.withMemory(as: precision) {
        primitive.run([(.source, source), (.secondSource, $0), (.destination, target)])
      }
    }
  }
  let primitive = primitive(.binary(binary, loop.extents, extents))
  return a.rewritten { source, target in
    second.withReadPointer {
      primitive.run([(.source, source), (.secondSource, $0), (.destination, target)])
    }
  }
}

/// Below this, a loop finishes before a primitive has started.
private let worthAPrimitive = 1 << 12

private func loops(
  _ a: consuming Tensor, _ b: Tensor, _ function: ArithmeticFunction
) -> Tensor {
  switch function {
  case .add: return broadcast(a, b) { $0 + $1 }
  case .subtract: return broadcast(a, b) { $0 - $1 }
  case .multiply: return broadcast(a, b) { $0 * $1 }
  case .divide: return broadcast(a, b) { $0 / $1 }
  // If either is NaN, so is the result.
  case .minimum: return broadcast(a, b) { $0 < $1 || $0 != $0 ? $0 : $1 }
  case .maximum: return broadcast(a, b) { $0 > $1 || $0 != $0 ? $0 : $1 }
  case .mean: return broadcast(a, b) { ($0 + $1) / 2 }
  case .power:
    // Most files ask for squares and square roots.
    switch b.count == 1 ? b.scalar : .nan {
    case 2: return broadcast(a, b) { base, _ in base * base }
    case 0.5: return broadcast(a, b) { base, _ in base.squareRoot() }
    default: return broadcast(a, b) { pow($0, $1) }
    }
  }
}

public func compare(_ a: consuming Tensor, _ b: Tensor, _ function: ComparisonFunction) -> Tensor {
  switch function {
  case .less: broadcast(a, b) { $0 < $1 ? 1 : 0 }
  case .greater: broadcast(a, b) { $0 > $1 ? 1 : 0 }
  case .equal: broadcast(a, b) { $0 == $1 ? 1 : 0 }
  case .lessOrEqual: broadcast(a, b) { $0 <= $1 ? 1 : 0 }
  case .greaterOrEqual: broadcast(a, b) { $0 >= $1 ? 1 : 0 }
  case .and: broadcast(a, b) { $0 != 0 && $1 != 0 ? 1 : 0 }
  case .or: broadcast(a, b) { $0 != 0 || $1 != 0 ? 1 : 0 }
  }
}

/// `a` where `condition` is not 0, otherwise `b`, all three broadcast as in NumPy.
public func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
  guard let shape = broadcastShape([condition.shape, a.shape, b.shape]) else {
    preconditionFailure("\(condition.shape), \(a.shape) and \(b.shape) do not broadcast")
  }
  let layout = broadcastLayout(
    shape, of: (a.shape, a.layout), (b.shape, b.layout), (condition.shape, condition.layout))
  let (a, b, condition) = (
    expand(a, to: shape).arranged(as: layout), expand(b, to: shape).arranged(as: layout),
    expand(condition, to: shape).arranged(as: layout)
  )
  return condition.withUnsafeElements { condition in
    a.withUnsafeElements { a in
      b.withUnsafeElements { b in
        Tensor(shape: shape, layout: layout) { target in
          for index in 0..<target.count {
            target[index] = condition[index] != 0 ? a[index] : b[index]
          }
        }
      }
    }
  }
}

/// `x` if that is not negative, otherwise `slope · x`, with a slope that broadcasts to `x` (He et
/// al. 2015).
public func rectify(_ tensor: consuming Tensor, slope: Tensor) -> Tensor {
  broadcast(tensor, slope) { $0 < 0 ? $0 * $1 : $0 }
}

/// The derivative of ``rectify(_:slope:)`` at each element.
public func rectifierSlopes(at tensor: Tensor, slope: Tensor) -> Tensor {
  broadcast(tensor, slope) { $0.isNaN ? $0 : $0 < 0 ? $1 : 1 }
}

extension ArithmeticFunction {
  fileprivate var binary: Binary? {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    // Given a number and NaN, oneDNN's minimum and maximum return the number.
    case .power, .mean, .minimum, .maximum: nil
    }
  }
}
