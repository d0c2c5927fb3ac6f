import Foundation

struct HouseStyle {
  enum Roof { case gable, hip, shed, frame, steep }

  var width: Float = 1.8
  var depth: Float = 1.4
  var wall: Float = 1.0
  var roof = Roof.gable
  var roofHeight: Float = 0.8
  var chimney = true
  var storeys = 1
  var porch = false
  var wing = false

  static let all: [HouseStyle] = [
    HouseStyle(),
    HouseStyle(width: 1.7, depth: 1.7, roof: .hip, roofHeight: 0.85),
    HouseStyle(width: 1.4, depth: 1.3, wall: 1.7, roofHeight: 0.7, storeys: 2),
    HouseStyle(width: 2, depth: 1.3, wall: 0.9, roofHeight: 0.75, wing: true),
    HouseStyle(width: 1.7, depth: 1.5, wall: 0.25, roof: .frame, roofHeight: 1.7, chimney: false),
    HouseStyle(width: 1.8, depth: 1.4, wall: 1.0, roof: .shed, roofHeight: 0.5, chimney: false),
    HouseStyle(width: 1.7, depth: 1.3, wall: 0.95, roof: .gable, roofHeight: 0.7, porch: true),
    HouseStyle(width: 1.3, depth: 1.3, wall: 1.3, roof: .steep, roofHeight: 1.3, storeys: 2),
  ]
}

extension Solid {
  mutating func addHouse(_ style: HouseStyle) {
    let (w, d, h) = (style.width, style.depth, style.wall)
    part = .walls
    box(.body, center: [0, h / 2, 0], size: [w, h, d])
    part = .roof
    addRoof(style)
    addOpenings(style)
    if style.chimney {
      part = .chimney
      box(
        .body, center: [w * 0.27, h + style.roofHeight * 0.6, -d * 0.18],
        size: [0.22, style.roofHeight * 1.0, 0.22])
      box(
        .dark, center: [w * 0.27, h + style.roofHeight * 1.12, -d * 0.18],
        size: [0.26, 0.06, 0.26])
    }
    if style.porch {
      part = .porch
      for side in [-1, 1] as [Float] {
        box(.light, center: [side * w * 0.4, h * 0.4, d / 2 + 0.4], size: [0.09, h * 0.8, 0.09])
      }
      block(
        .accent, from: Slab(y: h * 0.78, z: d / 2 + 0.26, width: w * 0.98, depth: 0.6),
        to: Slab(y: h * 0.98, z: d / 2 + 0.05, width: w * 0.98, depth: 0.12))
      box(.light, center: [0, 0.04, d / 2 + 0.26], size: [w * 0.98, 0.08, 0.6])
    }
    if style.wing {
      let z = d / 2 + 0.3
      part = .walls
      box(.body, center: [-w * 0.27, h / 2, z], size: [w * 0.42, h, 0.7])
      var gable = Solid(sides: sides)
      gable.addGable(width: w * 0.42, depth: 0.7 + 0.5, height: 0.55)
      add(gable, at: [-w * 0.27, h, z - 0.2])
    }
  }

  private mutating func addRoof(_ style: HouseStyle) {
    let (w, d, h, top) = (style.width, style.depth, style.wall, style.roofHeight)
    switch style.roof {
    case .gable:
      // The ridge runs along x: the gables face the sides.
      var roof = Solid(sides: sides)
      roof.addGable(width: d, depth: w, height: top)
      add(roof, turned: Rotation(about: [0, 1, 0], by: 90), at: [0, h, 0])
    case .frame:
      addGable(width: w, depth: d, height: top, foot: h)
    case .hip:
      block(
        .accent, from: Slab(y: h, width: w + 0.3, depth: d + 0.3),
        to: Slab(y: h + top, width: w * 0.3, depth: 0.04))
    case .steep:
      block(
        .accent, from: Slab(y: h, width: w + 0.26, depth: d + 0.26),
        to: Slab(y: h + top, width: 0.02, depth: 0.02))
    case .shed:
      let x = w / 2
      part = .walls
      loft(
        .body,
        [d / 2, -d / 2].map { z in
          [[-x, h, z], [x, h, z], [x, h + top, z], [-x, h + 0.02, z]]
        }, caps: .both)
      let (low, high) = (h + 0.02 - 0.06, h + top + 0.06)
      part = .roof
      loft(
        .accent,
        [d / 2 + 0.15, -d / 2 - 0.15].map { z in
          [
            [-x - 0.2, low, z], [x + 0.2, high, z], [x + 0.2, high + 0.12, z],
            [-x - 0.2, low + 0.12, z],
          ]
        }, caps: .both)
    }
  }

