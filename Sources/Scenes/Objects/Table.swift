import Foundation

struct TableStyle {
  enum Legs { case straight, tapered, pedestal, tripod, trestle, panels, drawers }

  var round = false
  var legs = Legs.straight
  var width: Float = 2
  var depth: Float = 1.2
  var height: Float = 1.15
  var shelf = false

  static let all: [TableStyle] = [
    TableStyle(),
    TableStyle(round: true, legs: .pedestal, width: 1.7, depth: 1.7),
    TableStyle(legs: .tapered, width: 1.5, depth: 1.5),
    TableStyle(legs: .trestle, width: 2.3, depth: 1.1),
    TableStyle(legs: .drawers, width: 2, depth: 1),
    TableStyle(round: true, legs: .tripod, width: 1.5, depth: 1.5, height: 1.25),
    TableStyle(width: 1.8, depth: 1.1, height: 0.85, shelf: true),
    TableStyle(legs: .panels, width: 1.9, depth: 1.2, height: 1.05),
  ]
}

extension Solid {
  mutating func addTable(_ style: TableStyle) {
    let (w, d, h) = (style.width, style.depth, style.height)
    let thickness: Float = 0.12
    part = .top
    if style.round {
      cylinder(.body, at: [0, h - thickness, 0], radius: w / 2, length: thickness)
    } else {
      box(.body, center: [0, h - thickness / 2, 0], size: [w, thickness, d])
    }
    part = .legs
    addTableLegs(style, top: h - thickness)
    part = .shelf
    if style.shelf {
      box(.body, center: [0, 0.28, 0], size: [w - 0.24, 0.07, d - 0.24])
    }
  }

  private mutating func addTableLegs(_ style: TableStyle, top: Float) {
    let (x, z) = (style.width / 2 - 0.12, style.depth / 2 - 0.12)
    switch style.legs {
    case .straight, .tapered:
      let foot: Float = style.legs == .tapered ? 0.07 : 0.14
      let head: Float = style.legs == .tapered ? 0.2 : 0.14
      for (sx, sz) in [(-1, -1), (1, -1), (1, 1), (-1, 1)] as [(Float, Float)] {
        block(
          .accent, from: Slab(x: sx * x, y: 0, z: sz * z, width: foot, depth: foot),
          to: Slab(x: sx * x, y: top, z: sz * z, width: head, depth: head))
      }
      let rail = Vector(2 * x, 0.14, 2 * z)
      for side in [-1, 1] as [Float] {
        box(.accent, center: [0, top - 0.07, side * z], size: [rail.x, rail.y, 0.06])
        box(.accent, center: [side * x, top - 0.07, 0], size: [0.06, rail.y, rail.z])
      }
    case .pedestal:
      lathe(
        .accent,
        spline(
          [[0.5, 0], [0.48, 0.06], [0.16, 0.16], [0.1, 0.5], [0.12, 0.8], [0.3, top]], steps: 3))
    case .tripod:
      for i in 0..<3 {
        let angle = 2 * Float.pi * (Float(i) + 0.5) / 3
        let out = Vector(sin(angle), 0, cos(angle))
        rod(.accent, from: out * 0.68, to: out * 0.3 + [0, top, 0], radius: 0.06, to: 0.09)
      }
    case .trestle:
      for side in [-1, 1] as [Float] {
        let at = side * (x - 0.25)
        rod(.accent, from: [at, 0, -z], to: [at, top, z * 0.7], radius: 0.07)
        rod(.accent, from: [at, 0, z], to: [at, top, -z * 0.7], radius: 0.07)
      }
      rod(
        .accent, from: [-x + 0.25, top * 0.56, 0], to: [x - 0.25, top * 0.56, 0], radius: 0.05)
    case .panels:
      for side in [-1, 1] as [Float] {
        box(.accent, center: [side * x, top / 2, 0], size: [0.1, top, 2 * z])
      }
      box(.accent, center: [0, top * 0.3, 0], size: [2 * x, 0.12, 0.12])
    case .drawers:
      box(.accent, center: [x - 0.2, top / 2, 0], size: [0.6, top, 2 * z])
      for i in 0..<3 {
        let y = top * (Float(i) + 0.5) / 3
        box(.light, center: [x - 0.2, y, z + 0.01], size: [0.5, top / 3 - 0.07, 0.03])
        box(.dark, center: [x - 0.2, y, z + 0.04], size: [0.16, 0.05, 0.05])
      }
      for side in [-1, 1] as [Float] {
        box(.accent, center: [-x, top / 2, side * z], size: [0.12, top, 0.12])
      }
    }
  }
}
