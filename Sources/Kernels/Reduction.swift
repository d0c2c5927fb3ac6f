public import TensorCore

/// What becomes of the numbers along some axes.
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
  case .sum: return fold(axes, of: tensor, [.sum])
  case .maximum: return fold(axes, of: tensor, [.maximum])
  case .minimum: return fold(axes, of: tensor, [.minimum])
  case .product: return fold(axes, of: tensor, [.product])
  case .sumOfSquares: return fold(axes, of: tensor, [.sumOfSquares, .sum])
  case .l1: return fold(axes, of: tensor, [.sumOfMagnitudes, .sum])
  case .l2: return activate(fold(axes, of: tensor, [.sumOfSquares, .sum]), .squareRoot)
  case .mean:
    let count = axes.reduce(1) { $0 * tensor.shape[$1] }
    let sum = fold(axes, of: tensor, [.sum])
    return combine(sum, Tensor(shape: [], repeating: 1 / Float(count)), .multiply)
  case .logSumExp:
    // Infinities must not meet: where the greatest is one, nothing is subtracted.
    let greatest = fold(axes, of: tensor, [.maximum]).map { $0.isFinite ? $0 : 0 }
    let powers = activate(combine(tensor, greatest, .subtract), .exponential)
    return combine(
      activate(fold(axes, of: powers, [.sum]), .logarithm), greatest, .add)
  }
}

/// The position of the greatest or least number along an axis, which keeps an extent of one.
///
/// - Parameter takesLast: Which of several equal ones.
public func extremePositions(
  along axis: Int, of tensor: Tensor, least: Bool, takesLast: Bool
) -> Tensor {
  let steps = FoldStep.all([axis], of: tensor)
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
            if (least ? value < held : value > held) || takesLast && value == held { best = index }
          }
          target[row * inner + column] = Float(best)
        }
      }
    }
  }
}

extension Shape {
  /// With an extent of one along some axes.
  public func reduced(_ axes: [Int]) -> Shape {
    Shape(extents.indices.map { axes.contains($0) ? 1 : extents[$0] })
  }

  /// Without some axes.
  public func without(_ axes: [Int]) -> Shape {
    Shape(extents.indices.filter { !axes.contains($0) }.map { extents[$0] })
  }
}

/// Reduces `[outer, count, inner]` to `[outer, inner]`.
private struct FoldStep {
  let extents: (outer: Int, count: Int, inner: Int)

  /// One step for each run of reduced axes in memory, the innermost first.
  static func all(_ axes: [Int], of tensor: Tensor) -> [FoldStep] {
    let order = tensor.shape.memoryOrder(tensor.layout).filter { tensor.shape[$0] != 1 }
    var steps: [FoldStep] = []
    var (inner, count) = (1, 1)
    var outer = order.reduce(1) { $0 * tensor.shape[$1] }
    for axis in order.reversed() {
      let extent = tensor.shape[axis]
      outer /= max(extent, 1)
      if axes.contains(axis) {
        count *= extent
      } else {
        if count != 1 { steps.append(FoldStep(extents: (outer * extent, count, inner))) }
        inner *= extent
        count = 1
      }
    }
    if count != 1 { steps.append(FoldStep(extents: (outer, count, inner))) }
    return steps
  }
}

/// What one step does.
private enum Fold { case sum, sumOfSquares, sumOfMagnitudes, product, maximum, minimum }

/// - Parameter folds: The first step's, and the later ones' if they differ.
private func fold(_ axes: [Int], of tensor: Tensor, _ folds: [Fold]) -> Tensor {
  let shape = tensor.shape.reduced(axes)
  guard tensor.count > 0 else {
    return Tensor(shape: shape, layout: tensor.layout, repeating: folds[0].neutral)
  }
  var steps = FoldStep.all(axes, of: tensor)
  // Squares are taken even where there is nothing to sum.
  if steps.isEmpty { steps = [FoldStep(extents: (1, 1, tensor.count))] }
  var current = tensor
  for (index, step) in steps.enumerated() {
    let fold = index == 0 ? folds[0] : folds[folds.count - 1]
    let (outer, count, inner) = step.extents
    let isLast = index == steps.count - 1
    current = current.withUnsafeElements { source in
      Tensor(
        shape: isLast ? shape : [outer * inner], layout: isLast ? tensor.layout : .rowMajor
      ) { target in
        fold.run(source, into: target, outer: outer, count: count, inner: inner)
      }
    }
  }
  return current
}

