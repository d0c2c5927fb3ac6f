/// Minimises smooth functions of many numbers (Liu and Nocedal 1989), with steps that satisfy the
/// weak Wolfe conditions, found by bisection (Lewis and Overton 2013).
struct LimitedMemoryBFGS {
  /// How many of the last steps approximate the curvature.
  var memory = 10
  var mostIterations = 1000
  /// The norm of the gradient at which it is done, as a share of that at the reference.
  var tolerance: Double

  private static let sufficientDecrease = 1e-4
  private static let curvature = 0.9
  private static let mostTrials = 40

  struct Outcome {
    var point: [Double]
    var value: Double
    /// The norm of the gradient, as a share of that at the reference.
    var slope: Double
    var iterations: Int
    var hasConverged: Bool
  }

  private struct Correction {
    let step: [Double]
    let change: [Double]
    let inverse: Double
  }

  /// - Parameters:
  ///   - start: Where to begin.
  ///   - referenceNorm: The norm of the gradient that the tolerance refers to.
  ///   - evaluate: The function's value and gradient.
  func minimize(
    from start: [Double], referenceNorm: Double,
    _ evaluate: ([Double]) -> (value: Double, gradient: [Double])
  ) -> Outcome {
    var point = start
    var (value, gradient) = evaluate(point)
    var corrections: [Correction] = []
    let wanted = tolerance * referenceNorm
    func outcome(_ iterations: Int) -> Outcome {
      let slope = norm(gradient)
      return Outcome(
        point: point, value: value, slope: referenceNorm > 0 ? slope / referenceNorm : 0,
        iterations: iterations, hasConverged: slope <= wanted)
    }
    for iteration in 0..<mostIterations {
      // Also ends if it is NaN.
      guard norm(gradient) > wanted else { return outcome(iteration) }
      var direction = descent(of: gradient, corrections)
      var slope = dot(direction, gradient)
      if !(slope < 0) {
        corrections = []
        direction = gradient.map { -$0 }
        slope = dot(direction, gradient)
      }
      // A first step of length one in a direction of unknown scale.
      let first = corrections.isEmpty ? 1 / max(norm(gradient), .leastNormalMagnitude) : 1
      guard
        let found = step(
          from: point, value, along: direction, slope, first: first, evaluate)
      else { return outcome(iteration) }
      let change = zip(found.gradient, gradient).map { $0 - $1 }
      let along = zip(found.point, point).map { $0 - $1 }
      let product = dot(along, change)
      if product > 1e-12 * norm(along) * norm(change) {
        corrections.append(Correction(step: along, change: change, inverse: 1 / product))
        if corrections.count > memory { corrections.removeFirst() }
      }
      (point, value, gradient) = (found.point, found.value, found.gradient)
    }
    return outcome(mostIterations)
  }

  /// The two loops of Nocedal 1980.
  private func descent(of gradient: [Double], _ corrections: [Correction]) -> [Double] {
    var q = gradient
    var factors: [Double] = []
    for correction in corrections.reversed() {
      let factor = correction.inverse * dot(correction.step, q)
      add(-factor, correction.change, to: &q)
      factors.append(factor)
    }
    if let last = corrections.last {
      let scale = 1 / (last.inverse * dot(last.change, last.change))
      for index in q.indices { q[index] *= scale }
    }
    for (correction, factor) in zip(corrections, factors.reversed()) {
      add(factor - correction.inverse * dot(correction.change, q), correction.step, to: &q)
    }
    for index in q.indices { q[index] = -q[index] }
    return q
  }

  /// - Returns: Nil if rounding leaves no step that decreases the function.
  private func step(
    from point: [Double], _ value: Double, along direction: [Double], _ slope: Double,
    first: Double, _ evaluate: ([Double]) -> (value: Double, gradient: [Double])
  ) -> (point: [Double], value: Double, gradient: [Double])? {
    var (low, high) = (0.0, Double.infinity)
    var length = first
    var best: (point: [Double], value: Double, gradient: [Double])?
    for _ in 0..<Self.mostTrials {
      var trial = point
      add(length, direction, to: &trial)
      let (reached, gradient) = evaluate(trial)
      if !(reached <= value + Self.sufficientDecrease * length * slope) {
        high = length
      } else {
        best = (trial, reached, gradient)
        guard dot(gradient, direction) < Self.curvature * slope else { return best }
        low = length
      }
      length = high.isFinite ? (low + high) / 2 : 2 * low
    }
    return best
  }
}

private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

private func add(_ factor: Double, _ a: [Double], to target: inout [Double]) {
  a.withUnsafeBufferPointer { a in
    target.withUnsafeMutableBufferPointer { target in
      for index in 0..<min(a.count, target.count) { target[index] += factor * a[index] }
    }
  }
}
