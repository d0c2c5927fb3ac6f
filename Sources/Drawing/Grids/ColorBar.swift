internal import Images

/// A colour map with labelled ticks.
public struct ColorBar: Composite {
  public enum Orientation: Sendable, Hashable {
    case horizontal
    case vertical
  }

  public let parts: [Part]
  public let size: Size

  private static let thickness = 12.0
  private static let tickLength = 3.0

  /// - Parameter length: Of the coloured bar; its labels may extend beyond it.
  public init(
    _ colormap: Colormap, range: ClosedRange<Float>, label: String = "",
    orientation: Orientation = .horizontal, length: Double = 240
  ) {
    let length = max(20, length.rounded())
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    switch orientation {
    case .horizontal:
      let axis = PlotAxis(
        Axis(label, range: bounds), length: length, isVertical: false, keepsLabelsInside: true)
      let bar = ColorRamp(
        colormap, axis: axis, orientation: orientation,
        size: Size(width: length, height: Self.thickness + Self.tickLength))
      var parts = [Part(bar, at: Point(0, 0))]
      parts += axis.labelParts(
        below: bar.size.height + 1, from: 0, titleWithin: length)
      self.parts = parts
    case .vertical:
      let axis = PlotAxis(
        Axis(label, range: bounds), length: length, isVertical: true, keepsLabelsInside: true)
      let bar = ColorRamp(
        colormap, axis: axis, orientation: orientation,
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
  let size: Size

  init(_ colormap: Colormap, axis: PlotAxis, orientation: ColorBar.Orientation, size: Size) {
    self.colormap = colormap
    self.axis = axis
    self.orientation = orientation
    self.size = size
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let tickLength = 3.0
    let steps = colormap.table.count
    let ramp = (0..<steps).map { Float($0) }
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
