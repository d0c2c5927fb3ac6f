internal import Images

/// Curves and rows of coloured cells one below the other over one axis, so that what happens at the
/// same place is in one column of pixels.
public struct SignalStack: Composite {
  /// Numbers in the colours of a map, each in a cell around its place.
  public struct Cells: Sendable {
    /// To the left and to the right.
    public let name, detail: String
    public let signal: Signal
    public let range: ClosedRange<Float>

    /// - Parameters:
    ///   - name: To the left.
    ///   - detail: To the right.
    ///   - signal: Its step is the width of a cell.
    ///   - range: The numbers at the ends of the colour map.
    public init(_ name: String, _ detail: String, _ signal: Signal, range: ClosedRange<Float>) {
      (self.name, self.detail, self.signal, self.range) = (name, detail, signal, range)
    }
  }

  public enum Panel: Sendable {
    /// A line of text above what follows.
    case heading(String)
    /// Curves on an axis of their own, with a name to the left.
    case curves(name: String, detail: String, [Signal], y: Axis, height: Double)
    /// Rows of cells; where there are none, the ground is grey.
    case cells([Cells], Colormap)
  }

  public let parts: [Part]
  public let size: Size
  /// The areas for curves and cells, in the coordinates of the stack, from the top down.
  public let areas: [Rectangle]
  private let panels: [Panel]
  private let x: Axis
  private let width: Double
  private let steps: Int
  private let axis: PlotAxis
  private let left: Double

  private static let widestName = 120.0
  private static let panelGap = 10.0
  /// The height of a row of cells: that of its name.
  private static let rowHeight = TextStyle.tick.lineHeight

  /// - Parameters:
  ///   - panels: From the top down.
  ///   - x: The common axis, with a range.
  ///   - width: Of the areas for curves, in points.
  public init(_ panels: [Panel], x: Axis, width: Double) {
    self.init(panels, x: x, width: width, steps: Signal.mostSteps(width: width))
  }

  /// - Parameter steps: How many steps longer signals are reduced to.
  private init(_ panels: [Panel], x: Axis, width: Double, steps: Int) {
    (self.panels, self.x, self.width, self.steps) = (panels, x, width, steps)
    let axis = PlotAxis(x, length: width, isVertical: false)
    let laid = panels.map { PanelLayout($0) }
    let left = max(laid.reduce(0) { max($0, $1.widthBefore) }, axis.overhang.before)
    (self.axis, self.left) = (axis, left)
    var (parts, areas): ([Part], [Rectangle]) = ([], [])
    // Half a line for the uppermost number of an axis.
    var y = 0.0
    for (index, panel) in panels.enumerated() {
      switch panel {
      case .heading(let text):
        let line = Text(text, .heading, width: left + width)
        parts.append(Part(line, at: Point(0, y)))
        y += line.size.height + 4
      case .curves(let name, let detail, let signals, _, let height):
        guard let vertical = laid[index].y else { continue }
        let half = (Text("0", .tick).size.height / 2).rounded(.up)
        y += half
        let area = Rectangle(x: left, y: y, width: width, height: height)
        let marks = SignalMarks(
          signals, x: axis, y: vertical, size: area.size, steps: steps)
        parts.append(
          Part(
            Layers([
              StackGround(x: axis, y: vertical, size: area.size), marks, StackEdges(area.size),
            ]
            ), in: area))
        areas.append(area)
        parts += vertical.labelParts(leftOf: left - 6, from: y)
        let texts = Column(
          spacing: 0,
          [
            Text(name, .heading, width: Self.widestName, maximumLines: 2),
            Text(detail, .tick, width: Self.widestName, maximumLines: 2),
          ])
        parts.append(
          Part(texts, at: Point(0, max(0, y + ((height - texts.size.height) / 2).rounded()))))
        y += max(height, texts.size.height) + half + Self.panelGap - half
      case .cells(let rows, let colormap):
        let area = Rectangle(
          x: left, y: y, width: width, height: Self.rowHeight * Double(rows.count))
        let drawn = rows.map { CellRow($0, colormap, x: axis, width: width) }
        parts.append(Part(Layers([CellRows(rows: drawn, size: area.size)]), in: area))
        areas.append(area)
        for (row, cells) in rows.enumerated() {
          let name = Text(cells.name, .tick, oneLineWithin: Self.widestName)
          let top = y + Double(row) * Self.rowHeight
          parts.append(Part(name, at: Point(left - 6 - name.size.width, top)))
          parts.append(Part(Text(cells.detail, .tick), at: Point(left + width + 6, top)))
        }
        y += area.height + Self.panelGap
      }
    }
    y -= Self.panelGap
    parts += axis.labelParts(below: y + 8, from: left, titleWithin: width)
    parts = parts.filter { $0.frame.width > 0 && $0.frame.height > 0 }
    self.parts = parts
    self.areas = areas
    size = extent(of: parts)
  }

