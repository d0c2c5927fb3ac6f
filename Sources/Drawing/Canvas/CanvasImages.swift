internal import CCairo
public import Images

/// How a picture is sampled between its pixels.
public enum Interpolation: Sendable, Hashable {
  /// Every pixel stays a square of a single colour.
  case nearest
  /// Bilinear when enlarged, averaged when reduced.
  case smooth
}

extension Canvas {
  /// Draws a picture stretched to fill `frame`.
  public func draw(
    _ image: Image, in frame: Rectangle, interpolation: Interpolation = .smooth,
    opacity: Double = 1
  ) {
    guard image.width > 0, image.height > 0, frame.width > 0, frame.height > 0 else { return }
    let source = cairo_image_surface_create(
      CAIRO_FORMAT_ARGB32, Int32(clamping: image.width), Int32(clamping: image.height))
    defer { cairo_surface_destroy(source) }
    guard let bytes = cairo_image_surface_get_data(source) else { return }
    cairo_surface_flush(source)
    let stride = Int(cairo_image_surface_get_stride(source))
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      for y in 0..<image.height {
        premultiply(pixels + 4 * y * image.width, into: bytes + y * stride, count: image.width)
      }
    }
    cairo_surface_mark_dirty(source)

    cairo_save(context)
    cairo_rectangle(context, frame.x, frame.y, frame.width, frame.height)
    cairo_clip(context)
    cairo_translate(context, frame.x, frame.y)
    cairo_scale(
      context, frame.width / Double(image.width), frame.height / Double(image.height))
    cairo_set_source_surface(context, source, 0, 0)
    let pattern = cairo_get_source(context)
    cairo_pattern_set_filter(
      pattern, interpolation == .nearest ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD)
    // Without padding, smooth edges would fade into transparency.
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
    if opacity < 1 {
      cairo_paint_with_alpha(context, opacity)
    } else {
      cairo_paint(context)
    }
    cairo_restore(context)
  }
}

/// Converts one row of straight RGBA to Cairo's native-endian premultiplied 0xAARRGGBB words.
private func premultiply(
  _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int
) {
  target.withMemoryRebound(to: UInt32.self, capacity: count) { words in
    for x in 0..<count {
      let pixel = source + 4 * x
      let alpha = UInt32(pixel[3])
      var (red, green, blue) = (UInt32(pixel[0]), UInt32(pixel[1]), UInt32(pixel[2]))
      if alpha != 255 {
        red = (red * alpha + 127) / 255
        green = (green * alpha + 127) / 255
        blue = (blue * alpha + 127) / 255
      }
      words[x] = alpha << 24 | red << 16 | green << 8 | blue
    }
  }
}
