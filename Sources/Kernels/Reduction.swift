public import TensorCore

/// How the numbers along some axes are combined.
public enum ReductionFunction: String, Sendable, Hashable, Codable, CaseIterable {
  case mean, sum, maximum, minimum, product, sumOfSquares
  /// `Σ |x|` and `√Σ x²`.
  case l1, l2
  /// `log Σ eˣ`.
  case logSumExp
}

/// Reduces some axes to an extent of one, in the tensor's own layout.
public func reduceAxes(
  _ axes: [Int], of tensor: Tensor, by function: ReductionFunction
) -> Tensor {
  switch function {
  case .sum: return reduceInSteps(axes, of: tensor, by: [.sum])
  case .maximum: return reduceInSteps(axes, of: tensor, by: [.maximum])
  case .minimum: return reduceInSteps(axes, of: tensor, by: [.minimum])
  case .product: return reduceInSteps(axes, of: tensor, by: [.product])
  case .sumOfSquares: return reduceInSteps(axes, of: tensor, by: [.sumOfSquares, .sum])
  case .l1: return reduceInSteps(axes, of: tensor, by: [.sumOfMagnitudes, .sum])
  case .l2:
    return activate(reduceInSteps(axes, of: tensor, by: [.sumOfSquares, .sum]), .squareRoot)
  case .mean:
    let count = axes.reduce(1) { $0 * tensor.shape[$1] }
    let sum = reduceInSteps(axes, of: tensor, by: [.sum])
    return combine(sum, Tensor(shape: [], repeating: 1 / Float(count)), .multiply)
  case .logSumExp:
    // Avoids ∞ − ∞: if the maximum is infinite, nothing is subtracted.
    let greatest = reduceInSteps(axes, of: tensor, by: [.maximum]).map { $0.isInfinite ? 0 : $0 }
    let powers = activate(combine(tensor, greatest, .subtract), .exponential)
    return combine(
      activate(reduceInSteps(axes, of: powers, by: [.sum]), .logarithm), greatest, .add)
  }
}

/// The position of the maximum or minimum along an axis, which keeps an extent of one; or of the
/// first NaN if there is one.
///
/// - Parameter takesLast: Whether the last of several equal values is taken, not the first.
public func extremePositions(
  along axis: Int, of tensor: Tensor, least: Bool, takesLast: Bool
) -> Tensor {
  let steps = ReductionStep.all([axis], of: tensor)
  guard let (outer, count, inner) = steps.first?.extents else {
    return Tensor(shape: tensor.shape, layout: tensor.layout, repeating: 0)
  }
  let shape = tensor.shape.reduced([axis])
  return tensor.withUnsafeElements { source in
    Tensor(shape: shape, layout: tensor.layout) { target in
      for row in 0..<outer {
        for column in 0..<inner {
          let start = row * count * inner + column
          var best = 0
          for index in 1..<max(count, 1) {
            let (value, held) = (source[start + index * inner], source[start + best * inner])
            if held.isNaN { break }
            if value.isNaN || (least ? value < held : value > held) || takesLast && value == held {
              best = index
            }
          }
          target[row * inner + column] = Float(best)
        }
      }
    }
  }
}

extension Shape {
  /// The shape with an extent of one along some axes.
  public func reduced(_ axes: [Int]) -> Shape {
    Shape(extents.indices.map { axes.contains($0) ? 1 : extents[$0] })
  }

  /// The shape without some axes.
  public func without(_ axes: [Int]) -> Shape {
    Shape(extents.indices.filter { !axes.contains($0) }.map { extents[$0] })
  }
}
