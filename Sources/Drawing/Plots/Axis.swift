internal import Foundation

/// One axis of a plot: its label, range and scale.
public struct Axis: Sendable, Hashable {
  public enum Scale: Sendable, Hashable {
    case linear
    /// For positive numbers; others are ignored.
    case logarithmic
  }

  public var label: String
  /// Nil to take it from the data.
  public var range: ClosedRange<Double>?
  /// What a value can be: the margin around the data ends there.
  public var bounds: ClosedRange<Double>?
  public var scale: Scale
  public var format: NumberFormat
  /// Values that get ticks instead of round numbers, if their labels fit.
  public var ticks: [Double]?

  public init(
    _ label: String = "", range: ClosedRange<Double>? = nil, scale: Scale = .linear,
    format: NumberFormat = .general, ticks: [Double]? = nil, bounds: ClosedRange<Double>? = nil
  ) {
    self.label = label
    self.range = range
    self.scale = scale
    self.format = format
    self.ticks = ticks
    self.bounds = bounds
  }

  /// An axis of shares, such as accuracies, that ends at 0 % and 100 % at the latest.
  public static func shares(_ label: String = "", range: ClosedRange<Double>? = nil) -> Axis {
    Axis(label, range: range, format: .percent, bounds: 0...1)
  }

  func accepts(_ value: Double) -> Bool {
    value.isFinite && (scale == .linear || value > 0)
  }

  /// The axis with a range that contains all values, with a small margin unless a range was given.
  package func covering(_ values: some Sequence<Double>, margin: Double) -> Axis {
    guard range == nil else { return self }
    var axis = self
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for value in values where accepts(value) {
      least = min(least, value)
      greatest = max(greatest, value)
    }
    guard least <= greatest else {
      axis.range = scale == .logarithmic ? 0.1...1 : 0...1
      return axis
    }
    switch scale {
    case .linear:
      let room =
        greatest - least > 1e-9 * max(abs(least), abs(greatest))
        ? margin * (greatest - least) : max(abs(least), abs(greatest)) * 0.1
      let padding = room > 0 ? room : 0.5
      var (lower, upper) = (least - padding, greatest + padding)
      if let bounds {
        // Values that are out of bounds are shown all the same.
        lower = max(lower, min(bounds.lowerBound, least))
        upper = min(upper, max(bounds.upperBound, greatest))
      }
      axis.range = lower...upper
    case .logarithmic:
      let ratio = greatest / least
      let factor = ratio.isFinite && ratio > 1 + 1e-9 ? pow(ratio, margin) : 2
      axis.range = max(least / factor, .leastNormalMagnitude)...(greatest * factor)
    }
    return axis
  }
}
