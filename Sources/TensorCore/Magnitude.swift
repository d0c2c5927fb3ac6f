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
    let rows = max(shape.rank > 0 ? shape[0] : 1, 1)
    let width = count / rows
    if let known = storage[.rowSum(width: width)] { return known }
    // A part keeps a thread busy for longer than it takes to hand it out.
    let part = max((1 << 16) / max(width, 1), 1)
    let sums = withUnsafeElements { elements in
      nonisolated(unsafe) let elements = elements
      return [Double](unsafeUninitializedCapacity: rows) { sums, initialized in
        nonisolated(unsafe) let sums = sums
        concurrentlyBetweenKernels((rows + part - 1) / part) { index in
          for row in (index * part)..<min((index + 1) * part, rows) {
            // In any layout, the elements of a slice are in one piece.
            sums.initializeElement(
              at: row, to: sumOfMagnitudes(elements[(row * width)..<((row + 1) * width)]))
          }
        }
        initialized = rows
      }
    }
    // Rounded up; NaN means that there is no bound.
    let greatest = sums.contains { $0.isNaN } ? .infinity : Float(sums.max() ?? 0).nextUp
    storage[.rowSum(width: width)] = greatest
    return greatest
  }
}

/// In eight lanes, since each addition waits for the one before.
private func sumOfMagnitudes(_ elements: Slice<UnsafeBufferPointer<Float>>) -> Double {
  let elements = UnsafeBufferPointer(rebasing: elements)
  var lanes = SIMD8<Double>.zero
  let whole = elements.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    for lane in 0..<8 { lanes[lane] += Double(abs(elements[start + lane])) }
  }
  return elements[whole...].reduce(lanes.sum()) { $0 + Double(abs($1)) }
}
