/// How numbers are mapped to `0...1` before a colour map is applied.
public enum Scaling: Sendable, Hashable {
  /// The minimum to 0, the maximum to 1.
  case full
  /// Zero to 0, the maximum to 1, for values that cannot be negative or whose negative part is
  /// hidden.
  case zeroBased
  /// Zero to ½ and the greatest magnitude to 0 or 1, so that the sign is visible.
  case symmetric
  /// Zero to 0 and the given quantile of all magnitudes to 1, so that a few outliers do not darken
  /// the rest.
  case clipped(above: Double)
  case fixed(ClosedRange<Float>)

  /// The numbers that are mapped to 0 and 1. Non-finite numbers are ignored.
  ///
  /// If all numbers are equal, the range still has a positive width, and the numbers keep their
  /// meaning: zero maps to zero, and other numbers map to the end.
  public func range(of values: [Float]) -> ClosedRange<Float> { range(ofAll: [values]) }

  /// Symmetric if any finite number is negative, otherwise from zero.
  package static func aboutOrFromZero(of sets: [[Float]]) -> Scaling {
    sets.contains { $0.contains { $0 < 0 && $0.isFinite } } ? .symmetric : .zeroBased
  }

  /// The number of finite values outside a range.
  package static func count(of values: [Float], beyond range: ClosedRange<Float>) -> Int {
    values.count { $0.isFinite && !range.contains($0) }
  }

  /// The range for several sets of numbers that share one scale.
  public func range(ofAll sets: [[Float]]) -> ClosedRange<Float> {
    switch self {
    case .fixed(let range):
      return range
    case .clipped(let part):
      return Self.zeroBased.orderedRange(0, quantile(part, ofMagnitudesIn: sets))
    case .full, .zeroBased, .symmetric:
      var (least, greatest) = (Float.infinity, -Float.infinity)
      for values in sets {
        for value in values where value.isFinite {
          least = min(least, value)
          greatest = max(greatest, value)
        }
      }
      return least <= greatest ? orderedRange(least, greatest) : orderedRange(0, 0)
    }
  }

  private func orderedRange(_ least: Float, _ greatest: Float) -> ClosedRange<Float> {
    switch self {
    case .symmetric:
      let magnitude = max(abs(least), abs(greatest))
      return magnitude > 0 ? -magnitude...magnitude : -1...1
    case .full where least < greatest:
      return least...greatest
    case .full where greatest < 0:
      return greatest...0
    default:
      return greatest > 0 ? 0...greatest : 0...1
    }
  }

  private func quantile(_ part: Double, ofMagnitudesIn sets: [[Float]]) -> Float {
    var magnitudes: [UInt32] = []
    magnitudes.reserveCapacity(sets.reduce(0) { $0 + $1.count })
    for values in sets {
      for value in values where value.isFinite { magnitudes.append(value.magnitude.bitPattern) }
    }
    guard !magnitudes.isEmpty else { return 0 }
    let position = min(max(part, 0), 1) * Double(magnitudes.count - 1)
    return Float(bitPattern: smallest(Int(position.rounded()), of: magnitudes))
  }
}

/// The number that would be at `index` if all were sorted: counted by their upper and then by their
/// lower halves, because a figure may have a hundred pictures of 150,000 numbers. As integers,
/// magnitudes of floats keep their order.
private func smallest(_ index: Int, of numbers: [UInt32]) -> UInt32 {
  // Sorting a few takes less than counting.
  guard numbers.count > 1 << 12 else { return numbers.sorted()[index] }
  let half = 16
  var counts = [Int](repeating: 0, count: 1 << half)
  for number in numbers { counts[Int(number >> half)] += 1 }
  let upper = place(of: index, in: counts)
  counts = [Int](repeating: 0, count: 1 << half)
  for number in numbers where number >> half == upper.value {
    counts[Int(number & (1 << half - 1))] += 1
  }
  return UInt32(upper.value << half + place(of: upper.rest, in: counts).value)
}

/// The value at `index` of sorted numbers, of which `counts[value]` have each value, and the index
/// among those that have it.
private func place(of index: Int, in counts: [Int]) -> (value: Int, rest: Int) {
  var rest = index
  for (value, count) in counts.enumerated() {
    if rest < count { return (value, rest) }
    rest -= count
  }
  preconditionFailure("index \(index) of fewer numbers")
}
