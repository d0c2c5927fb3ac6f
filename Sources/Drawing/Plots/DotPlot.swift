/// Numbers with their deviations as markers with bars over one axis, each in a row with a name, and
/// single numbers of the same kind as small discs behind them.
public struct DotPlot: Composite {
  /// One row.
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let style: ClassStyle
    /// Not drawn if it is not finite.
    public let value: Double
    /// Half the length of the bar; none if it is not finite.
    public let deviation: Double
    /// Single numbers, of which the value may be the mean.
    public let others: [Double]
    /// To the right: the numbers, and a second, paler line.
    public let text: String
    public let detail: String

    /// - Parameters:
    ///   - name: To the left.
    ///   - style: Of the marker.
    ///   - value: The marker's place.
    ///   - deviation: Half the length of the bar.
    ///   - others: Single numbers.
    ///   - text: To the right.
    ///   - detail: Below the text.
    public init(
      _ name: String, style: ClassStyle, value: Double, deviation: Double, others: [Double] = [],
      text: String = "", detail: String = ""
    ) {
      (self.name, self.style, self.value, self.deviation) = (name, style, value, deviation)
      (self.others, self.text, self.detail) = (others, text, detail)
    }
  }

  public let parts: [Part]
  public let size: Size

  private static let widestName = 120.0
  private static let widestText = 170.0
  private static let gap = 8.0

  /// - Parameters:
  ///   - entries: From the top down.
  ///   - x: With a range; nil for one from 0 that contains all numbers.
  ///   - width: Of the area for the markers.
  public init(title: String, _ entries: [Entry], x: Axis, width: Double = 220) {
    let names = entries.map {
      Text($0.name, .label, alignment: .trailing, oneLineWithin: Self.widestName)
    }
    let texts = entries.map { entry in
      Column(
        spacing: 0,
        [
          Text(entry.text, .label, oneLineWithin: Self.widestText),
          Text(entry.detail, .tick, oneLineWithin: Self.widestText),
        ])
    }
    let height = max(texts.reduce(0) { max($0, $1.size.height) }, 20) + 6
    var axis = x
    axis.range = x.range ?? DotPlot.range(of: entries)
    let across = PlotAxis(axis, length: width, isVertical: false)
    let nameWidth = names.reduce(0) { max($0, $1.size.width) }
    let left = max(nameWidth + (nameWidth > 0 ? Self.gap : 0), across.overhang.before)
    let right = left + width + max(Self.gap, across.overhang.after)
    let heading = Text(title, .heading, width: right + 90 - left, maximumLines: 2)
    let top = heading.size.height > 0 ? heading.size.height + 6 : 0
    let area = Rectangle(
      x: left, y: top, width: width, height: max(height * Double(entries.count), 1))
    var parts = heading.size.height > 0 ? [Part(heading, at: Point(left, 0))] : []
    for (row, (name, text)) in zip(names, texts).enumerated() {
      let middle = top + (Double(row) + 0.5) * height
      if name.size.width > 0 {
        parts.append(
          Part(
            name,
            at: Point(
              left - Self.gap - name.size.width, (middle - name.size.height / 2).rounded())))
      }
      parts.append(Part(text, at: Point(right, (middle - text.size.height / 2).rounded())))
    }
    parts.append(
      Part(Layers([DotRows(entries, axis: across, rowHeight: height, size: area.size)]), in: area))
    parts += across.labelParts(below: area.maxY + 6, from: left, titleWithin: width)
    self.parts = parts
    size = extent(of: parts)
  }

  /// From 0 to a little more than the greatest number.
  public static func range(of entries: some Sequence<Entry>) -> ClosedRange<Double> {
    let greatest = entries.reduce(0.0) { greatest, entry in
      let ends = entry.others + [entry.value, entry.value + entry.deviation]
      return ends.filter(\.isFinite).reduce(greatest, max)
    }
    return 0...(greatest > 0 ? 1.05 * greatest : 1)
  }
}

/// The area: lines at the ticks, and the marks of each row.
private struct DotRows: Drawable {
  let entries: [DotPlot.Entry]
  let axis: PlotAxis
  let rowHeight: Double
  let size: Size

  private static let radius = 4.5
  private static let smallRadius = 2.2
  private static let cap = 4.0

  init(_ entries: [DotPlot.Entry], axis: PlotAxis, rowHeight: Double, size: Size) {
    (self.entries, self.axis, self.rowHeight, self.size) = (entries, axis, rowHeight, size)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let frame = Rectangle(origin: frame.origin, size: size)
    for tick in axis.ticks.values {
      let x = axis.snapped(tick, from: frame.x, to: frame.maxX)
      canvas.stroke(polyline: [Point(x, frame.y), Point(x, frame.maxY)], with: Theme.gridLine)
    }
    canvas.stroke(
      polyline: [
        Point(frame.x + 0.5, frame.y), Point(frame.x + 0.5, frame.maxY - 0.5),
        Point(frame.maxX, frame.maxY - 0.5),
      ], with: Theme.line)
    canvas.clip(to: frame) {
      for (row, entry) in entries.enumerated() {
        draw(entry, at: frame.y + (Double(row) + 0.5) * rowHeight, in: frame, on: canvas)
      }
    }
  }

  private func draw(
    _ entry: DotPlot.Entry, at y: Double, in frame: Rectangle, on canvas: borrowing Canvas
  ) {
    func place(_ value: Double) -> Double {
      frame.x + frame.width * min(max(axis.unit(value), 0), 1)
    }
    for other in entry.others where other.isFinite {
      canvas.fill(
        circle: Point(place(other), y), radius: Self.smallRadius,
        with: entry.style.color.opacity(0.35))
    }
    guard entry.value.isFinite else { return }
    if entry.deviation.isFinite {
      let ends = [place(entry.value - entry.deviation), place(entry.value + entry.deviation)]
      canvas.stroke(
        polyline: ends.map { Point($0, y) }, with: entry.style.color, width: 1.5)
      for end in ends {
        canvas.stroke(
          polyline: [Point(end, y - Self.cap), Point(end, y + Self.cap)],
          with: entry.style.color, width: 1.5)
      }
    }
    canvas.draw(
      entry.style, at: Point(place(entry.value), y), radius: Self.radius,
      outline: Theme.background)
  }
}
