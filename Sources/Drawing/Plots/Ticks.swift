internal import Foundation

/// Round numbers in a range, with their labels.
public struct Ticks: Sendable, Hashable {
  /// In ascending order.
  public let values: [Double]
  /// One per value, all with the same number of decimals; empty for a tick without a label.
  public let labels: [String]

  init(values: [Double], labels: [String]) {
    self.values = values
    self.labels = labels
  }

  /// Multiples of 1, 2 or 5 times a power of ten inside a range: about `count` at most.
  public static func linear(
    in range: ClosedRange<Double>, about count: Int, format: NumberFormat = .general
  ) -> Ticks {
    let (lower, upper) = (range.lowerBound, range.upperBound)
    let span = upper - lower
    guard span.isFinite, span > 0 else {
      let value = lower.isFinite ? lower : 0
      return Ticks(values: [value], labels: [label(value, format: format)])
    }
    if format == .degrees, let ticks = degrees(in: range, about: count) { return ticks }
    // 1. The smallest round step that leaves at most `count` multiples.
    let rough = max(span / Double(max(1, count)), format == .count ? 1 : 0)
    var exponent = Int(log10(rough).rounded(.down))
    let part = rough / pow(10, Double(exponent))
    var multiple = [1.0, 2, 5].first { part <= $0 + 1e-9 } ?? 10
    if multiple == 10 { (multiple, exponent) = (1, exponent + 1) }

    // 2. The multiples. Dividing by a power of ten is exact where multiplying by 0.1 is not.
    func value(_ index: Double) -> Double {
      exponent < 0
        ? index * multiple / pow(10, Double(-exponent))
        : index * multiple * pow(10, Double(exponent))
    }
    let step = value(1)
    guard step > 0, step.isFinite, abs(lower / step) < 1e12, abs(upper / step) < 1e12 else {
      return Ticks(
        values: [lower, upper], labels: [lower, upper].map { label($0, format: format) })
    }
    let first = (lower / step - 1e-9).rounded(.up)
    let last = (upper / step + 1e-9).rounded(.down)
    let values = first <= last ? stride(from: first, through: last, by: 1).map(value) : []

    // 3. Labels with as many decimals as the step.
    let greatest = max(abs(lower), abs(upper))
    let labels = values.map { tick in
      label(tick, stepExponent: exponent, greatest: greatest, format: format)
    }
    return Ticks(values: values, labels: labels)
  }

  /// Parts of a turn inside a range; nil if it is too narrow for them.
  private static func degrees(in range: ClosedRange<Double>, about count: Int) -> Ticks? {
    let steps = [15.0, 30, 45, 90, 180, 360]
    let span = range.upperBound - range.lowerBound
    guard span >= steps[0], let step = steps.first(where: { span / $0 <= Double(count) }) else {
      return nil
    }
    let values = stride(
      from: (range.lowerBound / step - 1e-9).rounded(.up) * step,
      through: range.upperBound + 1e-9 * span, by: step)
    return Ticks(values: Array(values), labels: values.map { label($0, format: .degrees) })
  }

  /// Powers of ten inside a range, with multiples of 2 and 5 if there are few; round numbers if
  /// there are none.
  ///
  /// - Parameter range: Must be positive.
  public static func logarithmic(in range: ClosedRange<Double>, about count: Int) -> Ticks {
    guard range.lowerBound > 0, range.upperBound.isFinite, range.lowerBound < range.upperBound
    else { return linear(in: range, about: count) }
    let exponents =
      Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.up))
    let shown = range.lowerBound * (1 - 1e-9)...range.upperBound * (1 + 1e-9)
    func ticks(_ multiples: [Double], every: Int) -> [Double] {
      var ticks: [Double] = []
      for exponent in exponents where exponent.isMultiple(of: every) {
        ticks += multiples.map { $0 * pow(10, Double(exponent)) }
      }
      return ticks.filter(shown.contains)
    }
    let count = max(1, count)
    var values = ticks([1, 2, 5], every: 1)
    if values.count > count { values = ticks([1], every: 1) }
    var every = 1
    while values.count > count, every < exponents.count {
      every += 1
      values = ticks([1], every: every)
    }
    // Within less than a decade, round numbers are nearly even; over many, one power is enough.
    let isNarrow = range.upperBound < 10 * range.lowerBound
    if values.count < 2, isNarrow { return linear(in: range, about: count) }
    return Ticks(values: values, labels: values.map { numberText($0) })
  }

  private static func label(
    _ tick: Double, stepExponent: Int, greatest: Double, format: NumberFormat
  ) -> String {
    if format == .percent {
      return tick == 0 ? "0 %" : fixedText(100 * tick, decimals: max(0, -stepExponent - 2)) + " %"
    }
    if format == .degrees { return fixedText(tick, decimals: max(0, -stepExponent)) + "°" }
    if tick == 0 { return "0" }
    if greatest >= 1e7 || stepExponent < -4 {
      // All with the exponent of the greatest, so that they can be compared.
      let exponent = Int(log10(greatest).rounded(.down))
      let mantissa = tick / pow(10, Double(exponent))
      let text = fixedText(mantissa, decimals: max(0, min(12, exponent - stepExponent)))
      return (text == "1" ? "" : text + " × ") + "10" + superscript(exponent)
    }
    return greatest >= 10_000 && stepExponent >= 0
      ? countText(Int(tick)) : fixedText(tick, decimals: max(0, -stepExponent))
  }

  static func label(_ value: Double, format: NumberFormat) -> String {
    switch format {
    case .percent: percentText(value)
    case .degrees: numberText(value) + "°"
    case .general, .count: numberText(value)
    }
  }
}
