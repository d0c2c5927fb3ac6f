/// How numbers are stretched to `0...1` before a colour map sees them.
public enum Scaling: Sendable, Hashable {
  /// Least to 0, greatest to 1.
  case full
  /// Zero to 0, greatest to 1, for what cannot be negative or whose negative part is not shown.
  case zeroBased
  /// Zero to ½ and the greatest magnitude to 0 or 1, so that the sign shows.
  case symmetric
  /// Zero to 0 and the given part of all magnitudes below 1, so that a few outliers do not
  /// darken the rest.
  case clipped(above: Double)
  case fixed(ClosedRange<Float>)

  /// The numbers that become 0 and 1. What is not finite is left out.
  ///
  /// Equal numbers still give a range of some width, in which they keep their meaning: zero
  /// stays zero, and others are full.
  public func range(of values: [Float]) -> ClosedRange<Float> { range(ofAll: [values]) }

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
    let magnitudes = sets.joined().filter(\.isFinite).map(abs).sorted()
    guard !magnitudes.isEmpty else { return 0 }
    let position = min(max(part, 0), 1) * Double(magnitudes.count - 1)
    return magnitudes[Int(position.rounded())]
  }
}
