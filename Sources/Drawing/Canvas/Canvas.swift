internal import CCairo
public import Images

/// A surface to draw on; it cannot be copied, and it is turned into an image once.
///
/// Coordinates are in points; a point is one pixel at scale 1. Anything outside the canvas is
/// clipped, and a failure inside Cairo is thrown by ``image()``.
public struct Canvas: ~Copyable {
  let surface: OpaquePointer
  let context: OpaquePointer

  /// In points.
  public let size: Size
  /// Pixels per point.
  public let scale: Double
  /// What the colours that are drawn become.
  public let appearance: Appearance

  /// The longest side of Cairo's image surfaces.
  private static let longestSide = 32_767
  /// 1 GiB of pixels: more than any figure needs, but not enough to exhaust a machine.
  private static let mostPixels = 1 << 28

  /// A canvas of `scale · width` by `scale · height` pixels, transparent if `background` is nil.
  ///
  /// - Throws: `DrawingError` if a side is below 1 or above 32 767 pixels, or memory runs out.
  public init(
    width: Int, height: Int, scale: Int = 1, background: Color? = nil,
    appearance: Appearance = .light
  ) throws(DrawingError) {
    let sides = 1...Self.longestSide
    guard sides.contains(width), sides.contains(height), (1...16).contains(scale),
      sides.contains(width * scale), sides.contains(height * scale),
      width * height * scale * scale <= Self.mostPixels
    else {
      throw DrawingError(
        "a canvas of \(width)×\(height) points at scale \(scale) cannot be created")
    }
    let surface = cairo_image_surface_create(
      CAIRO_FORMAT_ARGB32, Int32(width * scale), Int32(height * scale))
    let context = cairo_create(surface)
    let status = cairo_status(context)
    guard let surface, let context, status == CAIRO_STATUS_SUCCESS else {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
      throw DrawingError(status)
    }
    self.surface = surface
    self.context = context
    self.scale = Double(scale)
    self.appearance = appearance
    size = Size(width: Double(width), height: Double(height))
    if let background {
      setSource(background)
      cairo_paint(context)
    }
    cairo_scale(context, self.scale, self.scale)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// The finished picture.
  ///
  /// - Throws: `DrawingError` if any of the drawing has failed.
  public consuming func image() throws(DrawingError) -> Image {
    cairo_surface_flush(surface)
    let status = cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS, let bytes = cairo_image_surface_get_data(surface) else {
      throw DrawingError(status)
    }
    let width = Int(cairo_image_surface_get_width(surface))
    let height = Int(cairo_image_surface_get_height(surface))
    let stride = Int(cairo_image_surface_get_stride(surface))
    let pixels = [UInt8](unsafeUninitializedCapacity: 4 * width * height) { target, count in
      guard let target = target.baseAddress else { return }
      for y in 0..<height {
        straighten(bytes + y * stride, into: target + 4 * y * width, count: width)
      }
      count = 4 * width * height
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  func setSource(_ color: Color) {
    let color = appearance.color(color)
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
  }
}

/// Converts one row of Cairo's native-endian premultiplied 0xAARRGGBB words to straight RGBA.
private func straighten(
  _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int
) {
  source.withMemoryRebound(to: UInt32.self, capacity: count) { words in
    for x in 0..<count {
      let word = words[x]
      let alpha = word >> 24
      var (red, green, blue) = (word >> 16 & 0xFF, word >> 8 & 0xFF, word & 0xFF)
      if alpha != 255, alpha != 0 {
        let half = alpha / 2
        red = min(255, (red * 255 + half) / alpha)
        green = min(255, (green * 255 + half) / alpha)
        blue = min(255, (blue * 255 + half) / alpha)
      }
      let pixel = target + 4 * x
      pixel[0] = UInt8(truncatingIfNeeded: red)
      pixel[1] = UInt8(truncatingIfNeeded: green)
      pixel[2] = UInt8(truncatingIfNeeded: blue)
      pixel[3] = UInt8(truncatingIfNeeded: alpha)
    }
  }
}
