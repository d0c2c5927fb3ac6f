internal import Foundation

/// Numbers in rows and columns: an input, a kernel or an output of one channel.
public struct NumberGrid: Sendable, Hashable {
  public let rows: Int
  public let columns: Int
  /// Row by row from the top left.
  public let values: [Double]

  public init(rows: Int, columns: Int, values: [Double]) {
    precondition(
      rows >= 0 && columns >= 0 && values.count == rows * columns,
      "\(values.count) numbers do not make a grid of \(rows)×\(columns)")
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  public init(rows: Int, columns: Int, repeating value: Double) {
    self.init(
      rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
  }

  public subscript(row: Int, column: Int) -> Double { values[row * columns + column] }

  /// `[rows, columns]`.
  public var size: [Int] { [rows, columns] }

  /// As a list of rows.
  public var lists: [[Double]] {
    (0..<rows).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
  }

  /// Turned by 180°: a correlation with it is the convolution of mathematics.
  public var turned: NumberGrid {
    NumberGrid(rows: rows, columns: columns, values: values.reversed())
  }

  /// The same numbers moved down and to the right, or up and to the left if negative. What comes in
  /// at an edge repeats the number at that edge.
  public func shifted(rows down: Int, columns right: Int) -> NumberGrid {
    guard rows > 0, columns > 0 else { return self }
    func source(_ place: Int, _ shift: Int, _ count: Int) -> Int {
      let (moved, overflow) = place.subtractingReportingOverflow(shift)
      return overflow ? (shift > 0 ? 0 : count - 1) : min(max(moved, 0), count - 1)
    }
    return NumberGrid(
      rows: rows, columns: columns,
      values: (0..<rows).flatMap { row in
        (0..<columns).map { self[source(row, down, rows), source($0, right, columns)] }
      })
  }
}

extension NumberGrid {
  /// Reads a matrix as it is typed.
  ///
  /// Rows end with a semicolon, a line feed or a slash between spaces; numbers are separated by
  /// spaces or commas, and may be fractions such as `1/9`. Brackets around the matrix are skipped,
  /// and JSON's lists of lists are read as well.
  ///
  /// - Parameter option: Named in errors.
  /// - Throws: `SelectionError` if the text is no matrix of finite numbers.
  public init(parsing text: String, of option: String) throws(SelectionError) {
    let separated = text.replacing(/\]\s*,?\s*\[/, with: ";").replacing("\n", with: ";")
      .replacing(/\s\/\s/, with: ";")
    let plain = separated.filter { !"[]".contains($0) }
    var rows: [[Double]] = []
    for line in plain.split(separator: ";") {
      var row: [Double] = []
      for word in line.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
        guard let number = Self.number(word) else {
          throw SelectionError("\(option): expected numbers, found '\(word)'")
        }
        row.append(number)
      }
      guard !row.isEmpty else { continue }
      if let first = rows.first, first.count != row.count {
        throw SelectionError(
          "\(option): expected rows of \(first.count) numbers, found \(row.count) in row "
            + "\(rows.count + 1)")
      }
      rows.append(row)
    }
    guard let first = rows.first else {
      throw SelectionError(
        "\(option): expected a matrix such as '1 0; 0 1', found '\(text)'")
    }
    self.init(rows: rows.count, columns: first.count, values: Array(rows.joined()))
  }

  /// A finite number or a fraction of two.
  private static func number(_ word: Substring) -> Double? {
    let word = word.replacing("−", with: "-")
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    // Hexadecimal numbers, infinity and NaN are not what anybody means.
    guard word.allSatisfy({ "0123456789.+-eE/".contains($0) }), let first = Double(parts[0]) else {
      return nil
    }
    let value = parts.count == 1 ? first : Double(parts[1]).map { first / $0 } ?? .nan
    return value.isFinite ? value : nil
  }
}
