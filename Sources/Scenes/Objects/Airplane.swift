struct AirplaneStyle {
  enum Engines { case underWings(Int), propeller, rear, jets }

  var span: Float = 2.3
  var length: Float = 2.4
  var girth: Float = 0.21
  /// How far the wing tips are behind the roots.
  var sweep: Float = 0.5
  var chord: (root: Float, tip: Float) = (0.74, 0.3)
  /// The height of the wing on the body, relative to its radius.
  var wingHeight: Float = -0.45
  var engines = Engines.underWings(1)
  var biplane = false
  var highTail = false
  var delta = false

  static let all: [AirplaneStyle] = [
    AirplaneStyle(),
    AirplaneStyle(
      span: 2.4, length: 1.75, girth: 0.23, sweep: 0, chord: (0.56, 0.48), wingHeight: 0.85,
      engines: .propeller),
    AirplaneStyle(
      span: 1.7, length: 2.3, girth: 0.17, sweep: 0.85, chord: (1.3, 0.16), wingHeight: 0,
      engines: .jets, delta: true),
    AirplaneStyle(
      span: 2.0, length: 1.7, girth: 0.22, sweep: 0, chord: (0.5, 0.46), wingHeight: -0.6,
      engines: .propeller, biplane: true),
    AirplaneStyle(
      span: 2.7, length: 2.5, girth: 0.23, sweep: 0.6, chord: (0.8, 0.3),
      engines: .underWings(2)),
    AirplaneStyle(
      span: 2.2, length: 2.3, girth: 0.21, sweep: 0.45, chord: (0.72, 0.3), engines: .rear,
      highTail: true),
    AirplaneStyle(
      span: 2.1, length: 1.8, girth: 0.2, sweep: 0.06, chord: (0.66, 0.34), wingHeight: -0.5,
      engines: .propeller),
    AirplaneStyle(
      span: 2.5, length: 2.2, girth: 0.22, sweep: 0.1, chord: (0.6, 0.38), wingHeight: 0.8,
      engines: .underWings(1), highTail: true),
  ]
}

extension Solid {
  /// The nose is at +z; the airplane climbs and banks, so that its wings are visible.
  mutating func addAirplane(_ style: AirplaneStyle) {
    var level = Solid(sides: sides)
    level.addLevelAirplane(style)
    var climbing = Solid(sides: sides)
    climbing.add(level, turned: Rotation(about: [1, 0, 0], by: -13))
    add(climbing, turned: Rotation(about: [0, 0, 1], by: 15))
  }

  private mutating func addLevelAirplane(_ style: AirplaneStyle) {
    let (l, r) = (style.length, style.girth)
    part = .body
    lathe(
      .body,
      spline(
        [
          [0, -0.5 * l], [r * 0.4, -0.44 * l], [r * 0.95, -0.12 * l], [r, 0.2 * l],
          [r * 0.86, 0.38 * l], [r * 0.4, 0.47 * l], [0, 0.5 * l],
        ], steps: 3), along: .z)
    ellipsoid(.glass, center: [0, r * 0.62, 0.33 * l], radii: [r * 0.62, r * 0.55, 0.1 * l])
    part = .wings
    addWings(style)
    part = .tail
    addTail(style)
    part = .engines
    addEngines(style)
    part = .body
    if case .propeller = style.engines {
      for side in [-1, 1] as [Float] {
        rod(
          .dark, from: [side * 0.1, -r, 0.16 * l], to: [side * 0.3, -r - 0.26, 0.2 * l],
          radius: 0.03)
        ellipsoid(.dark, center: [side * 0.31, -r - 0.28, 0.2 * l], radii: [0.05, 0.11, 0.11])
      }
    } else if !style.delta {
      for side in [-1, 1] as [Float] {
        box(.glass, center: [side * r * 0.93, r * 0.22, 0], size: [0.03, 0.06, 0.52 * l])
      }
    }
  }

