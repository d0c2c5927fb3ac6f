/// Vertical bars, such as the variance explained by each component, with an optional line.
public struct BarPlot: Composite {
  public let parts: [Part]
  public let size: Size

  /// - Parameters:
  ///   - values: The bars are numbered along the horizontal axis.
  ///   - first: The number of the first bar.
  ///   - line: A value for each bar, joined by a line, such as the cumulative sum.
  ///   - lineName: The label beside the line's end.
  public init(
    title: String = "", _ values: [Double], numberedFrom first: Int = 1, x: String, y: Axis,
    line: [Double] = [],
    lineName: String = "", area: Size = Size(width: 260, height: 200)
  ) {
    let start = Double(first)
    let xAxis = Axis(
      x, range: (start - 0.6)...(start + Double(max(1, values.count)) - 0.4), format: .count)
    var yAxis = y
    if yAxis.range == nil {
      let all = (values + line).filter(\.isFinite)
      let least = min(0, all.min() ?? 0)
      let greatest = max(0, all.max() ?? 0)
      let span = greatest - least
      yAxis.range =
        span > 0 && span.isFinite
        ? (least < 0 ? least - 0.05 * span : 0)...(greatest > 0 ? greatest + 0.05 * span : 0)
        : 0...1
    }
    let frame = PlotFrame(title: title, area: area, x: xAxis, y: yAxis)
    let bars = Bars(
      values: values.map { frame.place(Point(start, $0)).y },
      centers: values.indices.map { frame.place(Point(start + Double($0), 0)).x },
      zero: frame.place(Point(start, 0)).y,
      line: zip(first..., line).filter { $0.1.isFinite }.map { frame.place(Point(Double($0), $1)) },
      size: frame.area.size)
    var parts = frame.parts + [frame.part([bars])]
    if !lineName.isEmpty, let end = bars.line.last {
      let name = Text(
        lineName, TextStyle.label.colored(ClassStyle(index: 1).textColor), width: 110)
      let left = max(frame.area.maxX + 8, extent(of: parts).width + 4)
      let top = min(max(0, (end.y - name.size.height / 2).rounded()), frame.area.height)
      parts.append(Part(name, at: Point(left, frame.area.y + top)))
    }
    self.parts = parts
    size = extent(of: parts)
  }
}

private struct Bars: Drawable {
  /// The ends of the bars, measured from the top of the area.
  let values: [Double]
  let centers: [Double]
  let zero: Double
  let line: [Point]
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.clip(to: Rectangle(origin: frame.origin, size: size)) {
      let step = centers.count > 1 ? centers[1] - centers[0] : size.width / 2
      let width = max(1, min(40, 0.72 * step))
      for (center, end) in zip(centers, values) where end.isFinite {
        canvas.fill(
          Rectangle(
            x: frame.x + center - width / 2, y: frame.y + min(end, zero), width: width,
            height: abs(end - zero)), with: Theme.accent)
      }
      let points = line.map { frame.origin + $0 }
      canvas.stroke(polyline: points, with: Theme.highlight, width: 1.6)
      if step > 7 {
        for point in points { canvas.fill(circle: point, radius: 2.4, with: Theme.highlight) }
      }
    }
  }
}
