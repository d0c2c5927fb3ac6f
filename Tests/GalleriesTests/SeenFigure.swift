import Drawing
import Foundation
import Galleries
import Images
import TestSupport
import Testing

/// A rectangle of pixels.
struct Box: Hashable, CustomStringConvertible {
  var x, y, width, height: Int

  var maxX: Int { x + width }
  var maxY: Int { y + height }
  var middle: Point { Point(Double(x) + Double(width) / 2, Double(y) + Double(height) / 2) }

  func union(_ other: Box) -> Box {
    let (left, top) = (min(x, other.x), min(y, other.y))
    return Box(
      x: left, y: top, width: max(maxX, other.maxX) - left, height: max(maxY, other.maxY) - top)
  }

  var description: String { "\(width)×\(height) at (\(x), \(y))" }
}

/// A figure as it is drawn: its pixels, and its texts with their places.
struct SeenFigure: CustomStringConvertible, CustomReflectable {
  let image: Image
  private let sheet: Figure

  init(_ figure: CaptionedFigure) throws {
    sheet = figure.sheet
    image = try sheet.render()
  }

  var description: String { "a figure of \(image.width)×\(image.height) pixels" }

  /// Without its parts: an expectation that fails would list every pixel.
  var customMirror: Mirror { Mirror(self, children: [:]) }

  // MARK: Pixels

  /// - Parameter tolerance: The largest difference allowed in any 8-bit channel.
  func shows(_ color: Color, _ x: Int, _ y: Int, tolerance: Int = 2) -> Bool {
    image.shows(color, x, y, tolerance: tolerance)
  }

  /// Whether a pixel at most so far away has a colour.
  func shows(
    _ color: Color, near point: Point, distance: Int = 1, tolerance: Int = 2
  ) -> Bool {
    let reach = -distance...distance
    return reach.contains { down in
      reach.contains { across in
        shows(
          color, at: Point(point.x + Double(across), point.y + Double(down)), tolerance: tolerance)
      }
    }
  }

  func shows(_ color: Color, at point: Point, tolerance: Int = 2) -> Bool {
    shows(
      color, Int(point.x.rounded(.down)), Int(point.y.rounded(.down)), tolerance: tolerance)
  }

  /// The connected areas of a colour that are at least `side` pixels wide and high, sorted by rows,
  /// without those of colour bars; letters and frames are smaller.
  ///
  /// - Parameters:
  ///   - frame: The part of the figure to look at; nil for all of it.
  ///   - isSolid: Leave out areas that do not fill their boxes.
  func areas(
    of color: Color, within frame: Rectangle? = nil, side: Int = 5, isSolid: Bool = true
  ) -> [Box] {
    let frame = frame ?? Rectangle(origin: Point(0, 0), size: sheet.size)
    let columns = Int(frame.x)..<min(image.width, Int(frame.maxX.rounded(.up)))
    let rows = Int(frame.y)..<min(image.height, Int(frame.maxY.rounded(.up)))
    var isSeen = [Bool](repeating: false, count: image.width * image.height)
    var areas: [Box] = []
    for y in rows {
      for x in columns where !isSeen[y * image.width + x] && shows(color, x, y) {
        var (box, count) = (Box(x: x, y: y, width: 1, height: 1), 0)
        var open = [(x, y)]
        isSeen[y * image.width + x] = true
        while let (x, y) = open.popLast() {
          box = box.union(Box(x: x, y: y, width: 1, height: 1))
          count += 1
          for (nextX, nextY) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
          where columns.contains(nextX) && rows.contains(nextY)
            && !isSeen[nextY * image.width + nextX] && shows(color, nextX, nextY)
          {
            isSeen[nextY * image.width + nextX] = true
            open.append((nextX, nextY))
          }
        }
        if box.width >= side, box.height >= side, !isSolid || count == box.width * box.height {
          areas.append(box)
        }
      }
    }
    let bars = parts(of: ColorBar.self).map(\.frame)
    return areas.filter { area in
      !bars.contains { $0.y <= Double(area.y) && Double(area.maxY) <= $0.maxY }
    }.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
  }

  /// The only solid area of a colour.
  func area(
    of color: Color, within frame: Rectangle? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Box {
    let areas = areas(of: color, within: frame)
    try #require(
      areas.count == 1, "\(areas.count) areas of \(color.bytes)", sourceLocation: sourceLocation)
    return areas[0]
  }

