/// A table of short texts on cells that are tinted by a number, with a name for each row and
/// column.
public struct WordTable: Composite {
  /// A few words, one line each.
  public struct Cell: Sendable, Hashable {
    public let lines: [String]
    /// From 0 for white to 1; nil for a cell without a number, hatched if it has no words either.
    public let tint: Double?

    public init(_ lines: [String], tint: Double?) { (self.lines, self.tint) = (lines, tint) }
  }

  /// One row of cells for each name of a row.
  public let cells: [[Cell]]
  public let parts: [Part]
  public let size: Size

  private static let widestName = 190.0
  private static let padding = 8.0

  /// - Parameters:
  ///   - rows: Their names.
  ///   - columns: Their names.
  ///   - cells: One row of cells for each name of a row.
  public init(rows: [String], columns: [String], cells: [[Cell]]) {
    let names = rows.map {
      Text($0, .label, alignment: .trailing, width: Self.widestName, maximumLines: 2)
    }
    let headings = columns.map { Text($0, .heading, oneLineWithin: Self.widestName) }
    let texts = cells.map { row in row.map { cell in cell.lines.map { Text($0, .label) } } }
    let left = names.reduce(0) { max($0, $1.size.width) }.rounded(.up) + 10
    let top = headings.reduce(0) { max($0, $1.size.height) } + 6
    let widest = texts.joined().joined().reduce(0) { max($0, $1.size.width) }
    let width =
      max(widest, headings.reduce(0) { max($0, $1.size.width) }).rounded(.up)
      + 2 * Self.padding
    let lineCount = texts.joined().reduce(1) { max($0, $1.count) }
    let height = Double(lineCount) * TextStyle.label.lineHeight + 2 * Self.padding
    var parts: [Part] = []
    for (column, heading) in headings.enumerated() {
      let middle = left + (Double(column) + 0.5) * width
      parts.append(Part(heading, at: Point((middle - heading.size.width / 2).rounded(), 0)))
    }
    for (row, name) in names.enumerated() {
      let start = top + Double(row) * height
      parts.append(
        Part(
          name,
          at: Point(
            left - 10 - name.size.width, (start + (height - name.size.height) / 2).rounded())
        ))
      for (column, cell) in cells[row].enumerated() {
        parts.append(
          Part(
            TintedCell(
              lines: texts[row][column], tint: cell.tint, size: Size(width: width, height: height)),
            at: Point(left + Double(column) * width, start)))
      }
    }
    self.cells = cells
    self.parts = parts
    size = extent(of: parts)
  }
}

private struct TintedCell: Drawable {
  let lines: [Text]
  let tint: Double?
  let size: Size

  /// Text is legible on all of the tints.
  private static let darkest = 0.45

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Rectangle(origin: frame.origin, size: size)
    if let tint {
      canvas.fill(
        place,
        withValue: Colormap.blues.on(canvas.appearance)(Self.darkest * min(max(tint, 0), 1)))
    } else if lines.isEmpty {
      canvas.hatch(place)
    }
    canvas.stroke(place.inset(by: 0.5), with: Theme.outline)
    var y = place.y + (size.height - lines.reduce(0) { $0 + $1.size.height }) / 2
    for line in lines {
      let x = place.x + (size.width - line.size.width) / 2
      line.draw(
        on: canvas, in: Rectangle(origin: Point(x.rounded(), y.rounded()), size: line.size))
      y += line.size.height
    }
  }
}
