import Foundation

struct LampStyle {
  enum Stand { case column, balls, vase, tripod, arm }

  var stand = Stand.column
  /// The radius and height of the shade, from its lower rim up.
  var shade: [PlanePoint]
  /// The height of the shade's lower rim.
  var height: Float = 0.95

  static let all: [LampStyle] = [
    LampStyle(shade: [[0.66, 0], [0.32, 0.72]]),
    LampStyle(shade: [[0.56, 0], [0.54, 0.62]]),
    LampStyle(
      stand: .balls,
      shade: spline([[0.7, 0], [0.6, 0.3], [0.36, 0.55], [0.2, 0.62]], steps: 4), height: 1.0),
    LampStyle(stand: .vase, shade: [[0.72, 0], [0.4, 0.62]], height: 1.05),
    LampStyle(stand: .tripod, shade: [[0.55, 0], [0.42, 0.6]], height: 1.35),
    LampStyle(
      stand: .arm, shade: spline([[0.46, 0], [0.4, 0.22], [0.2, 0.44], [0.14, 0.6]], steps: 3),
      height: 1.2),
    LampStyle(shade: [[0.5, 0], [0.3, 0.5]], height: 1.5),
    LampStyle(
      stand: .vase, shade: spline([[0.72, 0], [0.5, 0.2], [0.36, 0.45], [0.3, 0.7]], steps: 4),
      height: 0.95),
  ]
}

extension Solid {
  mutating func addLamp(_ style: LampStyle) {
    guard let last = style.shade.last else { return }
    if style.stand == .arm {
      addDeskLamp(style)
      return
    }
    part = .stand
    addStand(style)
    rod(
      .dark, from: [0, style.height - 0.1, 0], to: [0, style.height + last.y, 0], radius: 0.035)
    part = .shade
    lathe(.body, style.shade, at: [0, style.height, 0])
    addBulb(at: [0, style.height + last.y * 0.42, 0])
    for rim in [style.shade[0], last] {
      lathe(
        .accent, [[rim.x + 0.015, rim.y - 0.025], [rim.x + 0.015, rim.y + 0.025]],
        at: [0, style.height, 0])
    }
  }

  private mutating func addBulb(at centre: Vector) {
    ellipsoid(.light, center: centre, radii: [0.15, 0.18, 0.15])
  }

  private mutating func addStand(_ style: LampStyle) {
    let top = style.height
    switch style.stand {
    case .column, .arm:
      lathe(
        .accent, [[0, 0], [0.46, 0], [0.46, 0.07], [0.1, 0.12], [0.06, 0.2], [0.06, top]])
      lathe(.accent, [[0.06, top], [0, top]])
    case .balls:
      lathe(.accent, [[0, 0], [0.42, 0], [0.42, 0.08], [0, 0.1]])
      for (y, r) in [(0.3, 0.24), (0.62, 0.18), (0.86, 0.13)] as [(Float, Float)] {
        ellipsoid(.accent, center: [0, y, 0], radii: [r, r, r])
      }
    case .vase:
      lathe(
        .accent,
        spline(
          [[0.22, 0], [0.26, 0.05], [0.42, 0.35], [0.34, 0.65], [0.1, 0.85], [0.1, top]],
          steps: 4))
    case .tripod:
      for i in 0..<3 {
        let angle = 2 * Float.pi * (Float(i) + 0.25) / 3
        rod(
          .accent, from: [sin(angle) * 0.58, 0, cos(angle) * 0.58], to: [0, top - 0.05, 0],
          radius: 0.05)
      }
      cylinder(.accent, at: [0, top - 0.15, 0], radius: 0.1, length: 0.15)
    }
  }

  /// A desk lamp: base, two arms with joints, a shade that faces down and forward.
  private mutating func addDeskLamp(_ style: LampStyle) {
    let (joint, neck) = (Vector(0, 0.85, -0.55), Vector(0, 1.55, 0.15))
    part = .stand
    lathe(.accent, [[0, 0], [0.46, 0], [0.46, 0.1], [0, 0.14]], at: [0, 0, -0.1])
    rod(.accent, from: [0, 0.1, -0.1], to: joint, radius: 0.055)
    rod(.accent, from: joint, to: neck, radius: 0.055)
    ellipsoid(.dark, center: joint, radii: [0.1, 0.1, 0.1])
    ellipsoid(.dark, center: neck, radii: [0.1, 0.1, 0.1])
    var head = Solid(sides: sides)
    head.part = .shade
    head.lathe(.body, style.shade)
    head.addBulb(at: [0, 0.14, 0])
    add(head, turned: Rotation(about: [1, 0, 0], by: -32), at: neck + [0, -0.42, 0.34])
  }
}
