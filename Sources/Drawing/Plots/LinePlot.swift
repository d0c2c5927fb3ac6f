/// Curves over a common axis, each labelled at its end.
public struct LinePlot: Composite {
  public struct Series: Sendable {
    public let name: String
    /// In the order in which they are joined; a non-finite one breaks the line.
    public let points: [Point]
    /// How far a bar extends to either side of each point, for example a standard deviation; none
    /// where it is not finite, or for points beyond the end of the list.
    public let deviations: [Double]
    /// A thin dashed line instead of a thick one, for example for a mean or a chance level.
    public let isDashed: Bool
    /// One of many measurements, behind the others and without points.
    public let isThin: Bool
    /// Nil for the next of the classes' colours.
    public let color: Color?

    public init(
      _ name: String, _ points: [Point], deviations: [Double] = [], isDashed: Bool = false,
      isThin: Bool = false,
      color: Color? = nil
    ) {
      self.name = name
      self.points = points
      self.deviations = deviations
      self.isDashed = isDashed
      self.isThin = isThin
      self.color = color
    }

    /// The ends of the bars.
    fileprivate var bars: [(from: Point, to: Point)] {
      zip(points, deviations).filter { $1.isFinite && $0.y.isFinite }.map { point, deviation in
        (Point(point.x, point.y - deviation), Point(point.x, point.y + deviation))
      }
    }

    /// - Parameter index: Of the colour that it has unless it has its own.
    fileprivate func color(_ index: Int) -> Color { color ?? ClassStyle(index: index).color }
  }

  public let parts: [Part]
  public let size: Size
  /// The area for the curves, in the coordinates of the whole plot.
  let area: Rectangle

  /// - Parameters:
  ///   - area: The size of the area for curves, without labels.
  ///   - firstColor: The index of the first curve's colour, for panels that share colours.
  ///   - widestName: The width that a curve's label may have, in points.
  ///   - hasKey: Whether a key with the lines names the curves, for those that end in one place.
  public init(
    title: String = "", _ series: [Series], x: Axis, y: Axis,
    area: Size = Size(width: 420, height: 300), firstColor: Int = 0, widestName: Double = 150,
    hasKey: Bool = false
  ) {
    let all = series.flatMap { series in
      // A deviation may reach beyond what a value can be.
      series.points
        + series.bars.flatMap { [$0.from, $0.to] }.filter { y.bounds?.contains($0.y) ?? true }
    }
    let x = x.covering(
      all.filter { y.accepts($0.y) }.map(\.x), margin: x.scale == .linear ? 0.01 : 0)
    let frame = PlotFrame(
      title: title, area: area, x: x,
      y: y.covering(all.filter { x.accepts($0.x) }.map(\.y), margin: 0.05))
    let curves = series.enumerated().map { index, series in
      Curve(
        runs: frame.runs(of: series.points),
        bars: series.bars.flatMap { frame.runs(of: [$0.from, $0.to]) }.filter { $0.count == 2 },
        color: series.color(firstColor + index),
        isDashed: series.isDashed, isThin: series.isThin)
    }
    var parts = frame.parts + [frame.part([Curves(curves: curves, size: frame.area.size)])]
    let width = extent(of: parts).width
    let labels = zip(series, curves).enumerated().compactMap { index, pair -> EndLabel? in
      guard !pair.0.name.isEmpty, let end = pair.1.runs.last?.last else { return nil }
      let style = TextStyle.label.colored(
        ClassStyle(color: pair.0.color(firstColor + index)).textColor)
      return EndLabel(
        text: Text(pair.0.name, style, oneLineWithin: widestName), y: end.y)
    }
    if !hasKey, let spread = spread(labels, within: frame.area.height) {
      let left = max(frame.area.maxX + 8, width + 4)
      parts += zip(labels, spread).map { label, top in
        Part(label.text, at: Point(left, frame.area.y + top))
      }
    } else {
      let entries = zip(series, curves).filter { !$0.0.name.isEmpty }
        .map { Legend.Entry($0.name, $1.isDashed ? .dashedLine($1.color) : .line($1.color)) }
      parts += keyParts(
        Legend(entries, height: frame.area.height), beside: frame, width)
    }
    self.parts = parts
    let whole = extent(of: parts)
    // Points and lines at an end of an axis are drawn whole.
    let ends =
      curves.flatMap(\.points).filter { Curves.isInside($0, frame.area.size) }
      .map { Point($0.x + Curves.pointRadius, $0.y + Curves.pointRadius) }
      + curves.flatMap(\.runs).joined().map {
        Point(min($0.x, frame.area.width) + 1, min($0.y, frame.area.height) + 1)
      }
    size = Size(
      width: max(whole.width, ((ends.map(\.x).max() ?? 0) + frame.area.x).rounded(.up)),
      height: max(whole.height, ((ends.map(\.y).max() ?? 0) + frame.area.y).rounded(.up)))
    self.area = frame.area
  }
}