  private mutating func addWings(_ style: AirplaneStyle) {
    let r = style.girth
    let levels: [Float] = style.biplane ? [-0.6 * r, 1.9 * r] : [style.wingHeight * r]
    for side in [-1, 1] as [Float] {
      for y in levels {
        let rise: Float = style.biplane ? 0.02 : 0.1
        let root = Vector(0, y, 0.08 * style.length + (style.delta ? -0.22 : 0))
        let tip = root + [side * style.span / 2, rise, -style.sweep]
        blade(
          .accent, root: root, tip: tip, chord: [0, 0, 1], rootChord: style.chord.root,
          tipChord: style.chord.tip, thick: [0, 1, 0], thickness: 0.1)
      }
      if style.biplane {
        for z in [0.12, -0.1] as [Float] {
          let x = side * style.span * 0.36
          rod(
            .dark, from: [x, -0.6 * r, 0.08 * style.length + z],
            to: [x, 1.9 * r, 0.08 * style.length + z], radius: 0.022)
        }
      }
    }
  }

  private mutating func addTail(_ style: AirplaneStyle) {
    let (l, r) = (style.length, style.girth)
    let rise: Float = style.delta ? 0.42 : 0.56
    let foot = Vector(0, r * 0.3, -0.4 * l)
    let top = foot + [0, rise, -0.16]
    blade(
      .accent, root: foot, tip: top, chord: [0, 0, 1], rootChord: 0.5, tipChord: 0.28,
      thick: [1, 0, 0], thickness: 0.07)
    guard !style.delta else { return }
    let root = style.highTail ? top : Vector(0, r * 0.2, -0.42 * l)
    for side in [-1, 1] as [Float] {
      blade(
        .accent, root: root, tip: root + [side * style.span * 0.2, 0.03, -0.12],
        chord: [0, 0, 1], rootChord: 0.4, tipChord: 0.24, thick: [0, 1, 0], thickness: 0.06)
    }
  }

  private mutating func addEngines(_ style: AirplaneStyle) {
    let (l, r) = (style.length, style.girth)
    func nacelle(_ at: Vector, _ radius: Float) {
      lathe(
        .light,
        [
          [0, -0.2], [radius * 0.7, -0.2], [radius, 0], [radius, 0.17], [radius * 0.8, 0.2],
        ], at: at, along: .z)
      lathe(.dark, [[radius * 0.82, 0.19], [0, 0.16]], at: at, along: .z)
    }
    switch style.engines {
    case .underWings(let count):
      for side in [-1, 1] as [Float] {
        for i in 0..<count {
          let share = count == 1 ? 0.36 : 0.28 + 0.3 * Float(i)
          let x = style.span / 2 * share
          let z = 0.08 * l - style.sweep * share + 0.26
          nacelle([side * x, style.wingHeight * r + 0.1 * share - 0.12, z], 0.11)
        }
      }
    case .rear:
      for side in [-1, 1] as [Float] { nacelle([side * (r + 0.1), r * 0.3, -0.3 * l], 0.12) }
    case .jets:
      for side in [-1, 1] as [Float] {
        lathe(
          .dark, [[0, -0.1], [0.1, -0.12], [0.12, 0.2], [0, 0.3]],
          at: [side * 0.11, 0, -0.46 * l], along: .z)
      }
    case .propeller:
      let nose = Vector(0, 0, 0.5 * l)
      lathe(.dark, [[0.09, -0.06], [0.08, 0.03], [0, 0.12]], at: nose, along: .z)
      for i in 0..<2 {
        let turned = Rotation(about: [0, 0, 1], by: 30 + 180 * Float(i))
        blade(
          .dark, root: nose, tip: nose + turned * [0.46, 0, 0], chord: turned * [0, 1, 0],
          rootChord: 0.08, tipChord: 0.12, thick: [0, 0, 1], thickness: 0.03)
      }
    }
  }
}
