import Foundation

/// A horizontal rectangle: the foot or the top of a block.
struct Slab {
  var x: Float = 0
  var y: Float
  var z: Float = 0
  var width: Float
  var depth: Float

  fileprivate var corners: [Vector] {
    let (w, d) = (width / 2, depth / 2)
    return [
      Vector(x - w, y, z + d), Vector(x + w, y, z + d),
      Vector(x + w, y, z - d), Vector(x - w, y, z - d),
    ]
  }
}

enum Axis { case x, y, z }

extension Solid {
  mutating func box(_ surface: Surface, center c: Vector, size s: Vector) {
    block(
      surface, from: Slab(x: c.x, y: c.y - s.y / 2, z: c.z, width: s.x, depth: s.z),
      to: Slab(x: c.x, y: c.y + s.y / 2, z: c.z, width: s.x, depth: s.z))
  }

  /// A block whose top may be smaller or larger than its foot, or shifted.
  mutating func block(_ surface: Surface, from foot: Slab, to top: Slab) {
    loft(surface, [foot.corners, top.corners], caps: .both)
  }

  /// A surface of revolution about an axis.
  ///
  /// - Parameter profile: Radius and position along the axis; a radius of 0 closes an end.
  mutating func lathe(
    _ surface: Surface, _ profile: [PlanePoint], at centre: Vector = .zero, along axis: Axis = .y,
    sides: Int? = nil
  ) {
    let count = sides ?? self.sides
    let circle = (0..<count).map { i -> PlanePoint in
      // Shifted by half a step, so that the faces of a square prism point forward.
      let angle = 2 * Float.pi * (Float(i) + 0.5) / Float(count)
      return PlanePoint(sin(angle), cos(angle))
    }
    let rings = profile.map { point in
      circle.map { side -> Vector in
        let (a, b) = (side.x * point.x, side.y * point.x)
        switch axis {
        case .x: return centre + Vector(point.y, a, b)
        case .y: return centre + Vector(a, point.y, b)
        case .z: return centre + Vector(b, a, point.y)
        }
      }
    }
    loft(surface, rings)
  }

  /// A closed cylinder or frustum that starts at a centre and runs along an axis.
  mutating func cylinder(
    _ surface: Surface, at centre: Vector, radius: Float, to endRadius: Float? = nil,
    length: Float, along axis: Axis = .y, sides: Int? = nil
  ) {
    let end = endRadius ?? radius
    lathe(
      surface, [[0, 0], [radius, 0], [end, length], [0, length]], at: centre, along: axis,
      sides: sides)
  }

  mutating func ellipsoid(_ surface: Surface, center: Vector, radii: Vector) {
    let rows = max(sides / 2, 8)
    let rings = (0...rows).map { row -> [Vector] in
      let latitude = Float.pi * (Float(row) / Float(rows) - 0.5)
      return (0..<sides).map { i in
        let angle = 2 * Float.pi * Float(i) / Float(sides)
        return center
          + Vector(cos(latitude) * sin(angle), sin(latitude), cos(latitude) * cos(angle)) * radii
      }
    }
    loft(surface, rings)
  }

  /// A round tube along a path, with a radius for each of its points.
  mutating func tube(
    _ surface: Surface, along path: [Vector], radii: [Float], sides: Int? = nil,
    flattened: Float = 1
  ) {
    guard path.count > 1, radii.count == path.count else { return }
    let count = sides ?? max(10, self.sides / 2)
    var rings: [[Vector]] = []
    var side = Vector.zero
    for i in path.indices {
      let ahead = normalize(path[min(i + 1, path.count - 1)] - path[max(i - 1, 0)])
      // The previous ring's side vector, made perpendicular to the path, so that the tube is not
      // twisted.
      if side == .zero { side = abs(ahead.z) < 0.9 ? Vector(0, 0, 1) : Vector(1, 0, 0) }
      side = normalize(side - ahead * dot(side, ahead))
      let up = cross(ahead, side)
      rings.append(
        (0..<count).map { k in
          let angle = 2 * Float.pi * Float(k) / Float(count)
          return path[i] + (side * cos(angle) + up * (sin(angle) * flattened)) * radii[i]
        })
    }
    loft(surface, rings, caps: .both)
  }

  mutating func rod(
    _ surface: Surface, from start: Vector, to end: Vector, radius: Float,
    to endRadius: Float? = nil
  ) {
    tube(surface, along: [start, end], radii: [radius, endRadius ?? radius])
  }

  /// A planar outline in x and y, thickened along z.
  ///
  /// - Parameter bevel: How far the two faces are inset towards the outline's centre.
  mutating func extrude(
    _ surface: Surface, _ outline: [PlanePoint], from back: Float, to front: Float,
    bevel: Float = 0
  ) {
    loft(surface, slices(outline, from: back, to: front, bevel: bevel), caps: .both)
  }

  /// A planar outline in z and y, thickened along x: the side view of a car or a hull.
  mutating func extrudeSideways(
    _ surface: Surface, _ outline: [PlanePoint], width: Float, bevel: Float = 0
  ) {
    let rings = slices(outline, from: -width / 2, to: width / 2, bevel: bevel)
    loft(surface, rings.map { $0.map { Vector($0.z, $0.y, $0.x) } }, caps: .both)
  }

  private func slices(
    _ outline: [PlanePoint], from back: Float, to front: Float, bevel: Float
  ) -> [[Vector]] {
    let centre = outline.reduce(.zero, +) / Float(max(outline.count, 1))
    func slice(_ z: Float, _ inset: Float) -> [Vector] {
      outline.map { point in
        let out = point - centre
        let length = max((out * out).sum().squareRoot(), 1e-6)
        let p = centre + out * max(0, 1 - inset / length)
        return Vector(p.x, p.y, z)
      }
    }
    guard bevel > 0 else { return [slice(back, 0), slice(front, 0)] }
    return [
      slice(back, bevel), slice(back + bevel, 0), slice(front - bevel, 0), slice(front, bevel),
    ]
  }

  /// A wing, fin or plank with a lens-shaped section.
  ///
  /// - Parameters:
  ///   - chord: The direction along which the section is long.
  ///   - thick: The direction in which it is thick.
  mutating func blade(
    _ surface: Surface, root: Vector, tip: Vector, chord: Vector, rootChord: Float,
    tipChord: Float, thick: Vector, thickness: Float
  ) {
    func section(_ centre: Vector, _ length: Float, _ height: Float) -> [Vector] {
      let outline: [PlanePoint] = [
        [0.5, 0], [0.32, 0.5], [-0.1, 0.5], [-0.5, 0.06], [-0.5, -0.06], [-0.1, -0.5],
        [0.32, -0.5],
      ]
      return outline.map { centre + chord * ($0.x * length) + thick * ($0.y * height) }
    }
    let tipThickness = thickness * max(0.35, tipChord / max(rootChord, 1e-6))
    loft(
      surface,
      [section(root, rootChord, thickness), section(tip, tipChord, tipThickness)],
      caps: .both)
  }

  /// A thin sheet over a grid of points, such as a sail or a leaf.
  mutating func sheet(_ surface: Surface, _ rows: [[Vector]]) {
    loft(surface, rows, closed: false)
  }
}

/// An arc in the x-y plane, from one angle to another in degrees.
func arc(
  center: PlanePoint, radius: PlanePoint, from start: Float, to end: Float, steps: Int
) -> [PlanePoint] {
  (0...steps).map { i in
    let angle = radians(Double(start + (end - start) * Float(i) / Float(steps)))
    return center + PlanePoint(cos(angle), sin(angle)) * radius
  }
}
