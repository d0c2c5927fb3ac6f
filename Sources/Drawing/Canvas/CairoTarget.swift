internal import CCairo
internal import Foundation
internal import Images

/// Draws with Cairo: on pixels, or on a PDF's page.
final class CairoTarget: DrawingTarget {
  private let surface: OpaquePointer
  private let context: OpaquePointer
  /// The PDF; nil for pixels.
  private let file: WrittenBytes?

  /// Transparent pixels.
  ///
  /// - Throws: `DrawingError` if memory runs out.
  convenience init(pixelsWide width: Int, high height: Int, scale: Double) throws(DrawingError) {
    try self.init(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height)), file: nil)
    cairo_scale(context, scale, scale)
  }

  /// A page with a size in points, 1/72 inch.
  ///
  /// - Throws: `DrawingError` if memory runs out.
  convenience init(page size: Size, _ metadata: DocumentMetadata) throws(DrawingError) {
    let file = WrittenBytes()
    let surface = cairo_pdf_surface_create_for_stream(
      { closure, bytes, count in
        guard let closure, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
        Unmanaged<WrittenBytes>.fromOpaque(closure).takeUnretainedValue()
          .data.append(bytes, count: Int(count))
        return CAIRO_STATUS_SUCCESS
      }, Unmanaged.passUnretained(file).toOpaque(), size.width, size.height)
    try self.init(surface, file: file)
    let facts: [(cairo_pdf_metadata_t, String)] = [
      (CAIRO_PDF_METADATA_TITLE, metadata.title),
      (CAIRO_PDF_METADATA_SUBJECT, metadata.description),
      (CAIRO_PDF_METADATA_KEYWORDS, metadata.keywords),
      (CAIRO_PDF_METADATA_CREATOR, metadata.creator),
      // None, so that equal drawings give equal bytes.
      (CAIRO_PDF_METADATA_CREATE_DATE, ""),
    ]
    for (key, value) in facts { cairo_pdf_surface_set_metadata(surface, key, value) }
  }

  private init(_ surface: OpaquePointer?, file: WrittenBytes?) throws(DrawingError) {
    let context = cairo_create(surface)
    let status = cairo_status(context)
    guard let surface, let context, status == CAIRO_STATUS_SUCCESS else {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
      throw DrawingError(status)
    }
    (self.surface, self.context, self.file) = (surface, context, file)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// The finished pixels.
  ///
  /// - Throws: `DrawingError` if any of the drawing has failed.
  func image() throws(DrawingError) -> Image {
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

  /// The finished PDF.
  ///
  /// - Throws: `DrawingError` if any of the drawing has failed.
  func document() throws(DrawingError) -> Data {
    let drawn = cairo_status(context)
    cairo_surface_finish(surface)
    for status in [drawn, cairo_surface_status(surface)] where status != CAIRO_STATUS_SUCCESS {
      throw DrawingError(status)
    }
    return file?.data ?? Data()
  }

  // MARK: Shapes

  func fill(_ outline: Outline, with paint: Paint) {
    add(outline)
    set(paint)
    if case .contours = outline { cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD) }
    cairo_fill(context)
    cairo_set_fill_rule(context, CAIRO_FILL_RULE_WINDING)
  }

  func stroke(_ outline: Outline, with stroke: Stroke) {
    add(outline)
    set(.color(stroke.color))
    cairo_set_line_width(context, stroke.width)
    cairo_set_line_join(
      context, stroke.join == .miter ? CAIRO_LINE_JOIN_MITER : CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
    cairo_stroke(context)
    cairo_set_dash(context, nil, 0, 0)
  }

  func save(_ change: StateChange) {
    cairo_save(context)
    switch change {
    case .clip(let rectangle):
      add(.rectangle(rectangle))
      cairo_clip(context)
    case .transform(let transform):
      var matrix = cairo_matrix_t(
        xx: transform.xx, yx: transform.yx, xy: transform.xy, yy: transform.yy, x0: transform.x0,
        y0: transform.y0)
      cairo_transform(context, &matrix)
    case .antialiasing(let antialiasing):
      cairo_set_antialias(
        context, antialiasing == .none ? CAIRO_ANTIALIAS_NONE : CAIRO_ANTIALIAS_DEFAULT)
    }
  }

  func restore() { cairo_restore(context) }

  private func add(_ outline: Outline) {
    switch outline {
    case .rectangle(let rectangle, let cornerRadius) where cornerRadius > 0:
      let radius = min(cornerRadius, rectangle.width / 2, rectangle.height / 2)
      let inner = rectangle.inset(by: radius)
      cairo_new_sub_path(context)
      for (corner, start) in zip(inner.corners, [2.0, 3, 0, 1]) {
        cairo_arc(
          context, corner.x, corner.y, radius, start * .pi / 2, (start + 1) * .pi / 2)
      }
      cairo_close_path(context)
    case .rectangle(let rectangle, _):
      cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    case .circle(let center, let radius):
      cairo_new_sub_path(context)
      cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
      cairo_close_path(context)
    case .line(let points, let isClosed):
      add(points, isClosed: isClosed)
    case .contours(let contours):
      for contour in contours { add(contour, isClosed: true) }
    }
  }

  private func add(_ points: [Point], isClosed: Bool) {
    guard let first = points.first else { return }
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
    if isClosed { cairo_close_path(context) }
  }

  private func set(_ paint: Paint) {
    let pattern: OpaquePointer?
    let stops: [(Double, Color)]
    switch paint {
    case .color(let color):
      return cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
    case .gradient(.linear(let from, let to, let linearStops)):
      pattern = cairo_pattern_create_linear(from.x, from.y, to.x, to.y)
      stops = linearStops
    case .gradient(.radial(let center, let radius, let radialStops)):
      pattern = cairo_pattern_create_radial(center.x, center.y, 0, center.x, center.y, radius)
      stops = radialStops
    }
    for (position, color) in stops {
      cairo_pattern_add_color_stop_rgba(
        pattern, position, color.red, color.green, color.blue, color.alpha)
    }
    cairo_set_source(context, pattern)
    cairo_pattern_destroy(pattern)
  }

  // MARK: Pictures

  func draw(
    _ image: Image, in frame: Rectangle, interpolation: Interpolation, opacity: Double
  ) {
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
    // Without padding, smooth edges would fade into transparency. In a PDF, viewers draw pictures.
    if file == nil { cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD) }
    if opacity < 1 {
      cairo_paint_with_alpha(context, opacity)
    } else {
      cairo_paint(context)
    }
    cairo_restore(context)
  }

  // MARK: Text

  func draw(_ line: TextLine) {
    cairo_save(context)
    set(.color(line.color))
    for run in line.runs {
      cairo_save(context)
      cairo_set_font_face(context, run.font.face)
      cairo_set_font_options(context, run.font.options)
      cairo_set_font_size(context, run.size)
      cairo_move_to(context, run.origin.x, run.origin.y)
      if run.narrowing < 1 {
        cairo_translate(context, run.origin.x, run.origin.y)
        cairo_scale(context, run.narrowing, 1)
        cairo_move_to(context, 0, 0)
      }
      if file != nil {
        cairo_show_text(context, run.text)
      } else {
        // As outlines: Cairo before 1.18 would move glyphs to whole pixels, which spaces small
        // letters unevenly.
        cairo_text_path(context, run.text)
      }
      cairo_restore(context)
    }
    cairo_fill(context)
    cairo_restore(context)
  }
}

/// The bytes that Cairo has written.
private final class WrittenBytes {
  var data = Data()
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
