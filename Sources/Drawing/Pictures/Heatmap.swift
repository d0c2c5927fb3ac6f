internal import Images

/// A matrix of numbers as coloured cells.
public struct Heatmap: Drawable {
  public let raster: Raster
  public let colormap: Colormap
  public let range: ClosedRange<Float>
  public let size: Size
  public let interpolation: Interpolation

  public init(
    _ raster: Raster, colormap: Colormap = .viridis, range: ClosedRange<Float>,
    zoom: Double = 1, interpolation: Interpolation = .nearest
  ) {
    self.init(
      raster, colormap: colormap, range: range,
      size: Size(width: zoom * Double(raster.width), height: zoom * Double(raster.height)),
      interpolation: zoom < 1 ? .smooth : interpolation)
  }

  public init(
    _ raster: Raster, colormap: Colormap = .viridis, range: ClosedRange<Float>, size: Size,
    interpolation: Interpolation = .smooth
  ) {
    self.raster = raster
    self.colormap = colormap
    self.range = range
    self.size = size
    self.interpolation = interpolation
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let image = raster.image(colormap, range: range)
    let place = Rectangle(origin: frame.origin, size: size)
    if !image.isOpaque { canvas.hatch(place) }
    canvas.draw(image, in: place, interpolation: interpolation)
  }
}
