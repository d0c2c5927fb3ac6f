/// A matrix of coloured cells with a name for each row and column, and numbers in the cells if they
/// have room.
public struct LabelledMatrix: Composite {
  /// Numbers to the right of the rows, under a heading.
  public struct Margin: Sendable {
    public let heading: String
    /// One per row.
    public let texts: [String]

    public init(_ heading: String, _ texts: [String]) {
      (self.heading, self.texts) = (heading, texts)
    }
  }

  public let parts: [Part]
  public let size: Size
  private let cell: Double
  private let columnCount: Int
  /// The same matrix with another side of its cells.
  private let resized: @Sendable (Double) -> LabelledMatrix

  private static let widestName = 150.0
  /// Smaller cells have no room for a name each.
  private static let smallestNamed = 11.0
  private static let marginSpacing = 14.0

  /// - Parameters:
  ///   - values: What is coloured; cells without a number are hatched.
  ///   - texts: What is written into the cells, row by row; empty for nothing. Left out if one does
  ///     not fit into its cell.
  ///   - gapBefore: A column that is set apart, such as one of all others.
  ///   - cell: The side of a cell, in points.
  public init(
    _ values: Raster, texts: [String] = [], rows: [String], columns: [String],
    rowTitle: String = "", columnTitle: String = "", margins: [Margin] = [],
    gapBefore: Int? = nil, colormap: Colormap = .blues, range: ClosedRange<Float>, cell: Double
  ) {
    precondition(
      rows.count == values.height && columns.count == values.width,
      "\(rows.count) and \(columns.count) names for \(values.height)×\(values.width) cells")
    let isNamed = cell >= Self.smallestNamed
    func name(_ text: String) -> Text {
      Text(isNamed ? text : "", .tick, oneLineWithin: Self.widestName)
    }
    let rowNames = rows.map(name)
    let columnNames = columns.map { Upwards(name($0)) }
    let grid = MatrixCells(
      values: values, texts: texts, colormap: colormap, range: range, cell: cell,
      gapBefore: gapBefore)
    let title = Text(rowTitle, .label)
    let titleWidth = rowTitle.isEmpty ? 0 : title.size.height + 6
    let nameWidth = rowNames.reduce(0) { max($0, $1.size.width) }
    let left = titleWidth + nameWidth + (nameWidth > 0 ? 6 : 0)
    let columnTitleText = Text(columnTitle, .label)
    let nameHeight = columnNames.reduce(0) { max($0, $1.size.height) }
    let firstName = columnTitle.isEmpty ? 0 : columnTitleText.size.height + 6
    let top = firstName + nameHeight + (nameHeight > 0 ? 5 : 0)

    var parts = [Part(grid, at: Point(left, top))]
    parts.append(
      Part(
        columnTitleText,
        at: Point(left + max(0, ((grid.size.width - columnTitleText.size.width) / 2).rounded()), 0))
    )
    if !rowTitle.isEmpty {
      let upwards = Upwards(title)
      parts.append(
        Part(
          upwards,
          at: Point(0, top + max(0, ((grid.size.height - upwards.size.height) / 2).rounded()))))
    }
    for (row, name) in rowNames.enumerated() {
      let middle = top + (Double(row) + 0.5) * cell
      parts.append(
        Part(
          name,
          at: Point(
            titleWidth + nameWidth - name.size.width, (middle - name.size.height / 2).rounded())))
    }
    for (column, name) in columnNames.enumerated() {
      let middle = left + grid.start(of: column) + cell / 2
      parts.append(
        Part(
          name,
          at: Point(
            (middle - name.size.width / 2).rounded(), firstName + nameHeight - name.size.height)))
    }
    var x = left + grid.size.width + Self.marginSpacing
    for margin in margins where isNamed {
      let heading = Text(margin.heading, .tick)
      let numbers = margin.texts.map { Text($0, .tick) }
      let width = numbers.reduce(heading.size.width) { max($0, $1.size.width) }
      parts.append(
        Part(heading, at: Point(x + width - heading.size.width, top - heading.size.height - 5)))
      for (row, number) in numbers.enumerated() {
        let middle = top + (Double(row) + 0.5) * cell
        parts.append(
          Part(
            number,
            at: Point(x + width - number.size.width, (middle - number.size.height / 2).rounded())))
      }
      x += width + Self.marginSpacing
    }
    self.parts = parts
    size = extent(of: parts)
    self.cell = cell
    columnCount = values.width
    resized = { other in
      LabelledMatrix(
        values, texts: texts, rows: rows, columns: columns, rowTitle: rowTitle,
        columnTitle: columnTitle, margins: margins, gapBefore: gapBefore, colormap: colormap,
        range: range, cell: other)
    }
  }
}

extension LabelledMatrix: Reflowing {
  /// With smaller cells, but none too small for their names.
  func reflowed(toWidth width: Double) -> any Drawable {
    let around = size.width - Double(columnCount) * cell
    let fitting = ((width - around) / Double(max(columnCount, 1))).rounded(.down)
    let smallest = min(cell, Self.smallestNamed)
    return resized(min(cell, max(smallest, fitting)))
  }
}

/// The cells, each a square, with thin lines between them.
private struct MatrixCells: Drawable {
  let values: Raster
  let texts: [String]
  let colormap: Colormap
  let range: ClosedRange<Float>
  let cell: Double
  let gapBefore: Int?

  private static let gap = 6.0
  private static let style = TextStyle(size: 10)

  var size: Size {
    Size(
      width: start(of: values.width - 1) + cell, height: Double(values.height) * cell)
  }

  func start(of column: Int) -> Double {
    Double(column) * cell + (gapBefore.map { column >= $0 ? Self.gap : 0 } ?? 0)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let span = Double(range.upperBound - range.lowerBound)
    let colormap = colormap.on(canvas.appearance)
    let hasRoom =
      !texts.contains { Self.style.width(of: $0) > cell - 4 } && cell >= Self.style.lineHeight
    for row in 0..<values.height {
      for column in 0..<values.width {
        let index = row * values.width + column
        let place = Rectangle(
          x: frame.x + start(of: column), y: frame.y + Double(row) * cell, width: cell, height: cell
        )
        let value = values.values[index]
        guard value.isFinite else {
          canvas.hatch(place)
          continue
        }
        let color = colormap(Double(value - range.lowerBound) / max(span, .leastNormalMagnitude))
        canvas.fill(place, withValue: color)
        guard hasRoom, texts.indices.contains(index), !texts[index].isEmpty else { continue }
        canvas.draw(
          texts[index],
          at: Point(place.center.x, place.center.y + Self.style.capHeight / 2),
          style: Self.style.colored(numberColor(on: color, canvas.appearance)), alignment: .center)
      }
    }
    // Lines between large cells only: they would cover small ones.
    guard cell >= 8 else { return canvas.stroke(frame.inset(by: 0.5), with: Theme.outline) }
    for column in 0..<values.width {
      for row in 0..<values.height {
        let place = Rectangle(
          x: frame.x + start(of: column), y: frame.y + Double(row) * cell, width: cell, height: cell
        )
        canvas.stroke(place.inset(by: 0.5), with: Theme.gridLine)
      }
    }
  }
}
