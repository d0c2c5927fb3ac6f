internal import Drawing
internal import Files

/// A row of a comparison: the same thing in every network.
struct ComparedRow {
  /// What is compared, such as a unit's number.
  let heading: String
  /// Lines below the heading.
  let details: [String]
  /// One for each column.
  let cells: [any Drawable]
}

/// A column for each network, with its name above, and a row for each unit or picture.
///
/// Many rows are broken into groups side by side, each with the names above it.
struct SideBySide: Composite {
  let parts: [Part]
  let size: Size

  private static let widestHeading = 150.0
  private static let widestName = 170.0
  private static let (rowGap, groupGap) = (12.0, 48.0)
  private static let widest = 1100.0

  /// - Parameters:
  ///   - columns: The names of the columns, each in one line.
  ///   - groups: How many groups; nil for as many as make a sheet of about 3 : 2.
  ///   - columnGap: The space between columns.
  init(
    _ rows: [ComparedRow], columns: [String], groups: Int? = nil, columnGap: Double = 20
  ) {
    let names = columns.map { Text($0, .heading, oneLineWithin: Self.widestName) }
    let widths = columns.indices.map { column in
      rows.reduce(names[column].size.width) { max($0, $1.cells[column].size.width) }
    }
    let labels = rows.map(Self.label)
    let labelWidth = labels.reduce(0) { max($0, $1.size.width) }
    let start = labelWidth > 0 ? labelWidth + 14 : 0
    let top = names.reduce(0) { max($0, $1.size.height) } + 6
    let heights = rows.indices.map { row in
      rows[row].cells.reduce(labels[row].size.height) { max($0, $1.size.height) }
    }
    let width =
      start + widths.reduce(0, +) + columnGap * Double(max(0, widths.count - 1))
    let count = groups ?? Self.groups(of: heights, width: width)
    let perGroup = max(1, (rows.count + count - 1) / max(count, 1))
    var parts: [Part] = []
    for (group, first) in stride(from: 0, to: rows.count, by: perGroup).enumerated() {
      let left = Double(group) * (width + Self.groupGap)
      func x(_ column: Int) -> Double {
        left + start + widths[..<column].reduce(0, +) + columnGap * Double(column)
      }
      for column in columns.indices {
        let free = ((widths[column] - names[column].size.width) / 2).rounded(.down)
        parts.append(Part(names[column], at: Point(x(column) + free, 0)))
      }
      var y = top
      for row in first..<min(first + perGroup, rows.count) {
        let above = ((heights[row] - labels[row].size.height) / 2).rounded(.down)
        if labels[row].size.width > 0 {
          parts.append(Part(labels[row], at: Point(left, y + above)))
        }
        for column in columns.indices {
          let cell = rows[row].cells[column]
          let free = ((widths[column] - cell.size.width) / 2).rounded(.down)
          parts.append(Part(cell, at: Point(x(column) + free, y)))
        }
        y += heights[row] + Self.rowGap
      }
    }
    self.parts = parts
    size = parts.reduce(.zero) {
      Size(width: max($0.width, $1.frame.maxX), height: max($0.height, $1.frame.maxY))
    }
  }

  private static func label(of row: ComparedRow) -> Column {
    var lines: [any Drawable] = []
    if !row.heading.isEmpty { lines.append(Text(row.heading, .heading, width: widestHeading)) }
    lines += row.details.filter { !$0.isEmpty }.map { Text($0, .tick, width: widestHeading) }
    return Column(spacing: 2, lines)
  }

  /// The same with as many groups as there is room for, where it does not fit.
  static func flowing(
    _ rows: [ComparedRow], columns: [String], columnGap: Double = 20
  ) -> Flowing {
    let natural = SideBySide(rows, columns: columns, columnGap: columnGap)
    return Flowing(natural) { width in
      let single = SideBySide(rows, columns: columns, groups: 1, columnGap: columnGap).size.width
      let fitting = max(1, Int((width + groupGap) / (single + groupGap)))
      return SideBySide(rows, columns: columns, groups: fitting, columnGap: columnGap)
    }
  }

