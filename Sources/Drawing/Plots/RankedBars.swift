/// Horizontal bars with names to the left and numbers to the right: a network's top predictions.
///
/// Percentages have the same number of decimals.
public struct RankedBars: Composite {
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let value: Double
    /// Drawn in the highlight colour, for example for the true class.
    public let isHighlighted: Bool

    public init(_ name: String, _ value: Double, isHighlighted: Bool = false) {
      self.name = name
      self.value = value
      self.isHighlighted = isHighlighted
    }
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
  public init(
    _ entries: [Entry], greatest: Double? = nil, format: NumberFormat = .percent,
    length: Double = 140, widestName: Double = 160, beside others: [Double] = []
  ) {
    let values = entries.map(\.value)
    let numbers =
      format == .percent ? percentTexts(values + others) : values.map { numberText($0) }
    let names = entries.map { entry in
      Text(
        entry.name, entry.isHighlighted ? .heading : .label, alignment: .trailing,
        oneLineWithin: widestName)
    }
    let nameWidth = names.reduce(0) { max($0, $1.size.width) }
    let barStart = nameWidth > 0 ? nameWidth + 8 : 0
    let full = greatest ?? values.filter(\.isFinite).max() ?? 1
    var parts: [Part] = []
    var y = 0.0
    for ((entry, name), text) in zip(zip(entries, names), numbers) {
      let number = Text(text, .tick)
      let rowHeight = max(name.size.height, number.size.height, Self.barHeight) + 3
      func top(_ height: Double) -> Double { y + ((rowHeight - height) / 2).rounded(.down) }
      let unit = full > 0 && entry.value.isFinite ? min(max(entry.value / full, 0), 1) : 0
      let bar = Bar(
        length: max(1, (unit * length).rounded()), height: Self.barHeight,
        color: entry.isHighlighted ? Theme.highlight : Theme.accent)
      parts += [
        Part(
          name,
          in: Rectangle(
            x: 0, y: top(name.size.height), width: nameWidth, height: name.size.height)),
        Part(bar, at: Point(barStart, top(Self.barHeight))),
        Part(number, at: Point(barStart + bar.size.width + 6, top(number.size.height))),
      ]
      y += rowHeight
    }
    self.parts = parts
    // Room for the widest possible number, so that charts below one another are equally wide.
    let widestNumber = TextStyle.tick.width(of: "> 99.99 %").rounded(.up)
    let needed = extent(of: parts)
    size = Size(
      width: max(needed.width, barStart + length + 6 + widestNumber), height: needed.height)
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
