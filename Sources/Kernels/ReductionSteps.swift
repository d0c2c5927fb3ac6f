internal import TensorCore

/// Reduces `[outer, count, inner]` to `[outer, inner]`.
struct ReductionStep {
  let extents: (outer: Int, count: Int, inner: Int)

  /// One step for each run of adjacent reduced axes in memory, the innermost first.
  static func all(_ axes: [Int], of tensor: Tensor) -> [ReductionStep] {
    let order = tensor.shape.memoryOrder(tensor.layout).filter { tensor.shape[$0] != 1 }
    var steps: [ReductionStep] = []
    var (inner, count) = (1, 1)
    var outer = order.reduce(1) { $0 * tensor.shape[$1] }
    for axis in order.reversed() {
      let extent = tensor.shape[axis]
      outer /= max(extent, 1)
      if axes.contains(axis) {
        count *= extent
      } else {
        if count != 1 { steps.append(ReductionStep(extents: (outer * extent, count, inner))) }
        inner *= extent
        count = 1
      }
    }
    if count != 1 { steps.append(ReductionStep(extents: (outer, count, inner))) }
    return steps
  }
}

/// What a step does with the numbers that it reduces to one.
enum StepFunction { case sum, sumOfSquares, sumOfMagnitudes, product, maximum, minimum }

/// Reduces some axes to an extent of one, step by step.
///
/// - Parameter functions: The first step's function, and that of the later steps if it differs.
func reduceInSteps(
  _ axes: [Int], of tensor: Tensor, by functions: [StepFunction]
) -> Tensor {
  let shape = tensor.shape.reduced(axes)
  guard tensor.count > 0 else {
    return Tensor(shape: shape, layout: tensor.layout, repeating: functions[0].neutral)
  }
  var steps = ReductionStep.all(axes, of: tensor)
  // Even if there is nothing to sum, the squares must be computed.
  if steps.isEmpty { steps = [ReductionStep(extents: (1, 1, tensor.count))] }
  var current = tensor
  for (index, step) in steps.enumerated() {
    let function = index == 0 ? functions[0] : functions[functions.count - 1]
    let (outer, count, inner) = step.extents
    let isLast = index == steps.count - 1
    current = current.withReadPointer { source in
      Tensor(
        shape: isLast ? shape : [outer * inner], layout: isLast ? tensor.layout : .rowMajor
      ) { target in
        for row in 0..<outer {
          let (source, target) = (source + row * count * inner, target + row * inner)
          if inner == 1 {
            target.pointee = function.along(source, count)
          } else {
            function.across(source, count, into: target, inner)
          }
        }
      }
    }
  }
  return current
}

extension StepFunction {
  var neutral: Float {
    switch self {
    case .sum, .sumOfSquares, .sumOfMagnitudes: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }

  /// Reduces contiguous numbers.
  fileprivate func along(_ source: UnsafePointer<Float>, _ count: Int) -> Float {
    switch self {
    case .sum: return sumLanes(source, count) { $0 }
    case .sumOfSquares: return sumLanes(source, count) { $0 * $0 }
    case .sumOfMagnitudes:
      return sumLanes(source, count) { $0.replacing(with: -$0, where: $0 .< 0) }
    case .product: return (0..<count).reduce(1) { $0 * source[$1] }
    // NaN is replaced by nothing, and replaces everything.
    case .maximum:
      return combineLanes(source, count) {
        $0.replacing(with: $1, where: ($1 .> $0) .| ($1 .!= $1) .& ($0 .== $0))
      }
    case .minimum:
      return combineLanes(source, count) {
        $0.replacing(with: $1, where: ($1 .< $0) .| ($1 .!= $1) .& ($0 .== $0))
      }
    }
  }

  /// Reduces `count` rows, column by column.
  fileprivate func across(
    _ source: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>,
    _ width: Int
  ) {
    target.initialize(repeating: neutral, count: width)
    switch self {
    case .sum: sumRows(source, count, into: target, width) { $0 }
    case .sumOfSquares: sumRows(source, count, into: target, width) { $0 * $0 }
    case .sumOfMagnitudes: sumRows(source, count, into: target, width) { abs($0) }
    case .product: combineRows(source, 0..<count, into: target, width) { $0 * $1 }
    case .maximum:
      combineRows(source, 0..<count, into: target, width) { $1 > $0 || $1 != $1 ? $1 : $0 }
    case .minimum:
      combineRows(source, 0..<count, into: target, width) { $1 < $0 || $1 != $1 ? $1 : $0 }
    }
  }
}

/// The number of values added in single precision before the sum is carried over: rounding errors
/// grow with this number instead of with the whole count.
private let block = 128

/// Adds rows in blocks, so that rounding errors do not grow with their number.
@inline(__always)
private func sumRows(
  _ source: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>,
  _ width: Int, _ term: (Float) -> Float
) {
  guard count > block else {
    return combineRows(source, 0..<count, into: target, width) { $0 + term($1) }
  }
  withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { buffer in
    guard let partial = buffer.baseAddress else { return }
    for start in stride(from: 0, to: count, by: block) {
      partial.initialize(repeating: 0, count: width)
      combineRows(source, start..<min(start + block, count), into: partial, width) { $0 + term($1) }
      for index in 0..<width { target[index] += partial[index] }
    }
  }
}

@inline(__always)
private func combineRows(
  _ source: UnsafePointer<Float>, _ rows: Range<Int>, into target: UnsafeMutablePointer<Float>,
  _ width: Int, _ combine: (Float, Float) -> Float
) {
  for row in rows {
    let source = source + row * width
    for index in 0..<width { target[index] = combine(target[index], source[index]) }
  }
}

/// Eight partial sums in parallel: a compiler may not reorder additions on its own.
///
/// - Parameter term: Must return 0 at 0.
@inline(__always)
private func sumLanes(
  _ source: UnsafePointer<Float>, _ count: Int, _ term: (SIMD8<Float>) -> SIMD8<Float>
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
private func combineLanes(
  _ source: UnsafePointer<Float>, _ count: Int,
  _ combine: (SIMD8<Float>, SIMD8<Float>) -> SIMD8<Float>
) -> Float {
  guard count >= 8 else {
    return (1..<count).reduce(source[0]) {
      combine(SIMD8(repeating: $0), SIMD8(repeating: source[$1]))[0]
    }
  }
  var lanes = eight(source, at: 0)
  for index in stride(from: 8, to: count - 7, by: 8) {
    lanes = combine(lanes, eight(source, at: index))
  }
  // The last eight again, some of which were already included: this does not change an extremum.
  lanes = combine(lanes, eight(source, at: count - 8))
  var result = lanes[0]
  for lane in 1..<8 {
    result = combine(SIMD8(repeating: result), SIMD8(repeating: lanes[lane]))[0]
  }
  return result
}

@inline(__always)
private func eight(_ source: UnsafePointer<Float>, at index: Int) -> SIMD8<Float> {
  UnsafeRawPointer(source + index).loadUnaligned(as: SIMD8<Float>.self)
}