private struct EndLabel {
  let text: Text
  /// The vertical position of the curve's end, from the top of the area.
  let y: Double
}

/// The tops of labels as near as possible to their curves' ends without overlapping, or nil if they
/// do not all fit.
private func spread(_ labels: [EndLabel], within height: Double) -> [Double]? {
  let needed = labels.reduce(0) { $0 + $1.text.size.height }
  guard needed <= height else { return nil }
  let order = labels.indices.sorted { (labels[$0].y, $0) < (labels[$1].y, $1) }
  var tops = [Double](repeating: 0, count: labels.count)

  // 1. From the top down, each no higher than the bottom of the previous one.
  var end = 0.0
  for index in order {
    let height = labels[index].text.size.height
    tops[index] = max(end, (labels[index].y - height / 2).rounded())
    end = tops[index] + height
  }
  // 2. From the bottom up, each pushed back inside.
  var limit = height.rounded(.down)
  for index in order.reversed() {
    let height = labels[index].text.size.height
    tops[index] = max(0, min(tops[index], limit - height))
    limit = tops[index]
  }
  return tops
}

private struct Curve: Sendable {
  /// Runs of consecutive finite points, relative to the top left corner of the area.
  let runs: [[Point]]
  /// The two ends of each.
  let bars: [[Point]]
  let color: Color
  let isDashed: Bool
  let isThin: Bool

  var width: Double { isThin ? 1 : isDashed ? 1.4 : 2 }

  /// The points of runs that are drawn: a few points are individual measurements, many are a curve.
  var points: [Point] {
    isDashed || isThin ? [] : runs.filter { $0.count <= 24 }.flatMap(\.self)
  }
}

private struct Curves: Drawable {
  static let pointRadius = 2.6

  let curves: [Curve]
  let size: Size

  static func isInside(_ point: Point, _ size: Size) -> Bool {
    (-0.01...size.width + 0.01).contains(point.x)
      && (-0.01...size.height + 0.01).contains(point.y)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    // Lines at an end of an axis are drawn whole, as points are.
    let width = 2.0
    let shown = Rectangle(
      x: frame.x - width / 2, y: frame.y - width / 2, width: size.width + width,
      height: size.height + width)
    for curve in curves {
      canvas.clip(to: shown) {
        for bar in curve.bars { draw(bar.map { frame.origin + $0 }, curve, on: canvas) }
        for run in curve.runs {
          canvas.stroke(
            polyline: run.map { frame.origin + $0 }, with: curve.color, width: curve.width,
            dash: curve.isDashed ? [5, 3] : [])
        }
      }
      for point in curve.points where Self.isInside(point, size) {
        canvas.fill(circle: frame.origin + point, radius: Self.pointRadius, with: curve.color)
      }
    }
  }
}

extension Curves {
  private static let capWidth = 6.0

  /// A bar with caps at both ends.
  private func draw(_ ends: [Point], _ curve: Curve, on canvas: borrowing Canvas) {
    canvas.stroke(polyline: ends, with: curve.color, width: 1)
    for end in ends {
      canvas.stroke(
        polyline: [
          Point(end.x - Self.capWidth / 2, end.y), Point(end.x + Self.capWidth / 2, end.y),
        ], with: curve.color, width: 1)
    }
  }
}

extension PlotFrame {
  /// The points in the area's coordinates, split where a point cannot be shown.
  fileprivate func runs(of points: [Point]) -> [[Point]] {
    points.split { point in
      !(point.x.isFinite && point.y.isFinite) || (x.scale == .logarithmic && point.x <= 0)
        || (y.scale == .logarithmic && point.y <= 0)
    }.map { run in
      run.map { point in
        // Cairo's coordinates end at 2²³, so points far outside are moved closer.
        let place = place(point)
        return Point(min(max(place.x, -1e5), 1e5), min(max(place.y, -1e5), 1e5))
      }
    }
  }
}