  /// Expects colours that occur nowhere else as equal squares without gaps, row by row from the top
  /// left, as a picture's enlarged pixels.
  ///
  /// - Parameter colors: Nil for cells that are not looked for.
  /// - Returns: The place of the whole picture.
  @discardableResult
  func expectCells(
    _ colors: [Color?], columns: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Box {
    let cells = try colors.enumerated().compactMap { index, color in
      try color.map { (index, try area(of: $0, sourceLocation: sourceLocation)) }
    }
    let (first, cell) = try #require(cells.first, sourceLocation: sourceLocation)
    let side = cell.width
    let whole = Box(
      x: cell.x - first % columns * side, y: cell.y - first / columns * side,
      width: columns * side, height: colors.count / columns * side)
    for (index, cell) in cells {
      let expected = Box(
        x: whole.x + index % columns * side, y: whole.y + index / columns * side, width: side,
        height: side)
      #expect(
        cell == expected, "cell (\(index / columns), \(index % columns))",
        sourceLocation: sourceLocation)
    }
    return whole
  }

  /// Expects equal cells in a frame, row by row from the top left, each up to near its edges.
  func expectCells(
    _ colors: [Color], columns: Int, in frame: Rectangle, tolerance: Int = 2,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (width, height) = (
      frame.width / Double(columns), frame.height / Double(colors.count / columns)
    )
    for (index, color) in colors.enumerated() {
      for (across, down) in [(0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (0.1, 0.9), (0.9, 0.9)] {
        let point = Point(
          frame.x + (Double(index % columns) + across) * width,
          frame.y + (Double(index / columns) + down) * height)
        #expect(
          shows(color, at: point, tolerance: tolerance),
          "cell (\(index / columns), \(index % columns)) at (\(across), \(down))",
          sourceLocation: sourceLocation)
      }
    }
  }

  /// How much of an area is hatched, from 0 to 1; plain grey is not.
  func hatchedShare(of box: Box) -> Double {
    var (count, lineCount) = (0, 0)
    for y in box.y..<box.maxY {
      for x in box.x..<box.maxX {
        // Lines on grey: everything between the two greys.
        let pixel = image.pixels[4 * (y * image.width + x)..<4 * (y * image.width + x) + 3]
        guard let grey = pixel.first, Set(pixel).count == 1, (0xD0...0xF0).contains(grey) else {
          continue
        }
        count += 1
        if grey < 0xE6 { lineCount += 1 }
      }
    }
    // Every sixth column of a row has a line.
    return 10 * lineCount < count ? 0 : Double(count) / Double(box.width * box.height)
  }

  /// Whether a line of a colour runs all around a box, just outside it.
  func isFramed(_ box: Box, in color: Color) -> Bool {
    (box.x..<box.maxX).allSatisfy { shows(color, $0, box.y - 1) && shows(color, $0, box.maxY) }
      && (box.y..<box.maxY).allSatisfy { shows(color, box.x - 1, $0) && shows(color, box.maxX, $0) }
  }

