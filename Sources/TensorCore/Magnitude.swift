/// Bounds on the magnitude of a tensor's elements, which tell a kernel, without reading every
/// element, that it cannot meet NaN or infinity.
extension Tensor {
  /// The upper bound on the elements' magnitude that is already known. If it is finite, all
  /// elements are finite; if it is infinite, nothing is known.
  package var knownMagnitude: Float? { storage[.magnitude] }

  /// The greatest magnitude; infinite if any element is infinite or NaN.
  ///
  /// - Complexity: O(count) the first time, then O(1) until the elements change.
  package func measuredMagnitude() -> Float {
    // Compared as integers, magnitudes keep their order, and NaN sorts above infinity.
    let bits: UInt32
    if precision == .bfloat16 {
      bits = withMemory(as: .bfloat16) { memory in
        let elements = memory.assumingMemoryBound(to: UInt16.self)
        var greatest: UInt16 = 0
        for index in 0..<count { greatest = max(greatest, elements[index] & 0x7FFF) }
        return UInt32(greatest) << 16
      }
    } else {
      bits = withUnsafeElements { elements in
        var greatest: Int32 = 0
        for element in elements {
          greatest = max(greatest, Int32(bitPattern: element.bitPattern & 0x7FFF_FFFF))
        }
        return UInt32(bitPattern: greatest)
      }
    }
    let value = Float(bitPattern: bits)
    let greatest = value.isNaN ? Float.infinity : value
    noteMagnitude(greatest)
    return greatest
  }

  /// Stores an upper bound on the elements' magnitude until the elements change.
  package func noteMagnitude(_ bound: Float) { storage[.magnitude] = bound }

  /// Whether every element is finite.
  public var isFinite: Bool {
    if let knownMagnitude, knownMagnitude.isFinite { return true }
    return measuredMagnitude().isFinite
  }

  /// The number of elements that are NaN or infinite.
  public var nonFiniteCount: Int { isFinite ? 0 : reduce(0) { $0 + ($1.isFinite ? 0 : 1) } }

  /// The least and the greatest finite element; nil if there is none.
  package var finiteRange: ClosedRange<Float>? {
    var (least, greatest) = (Float.infinity, -Float.infinity)
    withUnsafeElements { elements in
      for element in elements where element.isFinite {
        least = min(least, element)
        greatest = max(greatest, element)
      }
    }
    return least <= greatest ? least...greatest : nil
  }

  /// The greatest sum of magnitudes in one slice of the first axis: the factor by which a layer
  /// with these weights can at most enlarge its input.
  package func greatestRowSum() -> Float {
    let width = count / max(shape.rank > 0 ? shape[0] : 1, 1)
    if let known = storage[.rowSum(width: width)] { return known }
    let sums = arranged(as: .rowMajor).withUnsafeElements { elements in
      stride(from: 0, to: elements.count, by: max(width, 1)).map { start in
        elements[start..<(start + width)].reduce(Double(0)) { $0 + Double(abs($1)) }
      }
    }
    // Rounded up; NaN means that there is no bound.
    let greatest = sums.contains { $0.isNaN } ? .infinity : Float(sums.max() ?? 0).nextUp
    storage[.rowSum(width: width)] = greatest
    return greatest
  }
}
