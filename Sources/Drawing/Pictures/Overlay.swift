public import Images

/// A heat map over a picture: the greater a magnitude, the more it covers.
public struct Overlay: Drawable {
  public let picture: Image
  public let raster: Raster
  public let colormap: Colormap
  public let range: ClosedRange<Float>
  /// How much the greatest magnitude covers, in `0...1`.
  public let opacity: Double
  public let size: Size

  /// A map stretched over the whole picture.
  ///
  /// - Parameter range: What becomes the ends of the colour map; with a diverging map the
  ///   middle is transparent, with others the lower end.
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
    // Without its colours the picture cannot be mistaken for the map.
    canvas.draw(
      picture.grey, in: place, interpolation: isEnlarged ? .nearest : .smooth)
    canvas.draw(veil, in: place, interpolation: .smooth)
  }

  /// The map as colours of varying opacity.
  private var veil: Image {
    var image = raster.image(colormap, range: range)
    let lower = Double(range.lowerBound)
    let span = max(Double(range.upperBound) - lower, .leastNormalMagnitude)
    for (index, value) in raster.values.enumerated() {
      let unit = min(max((Double(value) - lower) / span, 0), 1)
      let magnitude = colormap.isDiverging ? abs(2 * unit - 1) : unit
      let alpha = value.isNaN ? 0 : opacity * magnitude.squareRoot()
      image.pixels[4 * index + 3] = UInt8((255 * min(max(alpha, 0), 1)).rounded())
    }
    return image
  }
}

extension Image {
  /// The picture without its colours, a little lighter, as ground for something else.
  var grey: Image {
    var image = self
    for pixel in stride(from: 0, to: image.pixels.count, by: 4) {
      // Rec. 709 luma, and a quarter of the way to white.
      let luma =
        0.2126 * Double(pixels[pixel]) + 0.7152 * Double(pixels[pixel + 1]) + 0.0722
        * Double(pixels[pixel + 2])
      let byte = UInt8((0.75 * luma + 0.25 * 255).rounded())
      for channel in 0..<3 { image.pixels[pixel + channel] = byte }
    }
    return image
  }
}