  /// The place of a number of the common axis, in points from the left edge of the stack.
  public func place(of value: Double) -> Double { left + width * axis.unit(value) }

  /// What a panel needs to the left of its area.
  private struct PanelLayout {
    let y: PlotAxis?
    let widthBefore: Double

    init(_ panel: Panel) {
      switch panel {
      case .heading: (y, widthBefore) = (nil, 0)
      case .curves(let name, let detail, let signals, let axis, let height):
        let vertical = PlotAxis(
          axis.covering(signals.lazy.flatMap { $0.values.lazy.map(Double.init) }, margin: 0.06),
          length: height, isVertical: true)
        let names = max(
          Text(name, .heading, width: widestName, maximumLines: 2).size.width,
          Text(detail, .tick, width: widestName, maximumLines: 2).size.width)
        y = vertical
        widthBefore = names + (names > 0 ? 8 : 0) + vertical.labelWidth + 6
      case .cells(let rows, _):
        y = nil
        widthBefore =
          rows.reduce(0) {
            max($0, Text($1.name, .tick, oneLineWithin: widestName).size.width)
          } + 6
      }
    }
  }
}

extension SignalStack: Reflowing {
  /// With narrower areas; labels keep their size, and curves as many steps.
  func reflowed(toWidth other: Double) -> any Drawable {
    let narrow = min(width, max(min(width, 200), width - (size.width - other))).rounded()
    return SignalStack(panels, x: x, width: narrow, steps: steps)
  }
}

/// Pale lines at the ticks of both axes.
private struct StackGround: Drawable {
  let x, y: PlotAxis
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for tick in x.ticks.values {
      let x = x.snapped(tick, from: frame.x, to: frame.x + size.width)
      canvas.stroke(
        polyline: [Point(x, frame.y), Point(x, frame.y + size.height)], with: Theme.gridLine)
    }
    for tick in y.ticks.values {
      let y = y.snapped(tick, from: frame.y + size.height, to: frame.y)
      canvas.stroke(
        polyline: [Point(frame.x, y), Point(frame.x + size.width, y)], with: Theme.gridLine)
    }
  }
}

/// The lines of the two axes.
private struct StackEdges: Drawable {
  let size: Size

  init(_ size: Size) { self.size = size }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.stroke(
      polyline: [
        Point(frame.x + 0.5, frame.y + 0.5), Point(frame.x + 0.5, frame.y + size.height - 0.5),
        Point(frame.x + size.width - 0.5, frame.y + size.height - 0.5),
      ], with: Theme.line)
  }
}

/// One row of coloured cells, each around its place on the axis.
private struct CellRow {
  let image: Image
  /// From the left edge of the area, in points.
  let place: ClosedRange<Double>

  init(_ cells: SignalStack.Cells, _ colormap: Colormap, x: PlotAxis, width: Double) {
    let signal = cells.signal
    // A cell narrower than a column of pixels might be in none.
    let every = signal.numbersPerColumn(
      width: width, extent: x.range.upperBound - x.range.lowerBound)
    let values = every == 1 ? signal.values : Envelope(of: signal.values, every: every).extremes
    image = Raster(width: values.count, height: 1, values: values)
      .image(colormap, range: cells.range)
    // The last step may be of fewer numbers, and is then cut off at the end of the axis.
    let from = width * x.unit(signal.place(-0.5))
    let to = width * x.unit(signal.place(Double(values.count * every) - 0.5))
    place = signal.step > 0 ? min(from, to)...max(from, to) : 0...width
  }
}

/// Rows of cells, cut off at the ends of the axis.
private struct CellRows: Drawable {
  let rows: [CellRow]
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let area = Rectangle(origin: frame.origin, size: size)
    let height = size.height / Double(max(rows.count, 1))
    canvas.fill(area, with: Theme.nothing)
    canvas.clip(to: area) {
      for (index, row) in rows.enumerated()
      where row.image.width > 0 && row.place.overlaps(0...size.width) {
        let cells = Rectangle(
          x: area.x + row.place.lowerBound, y: area.y + Double(index) * height,
          width: row.place.upperBound - row.place.lowerBound, height: height)
        if !row.image.isOpaque { canvas.hatch(cells) }
        canvas.draw(row.image, in: cells, interpolation: .nearest)
      }
    }
  }
}
