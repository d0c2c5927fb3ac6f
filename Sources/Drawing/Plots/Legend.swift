/// Names beside their markers or lines, in as many columns as the height requires.
public struct Legend: Composite {
  public enum Symbol: Sendable, Hashable {
    case marker(ClassStyle)
    case line(Color)
    case dashedLine(Color)
    case box(Color)
    /// A missing value: one that is not finite.
    case hatching
  }

  public struct Entry: Sendable, Hashable {
    public let name: String
    public let symbol: Symbol

    public init(_ name: String, _ symbol: Symbol) {
      self.name = name
      self.symbol = symbol
    }
  }

  public let parts: [Part]
  public let size: Size

  private static let widestName = 170.0
  private static let symbolWidth = 18.0

  /// A legend in columns of at most `height`.
  public init(_ entries: [Entry], height: Double = .infinity) {
    let names = entries.map { Text($0.name, .label, oneLineWithin: Self.widestName) }
    let rowHeight = TextStyle.label.lineHeight + 2
    let rows = max(1, Int(min(height / rowHeight, Double(max(1, entries.count)))))
    var parts: [Part] = []
    var x = 0.0
    for start in stride(from: 0, to: entries.count, by: rows) {
      var width = 0.0
      for index in start..<min(start + rows, entries.count) {
        let y = Double(index - start) * rowHeight
        parts.append(
          Part(
            LegendSymbol(entries[index].symbol), at: Point(x, y)))
        parts.append(Part(names[index], at: Point(x + Self.symbolWidth + 4, y)))
        width = max(width, names[index].size.width)
      }
      x += Self.symbolWidth + 4 + width + 16
    }
    self.parts = parts
    size = extent(of: parts)
  }

  /// A legend in one line, or in as many as the width requires.
  public init(_ entries: [Entry], width: Double) {
    var parts: [Part] = []
    var (x, y) = (0.0, 0.0)
    for entry in entries {
      let name = Text(entry.name, .label, oneLineWithin: Self.widestName)
      let needed = Self.symbolWidth + 4 + name.size.width
      if x > 0, x + needed > width {
        x = 0
        y += TextStyle.label.lineHeight + 2
      }
      parts.append(
        Part(LegendSymbol(entry.symbol), at: Point(x, y)))
      parts.append(Part(name, at: Point(x + Self.symbolWidth + 4, y)))
      x += needed + 18
    }
    self.parts = parts
    size = extent(of: parts)
  }

  /// One marker per class, with its shape or as a disc of its colour.
  public static func classes(
    _ names: [String], showsShapes: Bool = true, height: Double = .infinity
  ) -> Legend {
    Legend(
      names.enumerated().map { index, name in
        var style = ClassStyle(index: index)
        if !showsShapes { style.marker = .circle }
        return Entry(name, .marker(style))
      }, height: height)
  }
}

private struct LegendSymbol: Drawable {
  let symbol: Legend.Symbol

  init(_ symbol: Legend.Symbol) { self.symbol = symbol }

  var size: Size { Size(width: 18, height: TextStyle.label.lineHeight) }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let center = Rectangle(origin: frame.origin, size: size).center
    switch symbol {
    case .marker(let style):
      canvas.draw(style, at: center, radius: 4.5)
    case .line(let color):
      canvas.stroke(
        polyline: [Point(frame.x + 1, center.y), Point(frame.x + 17, center.y)], with: color,
        width: 2)
    case .dashedLine(let color):
      canvas.stroke(
        polyline: [Point(frame.x + 1, center.y), Point(frame.x + 17, center.y)], with: color,
        width: 1.4, dash: [4, 2.4])
    case .box(let color):
      canvas.fill(
        Rectangle(center: center, size: Size(width: 12, height: 10)), with: color)
    case .hatching:
      let box = Rectangle(center: center, size: Size(width: 14, height: 10))
      canvas.hatch(box)
      canvas.stroke(box.inset(by: 0.5), with: Theme.outline, width: 1)
    }
  }
}
