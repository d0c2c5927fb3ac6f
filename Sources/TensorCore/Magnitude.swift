/// How large the numbers of a tensor can be: what tells a kernel, without a look at every number,
/// that it can meet neither NaN nor infinity.
extension Tensor {
  /// What no element exceeds in magnitude, as far as that is known already. A finite value promises that
  /// all elements are finite; an infinite one promises nothing.
  package var knownMagnitude: Float? { storage[.magnitude] }

  /// The greatest magnitude; infinite where an element is, or is NaN.
  ///
  /// - Complexity: O(count) once, until the numbers change.
  package func measuredMagnitude() -> Float {
    let greatest = withUnsafeElements { elements in
      // As whole numbers, magnitudes keep their order, and NaN comes after infinity.
      var bits: Int32 = 0
      for element in elements {
        bits = max(bits, Int32(bitPattern: element.bitPattern & 0x7FFF_FFFF))
      }
      let value = Float(bitPattern: UInt32(bitPattern: bits))
      return value.isNaN ? Float.infinity : value
    }
    noteMagnitude(greatest)
    return greatest
  }

  /// Remembers, until the numbers change, what no element exceeds in magnitude.
  package func noteMagnitude(_ bound: Float) { storage[.magnitude] = bound }

  /// Whether every element is finite.
  public var isFinite: Bool {
    if let knownMagnitude, knownMagnitude.isFinite { return true }
    return measuredMagnitude().isFinite
  }

  /// How many elements are NaN or infinite.
  public var nonFiniteCount: Int { isFinite ? 0 : reduce(0) { $0 + ($1.isFinite ? 0 : 1) } }

  /// The greatest sum of magnitudes along the first axis: by how much a layer with these weights
  /// can enlarge its input.
  package func greatestRowSum() -> Float {
    let width = count / max(shape.rank > 0 ? shape[0] : 1, 1)
    if let known = storage[.rowSum(width: width)] { return known }
    let sums = arranged(as: .rowMajor).withUnsafeElements { elements in
      stride(from: 0, to: elements.count, by: max(width, 1)).map { start in
        elements[start..<(start + width)].reduce(Double(0)) { $0 + Double(abs($1)) }
      }
    }
    // Rounded up; NaN counts as no bound at all.
    let greatest = sums.contains { $0.isNaN } ? .infinity : Float(sums.max() ?? 0).nextUp
    storage[.rowSum(width: width)] = greatest
    return greatest
  }
}
