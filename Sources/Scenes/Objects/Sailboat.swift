struct SailboatStyle {
  enum Rig { case sloop, cat, ketch, square, lateen, gaff }

  var rig = Rig.sloop
  var length: Float = 2
  var beam: Float = 0.7
  var freeboard: Float = 0.38
  var cabin = false
  var mast: Float = 2.1
  var hulls = 1

  static let all: [SailboatStyle] = [
    SailboatStyle(),
    SailboatStyle(rig: .cat, length: 1.6, beam: 0.72),
    SailboatStyle(cabin: true, mast: 2.3),
    SailboatStyle(rig: .ketch, length: 2.4, mast: 1.95),
    SailboatStyle(rig: .square, length: 2.0, beam: 0.8, freeboard: 0.45, mast: 2.0),
    SailboatStyle(rig: .lateen, length: 2.0, mast: 1.5),
    SailboatStyle(length: 1.9, beam: 0.3, freeboard: 0.28, hulls: 2),
    SailboatStyle(rig: .gaff, length: 1.9, cabin: true, mast: 1.8),
  ]
}

extension Solid {
  /// The bow is at +z.
  mutating func addSailboat(_ style: SailboatStyle) {
    let deck = style.freeboard
    part = .hull
    if style.hulls == 2 {
      for side in [-1, 1] as [Float] { addHull(style, x: side * 0.45) }
      box(.accent, center: [0, deck - 0.02, -0.05], size: [0.9, 0.06, 0.8])
    } else {
      addHull(style, x: 0)
    }
    if style.cabin {
      let l = style.length
      part = .cabin
      block(
        .light, from: Slab(y: deck - 0.05, z: -0.02 * l, width: 0.44, depth: 0.5 * l),
        to: Slab(y: deck + 0.18, z: -0.04 * l, width: 0.36, depth: 0.4 * l))
      for side in [-1, 1] as [Float] {
        box(
          .glass, center: [side * 0.2, deck + 0.07, -0.03 * l], size: [0.05, 0.09, 0.26 * l])
      }
    }
    addRig(style)
  }

  private mutating func addHull(_ style: SailboatStyle, x: Float) {
    let (l, b, h) = (style.length, style.beam, style.freeboard)
    // The fraction of the length from the stern, the half-breadth, the height of the keel.
    let stations: [(Float, Float, Float)] = [
      (0, 0.36, 0.2), (0.15, 0.44, 0.08), (0.4, 0.5, 0), (0.65, 0.42, 0.02), (0.85, 0.22, 0.12),
      (1, 0.01, 0.42),
    ]
    var rings: [[Vector]] = []
    for (share, breadth, keel) in stations {
      let z = (share - 0.5) * l
      let sheer = h * (1 + 0.3 * max(0, share - 0.5))
      let half = breadth * b
      let low = h * keel
      rings.append([
        [x - half, sheer, z], [x - half * 0.92, sheer * 0.5 + low * 0.5, z],
        [x - half * 0.5, low + h * 0.06, z], [x, low, z], [x + half * 0.5, low + h * 0.06, z],
        [x + half * 0.92, sheer * 0.5 + low * 0.5, z], [x + half, sheer, z],
      ])
    }
    loft(.accent, rings, closed: false)
    fan(.accent, rings[0])
    let deck = rings.map { ring -> [Vector] in [ring[6] - [0, 0.04, 0], ring[0] - [0, 0.04, 0]] }
    sheet(.light, deck)
    for side in [0, 6] {
      let rail = rings.map { $0[side] }
      tube(.body, along: rail, radii: rail.map { _ in 0.035 }, sides: 6)
    }
  }

