import Foundation

struct ChairStyle {
  enum Legs { case straight, splayed, star, sled, plinth }
  enum Back { case panel, slats, rungs, shell }

  var legs = Legs.straight
  var back = Back.panel
  var arms = false
  var width: Float = 1
  var backHeight: Float = 1.05
  /// How far the top of the back leans behind its foot.
  var lean: Float = 0.14
  var seatHeight: Float = 0.9
  var seatThickness: Float = 0.12

  static let all: [ChairStyle] = [
    ChairStyle(),
    ChairStyle(back: .slats, backHeight: 1.15),
    ChairStyle(arms: true, width: 1.1, backHeight: 1),
    ChairStyle(
      legs: .star, back: .shell, arms: true, width: 1.1, backHeight: 1.15, seatThickness: 0.18),
    ChairStyle(back: .rungs, backHeight: 1.4, lean: 0.1),
    ChairStyle(
      legs: .plinth, arms: true, width: 1.35, backHeight: 0.9, lean: 0.18, seatHeight: 0.62,
      seatThickness: 0.3),
    ChairStyle(legs: .splayed, back: .shell, backHeight: 0.95, lean: 0.22),
    ChairStyle(legs: .sled, back: .panel, width: 1.05, backHeight: 0.95, lean: 0.2),
  ]
}

extension Solid {
  mutating func addChair(_ style: ChairStyle) {
    let (w, d, h) = (style.width, Float(0.98), style.seatHeight)
    let t = style.seatThickness
    part = .seat
    box(.body, center: [0, h - t / 2, 0], size: [w, t, d])
    part = .legs
    addLegs(style, halfWidth: w / 2, halfDepth: d / 2, top: h - t)
    part = .back
    addBack(style, width: w, foot: h - t / 2, z: -d / 2 + 0.05)
    part = .arms
    if style.arms { addArms(style, halfWidth: w / 2, depth: d) }
  }

  private mutating func addLegs(
    _ style: ChairStyle, halfWidth: Float, halfDepth: Float, top: Float
  ) {
    switch style.legs {
    case .straight, .splayed:
      let splay: Float = style.legs == .splayed ? 0.16 : 0
      for (sx, sz) in [(-1, -1), (1, -1), (1, 1), (-1, 1)] as [(Float, Float)] {
        let (x, z) = (sx * (halfWidth - 0.08), sz * (halfDepth - 0.08))
        block(
          .accent,
          from: Slab(x: x + sx * splay, y: 0, z: z + sz * splay, width: 0.1, depth: 0.1),
          to: Slab(x: x, y: top, z: z, width: 0.14, depth: 0.14))
      }
    case .star:
      cylinder(.accent, at: [0, 0.1, 0], radius: 0.08, length: top - 0.1)
      for i in 0..<5 {
        let angle = 2 * Float.pi * Float(i) / 5
        let end = Vector(sin(angle) * 0.6, 0.1, cos(angle) * 0.6)
        rod(.accent, from: [0, 0.22, 0], to: end, radius: 0.07, to: 0.045)
        ellipsoid(.dark, center: end - [0, 0.02, 0], radii: [0.08, 0.08, 0.08])
      }
    case .sled:
      for x in [-halfWidth + 0.06, halfWidth - 0.06] {
        let path: [Vector] = [
          [x, top, -halfDepth + 0.1], [x, 0.06, -halfDepth], [x, 0.06, halfDepth],
          [x, top, halfDepth - 0.1],
        ]
        for (start, end) in zip(path, path.dropFirst()) {
          rod(.accent, from: start, to: end, radius: 0.055)
        }
      }
    case .plinth:
      box(
        .accent, center: [0, top / 2, 0], size: [2 * halfWidth - 0.14, top, 2 * halfDepth - 0.14])
    }
  }

  private mutating func addBack(_ style: ChairStyle, width: Float, foot: Float, z: Float) {
    let (height, lean) = (style.backHeight, style.lean)
    func behind(_ share: Float) -> Vector { [0, foot + height * share, z - lean * share] }
    func plank(_ x: Float, _ width: Float, from low: Float, to high: Float, _ surface: Surface) {
      let (a, b) = (behind(low), behind(high))
      block(
        surface, from: Slab(x: x, y: a.y, z: a.z, width: width, depth: 0.1),
        to: Slab(x: x, y: b.y, z: b.z, width: width, depth: 0.1))
    }
    switch style.back {
    case .panel:
      plank(0, width, from: style.legs == .sled ? 0.3 : 0, to: 1, .body)
      if style.legs == .sled {
        for x in [-0.3 * width, 0.3 * width] { plank(x, 0.1, from: 0, to: 0.35, .accent) }
      }
    case .slats:
      for x in [-0.45, 0.45] as [Float] { plank(x * width, 0.1 * width, from: 0, to: 1, .body) }
      for x in [-0.2, 0, 0.2] as [Float] {
        plank(x * width, 0.08, from: 0, to: 0.9, .accent)
      }
      plank(0, width, from: 0.82, to: 1, .body)
    case .rungs:
      for x in [-0.44, 0.44] as [Float] { plank(x * width, 0.12, from: 0, to: 1, .accent) }
      for low in [0.22, 0.5, 0.78] as [Float] {
        plank(0, width * 0.9, from: low, to: low + 0.14, .body)
      }
    case .shell:
      let rows = (0...6).map { row -> [Vector] in
        let share = Float(row) / 6
        let half = width / 2 * (share > 0.7 ? 1 - 1.4 * (share - 0.7) : 1)
        return (0...6).map { column in
          let across = Float(column) / 3 - 1
          return behind(share) + Vector(across * half, 0, 0.2 * across * across)
        }
      }
      let back = rows.map { $0.map { $0 - Vector(0, 0, 0.1) } }
      loft(.body, zip(rows, back).map { $0 + $1.reversed() }, caps: .both)
    }
  }

  private mutating func addArms(_ style: ChairStyle, halfWidth: Float, depth: Float) {
    let bulky = style.legs == .plinth
    let top = style.seatHeight + (bulky ? 0.32 : 0.42)
    for side in [-1, 1] as [Float] {
      if bulky {
        box(
          .body, center: [side * (halfWidth + 0.06), top / 2 + 0.04, 0],
          size: [0.26, top - 0.08, depth])
      } else {
        box(.accent, center: [side * halfWidth, top, -0.02], size: [0.12, 0.08, depth * 0.9])
        box(
          .accent, center: [side * halfWidth, top - 0.22, depth * 0.33], size: [0.09, 0.42, 0.09])
      }
    }
  }
}
