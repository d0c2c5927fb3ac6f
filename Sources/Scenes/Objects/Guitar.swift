import Foundation

struct GuitarStyle {
  enum Body { case acoustic, horned, arrow, teardrop, round }

  var body = Body.acoustic
  /// The width of the lower bout, of the waist and of the upper bout; the height of the body.
  var bouts: (lower: Float, waist: Float, upper: Float) = (1.06, 0.64, 0.8)
  var height: Float = 1.15
  var thickness: Float = 0.26
  var neck: Float = 0.7
  var cutaway = false

  static let all: [GuitarStyle] = [
    GuitarStyle(),
    GuitarStyle(bouts: (0.9, 0.56, 0.66), height: 1.05, thickness: 0.24, neck: 0.78),
    GuitarStyle(bouts: (0.92, 0.62, 0.7), thickness: 0.2, cutaway: true),
    GuitarStyle(
      body: .horned, bouts: (0.84, 0.6, 0.6), height: 0.85, thickness: 0.14, neck: 0.85),
    GuitarStyle(body: .arrow, bouts: (1.15, 0.3, 0.3), height: 1.1, thickness: 0.13, neck: 0.8),
    GuitarStyle(bouts: (0.86, 0.58, 0.64), height: 0.9, thickness: 0.26, neck: 0.5),
    GuitarStyle(
      body: .teardrop, bouts: (0.95, 0.7, 0.3), height: 1.05, thickness: 0.26, neck: 0.55),
    GuitarStyle(body: .round, bouts: (0.95, 0.95, 0.95), height: 0.95, thickness: 0.2, neck: 0.85),
  ]
}

extension Solid {
  /// Upright, its strings towards +z.
  mutating func addGuitar(_ style: GuitarStyle) {
    let front = style.thickness / 2
    part = .body
    addGuitarBody(style)
    addNeck(style, front: front)
    part = .body
    let electric = style.thickness < 0.18
    if electric {
      for y in [0.38, 0.58] as [Float] {
        box(.light, center: [0, style.height * y, front + 0.01], size: [0.34, 0.1, 0.05])
      }
    } else {
      let hole = style.height * (style.body == .acoustic ? 0.6 : 0.56)
      lathe(.accent, [[0.2, 0.012], [0, 0.012]], at: [0, hole, front], along: .z)
      lathe(.dark, [[0.16, 0.024], [0, 0.024]], at: [0, hole, front], along: .z)
    }
    box(.dark, center: [0, style.height * 0.22, front + 0.02], size: [0.36, 0.08, 0.06])
    part = .strings
    for x in [-0.045, 0, 0.045] as [Float] {
      box(
        .light, center: [x, (style.height * 1.22 + style.neck) / 2, front + 0.07],
        size: [0.012, style.height * 0.78 + style.neck, 0.01])
    }
  }

  private mutating func addGuitarBody(_ style: GuitarStyle) {
    let (h, half) = (style.height, style.thickness / 2)
    let (lower, waist, upper) = (
      style.bouts.lower / 2, style.bouts.waist / 2, style.bouts.upper / 2
    )
    switch style.body {
    case .acoustic, .teardrop, .horned:
      var right: [PlanePoint] = [
        [0, 0], [lower * 0.72, h * 0.04], [lower, h * 0.27], [waist, h * 0.6], [upper, h * 0.82],
        [upper * 0.7, h * 0.97], [0, h],
      ]
      if style.body == .teardrop {
        right = [
          [0, 0], [lower * 0.76, h * 0.07], [lower, h * 0.34], [waist, h * 0.66],
          [upper, h * 0.95], [0, h],
        ]
      }
      let side = spline(right, steps: 4)
      var outline = side + side.dropFirst().dropLast().reversed().map { PlanePoint(-$0.x, $0.y) }
      if style.cutaway {
        outline = outline.map {
          $0.x > 0.12 && $0.y > h * 0.8 ? PlanePoint($0.x * 0.62, h * 0.8) : $0
        }
      }
      extrude(.body, outline, from: -half, to: half, bevel: 0.03)
      if style.body == .horned { addHorns(style) }
    case .round:
      cylinder(.body, at: [0, h / 2, -half], radius: h / 2, length: style.thickness, along: .z)
      lathe(
        .accent, [[h / 2, half], [h / 2 + 0.02, half + 0.01], [h / 2 - 0.07, half + 0.01]],
        at: [0, h / 2, 0], along: .z)
      lathe(
        .light, [[h / 2 - 0.07, half + 0.006], [0, half + 0.006]], at: [0, h / 2, 0], along: .z)
    case .arrow:
      for side in [-1, 1] as [Float] {
        extrude(
          .body,
          [
            [0, h], [side * 0.14, h], [side * lower, 0.05], [side * (lower - 0.24), 0],
            [0, h * 0.48],
          ], from: -half, to: half)
      }
      box(.body, center: [0, h * 0.62, 0], size: [0.32, h * 0.7, style.thickness])
    }
  }

  private mutating func addHorns(_ style: GuitarStyle) {
    let (h, half) = (style.height, style.thickness / 2)
    for side in [-1, 1] as [Float] {
      let reach: Float = side < 0 ? 0.34 : 0.24
      extrude(
        .body,
        [
          [side * 0.1, h * 0.72], [side * 0.34, h * 0.66], [side * 0.37, h * 0.9],
          [side * 0.3, h * 0.9 + reach], [side * 0.2, h * 0.95],
        ], from: -half, to: half)
    }
  }

  private mutating func addNeck(_ style: GuitarStyle, front: Float) {
    let top = style.height + style.neck
    part = .neck
    block(
      .accent,
      from: Slab(y: style.height * 0.74, z: front, width: 0.2, depth: 0.12),
      to: Slab(y: top, z: front, width: 0.15, depth: 0.11))
    part = .head
    block(
      .body, from: Slab(y: top, z: front - 0.02, width: 0.17, depth: 0.1),
      to: Slab(y: top + 0.36, z: front - 0.1, width: 0.34, depth: 0.1))
    for i in 0..<3 {
      for side in [-1, 1] as [Float] {
        box(
          .light, center: [side * 0.19, top + 0.09 + 0.11 * Float(i), front - 0.05],
          size: [0.12, 0.06, 0.06])
      }
    }
  }
}
