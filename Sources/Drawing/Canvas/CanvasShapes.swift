/// Whether edges are softened.
public enum Antialiasing: Sendable, Hashable {
  /// Every pixel is entirely inside or outside, so that adjacent polygons leave no seam.
  case none
  case smooth
}

extension Canvas {
  public func fill(_ rectangle: Rectangle, with color: Color) {
    fill(.rectangle(rectangle), with: color)
  }

  public func fill(_ rectangle: Rectangle, with gradient: Gradient) {
    fill(.rectangle(rectangle), with: gradient)
  }

  /// Fills the inside of a closed polygon, by the nonzero winding rule.
  public func fill(polygon: [Point], with color: Color) {
    fill(.line(polygon, isClosed: true), with: color)
  }

  public func fill(polygon: [Point], with gradient: Gradient) {
    fill(.line(polygon, isClosed: true), with: gradient)
  }

  /// Fills a polygon with holes: whatever is inside an odd number of the contours.
  public func fill(contours: [[Point]], with color: Color) {
    fill(.contours(contours), with: color)
  }

  public func fill(circle center: Point, radius: Double, with color: Color) {
    fill(.circle(center, radius: radius), with: color)
  }

  public func fill(circle center: Point, radius: Double, with gradient: Gradient) {
    fill(.circle(center, radius: radius), with: gradient)
  }

  public func fill(_ rectangle: Rectangle, cornerRadius: Double, with color: Color) {
    fill(.rectangle(rectangle, cornerRadius: cornerRadius), with: color)
  }

  /// Strokes a line through the points, with round joins.
  ///
  /// - Parameter dash: Lengths of ink and gap in turn, in points; empty for a solid line.
  public func stroke(
    polyline: [Point], with color: Color, width: Double = 1, closed: Bool = false,
    dash: [Double] = []
  ) {
    target.stroke(
      .line(polyline, isClosed: closed),
      with: Stroke(color: appearance.color(color), width: width, dash: dash))
  }

  /// Strokes the outline of a rectangle; half of the line is inside and half outside.
  public func stroke(_ rectangle: Rectangle, with color: Color, width: Double = 1) {
    target.stroke(
      .rectangle(rectangle),
      with: Stroke(color: appearance.color(color), width: width, join: .miter))
  }

  public func stroke(
    circle center: Point, radius: Double, with color: Color, width: Double = 1
  ) {
    target.stroke(
      .circle(center, radius: radius), with: Stroke(color: appearance.color(color), width: width))
  }

  /// Clips drawing to `rectangle`.
  public func clip<Result, Failure>(
    to rectangle: Rectangle, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    target.save(.clip(rectangle))
    defer { target.restore() }
    return try body()
  }

  /// Draws with or without antialiasing.
  public func antialiasing<Result, Failure>(
    _ antialiasing: Antialiasing, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    target.save(.antialiasing(antialiasing))
    defer { target.restore() }
    return try body()
  }

  /// Draws in coordinates that `transform` maps to those of the canvas.
  public func transformed<Result, Failure>(
    by transform: Transform, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    target.save(.transform(transform))
    defer { target.restore() }
    return try body()
  }

  /// Fills a rectangle with the colour of a number, which is the same in both appearances.
  func fill(_ rectangle: Rectangle, withValue color: Color) {
    target.fill(.rectangle(rectangle), with: .color(color))
  }

  private func fill(_ outline: Outline, with color: Color) {
    target.fill(outline, with: .color(appearance.color(color)))
  }

  private func fill(_ outline: Outline, with gradient: Gradient) {
    target.fill(outline, with: .gradient(gradient.colors(appearance.color)))
  }
}
