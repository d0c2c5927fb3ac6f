/// A table of results: texts on the left, numbers aligned on the right, with lines only above and
/// below the body, as papers set them.
public struct ResultTable: Composite {
  public let parts: [Part]
  public let size: Size

  private static let widestText = 280.0
  private static let widestHead = 110.0
  private static let columnSpacing = 22.0
  private static let rowSpacing = 6.0

  /// - Parameters:
  ///   - heads: One for each column; long ones break into lines.
  ///   - rows: One cell for each column.
  ///   - leading: The number of left-aligned columns; the numbers after them are right-aligned.
  ///   - bold: Rows to compare the others with.
  public init(heads: [String], rows: [[String]], leading: Int = 1, bold: Set<Int> = []) {
    let headTexts = heads.indices.map { column in
      Text(
        heads[column], .heading, alignment: column < leading ? .leading : .trailing,
        width: Self.widestHead)
    }
    let cells = rows.enumerated().map { row, cells in
      cells.map {
        Text($0, bold.contains(row) ? .heading : .label, oneLineWithin: Self.widestText)
      }
    }
    let widths = heads.indices.map { column in
      cells.reduce(headTexts[column].size.width) { max($0, $1[column].size.width) }
    }
    let starts = widths.indices.map { column in
      widths[..<column].reduce(0) { $0 + $1 + Self.columnSpacing }
    }
    let total = (starts.last ?? 0) + (widths.last ?? 0)
    var parts: [Part] = []
    var y = 0.0
    func add(_ texts: [Text]) {
      let height = texts.reduce(0) { max($0, $1.size.height) }
      for (column, text) in texts.enumerated() {
        // Heads stand on the line below them.
        let x = starts[column] + (column < leading ? 0 : widths[column] - text.size.width)
        parts.append(Part(text, at: Point(x.rounded(), y + height - text.size.height)))
      }
      y += height + Self.rowSpacing
    }
    func addLine() {
      parts.append(
        Part(HorizontalLine(size: Size(width: total.rounded(.up), height: 1)), at: Point(0, y)))
      y += 1 + Self.rowSpacing
    }
    add(headTexts)
    addLine()
    for row in cells { add(row) }
    addLine()
    self.parts = parts
    size = extent(of: parts)
  }
}

private struct HorizontalLine: Drawable {
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.fill(Rectangle(origin: frame.origin, size: size), with: Theme.line)
  }
}
