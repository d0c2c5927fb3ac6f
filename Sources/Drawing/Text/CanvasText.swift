internal import CCairo

/// The horizontal position of a line of text relative to its anchor point.
public enum HorizontalAlignment: Sendable, Hashable {
  case leading
  case center
  case trailing
}

extension Canvas {
  /// Draws one line of text with its baseline through `baseline`.
  public func draw(
    _ text: String, at baseline: Point, style: TextStyle,
    alignment: HorizontalAlignment = .leading
  ) {
    let runs = textRuns(of: text)
    guard !runs.isEmpty else { return }
    var x =
      switch alignment {
      case .leading: baseline.x
      case .center: baseline.x - style.width(of: text) / 2
      case .trailing: baseline.x - style.width(of: text)
      }
    cairo_save(context)
    cairo_set_font_face(context, style.font.face)
    cairo_set_font_options(context, style.font.options)
    setSource(style.color)
    for run in runs {
      let size = style.size * (run.isRaised ? raisedSize : 1)
      let y = baseline.y - (run.isRaised ? raisedHeight * style.size : 0)
      cairo_set_font_size(context, size)
      cairo_move_to(context, x, y)
      // As outlines: Cairo before 1.18 would move glyphs to whole pixels, which spaces small
      // letters unevenly.
      cairo_text_path(context, run.text)
      x += size * style.font.advance(of: run.text)
    }
    cairo_fill(context)
    cairo_restore(context)
  }
}
