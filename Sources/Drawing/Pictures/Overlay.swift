public import Images

/// A heat map over a picture: the greater the magnitude, the more opaque the map.
public struct Overlay: Drawable {
  public let picture: Image
  public let raster: Raster
  public let colormap: Colormap
  public let range: ClosedRange<Float>
  /// The opacity at the greatest magnitude, in `0...1`.
  public let opacity: Double
  public let size: Size

  /// A map stretched over the whole picture.
  ///
  /// - Parameter range: The values at the ends of the colour map; a diverging map is transparent in
  ///   the middle, others at the lower end.
  public init(
    _ raster: Raster, over picture: Image, colormap: Colormap = .inferno,
    range: ClosedRange<Float>, opacity: Double = 0.85, size: Size
  ) {
    self.picture = picture
    self.raster = raster
    self.colormap = colormap
    self.range = range
    self.opacity = opacity
    self.size = size
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Rectangle(origin: frame.origin, size: size)
    let isEnlarged = size.width >= 2 * Double(picture.width)
    if raster.nonFiniteCount > 0 { canvas.hatch(place) }
    // Without colours the picture cannot be mistaken for the map.
    canvas.draw(
      picture.paleGrey.transparent(where: raster), in: place,
      interpolation: isEnlarged ? .nearest : .smooth)
    canvas.draw(veil, in: place, interpolation: .smooth)
  }

  /// The map as colours of varying opacity.
  private var veil: Image {
    var pixels = raster.image(colormap, range: range).pixels
    let lower = Double(range.lowerBound)
    let span = max(Double(range.upperBound) - lower, .leastNormalMagnitude)
    for (index, value) in raster.values.enumerated() {
      let unit = min(max((Double(value) - lower) / span, 0), 1)
      let magnitude = colormap.isDiverging ? abs(2 * unit - 1) : unit
      let alpha = !value.isFinite ? 0 : opacity * magnitude.squareRoot()
      pixels[4 * index + 3] = UInt8((255 * min(max(alpha, 0), 1)).rounded())
    }
    return Image(width: raster.width, height: raster.height, pixels: pixels)
  }
}

extension Image {
  /// The picture without colours, blended with a quarter of white, as the background of a map.
  fileprivate var paleGrey: Image {
    var pixels = grayscale().pixels
    for index in pixels.indices where index % 4 != 3 {
      pixels[index] = UInt8((3 * Int(pixels[index]) + 255 + 2) / 4)
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// The picture without the parts where a map on top of it has no finite value.
  fileprivate func transparent(where raster: Raster) -> Image {
    guard raster.nonFiniteCount > 0 else { return self }
    var pixels = pixels
    for index in 0..<(width * height) {
      let (row, column) = (
        index / width * raster.height / height, index % width * raster.width / width
      )
      if !raster.values[row * raster.width + column].isFinite { pixels[4 * index + 3] = 0 }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
