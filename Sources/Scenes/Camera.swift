import Foundation

/// A pinhole camera that looks at the object's centre.
struct Camera {
  /// From the object's centre, in units of the object's size.
  private static let distance: Float = 2.8

  private let turn: (sin: Float, cos: Float)
  private let tilt: (sin: Float, cos: Float)
  private let focus: Float
  private let centre: PlanePoint

  /// - Parameter scale: Samples per pixel, along one side.
  init(_ factors: SceneFactors, width: Int, height: Int, scale: Int) {
    let (azimuth, elevation) = (radians(factors.azimuth), radians(factors.elevation))
    turn = (sin(azimuth), cos(azimuth))
    tilt = (sin(elevation), cos(elevation))
    let (w, h) = (Float(width * scale), Float(height * scale))
    focus = Float(factors.size) * min(w, h) * Self.distance
    centre = PlanePoint((0.5 + Float(factors.x)) * w, (0.5 + Float(factors.y)) * h)
  }

  var position: Vector { Vector(0, tilt.sin, tilt.cos) * Self.distance }

  /// Rotates a point or direction of the object by the azimuth.
  func turned(_ v: Vector) -> Vector {
    Vector(v.x * turn.cos + v.z * turn.sin, v.y, v.z * turn.cos - v.x * turn.sin)
  }

  /// The projection of a rotated point: sample column, sample row, reciprocal of its distance.
  func project(_ p: Vector) -> Vector {
    let up = p.y * tilt.cos - p.z * tilt.sin
    let near = p.y * tilt.sin + p.z * tilt.cos
    let reciprocal = 1 / max(Self.distance - near, 0.2)
    return Vector(
      centre.x + focus * p.x * reciprocal, centre.y - focus * up * reciprocal, reciprocal)
  }
}
