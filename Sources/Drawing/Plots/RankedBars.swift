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
      let bar = Bar(
        length: max(1, place(entry.value).rounded()), height: Self.barHeight,
        color: entry.isHighlighted ? Theme.highlight : Theme.accent)
      parts += [
        Part(
          name,
          in: Rectangle(
            x: 0, y: top(name.size.height), width: nameWidth, height: name.size.height)),
        Part(bar, at: Point(barStart, top(Self.barHeight))),
        Part(
          number,
          at: Point(
            barStart + (inColumn ? length : bar.size.width) + 6, top(number.size.height))),
      ]
      if entry.deviation.isFinite, entry.value.isFinite {
        let (start, end) = (
          place(entry.value - entry.deviation), place(entry.value + entry.deviation)
        )
        parts.append(
          Part(
            ErrorBar(length: max(1, end - start), height: Self.barHeight / 2),
            at: Point(barStart + start, top(Self.barHeight / 2))))
      }
      y += rowHeight
    }
    if let level, level.value.isFinite {
      let x = barStart + place(level.value)
      parts.append(Part(LevelLine(height: y), at: Point(max(x - LevelLine.width / 2, 0), 0)))
      let value = format == .percent ? percentText(level.value) : numberText(level.value)
      let name = Text("\(level.name) \(value)", .tick)
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

/// A line with ends from one value to another.
private struct ErrorBar: Drawable {
  let size: Size

  init(length: Double, height: Double) { size = Size(width: length, height: height) }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let (left, right) = (frame.origin.x, frame.origin.x + size.width)
    let (top, bottom) = (frame.origin.y, frame.origin.y + size.height)
    let middle = (top + bottom) / 2
    for line in [
      [Point(left, middle), Point(right, middle)], [Point(left, top), Point(left, bottom)],
      [Point(right, top), Point(right, bottom)],
    ] {
      canvas.stroke(polyline: line, with: Theme.text, width: 1.2)
    }
  }
}

private struct LevelLine: Drawable {
  static let width = 1.4
  let size: Size

  init(height: Double) { size = Size(width: Self.width, height: height) }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let x = frame.origin.x + Self.width / 2
    canvas.stroke(
      polyline: [Point(x, frame.origin.y), Point(x, frame.origin.y + size.height)],
      with: Theme.text,
      width: Self.width, dash: [4, 2.4])
  }
}

private struct Bar: Drawable {
  let color: Color
  let size: Size

  init(length: Double, height: Double, color: Color) {
    self.color = color
    size = Size(width: length, height: height)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.fill(Rectangle(origin: frame.origin, size: size), with: color)
  }
}
