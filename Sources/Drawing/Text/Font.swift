internal import CCairo

/// One face of the figures' typeface, with its measures as fractions of the font size.
///
/// Outlines are neither hinted nor snapped, so that widths grow in proportion to the size and a
/// figure has the same layout at every scale.
final class Font: @unchecked Sendable {
  // Unchecked: Cairo counts faces and scaled fonts atomically, locks them where it must, and
  // nothing here changes after `init`.

  static let regular = Font(weight: CAIRO_FONT_WEIGHT_NORMAL)
  static let bold = Font(weight: CAIRO_FONT_WEIGHT_BOLD)

  #if canImport(Darwin)
  private static let family = "Helvetica Neue"
  #else
  private static let family = "DejaVu Sans"
  #endif
  /// Any size does, for measures are proportional to it.
  private static let measuringSize = 64.0

  let face: OpaquePointer?
  private let measuring: OpaquePointer?
  /// From the baseline up to the top of a line.
  let ascent: Double
  /// From the baseline down to the bottom of a line.
  let descent: Double
  /// The height of a capital letter.
  let capHeight: Double

  private init(weight: cairo_font_weight_t) {
    face = cairo_toy_font_face_create(Self.family, CAIRO_FONT_SLANT_NORMAL, weight)
    var size = cairo_matrix_t()
    var identity = cairo_matrix_t()
    cairo_matrix_init_scale(&size, Self.measuringSize, Self.measuringSize)
    cairo_matrix_init_identity(&identity)
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    measuring = cairo_scaled_font_create(face, &size, &identity, options)
    cairo_font_options_destroy(options)

    var font = cairo_font_extents_t()
    cairo_scaled_font_extents(measuring, &font)
    ascent = font.ascent / Self.measuringSize
    descent = font.descent / Self.measuringSize
    var capital = cairo_text_extents_t()
    cairo_scaled_font_text_extents(measuring, "H", &capital)
    capHeight = capital.height / Self.measuringSize
  }

  deinit {
    cairo_scaled_font_destroy(measuring)
    cairo_font_face_destroy(face)
  }

  /// How far a text moves the pen, as a fraction of the font size.
  func advance(of text: String) -> Double {
    var extents = cairo_text_extents_t()
    cairo_scaled_font_text_extents(measuring, text, &extents)
    return extents.x_advance / Self.measuringSize
  }
}
