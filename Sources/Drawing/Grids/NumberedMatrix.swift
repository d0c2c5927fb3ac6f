/// A matrix of many coloured cells, with the numbers of rows and columns at its edges.
///
/// A matrix wider than its space is folded: its columns continue in another band below.
public struct NumberedMatrix: Composite {
  /// The numbers of rows or columns, and what they count.
  public struct Edge: Sendable, Hashable {
    public let title: String
    /// One per row or column.
    public let numbers: [Int]

    public init(_ title: String, _ numbers: [Int]) {
      (self.title, self.numbers) = (title, numbers)
    }
  }

  public let parts: [Part]
  public let size: Size
  /// The number of bands, and of columns in each but the last.
  public let bands: (count: Int, columns: Int)
  private let values: Raster
  private let (rows, columns): (Edge, Edge)
  private let colormap: Colormap
  private let range: ClosedRange<Float>
  private let cell: Double

  private static let tickLength = 4.0
  private static let labelGap = 2.0
  private static let bandGap = 14.0

  /// - Parameters:
  ///   - values: What is coloured; cells without a number are hatched.
  ///   - rows: From the top.
  ///   - columns: From the left.
  ///   - cell: The side of a cell, in points; a whole number keeps all cells equal.
  ///   - maximumWidth: Of the whole, in points; a band has at least one column.
  public init(
    _ values: Raster, rows: Edge, columns: Edge, colormap: Colormap = .blueWhiteRed,
    range: ClosedRange<Float>, cell: Double, maximumWidth: Double
  ) {
    precondition(
      rows.numbers.count == values.height && columns.numbers.count == values.width,
      "\(rows.numbers.count) and \(columns.numbers.count) numbers for "
        + "\(values.height)×\(values.width) cells")
    (self.values, self.rows, self.columns) = (values, rows, columns)
    (self.colormap, self.range, self.cell) = (colormap, range, cell)
    let rowTitle = Upwards(Text(rows.title, .label))
    let columnTitle = Text(columns.title, .label)
    let rowTicks = NumberTicks(rows.numbers, cell: cell, isVertical: true)
    let left = Self.widthBeforeCells(rows.numbers.max() ?? 0)
    bands = Self.folding(values.width, cell: cell, width: maximumWidth - left)

    var parts: [Part] = []
    var y = 0.0
    for start in stride(from: 0, to: max(values.width, 1), by: max(bands.columns, 1)) {
      let band = values.columns(start..<min(start + bands.columns, values.width))
      let picture = Picture(
        band.image(colormap, range: range), zoom: cell, frame: Theme.outline)
      let (width, height) = (picture.size.width, picture.size.height)
      parts.append(Part(picture, at: Point(left, y)))
      parts.append(
        Part(rowTitle, at: Point(0, y + max(0, ((height - rowTitle.size.height) / 2).rounded()))))
      let ticks = NumberTicks(
        Array(columns.numbers[start..<(start + band.width)]), cell: cell, isVertical: false)
      parts.append(
        Part(
          TickMarks(places: rowTicks.places, isVertical: true),
          in: Rectangle(
            x: left - Self.tickLength, y: y, width: Self.tickLength, height: height)))
      parts.append(
        Part(
          TickMarks(places: ticks.places, isVertical: false),
          in: Rectangle(x: left, y: y + height, width: width, height: Self.tickLength)))
      for (place, label) in zip(rowTicks.places, rowTicks.labels) {
        parts.append(
          Part(
            label,
            at: Point(
              left - Self.tickLength - Self.labelGap - label.size.width,
              (y + place - label.size.height / 2).rounded())))
      }
      y += height + Self.tickLength + Self.labelGap
      for (place, label) in zip(ticks.places, ticks.labels) {
        parts.append(Part(label, at: Point((left + place - label.size.width / 2).rounded(), y)))
      }
      y += (ticks.labels.first?.size.height ?? 0) + Self.bandGap
    }
    y -= Self.bandGap - 3
    let first = min(values.width, bands.columns)
    let middle = left + (Double(first) * cell - columnTitle.size.width) / 2
    parts.append(Part(columnTitle, at: Point(max(0, middle.rounded()), y)))
    // The numbers of the first row and column may reach beyond the corner.
    let top = min(0, parts.map(\.frame.y).min() ?? 0)
    self.parts = parts.map { $0.offset(x: 0, y: -top) }
    size = extent(of: self.parts)
  }

