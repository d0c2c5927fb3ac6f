public import Images

/// Something that has a size and can draw itself on a canvas.
public protocol Drawable: Sendable {
  /// In points; nothing is drawn outside it.
  var size: Size { get }

  /// Draws into a frame that is at least as large as `size`, from its top left corner.
  func draw(on canvas: borrowing Canvas, in frame: Rectangle)
}

extension Drawable {
  /// Renders the drawable on white, or on a dark ground.
  ///
  /// - Parameter scale: Pixels per point, 2 for high-resolution screens.
  /// - Throws: `DrawingError` if the canvas would be empty or too large.
  public func render(
    scale: Double = 1, appearance: Appearance = .light, typeface: Typeface = .standard
  ) throws(DrawingError) -> Image {
    let canvas = try Canvas(
      size, scale: scale, background: Theme.background, appearance: appearance, typeface: typeface)
    draw(on: canvas, in: Rectangle(origin: Point(0, 0), size: size))
    return try canvas.image()
  }
}

/// A drawable at its position in a larger one.
public struct Part: Sendable {
  public let frame: Rectangle
  public let content: any Drawable

  public init(_ content: any Drawable, in frame: Rectangle) {
    self.content = content
    self.frame = frame
  }

  public init(_ content: any Drawable, at origin: Point) {
    self.init(content, in: Rectangle(origin: origin, size: content.size))
  }

  public func offset(x: Double, y: Double) -> Part {
    Part(content, in: frame.offset(x: x, y: y))
  }
}

/// A drawable that consists of others that do not overlap.
public protocol Composite: Drawable {
  /// Their frames are in the coordinates of the whole, with the origin at its top left corner.
  var parts: [Part] { get }
}

extension Composite {
  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for part in parts {
      part.content.draw(on: canvas, in: part.frame.offset(x: frame.x, y: frame.y))
    }
  }
}
