import Foundation

/// The material of a facet. Only `body` carries the scene's texture.
enum Surface: UInt8 {
  case body, accent, dark, light, glass
}

/// A surface of triangles in space, made of lofts; visible from both sides.
struct Solid {
  struct Triangle {
    var corners: SIMD3<Int32>
    var surface: Surface
    var part: ObjectPart?
  }

  private(set) var positions: [Vector] = []
  /// Unit normals, one per position, on the side from which the corners are counter-clockwise.
  private(set) var normals: [Vector] = []
  private(set) var triangles: [Triangle] = []
  /// The number of sides of a full circle.
  let sides: Int
  /// What the surfaces that are added next belong to.
  var part: ObjectPart?

  init(sides: Int) { self.sides = sides }

  enum Caps { case none, first, last, both }

  /// Faces that meet at a smaller angle than this are shaded as one smooth surface.
  private static let creaseCosine: Float = 0.74

  /// Connects rings with equal numbers of points by quadrilaterals.
  ///
  /// - Parameters:
  ///   - closed: Whether the last point of a ring is connected to the first.
  ///   - caps: Which end rings are filled, as fans around their centres.
  mutating func loft(
    _ surface: Surface, _ rings: [[Vector]], closed: Bool = true, caps: Caps = .none
  ) {
    guard let width = rings.first?.count, rings.count > 1, width > 1 else { return }
    let rows = rings.count - 1
    let columns = closed ? width : width - 1
    var faces: [Vector] = []
    faces.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let next = (column + 1) % width
        let (lower, upper) = (rings[row], rings[row + 1])
        faces.append(
          normalize(cross(upper[next] - lower[column], upper[column] - lower[next])))
      }
    }

    func normal(atRow row: Int, column: Int, near face: Vector) -> Vector {
      var sum = Vector.zero
      for r in max(row - 1, 0)...min(row, rows - 1) {
        for c in [column - 1, column] {
          let c = closed ? (c + columns) % columns : c
          guard c >= 0, c < columns else { continue }
          let other = faces[r * columns + c]
          if dot(other, face) > Self.creaseCosine { sum += other }
        }
      }
      return sum == .zero ? face : normalize(sum)
    }

    for row in 0..<rows {
      for column in 0..<columns {
        let next = (column + 1) % width
        let face = faces[row * columns + column]
        let first = Int32(positions.count)
        let (lower, upper) = (rings[row], rings[row + 1])
        positions += [lower[column], lower[next], upper[next], upper[column]]
        normals.append(normal(atRow: row, column: column, near: face))
        normals.append(normal(atRow: row, column: next, near: face))
        normals.append(normal(atRow: row + 1, column: next, near: face))
        normals.append(normal(atRow: row + 1, column: column, near: face))
        triangles.append(
          Triangle(corners: [first, first + 1, first + 2], surface: surface, part: part))
        triangles.append(
          Triangle(corners: [first, first + 2, first + 3], surface: surface, part: part))
      }
    }
    if caps == .first || caps == .both { fan(surface, rings[0].reversed()) }
    if caps == .last || caps == .both { fan(surface, rings[rings.count - 1]) }
  }

  /// Fills a planar ring that is entirely visible from its centre.
  mutating func fan(_ surface: Surface, _ ring: [Vector]) {
    guard ring.count > 2 else { return }
    let centre = ring.reduce(.zero, +) / Float(ring.count)
    var normal = Vector.zero
    for i in ring.indices {
      normal += cross(ring[i] - centre, ring[(i + 1) % ring.count] - centre)
    }
    normal = normalize(normal)
    let first = Int32(positions.count)
    positions.append(centre)
    positions += ring
    normals += Array(repeating: normal, count: ring.count + 1)
    for i in 0..<Int32(ring.count) {
      let next = (i + 1) % Int32(ring.count)
      triangles.append(
        Triangle(corners: [first, first + 1 + i, first + 1 + next], surface: surface, part: part))
    }
  }

  /// Adds another solid, rotated about the origin and then moved.
  mutating func add(_ other: Solid, turned rotation: Rotation? = nil, at offset: Vector = .zero) {
    let first = Int32(positions.count)
    if let rotation {
      positions += other.positions.map { rotation * $0 + offset }
      normals += other.normals.map { rotation * $0 }
    } else {
      positions += other.positions.map { $0 + offset }
      normals += other.normals
    }
    triangles += other.triangles.map {
      Triangle(
        corners: $0.corners &+ SIMD3(repeating: first), surface: $0.surface, part: $0.part ?? part)
    }
  }

  /// The solid centred on the origin and scaled to size one.
  ///
  /// The size is three quarters of the larger plus one quarter of the smaller of the height and of
  /// the width averaged over all azimuths: slim objects may be a little taller than round ones.
  ///
  /// - Parameter slenderness: Height over width, relative to the solid as it is.
  func normalized(slenderness: Float) -> Solid {
    guard var low = positions.first else { return self }
    var high = low
    for position in positions {
      low = pointwiseMin(low, position)
      high = pointwiseMax(high, position)
    }
    let root = max(slenderness, 0.05).squareRoot()
    let stretch = Vector(1 / root, root, 1 / root)
    let (height, width) = ((high.y - low.y) * stretch.y, meanWidth * stretch.x)
    let span = 0.75 * max(height, width) + 0.25 * min(height, width)
    let scale = stretch / max(span, 1e-6)
    let centre = (low + high) / 2
    var result = self
    for i in positions.indices {
      result.positions[i] = (positions[i] - centre) * scale
      result.normals[i] = normalize(normals[i] / stretch)
    }
    return result
  }

  /// The width from left to right, averaged over all azimuths.
  private var meanWidth: Float {
    let views = 8
    var sum: Float = 0
    for view in 0..<views {
      let angle = Float.pi * Float(view) / Float(views)
      let across = Vector(cos(angle), 0, sin(angle))
      var (low, high) = (Float.infinity, -Float.infinity)
      for position in positions {
        let place = dot(position, across)
        low = min(low, place)
        high = max(high, place)
      }
      sum += high - low
    }
    return sum / Float(views)
  }

  /// The lowest height of any point.
  var floor: Float { positions.reduce(Float.infinity) { min($0, $1.y) } }
}