  /// Expects both diagonals of a box to be crossed out, and nothing beside them.
  func expectCross(
    in box: Box, on ground: Color, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for share in [0.2, 0.35, 0.5, 0.65, 0.8] {
      let x = Double(box.x) + share * Double(box.width)
      for y in [share, 1 - share] {
        let point = Point(x, Double(box.y) + y * Double(box.height))
        // A thin line is blended with what it crosses; mid-grey is 39 away.
        #expect(
          shows(Theme.secondaryText, near: point, tolerance: 30), "\(point)",
          sourceLocation: sourceLocation)
      }
      if share != 0.5 {
        #expect(
          shows(ground, at: Point(x, box.middle.y)), "at \(share)", sourceLocation: sourceLocation)
      }
    }
  }

  // MARK: Parts

  /// The parts of a kind, with their places on the sheet, in the order of the layout.
  func parts<D: Drawable>(of type: D.Type) -> [(content: D, frame: Rectangle)] {
    Self.parts(of: type, in: sheet, at: Point(0, 0))
  }

  func place<D: Drawable>(
    of type: D.Type, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Rectangle {
    let parts = parts(of: type)
    try #require(parts.count == 1, "\(parts.count) of \(type)", sourceLocation: sourceLocation)
    return parts[0].frame
  }

  private static func parts<D: Drawable>(
    of type: D.Type, in content: any Drawable, at origin: Point
  ) -> [(content: D, frame: Rectangle)] {
    guard let composite = content as? any Composite else { return [] }
    return composite.parts.flatMap { part -> [(content: D, frame: Rectangle)] in
      let frame = part.frame.offset(x: origin.x, y: origin.y)
      guard let found = part.content as? D else {
        return parts(of: type, in: part.content, at: frame.origin)
      }
      return [(found, found is Text ? frame : Rectangle(origin: frame.origin, size: found.size))]
    }
  }

  // MARK: Texts

  /// The texts whose frames are centred below a box, from the top down.
  func words(below box: Box, within distance: Double = 40) -> [String] {
    parts(of: Text.self).filter { _, frame in
      abs(frame.center.x - box.middle.x) <= 1 && frame.y >= Double(box.maxY)
        && frame.y < Double(box.maxY) + distance
    }.sorted { $0.frame.y < $1.frame.y }.map { $0.content.lines.joined(separator: " ") }
      .filter { !$0.isEmpty }
  }

  /// The text nearest above a box, in a frame centred on it.
  func words(above box: Box, within distance: Double = 40) -> [String] {
    parts(of: Text.self).filter { _, frame in
      abs(frame.center.x - box.middle.x) <= 1 && frame.maxY <= Double(box.y)
        && frame.maxY > Double(box.y) - distance
    }.sorted { $0.frame.y < $1.frame.y }.map { $0.content.lines.joined(separator: " ") }
      .filter { !$0.isEmpty }
  }

  /// The text to the left of a box at its height.
  func words(leftOf box: Box) -> [String] {
    parts(of: Text.self).filter { _, frame in
      frame.maxX <= Double(box.x) && abs(frame.center.y - box.middle.y) <= 2
    }.map { $0.content.lines.joined(separator: " ") }
  }

  /// The text just to the right of a box at its height.
  func words(rightOf box: Box, within distance: Double = 12) -> [String] {
    parts(of: Text.self).filter { _, frame in
      frame.x >= Double(box.maxX) && frame.x < Double(box.maxX) + distance
        && abs(frame.center.y - box.middle.y) <= 2
    }.map { $0.content.lines.joined(separator: " ") }
  }

  /// The middle of a name's symbol in a legend.
  func symbol(
    of name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Point {
    let names = parts(of: Text.self).filter { $0.content.lines == [name] }.map(\.frame)
    try #require(names.count == 1, "\(names.count) of “\(name)”", sourceLocation: sourceLocation)
    // Symbols are 18 wide, 4 from their names.
    return Point(names[0].x - 13, names[0].center.y)
  }

  /// Expects a legend to say what hatching means.
  func expectHatchingExplained(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let middle = try symbol(of: "not finite", sourceLocation: sourceLocation)
    let inside = Box(x: Int(middle.x) - 5, y: Int(middle.y) - 3, width: 10, height: 6)
    #expect(hatchedShare(of: inside) > 0.98, sourceLocation: sourceLocation)
  }

  // MARK: Colour bars

  /// Expects a colour bar whose ends have the colours and the numbers of a range, with its ticks
  /// where their numbers are.
  func expectBar(
    _ colormap: Colormap, _ range: ClosedRange<Double>, among count: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let bars = parts(of: ColorBar.self)
    try #require(bars.count == count, sourceLocation: sourceLocation)
    let ramp = try #require(bars[0].content.parts.first, sourceLocation: sourceLocation).frame
      .offset(x: bars[0].frame.x, y: bars[0].frame.y)
    for unit in [0, 0.1, 0.3, 0.7, 0.9, 1] {
      let x = min(ramp.x + unit * ramp.width, ramp.maxX - 1)
      #expect(
        shows(colormap(unit), at: Point(x, ramp.y + 6), tolerance: 6), "at \(unit) of the bar",
        sourceLocation: sourceLocation)
    }
    let labels = Self.parts(of: Text.self, in: bars[0].content, at: bars[0].frame.origin)
      .compactMap { text, frame in number(text).map { ($0, frame) } }
    #expect(
      labels.map(\.0).min() == range.lowerBound && labels.map(\.0).max() == range.upperBound,
      "\(labels.map(\.0))", sourceLocation: sourceLocation)
    for (value, frame) in labels {
      let place =
        ramp.x + (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        * ramp.width
      let half = frame.width / 2
      // The outermost labels stay inside the bar.
      let center = min(max(place, ramp.x + half), ramp.maxX - half)
      #expect(abs(frame.center.x - center) <= 1.5, "\(value)", sourceLocation: sourceLocation)
      let tick = min(max(place, ramp.x + 0.5), ramp.maxX - 0.5)
      #expect(
        shows(Theme.line, near: Point(tick, ramp.maxY - 2)),
        "the tick of \(value)", sourceLocation: sourceLocation)
    }
  }

  // MARK: Plots

  /// A plot as its labels have it.
  struct Plot {
    /// The area for the data.
    let area: Rectangle
    /// Where the labels of an axis say that a number is: `start + slope · number`, or of its
    /// logarithm.
    let x, y: (start: Double, slope: Double)
    let isLogarithmic: Bool

    func place(_ value: Point) -> Point {
      Point(
        x.start + x.slope * value.x,
        y.start + y.slope * (isLogarithmic ? log10(value.y) : value.y))
    }
  }

  /// The plots of a kind, read off the numbers at their axes.
  ///
  /// - Parameter isLogarithmic: Whether the vertical axes are.
  func plots<P: Composite>(
    of type: P.Type, isLogarithmic: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Plot] {
    try parts(of: type).map { plot, frame in
      let area = try #require(
        plot.parts.filter { !($0.content is Text) }.map(\.frame)
          .max { $0.width * $0.height < $1.width * $1.height },
        sourceLocation: sourceLocation
      ).offset(x: frame.x, y: frame.y)
      let labels = Self.parts(of: Text.self, in: plot, at: frame.origin)
        .compactMap { text, frame in number(text).map { ($0, frame) } }
      let across = labels.filter { $0.1.y >= area.maxY }.map { ($0.0, $0.1.center.x) }
      let up = labels.filter { $0.1.maxX <= area.x && $0.1.y < area.maxY }
        .map { (isLogarithmic ? log10($0.0) : $0.0, $0.1.center.y) }
      return Plot(
        area: area, x: try line(through: across, sourceLocation),
        y: try line(through: up, sourceLocation), isLogarithmic: isLogarithmic)
    }
  }

  private func line(
    through labels: [(Double, Double)], _ sourceLocation: SourceLocation
  ) throws -> (start: Double, slope: Double) {
    let sorted = labels.sorted { $0.0 < $1.0 }
    let (first, last) = (
      try #require(sorted.first, sourceLocation: sourceLocation),
      try #require(sorted.last, sourceLocation: sourceLocation)
    )
    // A logarithmic axis has no zero.
    try #require(
      sorted.count > 1 && sorted.allSatisfy { $0.0.isFinite }, "\(sorted)",
      sourceLocation: sourceLocation)
    let slope = (last.1 - first.1) / (last.0 - first.0)
    let start = first.1 - slope * first.0
    for (value, place) in sorted {
      #expect(
        abs(start + slope * value - place) <= 1, "the label \(value) of an axis",
        sourceLocation: sourceLocation)
    }
    return (start, slope)
  }

  /// A label's number; nil for words.
  private func number(_ text: Text) -> Double? {
    let label = text.lines.joined().replacing("−", with: "-").replacing(",", with: "")
    if label.hasSuffix(" %") { return Double(label.dropLast(2)).map { $0 / 100 } }
    return Double(label)
  }
}

/// What a figure draws besides letters, which differ between machines: one below the other.
func graphics(of figure: CaptionedFigure) throws -> Image {
  func leaves(_ content: any Drawable) -> [any Drawable] {
    if content is Text || content is Upwards || content.size.height == 0 { return [] }
    guard let composite = content as? any Composite else { return [content] }
    return composite.parts.flatMap { leaves($0.content) }
  }
  return try Column(spacing: 4, leaves(figure.sheet)).render()
}

extension Image {
  /// A picture of given pixels, row by row.
  init(_ colors: [Color], columns: Int) {
    self.init(
      width: columns, height: colors.count / columns,
      pixels: colors.flatMap { color -> [UInt8] in
        let bytes = color.bytes
        return [bytes.red, bytes.green, bytes.blue, bytes.alpha]
      })
  }
}

/// Colours of which no two of the first 64 are alike, and none is grey.
func distinctColors(_ count: Int, from first: Int = 0) -> [Color] {
  (first..<(first + count)).map { index -> Color in
    let red = UInt32(20 + 32 * (index % 8))
    let green = UInt32(250 - 30 * (index / 8 % 8))
    let blue = UInt32(10 + 60 * (index % 4))
    return Color(hex: red << 16 | green << 8 | blue)
  }
}
