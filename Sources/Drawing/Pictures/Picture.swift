public import Images

/// A picture at some size, with a thin frame.
public struct Picture: Drawable {
  public let image: Image
  public let size: Size
  public let interpolation: Interpolation
  public let frame: Color?

  /// A picture enlarged by a factor: integer factors keep all its pixels the same size.
  public init(
    _ image: Image, zoom: Double = 1, interpolation: Interpolation = .nearest,
    frame: Color? = nil
  ) {
    self.init(
      image, size: Size(width: zoom * Double(image.width), height: zoom * Double(image.height)),
      interpolation: zoom < 1 ? .smooth : interpolation, frame: frame)
  }

  public init(
    _ image: Image, size: Size, interpolation: Interpolation = .smooth, frame: Color? = nil
  ) {
    self.image = image
    self.size = size
    self.interpolation = interpolation
    self.frame = frame
  }

  /// A picture enlarged or reduced, without distortion, to fit into a square.
  ///
  /// Small pictures are only enlarged by integer factors, to keep their pixels square; the result
  /// may then be smaller than requested.
  public init(_ image: Image, fitting side: Double, frame: Color? = nil) {
    let longest = Double(max(1, image.width, image.height))
    let factor = side / longest
    self.init(
      image, zoom: factor >= 2 ? factor.rounded(.down) : factor,
      interpolation: factor >= 2 ? .nearest : .smooth, frame: frame)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Rectangle(origin: frame.origin, size: size)
    if !image.isOpaque { canvas.hatch(place) }
    canvas.draw(image, in: place, interpolation: interpolation)
    if let color = self.frame {
      canvas.stroke(place.inset(by: 0.5), with: color, width: 1)
    }
  }
}

extension Canvas {
  /// Fills a rectangle with thin slanted lines on grey, to show that there is no value.
  func hatch(_ rectangle: Rectangle) {
    fill(rectangle, with: Theme.nothing)
    clip(to: rectangle) {
      let (width, height) = (rectangle.width, rectangle.height)
      for start in stride(from: -height, to: width, by: 6) {
        stroke(
          polyline: [
            Point(rectangle.x + start, rectangle.maxY),
            Point(rectangle.x + start + height, rectangle.y),
          ], with: Color(grey: 0.84), width: 1)
      }
    }
  }
}
