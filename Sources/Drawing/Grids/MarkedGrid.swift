/// A grid of square cells with a number in each, of which some are marked.
public struct MarkedGrid: Drawable {
  /// What is below the number of a cell.
  public enum Ground: Sendable, Hashable {
    case plain
    /// A colour that lets the page shine through, so that numbers are legible on it in both
    /// appearances.
    case tint(Color)
    /// A mark's colour, which a dark figure replaces as it does those of a plot.
    case mark(Color)
    /// The colour of a number, which is the same in both appearances.
    case value(Color)
    case hatched
  }

  public struct Cell: Sendable, Hashable {
    public var text: String
    /// In small type in the lower right corner.
    public var note: String
    public var ground: Ground
    /// Whether the number stands back, such as the zeros of padding.
    public var isFaint: Bool

    public init(
      _ text: String = "", note: String = "", ground: Ground = .plain, isFaint: Bool = false
    ) {
      (self.text, self.note, self.ground, self.isFaint) = (text, note, ground, isFaint)
    }
  }

  /// A frame around some of the cells.
  public struct Outline: Sendable, Hashable {
    public let rows: Range<Int>
    public let columns: Range<Int>
    public let color: Color
    public let width: Double

    public init(rows: Range<Int>, columns: Range<Int>, color: Color, width: Double = 2.5) {
      (self.rows, self.columns, self.color, self.width) = (rows, columns, color, width)
    }
  }

  public let columns: Int
  /// Row by row from the top left.
  public let cells: [Cell]
  public let outlines: [Outline]
  /// The side of a cell, in points.
  public let side: Double
  public let size: Size

  private static let style = TextStyle(size: 12)
  /// Cells are not made larger than this for the larger type.
  private static let greatestRoomy = 46.0
  private static let smallStyle = TextStyle(size: 10)
  private static let noteStyle = TextStyle(size: 9, color: Theme.secondaryText)
  /// Beside a note, so that outlines do not touch it.
  private static let noteMargin = 4.0
  /// Smaller cells have no room for a note.
  private static let smallestNoted = 30.0
  /// Lines between smaller cells would cover them.
  private static let smallestLined = 8.0

  /// - Parameters:
  ///   - cells: Row by row from the top left.
  ///   - side: Of a cell, in points. Numbers are left out of all cells if one of them does not fit.
  public init(columns: Int, cells: [Cell], outlines: [Outline] = [], side: Double) {
    precondition(
      columns > 0 && cells.count.isMultiple(of: columns),
      "\(cells.count) cells do not make rows of \(columns)")
    (self.columns, self.cells, self.outlines, self.side) = (columns, cells, outlines, side)
    size = Size(
      width: Double(columns) * side, height: Double(cells.count / columns) * side)
  }

  /// The least side of cells that have room for texts, and not less than `least`: in the larger type
  /// as long as cells stay small.
  ///
  /// - Parameter notes: What is in corners of cells; they have no room if it would take much larger
  ///   cells, and are then left out of all.
  public static func side(
    for texts: [String], notes: [String] = [], least: Double
  ) -> Double {
    let own = side(for: texts, least: least)
    let noted = notes.reduce(0) { max($0, noteStyle.width(of: $1)) } + 2 * noteMargin
    return noted <= greatestNoted ? max(own, noted.rounded(.up)) : own
  }

  /// Cells are not made larger than this for notes.
  private static let greatestNoted = 60.0

  private static func side(for texts: [String], least: Double) -> Double {
    func needed(_ style: TextStyle) -> Double {
      (texts.reduce(0) { max($0, style.width(of: $1)) } + 6).rounded(.up)
    }
    let large = needed(style)
    return max(least, large <= greatestRoomy ? large : max(greatestRoomy, needed(smallStyle)))
  }

  /// In the larger type if it fits everywhere, otherwise in the smaller one; nil if neither does.
  private var fittingStyle: TextStyle? {
    [Self.style, Self.smallStyle].first { style in
      style.lineHeight <= side && cells.allSatisfy { style.width(of: $0.text) <= side - 4 }
    }
  }

  /// Whether all notes fit; otherwise none is drawn, since cells without one seem to have none.
  private var hasNotes: Bool { Self.hasRoom(for: cells.map(\.note), side: side) }

  /// Whether cells of a side have room for notes.
  public static func hasRoom(for notes: [String], side: Double) -> Bool {
    side >= smallestNoted
      && notes.allSatisfy { noteStyle.width(of: $0) <= side - 2 * noteMargin }
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    func place(_ row: Int, _ column: Int) -> Rectangle {
      Rectangle(
        x: frame.x + Double(column) * side, y: frame.y + Double(row) * side, width: side,
        height: side)
    }
    for (index, cell) in cells.enumerated() {
      let place = place(index / columns, index % columns)
      switch cell.ground {
      case .plain: break
      case .tint(let color), .mark(let color): canvas.fill(place, with: color)
      case .value(let color): canvas.fill(place, withValue: color)
      case .hatched: canvas.hatch(place)
      }
    }
    let isLined = side >= Self.smallestLined
    if isLined {
      for index in cells.indices {
        canvas.stroke(
          place(index / columns, index % columns).inset(by: 0.5), with: Theme.outline)
      }
    } else {
      canvas.stroke(Rectangle(origin: frame.origin, size: size).inset(by: 0.5), with: Theme.outline)
    }
    let (style, hasNotes) = (fittingStyle, hasNotes)
    for (index, cell) in cells.enumerated() {
      let place = place(index / columns, index % columns)
      let ink = ink(of: cell, on: canvas.appearance)
      let hasNote = hasNotes && !cell.note.isEmpty
      if let style, !cell.text.isEmpty {
        // A note below leaves the number a little less room.
        let middle = place.center.y - (hasNote ? 4 : 0)
        canvas.draw(
          cell.text, at: Point(place.center.x, middle + style.capHeight / 2),
          style: style.colored(ink), alignment: .center)
      }
      if hasNote {
        canvas.draw(
          cell.note, at: Point(place.maxX - Self.noteMargin, place.maxY - 4.5),
          style: Self.noteStyle.colored(noteInk(of: cell, ink)),
          alignment: .trailing)
      }
    }
    for outline in outlines {
      let (first, last) = (
        place(outline.rows.lowerBound, outline.columns.lowerBound),
        place(outline.rows.upperBound - 1, outline.columns.upperBound - 1)
      )
      let around = Rectangle(
        x: first.x, y: first.y, width: last.maxX - first.x, height: last.maxY - first.y)
      canvas.stroke(around.inset(by: outline.width / 2), with: outline.color, width: outline.width)
    }
  }

  /// On the colour of a number, the second colour of text would be hard to read.
  private func noteInk(of cell: Cell, _ ink: Color) -> Color {
    switch cell.ground {
    case .value, .mark: ink
    case .plain, .tint, .hatched: Theme.secondaryText
    }
  }

  private func ink(of cell: Cell, on appearance: Appearance) -> Color {
    switch cell.ground {
    case .value(let color): numberColor(on: color, appearance)
    case .mark(let color): numberColor(on: appearance.color(color), appearance)
    default: cell.isFaint ? Theme.secondaryText : Theme.text
    }
  }
}

/// The colour, named as in the light appearance, for numbers on a colour that is drawn as it is.
func numberColor(on color: Color, _ appearance: Appearance) -> Color {
  let (onDark, onLight): (Color, Color) =
    appearance == .dark ? (Theme.text, .white) : (.white, Theme.text)
  return color.lightness < middleLightness ? onDark : onLight
}

/// Darker cells than this have white numbers.
private let middleLightness = 55.0
