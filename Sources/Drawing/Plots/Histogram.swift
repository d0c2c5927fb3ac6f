/// How many numbers lie in each of some equal intervals.
public struct Histogram: Composite {
  public let parts: [Part]
  public let size: Size

  /// - Parameters:
  ///   - title: Above the plot; empty for none.
  ///   - values: Those outside the range, and those that are not finite, are left out.
  ///   - range: From the start of the first bar to the end of the last, which takes the values at
  ///     its end, too.
  ///   - bars: The number of intervals.
  ///   - x: What the values are.
  ///   - y: What is counted.
  ///   - area: The size of the plot without its labels.
  public init(
    title: String = "", _ values: [Double], in range: ClosedRange<Double>, bars: Int, x: String,
    y: String, area: Size = Size(width: 260, height: 200)
  ) {
    let counts = Self.counts(of: values, in: range, bars: bars)
    let greatest = Double(max(1, counts.max() ?? 1))
    let frame = PlotFrame(
      title: title, area: area, x: Axis(x, range: range),
      y: Axis(y, range: 0...(1.05 * greatest), format: .count))
    let step = frame.area.width / Double(max(counts.count, 1))
    let rectangles = counts.enumerated().map { index, count in
      let top = frame.place(Point(range.lowerBound, Double(count))).y
      return Rectangle(
        x: Double(index) * step, y: top, width: step, height: frame.area.height - top)
    }
    parts = frame.parts + [frame.part([Blocks(rectangles: rectangles, size: frame.area.size)])]
    size = extent(of: parts)
  }

  /// - Returns: One count for each interval.
  static func counts(of values: [Double], in range: ClosedRange<Double>, bars: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: bars)
    let span = range.upperBound - range.lowerBound
    for value in values where range.contains(value) && span > 0 {
      let bar = Int((value - range.lowerBound) / span * Double(bars))
      counts[min(bar, bars - 1)] += 1
    }
    return counts
  }
}

/// Filled rectangles with hairlines between them.
private struct Blocks: Drawable {
  let rectangles: [Rectangle]
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for block in rectangles where block.height > 0 {
      let gap = block.width > 4 ? 1.0 : 0
      canvas.fill(
        Rectangle(
          x: frame.x + block.x + gap, y: frame.y + block.y, width: block.width - gap,
          height: block.height), with: Theme.accent)
    }
  }
}
