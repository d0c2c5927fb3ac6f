internal import CCairo

/// One face of a typeface, with its metrics as fractions of the font size.
///
/// Outlines are neither hinted nor snapped, so that widths are proportional to the size and a
/// figure has the same layout at every scale.
final class Font: @unchecked Sendable {
  // `@unchecked Sendable`: Cairo counts references to faces and scaled fonts atomically, locks them
  // when necessary, and nothing here changes after `init` but what `fallbacks` has found.

  /// The font size for measuring, to which metrics are proportional; large, because Cairo rounds
  /// the extents of ink.
  private static let measuringSize = 1024.0

  let family: String
  let isBold: Bool
  let face: OpaquePointer?
  /// Without hinting and snapping.
  let options: OpaquePointer?
  private let measuring: OpaquePointer?
  /// From the baseline up to the top of a line.
  let ascent: Double
  /// From the baseline down to the bottom of a line.
  let descent: Double
  /// The height of a capital letter.
  let capHeight: Double
  /// What draws the characters that it lacks.
  let fallbacks = FallbackFonts()
  /// Whether it has all visible ASCII characters.
  let hasASCII: Bool

  init(_ family: String, isBold: Bool) {
    (self.family, self.isBold) = (family, isBold)
    face = cairo_toy_font_face_create(
      family, CAIRO_FONT_SLANT_NORMAL, isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    var size = cairo_matrix_t()
    var identity = cairo_matrix_t()
    cairo_matrix_init_scale(&size, Self.measuringSize, Self.measuringSize)
    cairo_matrix_init_identity(&identity)
    options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    measuring = cairo_scaled_font_create(face, &size, &identity, options)

    var font = cairo_font_extents_t()
    cairo_scaled_font_extents(measuring, &font)
    ascent = font.ascent / Self.measuringSize
    descent = font.descent / Self.measuringSize
    var capital = cairo_text_extents_t()
    cairo_scaled_font_text_extents(measuring, "H", &capital)
    capHeight = capital.height / Self.measuringSize
    let ascii = String(decoding: UInt8(ascii: " ")...UInt8(ascii: "~"), as: UTF8.self)
    hasASCII = hasGlyphs(for: ascii, in: measuring)
  }

  deinit {
    cairo_scaled_font_destroy(measuring)
    cairo_font_options_destroy(options)
    cairo_font_face_destroy(face)
  }

  /// Whether the font has a picture of the character; Cairo would draw a box for one that it lacks.
  func hasGlyph(for scalar: Unicode.Scalar) -> Bool {
    hasGlyphs(for: String(scalar), in: measuring)
  }

  /// The advance width of a text, as a fraction of the font size.
  func advance(of text: String) -> Double {
    extents(of: text).x_advance / Self.measuringSize
  }

  /// How far ink extends to the left of the pen's start and to the right of its end, such as the
  /// tail of a j, as fractions of the font size.
  func overhang(of text: String) -> (left: Double, right: Double) {
    let extents = extents(of: text)
    let right = extents.x_bearing + extents.width - extents.x_advance
    return (
      max(0, -extents.x_bearing) / Self.measuringSize, max(0, right) / Self.measuringSize
    )
  }

  private func extents(of text: String) -> cairo_text_extents_t {
    var extents = cairo_text_extents_t()
    cairo_scaled_font_text_extents(measuring, text, &extents)
    return extents
  }
}

private func hasGlyphs(for text: String, in font: OpaquePointer?) -> Bool {
  var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
  var count: Int32 = 0
  let status = cairo_scaled_font_text_to_glyphs(
    font, 0, 0, text, Int32(text.utf8.count), &glyphs, &count, nil, nil, nil)
  defer { cairo_glyph_free(glyphs) }
  guard status == CAIRO_STATUS_SUCCESS, let glyphs else { return false }
  // Index 0 is the box for missing characters in all formats of fonts.
  return (0..<Int(count)).allSatisfy { glyphs[$0].index != 0 }
}
