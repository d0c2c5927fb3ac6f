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
    target.draw(image, in: frame, interpolation: interpolation, opacity: min(opacity, 1))
  }
}
