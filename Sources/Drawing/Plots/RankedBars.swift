/// Horizontal bars with names to the left and numbers to the right: a network's top predictions.
///
/// Percentages have the same number of decimals.
public struct RankedBars: Composite {
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let value: Double
    /// Drawn in the highlight colour, for example for the true class.
    public let isHighlighted: Bool
    /// How far a line extends to either side of the bar's end; NaN for none.
    public let deviation: Double

    public init(
      _ name: String, _ value: Double, deviation: Double = .nan, isHighlighted: Bool = false
    ) {
      self.name = name
      self.value = value
      self.deviation = deviation
      self.isHighlighted = isHighlighted
    }
  }

  /// A value that all bars are compared with: a dashed line across them with its name below.
  public struct Level: Sendable, Hashable {
    public let name: String
    public let value: Double

    public init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  public let parts: [Part]
  public let size: Size

  private static let barHeight = 12.0

  /// - Parameters:
  ///   - greatest: The value of a bar of full length; nil for the greatest of all.
  ///   - length: The length of the longest possible bar, in points.
  ///   - widestName: The width that a name may have, in points.
  ///   - others: The values of other bars in the same figure, whose percentages have as many
  ///     decimals.
  ///   - level: With it, or with deviations, numbers are in a column to the right of all bars.
  public init(
    _ entries: [Entry], greatest: Double? = nil, format: NumberFormat = .percent,
    length: Double = 140, widestName: Double = 160, beside others: [Double] = [],
    level: Level? = nil
  ) {
    let values = entries.map(\.value)
    let hasDeviations = entries.contains { $0.deviation.isFinite }
    let numbers =
      hasDeviations
      ? entries.map { Self.text($0, format) }
      : format == .percent ? percentTexts(values + others) : values.map { numberText($0) }
    let inColumn = hasDeviations || level != nil
    let names = entries.map { entry in
      Text(
        entry.name, entry.isHighlighted ? .heading : .label, alignment: .trailing,
        oneLineWithin: widestName)
    }
    let nameWidth = names.reduce(0) { max($0, $1.size.width) }
    let barStart = nameWidth > 0 ? nameWidth + 8 : 0
    let full = greatest ?? (values + [level?.value ?? 0]).filter(\.isFinite).max() ?? 1
    func place(_ value: Double) -> Double {
      full > 0 && value.isFinite ? min(max(value / full, 0), 1) * length : 0
    }
    var parts: [Part] = []
    var y = 0.0
    for ((entry, name), text) in zip(zip(entries, names), numbers) {
      let number = Text(text, .tick)
      let rowHeight = max(name.size.height, number.size.height, Self.barHeight) + 3
      func top(_ height: Double) -> Double { y + ((rowHeight - height) / 2).rounded(.down) }
      let ends = (place(entry.value - entry.deviation), place(entry.value + entry.deviation))
      let bar = Bar(
        length: max(1, place(entry.value).rounded()), thickness: Self.barHeight,
        deviation: entry.deviation.isFinite && entry.value.isFinite ? ends : nil,
        level: level.flatMap { $0.value.isFinite ? place($0.value) : nil },
        color: entry.isHighlighted ? Theme.highlight : Theme.accent,
        size: inColumn ? Size(width: length, height: rowHeight) : nil)
      parts += [
        Part(
          name,
          in: Rectangle(
            x: 0, y: top(name.size.height), width: nameWidth, height: name.size.height)),
        Part(bar, at: Point(barStart, top(bar.size.height))),
        Part(number, at: Point(barStart + bar.size.width + 6, top(number.size.height))),
      ]
      y += rowHeight
    }
    if let level, level.value.isFinite {
      let x = barStart + place(level.value)
      let value = format == .percent ? percentText(level.value) : numberText(level.value)
      let name = Text("\(level.name), \(value)", .tick)
      let last = max(barStart + length - name.size.width, 0)
      parts.append(Part(name, at: Point(min(max(x - name.size.width / 2, 0), last), y + 2)))
    }
    self.parts = parts
    // Room for the widest possible number, so that charts below one another are equally wide.
    let widestNumber = TextStyle.tick.width(of: "> 99.99 %").rounded(.up)
    let needed = extent(of: parts)
    size = Size(
      width: max(needed.width, barStart + length + 6 + widestNumber), height: needed.height)
  }
}

extension RankedBars {
  /// `23.1 ± 0.8 %`.
  private static func text(_ entry: Entry, _ format: NumberFormat) -> String {
    guard entry.value.isFinite, entry.deviation.isFinite else {
      return format == .percent ? percentText(entry.value) : numberText(entry.value)
    }
    return format == .percent
      ? fixedText(100 * entry.value, decimals: 1) + " ± "
        + fixedText(100 * entry.deviation, decimals: 1) + " %"
      : numberText(entry.value) + " ± " + numberText(entry.deviation)
  }
}

private struct Bar: Drawable {
  private static let levelWidth = 1.4
  let length: Double
  let thickness: Double
  /// Where a line across the bar's end begins and ends.
  let deviation: (start: Double, end: Double)?
  /// Where a dashed line through all bars goes.
  let level: Double?
  let color: Color
  let size: Size

  /// - Parameter size: Nil for that of the bar.
  init(
    length: Double, thickness: Double, deviation: (start: Double, end: Double)?, level: Double?,
    color: Color, size: Size?
  ) {
    (self.length, self.thickness, self.deviation) = (length, thickness, deviation)
    (self.level, self.color) = (level, color)
    self.size = size ?? Size(width: length, height: thickness)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let (left, middle) = (frame.x, frame.y + size.height / 2)
    canvas.fill(
      Rectangle(x: left, y: middle - thickness / 2, width: length, height: thickness), with: color)
    if let deviation {
      let (start, end) = (left + deviation.start, left + max(deviation.end, deviation.start + 1))
      let (top, bottom) = (middle - thickness / 4, middle + thickness / 4)
      for line in [
        [Point(start, middle), Point(end, middle)], [Point(start, top), Point(start, bottom)],
        [Point(end, top), Point(end, bottom)],
      ] {
        canvas.stroke(polyline: line, with: Theme.text, width: 1.2)
      }
    }
    if let level {
      let x = left + min(max(level, Self.levelWidth / 2), size.width - Self.levelWidth / 2)
      canvas.stroke(
        polyline: [Point(x, frame.y), Point(x, frame.y + size.height)], with: Theme.text,
        width: Self.levelWidth, dash: [4, 2.4])
    }
  }
}
