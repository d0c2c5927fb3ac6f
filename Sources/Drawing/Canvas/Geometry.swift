/// A position on a canvas: x to the right, y down, in points from the top left corner.
public struct Point: Sendable, Hashable {
  public var x, y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  public init(_ x: Double, _ y: Double) { self.init(x: x, y: y) }

  public static func + (left: Point, right: Point) -> Point {
    Point(x: left.x + right.x, y: left.y + right.y)
  }

  public static func - (left: Point, right: Point) -> Point {
    Point(x: left.x - right.x, y: left.y - right.y)
  }

  public static func * (point: Point, factor: Double) -> Point {
    Point(x: factor * point.x, y: factor * point.y)
  }
}

/// A width and a height in points.
public struct Size: Sendable, Hashable {
  public var width, height: Double

  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  public static let zero = Size(width: 0, height: 0)
}

/// An axis-parallel rectangle, given by its top left corner and its size.
public struct Rectangle: Sendable, Hashable {
  public var x, y, width, height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  public init(origin: Point, size: Size) {
    self.init(x: origin.x, y: origin.y, width: size.width, height: size.height)
  }

  public init(center: Point, size: Size) {
    self.init(
      x: center.x - size.width / 2, y: center.y - size.height / 2, width: size.width,
      height: size.height)
  }

  public var origin: Point { Point(x: x, y: y) }
  public var size: Size { Size(width: width, height: height) }
  public var center: Point { Point(x: x + width / 2, y: y + height / 2) }
  public var maxX: Double { x + width }
  public var maxY: Double { y + height }

  /// The four corners, clockwise from the top left.
  public var corners: [Point] {
    [Point(x, y), Point(maxX, y), Point(maxX, maxY), Point(x, maxY)]
  }

  /// The rectangle with every side moved inwards; a negative distance moves them outwards.
  public func inset(by distance: Double) -> Rectangle { inset(x: distance, y: distance) }

  public func inset(x horizontal: Double, y vertical: Double) -> Rectangle {
    Rectangle(
      x: x + horizontal, y: y + vertical, width: width - 2 * horizontal,
      height: height - 2 * vertical)
  }

  public func offset(x horizontal: Double, y vertical: Double) -> Rectangle {
    Rectangle(x: x + horizontal, y: y + vertical, width: width, height: height)
  }

  /// Whether the two share some area; rectangles that only touch do not overlap.
  public func overlaps(_ other: Rectangle) -> Bool {
    x < other.maxX && other.x < maxX && y < other.maxY && other.y < maxY
  }

  /// Whether `other` is inside, up to `tolerance` points.
  public func contains(_ other: Rectangle, tolerance: Double = 1e-6) -> Bool {
    other.x >= x - tolerance && other.y >= y - tolerance
      && other.maxX <= maxX + tolerance && other.maxY <= maxY + tolerance
  }
}

/// An affine map of the plane.
///
///     x' = xx·x + xy·y + x0
///     y' = yx·x + yy·y + y0
public struct Transform: Sendable, Hashable {
  public var xx, xy, yx, yy, x0, y0: Double

  public init(xx: Double, xy: Double, yx: Double, yy: Double, x0: Double, y0: Double) {
    self.xx = xx
    self.xy = xy
    self.yx = yx
    self.yy = yy
    self.x0 = x0
    self.y0 = y0
  }

  public static func translation(x: Double, y: Double) -> Transform {
    Transform(xx: 1, xy: 0, yx: 0, yy: 1, x0: x, y0: y)
  }

  public static func scaling(x: Double, y: Double) -> Transform {
    Transform(xx: x, xy: 0, yx: 0, yy: y, x0: 0, y0: 0)
  }
}
