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