  /// The number of groups whose sheet is nearest to 3 : 2 without being too wide.
  private static func groups(of heights: [Double], width: Double) -> Int {
    let fitting = max(1, Int((widest + groupGap) / (width + groupGap)))
    let height = heights.reduce(0) { $0 + $1 + rowGap }
    func cost(_ count: Int) -> Double {
      let sheet = Double(count) * (width + groupGap)
      let ratio = sheet * Double(count) / max(height, 1) / 1.5
      return max(ratio, 1 / max(ratio, 1e-9))
    }
    let possible = 1...max(1, min(fitting, heights.count))
    return possible.min { cost($0) < cost($1) } ?? 1
  }
}

/// Small pictures in rows, some of them framed.
struct FramedBlock: Composite {
  let parts: [Part]
  let size: Size

  private static let frame = 2.0
  private static let gap = 1.0

  /// - Parameters:
  ///   - pictures: In their order, and whether each is framed.
  ///   - places: For how many there is room.
  ///   - cell: The size of each.
  ///   - columns: How many are in a row.
  init(
    _ pictures: [(picture: Picture, isFramed: Bool)], places: Int, cell: Size, columns: Int = 3
  ) {
    let whole = Size(width: cell.width + 2 * Self.frame, height: cell.height + 2 * Self.frame)
    var parts: [Part] = []
    func origin(_ place: Int) -> Point {
      Point(
        Double(place % columns) * (whole.width + Self.gap),
        Double(place / columns) * (whole.height + Self.gap))
    }
    for (place, item) in pictures.enumerated() {
      let corner = origin(place)
      if item.isFramed {
        let (w, h, f) = (whole.width, whole.height, Self.frame)
        let sides = [
          Rectangle(x: 0, y: 0, width: w, height: f),
          Rectangle(x: 0, y: h - f, width: w, height: f),
          Rectangle(x: 0, y: f, width: f, height: h - 2 * f),
          Rectangle(x: w - f, y: f, width: f, height: h - 2 * f),
        ]
        for side in sides {
          parts.append(
            Part(
              Fill(Theme.highlight, side.width, side.height),
              at: corner + Point(side.x, side.y)))
        }
      }
      parts.append(Part(item.picture, at: corner + Point(Self.frame, Self.frame)))
    }
    let rows = (max(places, 1) + columns - 1) / columns
    self.parts = parts
    size = Size(
      width: Double(columns) * (whole.width + Self.gap) - Self.gap,
      height: Double(rows) * (whole.height + Self.gap) - Self.gap)
  }
}

/// A rectangle of one colour.
struct Fill: Drawable {
  let color: Color
  let size: Size

  init(_ color: Color, _ width: Double, _ height: Double) {
    self.color = color
    size = Size(width: width, height: height)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.fill(Rectangle(origin: frame.origin, size: size), with: color)
  }
}

/// A text in the middle of a space.
struct Centred: Drawable {
  let content: Text
  let size: Size

  init(_ content: Text, in size: Size) { (self.content, self.size) = (content, size) }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let own = content.size
    content.draw(
      on: canvas,
      in: Rectangle(
        x: frame.x + ((size.width - own.width) / 2).rounded(),
        y: frame.y + ((size.height - own.height) / 2).rounded(), width: own.width,
        height: own.height))
  }
}

/// A drawable with lines below it, centred; empty ones are left out.
func captioned(_ content: any Drawable, _ captions: String...) -> any Drawable {
  let lines = captions.map { Text($0, .tick) }.filter { $0.size.height > 0 }
  return Column(alignment: .center, spacing: 3, [content] + lines)
}

/// `a and b`, or `a, b and c`, each shortened.
func comparedTitle(_ names: [String]) -> String {
  listed(names.map { abbreviatedName($0) }, most: 4)
}

/// A network's name where there is little room.
func abbreviatedName(_ name: String) -> String { abbreviated(name, to: 40) }
