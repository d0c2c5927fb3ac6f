public import Images

/// A picture in grey, lit in the colours of a map.
///
/// Every pixel of the picture is multiplied by a light whose colour is the map's, so that the
/// picture's details stay visible under any value of the map: a map that is blended with the
/// picture (as Captum's `blended_heat_map` and pytorch-grad-cam's `show_cam_on_image` do) hides
/// them, most of all where the map is greatest. Where a sequential map is lowest, the picture is
/// dim; where a diverging map is neutral, it is grey.
public struct Overlay: Drawable {
  public let picture: Image
  public let raster: Raster
  public let colormap: Colormap
  public let range: ClosedRange<Float>
  public let size: Size

  /// A map stretched over the whole picture.
  ///
  /// - Parameter range: The values at the ends of the colour map.
  public init(
    _ raster: Raster, over picture: Image, colormap: Colormap = .inferno,
    range: ClosedRange<Float>, size: Size
  ) {
    self.picture = picture
    self.raster = raster
    self.colormap = colormap
    self.range = range
    self.size = size
  }

  /// The colours in which the map lights a white picture.
  public static func light(of colormap: Colormap) -> Colormap {
    // The ends of a diverging map are dark; those of others, black at one end.
    let least = colormap.isDiverging ? 0.3 : 0.45
    return colormap.mapped { Color.white.mixed(with: $0, 1 - least) }
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Rectangle(origin: frame.origin, size: size)
    let isEnlarged = size.width >= 2 * Double(picture.width)
    if raster.nonFiniteCount > 0 { canvas.hatch(place) }
    canvas.draw(litPicture, in: place, interpolation: isEnlarged ? .nearest : .smooth)
  }

  /// Transparent where the map is not finite.
  private var litPicture: Image {
    let lights = raster.image(Self.light(of: colormap), range: range)
    let grey = picture.paleGrey
    let (width, height) = (max(grey.width, lights.width), max(grey.height, lights.height))
    var pixels = [UInt8](repeating: 0, count: 4 * width * height)
    for row in 0..<height {
      for column in 0..<width {
        // The smaller of the two is enlarged.
        func place(_ image: Image) -> Int {
          4 * (row * image.height / height * image.width + column * image.width / width)
        }
        let (from, light, to) = (place(grey), place(lights), 4 * (row * width + column))
        for channel in 0..<3 {
          let product = Int(grey.pixels[from + channel]) * Int(lights.pixels[light + channel])
          pixels[to + channel] = UInt8((product + 127) / 255)
        }
        pixels[to + 3] = min(grey.pixels[from + 3], lights.pixels[light + 3])
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}

extension Image {
  /// The picture without colours, which could be mistaken for the map's, blended with a quarter of
  /// white, so that dark parts can be lit.
  fileprivate var paleGrey: Image {
    var pixels = grayscale().pixels
    for index in pixels.indices where index % 4 != 3 {
      pixels[index] = UInt8((3 * Int(pixels[index]) + 255 + 2) / 4)
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
