internal import Foundation

/// An axis of known length, with ticks chosen so that their labels do not touch.
struct PlotAxis: Sendable {
  let label: String
  let scale: Axis.Scale
  let range: ClosedRange<Double>
  private(set) var ticks = Ticks(values: [], labels: [])
  let length: Double
  let isVertical: Bool
  /// How far labels extend beyond both ends: `before` the lower end of a horizontal axis and the
  /// upper end of a vertical one, in the direction of coordinates.
  private(set) var overhang = (before: 0.0, after: 0.0)
  /// Whether the outermost labels are moved inwards if they would overhang.
  private let keepsLabelsInside: Bool

  private static let style = TextStyle.tick

  /// - Parameter fewestTicks: The least number of ticks; some have no label if there is no room for all labels.
  init(
    _ axis: Axis, length: Double, isVertical: Bool, keepsLabelsInside: Bool = false,
    fewestTicks: Int = 1
  ) {
    // A range of zero width is widened around its number.
    let asked = axis.range ?? 0...1
    let room = asked.lowerBound == 0 ? 0.5 : 0.1 * abs(asked.lowerBound)
    let given =
      asked.lowerBound == asked.upperBound
      ? (asked.lowerBound - room)...(asked.upperBound + room) : asked
    let isUsable =
      (given.upperBound - given.lowerBound).isFinite && given.lowerBound < given.upperBound
      && (axis.scale == .linear || given.lowerBound > 0)
    let range = isUsable ? given : 0...1
    label = axis.label
    scale = isUsable ? axis.scale : .linear
    self.range = range
    self.length = length
    self.isVertical = isVertical

    self.keepsLabelsInside = keepsLabelsInside

    // Fewer and fewer ticks until the labels fit.
    let sparsest = axis.format == .count ? 22.0 : 60
    var count = max(2, Int(length / (isVertical ? 42 : sparsest)))
    repeat {
      ticks =
        scale == .linear
        ? .linear(in: range, about: count, format: axis.format)
        : .logarithmic(in: range, about: count)
      count -= 1
    } while count > 0 && !labelsFit
    takeOwnTicks(axis)
    if ticks.values.count < 2, axis.ticks == nil, scale == .linear { takeMoreTicks(axis.format) }
    if ticks.values.count < fewestTicks { takeTicks(atLeast: fewestTicks, axis.format) }

    for (value, label) in labelledTicks {
      let half = extent(of: label) / 2
      let center = center(of: value, label)
      overhang.before = max(overhang.before, (half - center).rounded(.up))
      overhang.after = max(overhang.after, (half - (length - center)).rounded(.up))
    }
  }

  private mutating func takeOwnTicks(_ axis: Axis) {
    guard let own = axis.ticks?.filter(range.contains), !own.isEmpty else { return }
    let round = ticks
    ticks = Ticks(values: own, labels: own.map { Ticks.label($0, format: axis.format) })
    if !labelsFit { ticks = round }
  }

  /// A single tick says nothing of the scale: the fewest that are several, if their labels fit.
  private mutating func takeMoreTicks(_ format: NumberFormat) {
    let single = ticks
    for count in 2...6 {
      ticks = .linear(in: range, about: count, format: format)
      if ticks.values.count > 1 {
        if !labelsFit { ticks = single }
        return
      }
    }
    ticks = single
  }

  /// The sparsest ticks that are enough; if not all labels fit, only those of the ends, or of the
  /// last.
  private mutating func takeTicks(atLeast fewest: Int, _ format: NumberFormat) {
    let found = (fewest...4 * fewest).map { Ticks.linear(in: range, about: $0, format: format) }
      .first { $0.values.count >= fewest }
    let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
    ticks =
      found
      ?? Ticks(
        values: [range.lowerBound, middle, range.upperBound],
        labels: [numberText(range.lowerBound), "", numberText(range.upperBound)])
    if !labelsFit { keepLabels { $0 == 0 || $0 == $1 } }
    if !labelsFit { keepLabels { $0 == $1 } }
  }

