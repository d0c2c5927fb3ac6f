/// The area of a plot between its axes, with all the text around it.
struct PlotFrame: Sendable {
  let x: PlotAxis
  let y: PlotAxis
  /// The area for the data, in the coordinates of the whole plot.
  let area: Rectangle
  /// Title, axis titles and tick labels.
  let parts: [Part]

  /// - Parameter area: The size of the area for data, without labels.
  init(title: String, area size: Size, x xAxis: Axis, y yAxis: Axis) {
    let size = Size(width: max(40, size.width.rounded()), height: max(40, size.height.rounded()))
    x = PlotAxis(xAxis, length: size.width, isVertical: false)
    y = PlotAxis(yAxis, length: size.height, isVertical: true)

    let heading = Text(title, .heading, width: size.width)
    let yTitle = Upwards(Text(y.label, .label, alignment: .center, width: size.height))
    let yTitleWidth = yTitle.size.width > 0 ? yTitle.size.width + 6 : 0
    let left = max(yTitleWidth + y.labelWidth + 6, x.overhang.before)
    // The same for all plots, so that adjacent areas are aligned.
    let halfLine = (Text("0", .tick).size.height / 2).rounded(.up)
    let top = (heading.size.height > 0 ? heading.size.height + 6 : 0) + halfLine
    area = Rectangle(origin: Point(left, top), size: size)

    var parts: [Part] = []
    if heading.size.height > 0 { parts.append(Part(heading, at: Point(left, 0))) }
    if yTitleWidth > 0 {
      parts.append(
        Part(
          yTitle,
          in: Rectangle(x: 0, y: top, width: yTitle.size.width, height: size.height)))
    }
    parts += y.labelParts(leftOf: left - 6, from: top)
    // Below the lowest label of the vertical axis, so that the two do not touch in the corner.
    parts += x.labelParts(
      below: area.maxY + max(6, halfLine), from: left, titleWithin: size.width)
    self.parts = parts
  }

  /// The position of a pair of values, from the top left corner of the area.
  func place(_ point: Point) -> Point {
    Point(area.width * x.unit(point.x), area.height * (1 - y.unit(point.y)))
  }

  func isInside(_ point: Point) -> Bool {
    x.range.contains(point.x) && y.range.contains(point.y)
  }

  /// The area with grid, data and axes as one part.
  func part(_ marks: [any Drawable]) -> Part {
    Part(
      Layers([PlotGround(x: x, y: y, size: area.size)] + marks + [PlotEdges(size: area.size)]),
      in: area)
  }
}

/// Pale lines at the ticks.
private struct PlotGround: Drawable {
  let x: PlotAxis
  let y: PlotAxis
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for tick in x.ticks.values {
      let x = x.snapped(tick, from: frame.x, to: frame.maxX)
      canvas.stroke(
        polyline: [Point(x, frame.y + 1), Point(x, frame.maxY - 1)], with: Theme.gridLine)
    }
    for tick in y.ticks.values {
      let y = y.snapped(tick, from: frame.maxY, to: frame.y)
      canvas.stroke(
        polyline: [Point(frame.x + 1, y), Point(frame.maxX - 1, y)], with: Theme.gridLine)
    }
  }
}

/// The lines of the two axes, over the data that touch them.
private struct PlotEdges: Drawable {
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.stroke(
      polyline: [
        Point(frame.x + 0.5, frame.y + 0.5), Point(frame.x + 0.5, frame.maxY - 0.5),
        Point(frame.maxX - 0.5, frame.maxY - 0.5),
      ], with: Theme.line)
  }
}
