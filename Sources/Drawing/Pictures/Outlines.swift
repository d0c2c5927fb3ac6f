/// Rectangles over a picture or a map of it, which may reach beyond it: what does is cut off.
///
/// Lines have light edges, so that they are visible on any ground.
public struct Outlines: Drawable {
  /// One of them.
  public struct Outline: Sendable, Hashable {
    /// In points from the upper left corner.
    public let place: Rectangle
    public let color: Color

    /// - Parameters:
    ///   - place: In points from the upper left corner.
    ///   - color: Of the line.
    public init(_ place: Rectangle, color: Color) { (self.place, self.color) = (place, color) }
  }

  public let outlines: [Outline]
  public let size: Size

  private static let (lineWidth, edgeWidth) = (1.5, 3.5)
  /// What is smaller is drawn larger, about the same middle: it would not be seen.
  private static let smallest = 5.0

  /// - Parameters:
  ///   - outlines: The first one at the bottom.
  ///   - size: That of the picture, in points.
  public init(_ outlines: [Outline], size: Size) { (self.outlines, self.size) = (outlines, size) }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.clip(to: Rectangle(origin: frame.origin, size: size)) {
      for outline in outlines {
        let place = outline.place.offset(x: frame.x, y: frame.y)
        let line = Rectangle(
          center: place.center,
          size: Size(
            width: max(place.width, Self.smallest), height: max(place.height, Self.smallest))
        ).inset(by: Self.lineWidth / 2)
        canvas.stroke(line, with: .white, width: Self.edgeWidth)
        canvas.stroke(line, with: outline.color, width: Self.lineWidth)
      }
    }
  }
}