  private mutating func addRig(_ style: SailboatStyle) {
    let (l, deck, top) = (style.length, style.freeboard, style.freeboard + style.mast)
    // Booms and yards go with the mast.
    part = .mast
    func mast(_ z: Float, _ height: Float) {
      rod(.dark, from: [0, deck * 0.5, z], to: [0, height, z], radius: 0.045, to: 0.03)
    }
    func triangle(_ tack: Vector, _ head: Vector, _ clew: Vector, _ surface: Surface) {
      addSail(surface, tack: tack, throat: head, peak: head, clew: clew)
    }
    let bow = l * 0.48
    switch style.rig {
    case .sloop:
      mast(0.12 * l, top)
      triangle(
        [0, deck + 0.22, 0.1 * l], [0, top - 0.05, 0.1 * l], [0.16, deck + 0.22, -0.44 * l], .body)
      triangle(
        [0, deck + 0.14, bow], [0, top - 0.35, 0.16 * l], [0.16, deck + 0.2, 0.16 * l], .accent)
      rod(.dark, from: [0, deck + 0.2, 0.12 * l], to: [0.16, deck + 0.2, -0.45 * l], radius: 0.03)
    case .cat:
      mast(0.3 * l, top)
      triangle(
        [0, deck + 0.2, 0.28 * l], [0, top - 0.04, 0.28 * l], [0.2, deck + 0.2, -0.48 * l], .body)
      rod(.dark, from: [0, deck + 0.18, 0.3 * l], to: [0.2, deck + 0.18, -0.5 * l], radius: 0.03)
    case .ketch:
      mast(0.18 * l, top)
      mast(-0.28 * l, deck + style.mast * 0.72)
      triangle(
        [0, deck + 0.2, 0.16 * l], [0, top - 0.05, 0.16 * l], [0.14, deck + 0.2, -0.22 * l], .body)
      triangle(
        [0, deck + 0.2, -0.3 * l], [0, deck + style.mast * 0.7, -0.3 * l],
        [0.1, deck + 0.2, -0.56 * l], .body)
      triangle(
        [0, deck + 0.14, bow], [0, top - 0.3, 0.21 * l], [0.14, deck + 0.2, 0.21 * l], .accent)
    case .square:
      mast(0, top + 0.1)
      for (low, high, half) in [(0.3, 1.15, 0.72), (1.22, 1.9, 0.54)] as [(Float, Float, Float)] {
        let rows = (0...4).map { row -> [Vector] in
          let t = Float(row) / 4
          let y = deck + low + (high - low) * t
          let width = half * (1 - 0.12 * t)
          let belly = 0.28 * (1 - (2 * t - 1) * (2 * t - 1))
          return [-1, -0.5, 0, 0.5, 1].map { (s: Float) in
            [s * width, y, 0.07 + belly * (1 - 0.6 * s * s)]
          }
        }
        part = .sails
        sheet(low < 1 ? .body : .accent, rows)
        part = .mast
        rod(
          .dark, from: [-half, deck + high, 0.06], to: [half, deck + high, 0.06], radius: 0.035)
      }
    case .lateen:
      mast(0.1 * l, top)
      let (low, high) = (Vector(0, deck + 0.18, 0.56 * l), Vector(0, deck + 2.15, -0.3 * l))
      rod(.dark, from: low, to: high, radius: 0.035)
      triangle(low, high, [0.2, deck + 0.25, -0.5 * l], .body)
    case .gaff:
      mast(0.2 * l, top)
      addSail(
        .body, tack: [0, deck + 0.22, 0.18 * l], throat: [0, deck + 1.15, 0.18 * l],
        peak: [0.1, deck + 1.85, -0.26 * l], clew: [0.16, deck + 0.22, -0.5 * l])
      rod(
        .dark, from: [0, deck + 1.15, 0.2 * l], to: [0.1, deck + 1.88, -0.27 * l], radius: 0.035)
      triangle(
        [0, deck + 0.14, bow], [0, top - 0.25, 0.22 * l], [0.14, deck + 0.2, 0.22 * l], .accent)
    }
  }

  /// A sail between its four corners, bellied by the wind; `throat` equals `peak` for three
  /// corners.
  private mutating func addSail(
    _ surface: Surface, tack: Vector, throat: Vector, peak: Vector, clew: Vector
  ) {
    let rows = (0...6).map { row -> [Vector] in
      let t = Float(row) / 6
      let (front, back) = (mix(tack, throat, t), mix(clew, peak, t))
      return (0...4).map { column in
        let s = Float(column) / 4
        let belly = 0.55 * s * (1 - s) * (1 - 0.6 * t)
        return mix(front, back, s) + [belly, 0, 0]
      }
    }
    part = .sails
    sheet(surface, rows)
    part = .mast
  }
}
