internal import CCairo

/// Whether edges are softened.
public enum Antialiasing: Sendable, Hashable {
  /// Every pixel is entirely inside or outside, so that adjacent polygons leave no seam.
  case none
  case smooth
}

extension Canvas {
  public func fill(_ rectangle: Rectangle, with color: Color) {
    addRectangle(rectangle)
    setSource(color)
    cairo_fill(context)
  }

  public func fill(_ rectangle: Rectangle, with gradient: Gradient) {
    addRectangle(rectangle)
    fillPath(with: gradient)
  }

  /// Fills the inside of a closed polygon, by the nonzero winding rule.
  public func fill(polygon: [Point], with color: Color) {
    addLine(through: polygon, closed: true)
    setSource(color)
    cairo_fill(context)
  }

  public func fill(polygon: [Point], with gradient: Gradient) {
    addLine(through: polygon, closed: true)
    fillPath(with: gradient)
  }

  /// Fills a polygon with holes: whatever is inside an odd number of the contours.
  public func fill(contours: [[Point]], with color: Color) {
    for contour in contours { addLine(through: contour, closed: true) }
    setSource(color)
    cairo_set_fill_rule(context, CAIRO_FILL_RULE_EVEN_ODD)
    cairo_fill(context)
    cairo_set_fill_rule(context, CAIRO_FILL_RULE_WINDING)
  }

  public func fill(circle center: Point, radius: Double, with color: Color) {
    addCircle(center, radius)
    setSource(color)
    cairo_fill(context)
  }

  public func fill(circle center: Point, radius: Double, with gradient: Gradient) {
    addCircle(center, radius)
    fillPath(with: gradient)
  }

  public func fill(_ rectangle: Rectangle, cornerRadius: Double, with color: Color) {
    addRectangle(rectangle, cornerRadius: cornerRadius)
    setSource(color)
    cairo_fill(context)
  }

  /// Strokes a line through the points, with round joins.
  ///
  /// - Parameter dash: Lengths of ink and gap in turn, in points; empty for a solid line.
  public func stroke(
    polyline: [Point], with color: Color, width: Double = 1, closed: Bool = false,
    dash: [Double] = []
  ) {
    addLine(through: polyline, closed: closed)
    strokePath(with: color, width: width, dash: dash)
  }

  /// Strokes the outline of a rectangle; half of the line is inside and half outside.
  public func stroke(_ rectangle: Rectangle, with color: Color, width: Double = 1) {
    addRectangle(rectangle)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_MITER)
    setSource(color)
    cairo_set_line_width(context, width)
    cairo_stroke(context)
  }

  public func stroke(
    circle center: Point, radius: Double, with color: Color, width: Double = 1
  ) {
    addCircle(center, radius)
    strokePath(with: color, width: width, dash: [])
  }

  /// Clips drawing to `rectangle`.
  public func clip<Result, Failure>(
    to rectangle: Rectangle, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    cairo_save(context)
    defer { cairo_restore(context) }
    addRectangle(rectangle)
    cairo_clip(context)
    return try body()
  }

  /// Draws with or without antialiasing.
  public func antialiasing<Result, Failure>(
    _ antialiasing: Antialiasing, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_set_antialias(
      context, antialiasing == .none ? CAIRO_ANTIALIAS_NONE : CAIRO_ANTIALIAS_DEFAULT)
    return try body()
  }

  /// Draws in coordinates that `transform` maps to those of the canvas.
  public func transformed<Result, Failure>(
    by transform: Transform, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    cairo_save(context)
    defer { cairo_restore(context) }
    var matrix = cairo_matrix_t(
      xx: transform.xx, yx: transform.yx, xy: transform.xy, yy: transform.yy, x0: transform.x0,
      y0: transform.y0)
    cairo_transform(context, &matrix)
    return try body()
  }

  private func addRectangle(_ rectangle: Rectangle) {
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
  }

  private func addRectangle(_ rectangle: Rectangle, cornerRadius: Double) {
    let radius = min(cornerRadius, rectangle.width / 2, rectangle.height / 2)
    let inner = rectangle.inset(by: radius)
    cairo_new_sub_path(context)
    for (corner, start) in zip(inner.corners, [2.0, 3, 0, 1]) {
      cairo_arc(
        context, corner.x, corner.y, radius, start * .pi / 2, (start + 1) * .pi / 2)
    }
    cairo_close_path(context)
  }

  private func addCircle(_ center: Point, _ radius: Double) {
    cairo_new_sub_path(context)
    cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
    cairo_close_path(context)
  }

  private func addLine(through points: [Point], closed: Bool) {
    guard let first = points.first else { return }
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
    if closed { cairo_close_path(context) }
  }

  private func strokePath(with color: Color, width: Double, dash: [Double]) {
    setSource(color)
    cairo_set_line_width(context, width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, dash, Int32(dash.count), 0)
    cairo_stroke(context)
    cairo_set_dash(context, nil, 0, 0)
  }

  private func fillPath(with gradient: Gradient) {
    let pattern: OpaquePointer?
    let stops: [(Double, Color)]
    switch gradient {
    case .linear(let from, let to, let linearStops):
      pattern = cairo_pattern_create_linear(from.x, from.y, to.x, to.y)
      stops = linearStops
    case .radial(let center, let radius, let radialStops):
      pattern = cairo_pattern_create_radial(center.x, center.y, 0, center.x, center.y, radius)
      stops = radialStops
    }
    for (position, stop) in stops {
      let color = appearance.color(stop)
      cairo_pattern_add_color_stop_rgba(
        pattern, position, color.red, color.green, color.blue, color.alpha)
    }
    cairo_set_source(context, pattern)
    cairo_fill(context)
    cairo_pattern_destroy(pattern)
  }
}
