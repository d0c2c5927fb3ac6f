internal import Foundation

/// A matrix of numbers as it is typed: the one form that all options that take one read.
///
/// Rows end with a semicolon, a line feed or a slash between spaces; numbers are separated by spaces
/// or commas, and may be fractions such as `1/9`. Brackets are skipped, JSON's lists of lists are
/// read as well, and a factor such as `1/9 *` may precede the matrix.
struct MatrixText {
  /// The numbers, multiplied by the factor.
  let grid: NumberGrid
  /// The numbers as they are typed.
  let words: [[String]]
  /// As it is typed; nil for none.
  let factor: String?

  /// Why a text is no matrix.
  enum Problem: Error, Hashable {
    case empty
    case severalFactors
    case notANumber(String)
    /// The first row and another one, counted from 1.
    case ragged(columns: Int, row: Int, found: Int)
  }

  init(_ text: String) throws(Problem) {
    let product = text.split(omittingEmptySubsequences: false) { "*×".contains($0) }
    guard product.count <= 2 else { throw .severalFactors }
    factor = product.count == 2 ? product[0].trimmingCharacters(in: .whitespacesAndNewlines) : nil
    var scale = 1.0
    if let factor {
      guard let number = Self.number(factor) else { throw .notANumber(factor) }
      scale = number
    }
    let separated = (product.last.map(String.init) ?? "")
      .replacing(/\][\s,;]*\[/, with: ";").replacing(/\)[\s,;]*\(/, with: ";")
      .replacing(/\s\/\s/, with: ";").replacing(/[\[\]()]/, with: " ")
    words = separated.split { $0 == ";" || $0.isNewline }
      .map { row in row.split { $0.isWhitespace || $0 == "," }.map(String.init) }
      .filter { !$0.isEmpty }
    guard let columns = words.first?.count else { throw .empty }
    var values: [Double] = []
    for word in words.joined() {
      guard let number = Self.number(word), (scale * number).isFinite else {
        throw .notANumber(word)
      }
      values.append(scale * number)
    }
    if let row = words.firstIndex(where: { $0.count != columns }) {
      throw .ragged(columns: columns, row: row + 1, found: words[row].count)
    }
    grid = NumberGrid(rows: words.count, columns: columns, values: values)
  }

  /// A finite number or a fraction of two; nil for other words.
  static func number(_ word: some StringProtocol) -> Double? {
    let word = String(word).replacing("−", with: "-")
    // Hexadecimal numbers, infinity and NaN are not what anybody means.
    guard word.allSatisfy({ "0123456789.+-eE/".contains($0) }) else { return nil }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    let value: Double? =
      switch parts.count {
      case 1: parts[0]
      case 2: parts[0].flatMap { top in parts[1].map { top / $0 } }
      default: nil
      }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }
}