  /// The bands and the height of a matrix, folded if it is wider than its space.
  ///
  /// - Parameters:
  ///   - rows: How many.
  ///   - columns: How many.
  ///   - greatestRow: The greatest number of a row.
  ///   - cell: The side of a cell, in points.
  ///   - maximumWidth: Of the whole, in points.
  public static func measures(
    rows: Int, columns: Int, greatestRow: Int, cell: Double, maximumWidth: Double
  ) -> (bands: Int, height: Double) {
    let bands = folding(
      columns, cell: cell, width: maximumWidth - widthBeforeCells(greatestRow)
    ).count
    let numbers = tickLength + labelGap + TextStyle.tick.lineHeight + bandGap
    return (
      bands, Double(bands) * (Double(rows) * cell + numbers) + TextStyle.label.lineHeight
    )
  }

  /// The width of the rows' title, numbers and ticks.
  private static func widthBeforeCells(_ greatestRow: Int) -> Double {
    let number = TextStyle.tick.width(of: "\(greatestRow)")
    return (TextStyle.label.lineHeight + 6 + number + labelGap + tickLength).rounded(.up)
  }

  /// Bands of equal width, the last one excepted.
  private static func folding(
    _ columns: Int, cell: Double, width: Double
  ) -> (count: Int, columns: Int) {
    let most = max(1, Int((width / cell).rounded(.down)))
    let count = max(1, (columns + most - 1) / most)
    return (count, (columns + count - 1) / count)
  }
}

extension NumberedMatrix: Reflowing {
  /// In more bands.
  func reflowed(toWidth width: Double) -> any Drawable {
    NumberedMatrix(
      values, rows: rows, columns: columns, colormap: colormap, range: range, cell: cell,
      maximumWidth: min(width, size.width))
  }
}

/// The numbers that have room at an edge: round ones if they are consecutive, otherwise every
/// second, fifth, tenth … one.
private struct NumberTicks {
  /// The middles of their cells, in points.
  let places: [Double]
  let labels: [Text]

  init(_ numbers: [Int], cell: Double, isVertical: Bool) {
    let widest = TextStyle.tick.width(of: "\(numbers.max() ?? 0)")
    let room = isVertical ? TextStyle.tick.lineHeight + 2 : widest + 8
    let isConsecutive = zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 }
    // Of many round numbers a few are enough.
    let sparse = isConsecutive && numbers.count > 24 ? 2.5 * room : room
    let step = Self.steps.first { Double($0) * cell >= sparse } ?? numbers.count
    let shown = numbers.indices.filter {
      (isConsecutive ? numbers[$0] : $0).isMultiple(of: max(step, 1))
    }
    // Between two multiples of a large step there may be none.
    let indices = shown.isEmpty ? Array(numbers.indices.prefix(1)) : shown
    places = indices.map { (Double($0) + 0.5) * cell }
    labels = indices.map { Text("\(numbers[$0])", .tick) }
  }

  private static let steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
}

/// Short lines from the edge of a matrix to its numbers.
private struct TickMarks: Drawable {
  /// Along the edge, in points.
  let places: [Double]
  let isVertical: Bool
  var size: Size { .zero }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for place in places {
      let middle = place.rounded(.down) + 0.5
      let line =
        isVertical
        ? [Point(frame.x, frame.y + middle), Point(frame.maxX, frame.y + middle)]
        : [Point(frame.x + middle, frame.y), Point(frame.x + middle, frame.maxY)]
      canvas.stroke(polyline: line, with: Theme.line)
    }
  }
}

extension Raster {
  /// Some columns of all rows.
  fileprivate func columns(_ range: Range<Int>) -> Raster {
    Raster(
      width: range.count, height: height,
      values: (0..<height).flatMap { row in
        values[(row * width + range.lowerBound)..<(row * width + range.upperBound)]
      })
  }
}
