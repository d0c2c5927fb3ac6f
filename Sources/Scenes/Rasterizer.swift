/// A rectangle of whole pixels.
struct PixelRegion: Equatable {
  var x: Int
  var y: Int
  var width: Int
  var height: Int

  var isEmpty: Bool { width <= 0 || height <= 0 }

  /// The pixels covered by points in sample coordinates, within a picture.
  ///
  /// - Parameter margin: The number of pixels added on every side.
  init(around points: [Vector], scale: Int, width: Int, height: Int, margin: Int = 0) {
    var (low, high) = (PlanePoint(repeating: .infinity), PlanePoint(repeating: -.infinity))
    for point in points {
      let p = PlanePoint(point.x, point.y)
      low = pointwiseMin(low, p)
      high = pointwiseMax(high, p)
    }
    func pixel(_ value: Float, _ last: Int, _ margin: Int) -> Int {
      let inside = max(-1, min(value / Float(scale), Float(last) + 1))
      return max(0, min(last, Int(inside.rounded(.down)) + margin))
    }
    guard low.x <= high.x, low.y <= high.y else {
      (x, y, self.width, self.height) = (0, 0, 0, 0)
      return
    }
    x = pixel(low.x, width, -margin)
    y = pixel(low.y, height, -margin)
    self.width = pixel(high.x, width, margin + 1) - x
    self.height = pixel(high.y, height, margin + 1) - y
  }
}

/// Determines which triangle is visible at each sample, with a depth buffer.
struct Rasterizer {
  let width: Int
  let height: Int
  /// The triangle's index at each sample, or −1.
  private(set) var owners: [Int32]
  private var nearness: [Float]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    owners = Array(repeating: -1, count: width * height)
    nearness = Array(repeating: 0, count: width * height)
  }

  /// Draws triangles whose corners are given as sample column, row, and reciprocal distance,
  /// which is linear on the screen.
  mutating func draw(_ triangles: [Solid.Triangle], corners: [Vector]) {
    let (width, height) = (width, height)
    owners.withUnsafeMutableBufferPointer { owners in
      nearness.withUnsafeMutableBufferPointer { nearness in
        corners.withUnsafeBufferPointer { corners in
          for (index, triangle) in triangles.enumerated() {
            let t = ScreenTriangle(
              corners[Int(triangle.corners.x)], corners[Int(triangle.corners.y)],
              corners[Int(triangle.corners.z)])
            guard let t else { continue }
            let low = pointwiseMin(pointwiseMin(t.a, t.b), t.c)
            let high = pointwiseMax(pointwiseMax(t.a, t.b), t.c)
            guard high.x >= 0, high.y >= 0, low.x < Float(width), low.y < Float(height) else {
              continue
            }
            // A sample is in the middle of its cell.
            let left = Int(max(0, (low.x - 0.5).rounded(.up)))
            let right = Int(min(Float(width - 1), (high.x - 0.5).rounded(.down)))
            let top = Int(max(0, (low.y - 0.5).rounded(.up)))
            let bottom = Int(min(Float(height - 1), (high.y - 0.5).rounded(.down)))
            guard left <= right, top <= bottom else { continue }
            for y in top...bottom {
              var shares = t.shares(x: Float(left) + 0.5, y: Float(y) + 0.5)
              var cell = y * width + left
              for _ in left...right {
                if shares.min() >= 0 {
                  let near = dot(shares, t.nearness)
                  if near > nearness[cell] {
                    nearness[cell] = near
                    owners[cell] = Int32(index)
                  }
                }
                shares += t.step
                cell += 1
              }
            }
          }
        }
      }
    }
  }
}

/// A triangle on the screen, prepared for computing barycentric coordinates.
struct ScreenTriangle {
  let a: Vector
  let b: Vector
  let c: Vector
  private let reciprocalArea: Float

  /// Nil for a triangle seen edge-on.
  init?(_ a: Vector, _ b: Vector, _ c: Vector) {
    let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    guard abs(area) > 1e-7 else { return nil }
    (self.a, self.b, self.c) = (a, b, c)
    reciprocalArea = 1 / area
  }

  /// Whether its corners run counter-clockwise as seen (rows run down).
  var facesViewer: Bool { reciprocalArea < 0 }

  var nearness: Vector { Vector(a.z, b.z, c.z) }

  /// The change of the barycentric coordinates from one column to the next.
  var step: Vector { Vector(b.y - c.y, c.y - a.y, a.y - b.y) * reciprocalArea }

  /// Barycentric coordinates: all are nonnegative inside.
  func shares(x: Float, y: Float) -> Vector {
    let first = (c.x - b.x) * (y - b.y) - (c.y - b.y) * (x - b.x)
    let second = (a.x - c.x) * (y - c.y) - (a.y - c.y) * (x - c.x)
    let (u, v) = (first * reciprocalArea, second * reciprocalArea)
    return Vector(u, v, 1 - u - v)
  }
}
