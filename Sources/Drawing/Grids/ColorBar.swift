internal import Images

/// A colour map with labelled ticks, three at least.
public struct ColorBar: Composite {
  public enum Orientation: Sendable, Hashable {
    case horizontal
    case vertical
  }

  public let parts: [Part]
  public let size: Size

  private static let thickness = 12.0
  private static let tickLength = 3.0

  /// Two numbers do not say whether a scale is linear.
  private static let fewestTicks = 3

  /// - Parameters:
  ///   - length: Of the coloured bar; its labels may extend beyond it.
  ///   - explainsMarks: Whether the colours are those of marks, which differ in dark figures, and
  ///     not those of a picture or map.
  public init(
    _ colormap: Colormap, range: ClosedRange<Float>, label: String = "",
    orientation: Orientation = .horizontal, length: Double = 240,
    format: NumberFormat = .general, explainsMarks: Bool = false
  ) {
    let length = max(20, length.rounded())
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    switch orientation {
    case .horizontal:
      let axis = PlotAxis(
        Axis(label, range: bounds, format: format), length: length, isVertical: false,
        keepsLabelsInside: true, fewestTicks: Self.fewestTicks)
      let bar = ColorRamp(
        colormap, axis: axis, orientation: orientation, explainsMarks: explainsMarks,
        size: Size(width: length, height: Self.thickness + Self.tickLength))
      var parts = [Part(bar, at: Point(0, 0))]
      parts += axis.labelParts(
        below: bar.size.height + 1, from: 0, titleWithin: length)
      self.parts = parts
    case .vertical:
      let axis = PlotAxis(
        Axis(label, range: bounds, format: format), length: length, isVertical: true,
        keepsLabelsInside: true, fewestTicks: Self.fewestTicks)
      let bar = ColorRamp(
        colormap, axis: axis, orientation: orientation, explainsMarks: explainsMarks,
        size: Size(width: Self.thickness + Self.tickLength, height: length))
      var parts = [Part(bar, at: Point(0, 0))]
      parts += axis.labelParts(
        rightOf: bar.size.width + 3, from: 0, titleWithin: length)
      self.parts = parts
    }
    size = extent(of: parts)
  }
}

/// The bar itself, with its ticks.
private struct ColorRamp: Drawable {
  let colormap: Colormap
  let axis: PlotAxis
  let orientation: ColorBar.Orientation
  let explainsMarks: Bool
  let size: Size

  init(
    _ colormap: Colormap, axis: PlotAxis, orientation: ColorBar.Orientation, explainsMarks: Bool,
    size: Size
  ) {
    self.colormap = colormap
    self.axis = axis
    self.orientation = orientation
    self.explainsMarks = explainsMarks
    self.size = size
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let tickLength = 3.0
    let steps = colormap.table.count
    let ramp = (0..<steps).map { Float($0) }
    let colormap =
      explainsMarks
      ? colormap.mapped(canvas.appearance.color) : colormap.on(canvas.appearance)
    switch orientation {
    case .horizontal:
      let bar = Rectangle(
        x: frame.x, y: frame.y, width: size.width, height: size.height - tickLength)
      let image = Raster(width: steps, height: 1, values: ramp)
        .image(colormap, range: 0...Float(steps - 1))
      canvas.draw(image, in: bar, interpolation: .smooth)
      for tick in axis.ticks.values {
        let x = axis.snapped(tick, from: bar.x, to: bar.maxX)
        canvas.stroke(
          polyline: [Point(x, bar.maxY), Point(x, bar.maxY + tickLength)], with: Theme.line)
      }
    case .vertical:
      let bar = Rectangle(
        x: frame.x, y: frame.y, width: size.width - tickLength, height: size.height)
      let image = Raster(width: 1, height: steps, values: ramp.reversed())
        .image(colormap, range: 0...Float(steps - 1))
      canvas.draw(image, in: bar, interpolation: .smooth)
      for tick in axis.ticks.values {
        let y = axis.snapped(tick, from: bar.maxY, to: bar.y)
        canvas.stroke(
          polyline: [Point(bar.maxX, y), Point(bar.maxX + tickLength, y)], with: Theme.line)
      }
    }
  }
}
