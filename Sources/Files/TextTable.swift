/// A plain-text table with aligned columns.
package struct TextTable {
  package let heads: [String]
  /// The number of left-aligned columns; the numbers after them are right-aligned.
  package let leading: Int
  package var rows: [[String]]

  package init(heads: [String], leading: Int, rows: [[String]]) {
    (self.heads, self.leading, self.rows) = (heads, leading, rows)
  }

  package var text: String { lines.joined(separator: "\n") }

  /// The heads, then the rows.
  package var lines: [String] {
    let cells = [heads] + rows.map { $0.map { printable($0) } }
    let widths = heads.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      var line = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < leading ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

/// A number with thousands separators; a dash for zero.
package func grouped(_ number: Int) -> String {
  guard number > 0 else { return "–" }
  var (rest, text) = (number, "")
  while rest >= 1000 {
    let part = String(rest % 1000)
    text = "," + String(repeating: "0", count: 3 - part.count) + part + text
    rest /= 1000
  }
  return "\(rest)\(text)"
}