  /// Windows in both slopes of a roof that reaches the ground.
  private mutating func addSkylights(_ style: HouseStyle) {
    let slope = atan2(style.roofHeight, style.width / 2) * 180 / .pi
    for side in [-1, 1] as [Float] {
      for z in [-0.22, 0.22] as [Float] {
        var window = Solid(sides: sides)
        window.part = .windows
        window.box(.light, center: .zero, size: [0.5, 0.08, 0.4])
        window.box(.glass, center: [0, 0.03, 0], size: [0.4, 0.08, 0.3])
        let middle = Vector(
          side * style.width * 0.3, style.wall + style.roofHeight * 0.4 + 0.13, z * style.depth)
        add(
          window, turned: Rotation(about: [0, 0, 1], by: -side * slope),
          at: middle + [side * 0.09, 0, 0])
      }
    }
  }

  /// A gable roof whose ridge runs along z: walls under two sloping slabs.
  private mutating func addGable(width: Float, depth: Float, height: Float, foot: Float = 0) {
    let (x, overhang, thickness) = (width / 2, Float(0.14), Float(0.12))
    part = .walls
    extrude(
      .body, [[-x, foot], [x, foot], [0, foot + height]], from: -depth / 2, to: depth / 2)
    let slope = height / x
    part = .roof
    for side in [-1, 1] as [Float] {
      let eave = PlanePoint(side * (x + overhang), foot - overhang * slope)
      let ridge = PlanePoint(0, foot + height)
      let up = PlanePoint(0, thickness * (1 + slope * slope).squareRoot())
      extrude(
        .accent, [eave, ridge, ridge + up, eave + up], from: -depth / 2 - 0.12,
        to: depth / 2 + 0.12)
    }
  }

  private mutating func addOpenings(_ style: HouseStyle) {
    let (w, d) = (style.width, style.depth)
    let storey = (style.roof == .frame ? 1.1 : style.wall) / Float(style.storeys)
    let door = style.wing ? w * 0.25 : 0
    part = .door
    box(.dark, center: [door, 0.31, d / 2], size: [0.3, 0.62, 0.08])
    part = .windows
    func window(_ at: Vector, sideways: Bool) {
      let size: Vector = sideways ? [0.06, 0.34, 0.32] : [0.32, 0.34, 0.06]
      let frame: Vector = sideways ? [0.03, 0.46, 0.44] : [0.44, 0.46, 0.03]
      box(.light, center: at, size: frame)
      box(.glass, center: at, size: size)
    }
    for floor in 0..<style.storeys {
      let y = storey * (Float(floor) + 0.58)
      let across: [Float] = floor == 0 ? (style.wing ? [] : [-0.32, 0.32]) : [-0.25, 0.25]
      let back: [Float] = [-0.28, 0.28]
      guard style.roof != .frame else { continue }
      for x in across { window([x * w, y, d / 2 + 0.01], sideways: false) }
      for x in back { window([x * w, y, -d / 2 - 0.01], sideways: false) }
      for side in [-1, 1] as [Float] {
        for z in [-0.24, 0.24] as [Float] {
          window([side * (w / 2 + 0.01), y, z * d], sideways: true)
        }
      }
    }
    if style.wing { window([-w * 0.27, storey * 0.58, d / 2 + 0.66], sideways: false) }
    if style.roof == .frame {
      for z in [d / 2 + 0.01, -d / 2 - 0.01] { window([0, 1.05, z], sideways: false) }
      addSkylights(style)
    }
  }
}
