internal import Foundation

/// How numbers are written on axes, bars and below tiles.
public enum NumberFormat: Sendable, Hashable {
  /// Three significant digits, with powers of ten if needed.
  case general
  /// A fraction as a percentage.
  case percent
  /// Integers only, such as epochs.
  case count
  /// Angles, `90°`.
  case degrees
}

/// A number with a few significant digits, a real minus sign and no trailing zeros:
/// `−0.123`, `42`, `1.5 × 10⁻⁵`.
///
/// Integers below 100 000 are written in full.
public func numberText(_ value: Double, digits: Int = 3) -> String {
  guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
  guard value != 0 else { return "0" }
  let sign = value < 0 ? "−" : ""
  let size = abs(value)
  // Rounding may carry into the next power of ten, so the exponent is taken from the rounded form.
  let scientific = String(format: "%.*e", digits - 1, size).split(separator: "e")
  guard scientific.count == 2, let exponent = Int(scientific[1]) else { return "\(value)" }
  if value == value.rounded(), size < 100_000 { return sign + String(Int(size)) }
  switch exponent {
  case -3..<5:
    return sign + trimmed(String(format: "%.*f", max(0, digits - 1 - exponent), size))
  default:
    let mantissa = trimmed(String(scientific[0]))
    return sign + (mantissa == "1" ? "" : mantissa + " × ") + "10" + superscript(exponent)
  }
}

/// A fraction as a percentage: `87.3 %`, `0.04 %`.
public func percentText(_ fraction: Double) -> String {
  let percent = 100 * fraction
  guard percent.isFinite else { return numberText(percent) }
  let size = abs(percent)
  // Values close to 0 % or 100 % must not be rounded to it.
  if isNearlyNone(percent: size) { return "< 0.001 %" }
  if isNearlyAll(percent: size) { return "> 99.99 %" }
  let text = trimmed(String(format: "%.*f", mostDecimals(ofPercent: size), size))
  return (percent < 0 ? "−" : "") + text + " %"
}

/// Fractions as percentages with the same number of decimals, as the numbers of one chart have:
/// `46.0 %` beside `50.2 %`.
///
/// There are as many decimals as ``percentText(_:)`` has at most, but only two if the greatest is
/// 1 % or more. What would be rounded to 0 % or 100 % is `< 0.01 %` or `> 99.99 %`.
public func percentTexts(_ fractions: [Double]) -> [String] {
  let sizes = fractions.map { abs(100 * $0) }
  let greatest = sizes.filter(\.isFinite).max() ?? 0
  let decimals = min(sizes.map(neededDecimals(ofPercent:)).max() ?? 0, greatest < 1 ? 3 : 2)
  return zip(fractions, sizes).map { fraction, size in
    guard size.isFinite else { return percentText(fraction) }
    let text = fixedText(size, decimals: decimals)
    if size > 0, text == fixedText(0, decimals: decimals) {
      return "< \(fixedText(pow(10, -Double(decimals)), decimals: decimals)) %"
    }
    if size < 100, text == fixedText(100, decimals: decimals) {
      return "> \(fixedText(100 - pow(10, -Double(decimals)), decimals: decimals)) %"
    }
    return (fraction < 0 ? "−" : "") + text + " %"
  }
}

private func isNearlyNone(percent size: Double) -> Bool { size > 0 && size < 0.001 }

private func isNearlyAll(percent size: Double) -> Bool { size < 100 && size > 99.994 }

/// The number of decimals before zeros at the end are left out.
private func mostDecimals(ofPercent size: Double) -> Int {
  size < 0.0995 ? 3 : size < 9.995 || size > 99.94 ? 2 : 1
}

/// The number of decimals without zeros at the end; none for what is not finite.
private func neededDecimals(ofPercent size: Double) -> Int {
  guard size.isFinite else { return 0 }
  let most = mostDecimals(ofPercent: size)
  if isNearlyNone(percent: size) || isNearlyAll(percent: size) { return most }
  let parts = trimmed(String(format: "%.*f", most, size)).split(separator: ".")
  return parts.count > 1 ? parts[1].count : 0
}

/// A probability as a percentage. What softmax and sigmoid give is never 0 or 1, so a probability
/// that was rounded to one of them is `< 0.001 %` or `> 99.99 %`.
public func probabilityText(_ probability: Float) -> String {
  percentText(unroundedProbability(probability))
}

/// A probability that softmax or sigmoid gave, which is never 0 or 1 even if it was rounded to that.
public func unroundedProbability(_ probability: Float) -> Double {
  Double(min(max(probability, .leastNormalMagnitude), Float(1).nextDown))
}

/// An integer with its digits in groups of three: `60,000`.
public func countText(_ count: Int) -> String {
  var groups: [String] = []
  var rest = count.magnitude
  while rest >= 1000 {
    let group = String(rest % 1000)
    groups.insert(String(repeating: "0", count: 3 - group.count) + group, at: 0)
    rest /= 1000
  }
  return (count < 0 ? "−" : "") + ([String(rest)] + groups).joined(separator: ",")
}

/// Two numbers as a range, `−0.2 … 1.3`.
public func rangeText(_ range: ClosedRange<Float>) -> String {
  "\(numberText(Double(range.lowerBound))) … \(numberText(Double(range.upperBound)))"
}

/// A number with exactly `decimals` decimals and a real minus sign.
public func fixedText(_ value: Double, decimals: Int) -> String {
  let text = String(format: "%.*f", decimals, abs(value))
  return (value < 0 && text.contains { $0 != "0" && $0 != "." } ? "−" : "") + text
}

/// A measurement with a usual number of decimals, as in a column: `0.873`, `−12.250`. One that is too
/// great for them, such as the loss of a network that diverged, has a power of ten: `2.8 × 10²⁸`.
public func measureText(_ value: Double, decimals: Int) -> String {
  value.isFinite && abs(value) < 100_000
    ? fixedText(value, decimals: decimals) : numberText(value)
}

/// The exponent in Unicode superscript digits.
func superscript(_ exponent: Int) -> String {
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  let raised = String(exponent.magnitude).compactMap(\.wholeNumberValue).map { digits[$0] }
  return (exponent < 0 ? "⁻" : "") + String(raised)
}

private func trimmed(_ decimal: String) -> String {
  guard decimal.contains(".") else { return decimal }
  var text = decimal
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text
}
