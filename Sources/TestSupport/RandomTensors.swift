public import TensorCore

extension Tensor {
  /// Numbers from the standard normal distribution.
  public static func random(_ shape: Shape, seed: Int) -> Tensor {
    var generator = SeededGenerator(seed: UInt64(seed), path: shape.elementCount)
    return Tensor(shape: shape) { target in
      for index in 0..<target.count { target[index] = generator.normal() }
    }
  }

  /// `Σ self · other`, accumulated in `Double`.
  public func dot(_ other: Tensor) -> Double {
    Swift.zip(elements, other.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}

/// The derivative of `f` at `point` along `direction`, by central differences.
public func centralDifference(
  of f: (Tensor) -> Double, at point: Tensor, along direction: Tensor, step: Float = 1e-2
) -> Double {
  (f(point + direction * step) - f(point - direction * step)) / (2 * Double(step))
}
