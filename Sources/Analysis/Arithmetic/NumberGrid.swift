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
  /// Reads a matrix as it is typed, such as `1 0; 0 1`, `1/9 * [[1, 1], [1, 1]]`.
  ///
  /// - Parameter option: Named in errors.
  /// - Throws: `SelectionError` if the text is no matrix of finite numbers.
  public init(parsing text: String, of option: String) throws(SelectionError) {
    do throws(MatrixText.Problem) {
      self = try MatrixText(text).grid
    } catch {
      let problem =
        switch error {
        case .empty: "expected a matrix such as '1 0; 0 1', found '\(text)'"
        case .severalFactors: "expected a number, * and a matrix, found more than one *"
        case .notANumber(let word): "expected numbers, found '\(word)'"
        case .ragged(let columns, let row, let found):
          "expected rows of \(columns) numbers, found \(found) in row \(row)"
        }
      throw SelectionError("\(option): \(problem)")
    }
  }

  /// Whether a text is meant as numbers and not as the name of a file: at least two words of a
  /// matrix, of which one is a number, or one in brackets.
  public static func isMeant(by text: String) -> Bool {
    let words = text.split { $0.isWhitespace || ",;[]()".contains($0) }
    guard words.contains(where: { MatrixText.number($0) != nil }) else { return false }
    return words.count > 1 || words.count < text.count && text.contains { "[(;".contains($0) }
  }
}
