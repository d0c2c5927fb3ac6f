import Foundation

/// A surface texture as a solid pattern: the proportion of the second colour at a point.
struct Pattern {
  private let texture: SurfaceTexture
  private let reciprocalPeriod: Float
  private let along: Vector
  private let across: Vector
  private let through: Vector

  init(_ texture: SurfaceTexture, scale: Double, angle: Double) {
    self.texture = texture
    reciprocalPeriod = 1 / Float(max(scale, 1e-3))
    // Tilted out of the picture's planes, so that no face of an object is parallel to the pattern.
    let turn = Rotation(about: [0, 0, 1], by: Float(angle))
    let tilt = Rotation(about: normalize([1, 0.3, 0]), by: 24)
    along = turn * (tilt * [1, 0, 0])
    across = turn * (tilt * [0, 1, 0])
    through = turn * (tilt * [0, 0, 1])
  }

  /// From 0, the first colour, to 1, the second.
  func share(at p: Vector) -> Float {
    switch texture {
    case .plain:
      return 0
    case .stripes:
      return edge(triangle(dot(p, along) * reciprocalPeriod) - 0.5)
    case .checker:
      let q = Vector(dot(p, along), dot(p, across), dot(p, through)) * reciprocalPeriod
      let cell = q.rounded(.down).sum()
      return cell - 2 * (cell / 2).rounded(.down) < 0.5 ? 0 : 1
    case .spots:
      // A body-centred lattice of balls: two cubic lattices, half a cell apart.
      let q = Vector(dot(p, along), dot(p, across), dot(p, through)) * (reciprocalPeriod * 0.8)
      let first = q - q.rounded(.toNearestOrEven)
      let half = q + 0.5
      let second = half - half.rounded(.toNearestOrEven)
      return edge(0.36 - min(dot(first, first), dot(second, second)).squareRoot())
    case .wood:
      let q = Vector(dot(p, along), dot(p, across) * 0.22, dot(p, through))
      let rings =
        (q.x * q.x + q.z * q.z + 0.04).squareRoot() * 1.3 + q.y
        + 0.03 * sin(9 * q.x + 5 * q.y) + 0.02 * sin(23 * q.z)
      let phase = rings * reciprocalPeriod * 1.4
      let saw = phase - phase.rounded(.down)
      return saw * saw * 0.85
    case .marble:
      let q = Vector(dot(p, along), dot(p, across), dot(p, through)) * (reciprocalPeriod * 2)
      let bend = sin(q.y * 1.7 + 1.3 * sin(q.z * 1.1)) + 0.6 * sin(q.z * 2.9 + 2 * sin(q.x))
      let vein = 1 - abs(sin(q.x * 1.1 + 1.4 * bend))
      return min(1, vein * vein * 1.5)
    }
  }

  /// 0 at integers, 1 halfway between them.
  private func triangle(_ t: Float) -> Float { 1 - abs(2 * (t - t.rounded(.down)) - 1) }

  /// A steep but soft step at 0.
  private func edge(_ distance: Float) -> Float { max(0, min(1, 0.5 + distance * 10)) }
}
