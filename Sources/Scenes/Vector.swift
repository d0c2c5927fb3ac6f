import Foundation

/// A point or direction in space: x to the right, y up, z towards the viewer.
typealias Vector = SIMD3<Float>

/// A point of a planar outline or of a lathe profile (radius, height).
typealias PlanePoint = SIMD2<Float>

func dot(_ a: Vector, _ b: Vector) -> Float { (a * b).sum() }

func cross(_ a: Vector, _ b: Vector) -> Vector {
  Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// The unit vector of a direction; a zero vector stays as it is.
func normalize(_ v: Vector) -> Vector {
  let square = dot(v, v)
  return square > 1e-20 ? v / square.squareRoot() : v
}

func mix<T: SIMD>(_ a: T, _ b: T, _ share: Float) -> T where T.Scalar == Float {
  a + (b - a) * share
}

func radians(_ degrees: Double) -> Float { Float(degrees * .pi / 180) }

/// A rotation, stored as its three columns.
struct Rotation {
  let columns: (Vector, Vector, Vector)

  /// Rotates counter-clockwise by degrees, seen from the tip of the unit vector `axis`.
  init(about axis: Vector, by degrees: Float) {
    let angle = radians(Double(degrees))
    let (c, s) = (cos(angle), sin(angle))
    func turned(_ v: Vector) -> Vector {
      v * c + cross(axis, v) * s + axis * (dot(axis, v) * (1 - c))
    }
    columns = (turned(Vector(1, 0, 0)), turned(Vector(0, 1, 0)), turned(Vector(0, 0, 1)))
  }

  static func * (rotation: Self, v: Vector) -> Vector {
    rotation.columns.0 * v.x + rotation.columns.1 * v.y + rotation.columns.2 * v.z
  }
}

/// Points on a Catmull–Rom spline through control points.
///
/// - Returns: `steps` points for every interval between two control points, and the last one.
func spline<T: SIMD>(_ points: [T], steps: Int) -> [T] where T.Scalar == Float {
  guard points.count > 2, steps > 1 else { return points }
  var curve: [T] = []
  for i in 0..<points.count - 1 {
    let a = points[max(i - 1, 0)]
    let (b, c) = (points[i], points[i + 1])
    let d = points[min(i + 2, points.count - 1)]
    for step in 0..<steps {
      let t = Float(step) / Float(steps)
      let linear = b * 2 + (c - a) * t
      let square = (a * 2 - b * 5 + c * 4 - d) * (t * t)
      let cube = (b * 3 - a - c * 3 + d) * (t * t * t)
      curve.append((linear + square + cube) * 0.5)
    }
  }
  curve.append(points[points.count - 1])
  return curve
}
