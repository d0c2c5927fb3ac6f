import Analysis
import Foundation

/// Numbers in columns that are aligned at their decimal points, which `--input` reads again.
struct NumberColumns {
  let lines: [String]
  /// Whether some of them have more digits.
  let isRounded: Bool

  /// What is printed of numbers that have more.
  static let digits = 6
  /// Sums of decimal fractions differ from the decimal fraction that is meant in the last of the 15
  /// digits that a number of 64 bits has at least.
  private static let meantDigits = 12

  init(_ grid: NumberGrid) {
    var isRounded = false
    let texts = grid.lists.map { row in
      row.map { value in
        let text = Self.text(value)
        isRounded = isRounded || text.isRounded
        return Self.split(text.text)
      }
    }
    let widths = (0..<grid.columns).map { column in
      texts.reduce((before: 0, after: 0)) {
        (max($0.before, $1[column].before.count), max($0.after, $1[column].after.count))
      }
    }
    func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
    lines = texts.map { row in
      let line = zip(row, widths).map { text, width in
        blanks(width.before - text.before.count) + text.before + text.after
          + blanks(width.after - text.after.count)
      }.joined(separator: " ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    self.isRounded = isRounded
  }

  private static func split(_ text: String) -> (before: String, after: String) {
    let before = text.prefix { $0 != "." && $0 != "e" }
    return (String(before), String(text.dropFirst(before.count)))
  }

  /// The shortest decimal fraction that is meant, or the nearest with fewer digits.
  private static func text(_ value: Double) -> (text: String, isRounded: Bool) {
    guard value.isFinite else { return ("\(value)", false) }
    if value == value.rounded(), abs(value) < 1e15 { return ("\(Int(value))", false) }
    let meant = String(format: "%.*g", meantDigits, value)
    let rounded = String(format: "%.*g", digits, value)
    return Double(meant) == Double(rounded) ? (rounded, false) : (rounded, true)
  }
}
