/// A drawable, enlarged or reduced as a whole.
public struct Scaled: Drawable {
  public let content: any Drawable
  public let factor: Double
  public let size: Size

  public init(_ content: any Drawable, by factor: Double) {
    (self.content, self.factor) = (content, factor)
    let own = content.size
    size = Size(width: factor * own.width, height: factor * own.height)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Transform(xx: factor, xy: 0, yx: 0, yy: factor, x0: frame.x, y0: frame.y)
    canvas.transformed(by: place) {
      content.draw(on: canvas, in: Rectangle(origin: Point(0, 0), size: content.size))
    }
  }
}