  /// - Parameter isKept: Called with the index of a tick and that of the last.
  private mutating func keepLabels(_ isKept: (Int, Int) -> Bool) {
    let last = ticks.labels.count - 1
    ticks = Ticks(
      values: ticks.values,
      labels: ticks.labels.enumerated().map { isKept($0, last) ? $1 : "" })
  }

  /// The position of a value: 0 at the lower end of the range, 1 at the upper.
  func unit(_ value: Double) -> Double {
    switch scale {
    case .linear:
      (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
  }

  /// A tick's coordinate, moved to the middle of a pixel so that its line is sharp.
  func snapped(_ value: Double, from start: Double, to end: Double) -> Double {
    let place = start + (end - start) * unit(value)
    let (first, last) = (min(start, end), max(start, end))
    return min(max(place.rounded(.down), first), last - 1) + 0.5
  }

  private var labelledTicks: [(Double, String)] {
    zip(ticks.values, ticks.labels).filter { !$1.isEmpty }
  }

  /// The width of the widest tick label.
  var labelWidth: Double {
    ticks.labels.reduce(0) { max($0, Self.style.width(of: $1)) }.rounded(.up)
  }

  /// Tick labels below a horizontal axis that begins at `start`, and its title centred below.
  func labelParts(below y: Double, from start: Double, titleWithin width: Double) -> [Part] {
    var parts = labelledTicks.map { value, label in
      let text = Text(label, Self.style)
      let center = start + center(of: value, label)
      return Part(text, at: Point((center - text.size.width / 2).rounded(), y))
    }
    if !label.isEmpty {
      let title = Text(label, .label, alignment: .center, width: width)
      let top = y + (parts.first?.frame.height ?? 0) + 3
      parts.append(
        Part(
          title, in: Rectangle(x: start, y: top, width: width, height: title.size.height)))
    }
    return parts
  }

  /// Tick labels to the right of a vertical axis whose upper end is `start`, and its title.
  func labelParts(rightOf x: Double, from start: Double, titleWithin height: Double) -> [Part] {
    var parts = tickParts(from: start) { _ in x }
    if !label.isEmpty {
      let title = Upwards(Text(label, .label, alignment: .center, width: height))
      parts.append(
        Part(
          title,
          in: Rectangle(
            x: x + labelWidth + 5, y: start, width: title.size.width, height: height)))
    }
    return parts
  }

  /// Tick labels that end at `x`, left of a vertical axis whose upper end is `start`.
  func labelParts(leftOf x: Double, from start: Double) -> [Part] {
    tickParts(from: start) { x - $0 }
  }

  private func tickParts(from start: Double, left: (Double) -> Double) -> [Part] {
    labelledTicks.map { value, label in
      let text = Text(label, Self.style)
      let center = start + center(of: value, label)
      return Part(
        text, at: Point(left(text.size.width), (center - text.size.height / 2).rounded()))
    }
  }

  /// The position of a label's middle, from the left or from the upper end.
  private func center(of value: Double, _ label: String) -> Double {
    let place = length * (isVertical ? 1 - unit(value) : unit(value))
    guard keepsLabelsInside else { return place }
    let half = extent(of: label) / 2
    return max(half, min(place, length - half))
  }

  private func extent(of label: String) -> Double {
    let size = Text(label, Self.style).size
    return isVertical ? size.height : size.width
  }

  private var labelsFit: Bool {
    let spans = labelledTicks.map { value, label in
      let (center, half) = (center(of: value, label), extent(of: label) / 2)
      return (start: center - half, end: center + half)
    }.sorted { $0.start < $1.start }
    let gap = isVertical ? 2.0 : 8
    return zip(spans, spans.dropFirst()).allSatisfy { $0.end + gap <= $1.start }
  }
}

/// The size that contains all parts.
func extent(of parts: [Part]) -> Size {
  Size(
    width: parts.reduce(0) { max($0, $1.frame.maxX) }.rounded(.up),
    height: parts.reduce(0) { max($0, $1.frame.maxY) }.rounded(.up))
}