extension Fold {
  var neutral: Float {
    switch self {
    case .sum, .sumOfSquares, .sumOfMagnitudes: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }

  func run(
    _ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>,
    outer: Int, count: Int, inner: Int
  ) {
    for row in 0..<outer {
      let source = UnsafeBufferPointer(rebasing: source[(row * count * inner)...])
      if inner == 1 {
        target[row] = along(source, count)
      } else {
        let target = UnsafeMutableBufferPointer(
          rebasing: target[(row * inner)..<((row + 1) * inner)])
        across(source, count, into: target)
      }
    }
  }

  /// Of numbers one behind the other.
  private func along(_ source: UnsafeBufferPointer<Float>, _ count: Int) -> Float {
    switch self {
    case .sum: return sumLanes(source, count) { $0 }
    case .sumOfSquares: return sumLanes(source, count) { $0 * $0 }
    case .sumOfMagnitudes:
      return sumLanes(source, count) { $0.replacing(with: -$0, where: $0 .< 0) }
    case .product: return source[0..<count].reduce(1, *)
    case .maximum: return foldLanes(source, count) { $0.replacing(with: $1, where: $1 .> $0) }
    case .minimum: return foldLanes(source, count) { $0.replacing(with: $1, where: $1 .< $0) }
    }
  }

  /// Of `count` rows, column by column.
  private func across(
    _ source: UnsafeBufferPointer<Float>, _ count: Int,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    target.initialize(repeating: neutral)
    switch self {
    case .sum: sumRows(source, count, into: target) { $0 }
    case .sumOfSquares: sumRows(source, count, into: target) { $0 * $0 }
    case .sumOfMagnitudes: sumRows(source, count, into: target) { abs($0) }
    case .product: foldRows(source, 0..<count, into: target) { $0 * $1 }
    case .maximum: foldRows(source, 0..<count, into: target) { $1 > $0 ? $1 : $0 }
    case .minimum: foldRows(source, 0..<count, into: target) { $1 < $0 ? $1 : $0 }
    }
  }
}

/// How many numbers are added in single precision before the sum moves on: rounding errors grow
/// with this and not with the whole count.
private let block = 128

/// Rows in blocks, so that rounding errors do not grow with their number.
@inline(__always)
private func sumRows(
  _ source: UnsafeBufferPointer<Float>, _ count: Int,
  into target: UnsafeMutableBufferPointer<Float>, _ term: (Float) -> Float
) {
  guard count > block else {
    return foldRows(source, 0..<count, into: target) { $0 + term($1) }
  }
  withUnsafeTemporaryAllocation(of: Float.self, capacity: target.count) { partial in
    for start in stride(from: 0, to: count, by: block) {
      partial.initialize(repeating: 0)
      foldRows(source, start..<min(start + block, count), into: partial) { $0 + term($1) }
      for index in 0..<target.count { target[index] += partial[index] }
    }
  }
}

@inline(__always)
private func foldRows(
  _ source: UnsafeBufferPointer<Float>, _ rows: Range<Int>,
  into target: UnsafeMutableBufferPointer<Float>, _ combine: (Float, Float) -> Float
) {
  let width = target.count
  guard let source = source.baseAddress, let target = target.baseAddress else { return }
  for row in rows {
    let source = source + row * width
    for index in 0..<width { target[index] = combine(target[index], source[index]) }
  }
}

/// Eight sums side by side: a compiler may not reorder additions by itself.
///
/// - Parameter term: 0 at 0.
@inline(__always)
func sumLanes(
  _ source: UnsafeBufferPointer<Float>, _ count: Int, _ term: (SIMD8<Float>) -> SIMD8<Float>
) -> Float {
  var total = 0.0
  let whole = count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8 * block) {
    var lanes = SIMD8<Float>(repeating: 0)
    for index in stride(from: start, to: min(start + 8 * block, whole), by: 8) {
      lanes += term(eight(source, at: index))
    }
    total += Double(lanes.sum())
  }
  for index in whole..<count {
    total += Double(term(SIMD8(repeating: source[index]))[0])
  }
  return Float(total)
}

@inline(__always)
private func foldLanes(
  _ source: UnsafeBufferPointer<Float>, _ count: Int,
  _ combine: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>
) -> Float {
  guard count >= 8 else {
    return source[1..<count].reduce(source[0]) {
      combine(SIMD8(repeating: $0), SIMD8(repeating: $1))[0]
    }
  }
  var lanes = eight(source, at: 0)
  for index in stride(from: 8, to: count - 7, by: 8) {
    lanes = combine(lanes, eight(source, at: index))
  }
  // The last eight again, some of which have been seen: for extremes that changes nothing.
  lanes = combine(lanes, eight(source, at: count - 8))
  var result = lanes[0]
  for lane in 1..<8 {
    result = combine(SIMD8(repeating: result), SIMD8(repeating: lanes[lane]))[0]
  }
  return result
}

@inline(__always)
func eight(_ source: UnsafeBufferPointer<Float>, at index: Int) -> SIMD8<Float> {
  UnsafeRawPointer(source.baseAddress.unsafelyUnwrapped + index).loadUnaligned(
    as: SIMD8<Float>.self)
}
