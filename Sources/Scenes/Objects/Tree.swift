import Foundation

struct TreeStyle {
  enum Crown { case cones, ball, clouds, palm, poplar, umbrella }

  var crown = Crown.ball
  var trunk: Float = 0.75
  var thickness: Float = 0.12
  /// The number of tiers of a conifer, clumps of a cloudy crown, or leaves of a palm.
  var pieces = 3
  var crownWidth: Float = 1.3
  var crownHeight: Float = 1.4

  static let all: [TreeStyle] = [
    TreeStyle(crown: .cones, trunk: 0.35, pieces: 3, crownWidth: 1.4, crownHeight: 1.8),
    TreeStyle(crown: .ball),
    TreeStyle(crown: .clouds, pieces: 7, crownWidth: 1.5, crownHeight: 1.2),
    TreeStyle(crown: .palm, trunk: 1.5, pieces: 9, crownWidth: 1.7, crownHeight: 0.6),
    TreeStyle(crown: .poplar, trunk: 0.4, crownWidth: 0.85, crownHeight: 1.9),
    TreeStyle(crown: .umbrella, trunk: 0.9, pieces: 4, crownWidth: 1.9, crownHeight: 0.6),
    TreeStyle(crown: .cones, trunk: 0.3, pieces: 5, crownWidth: 1.15, crownHeight: 2.1),
    TreeStyle(
      crown: .clouds, trunk: 0.95, thickness: 0.15, pieces: 5, crownWidth: 1.3,
      crownHeight: 0.95),
  ]
}

extension Solid {
  mutating func addTree(_ style: TreeStyle) {
    let (w, h, foot) = (style.crownWidth, style.crownHeight, style.trunk)
    if style.crown == .palm {
      addPalm(style)
      return
    }
    part = .trunk
    lathe(
      .accent,
      [
        [style.thickness * 1.7, 0], [style.thickness, 0.18], [style.thickness * 0.8, foot],
        [style.thickness * 0.5, foot + h * 0.3],
      ])
    part = .crown
    switch style.crown {
    case .cones:
      let tier = h / (0.6 * Float(style.pieces - 1) + 1)
      for i in 0..<style.pieces {
        let radius = w / 2 * (1 - 0.62 * Float(i) / Float(style.pieces))
        let y = foot + 0.6 * tier * Float(i)
        lathe(.body, [[0, y + tier * 0.1], [radius, y], [0, y + tier]])
      }
    case .ball:
      addClump(.body, center: [0, foot + h * 0.48, 0], radii: [w / 2, h / 2, w / 2], phase: 0)
    case .poplar:
      lathe(
        .body,
        spline(
          [
            [0, foot], [w * 0.36, foot + h * 0.14], [w / 2, foot + h * 0.36],
            [w * 0.3, foot + h * 0.75], [0, foot + h],
          ], steps: 4))
    case .clouds, .umbrella, .palm:
      addClumps(style)
    }
  }

  private mutating func addClumps(_ style: TreeStyle) {
    let (w, h, foot) = (style.crownWidth, style.crownHeight, style.trunk)
    let flat = style.crown == .umbrella
    let count = style.pieces
    let middle = Vector(0, foot + h * (flat ? 0.4 : 0.55), 0)
    let size = Vector(w, flat ? h : w * 0.9, w) * (flat ? 0.3 : 0.32)
    addClump(.body, center: middle + [0, h * 0.16, 0], radii: size * 1.1, phase: 0.5)
    for i in 0..<count {
      let angle = 2 * Float.pi * (Float(i) + 0.2) / Float(count)
      let rise: Float = flat ? 0 : (i % 2 == 0 ? -0.2 : 0.16)
      let out = Vector(sin(angle) * w * 0.3, h * rise, cos(angle) * w * 0.3)
      addClump(.body, center: middle + out, radii: size * 0.95, phase: Float(i))
      if count < 6 {
        part = .trunk
        defer { part = .crown }
        rod(
          .accent, from: [0, foot * 0.6, 0], to: middle + out * 0.8, radius: style.thickness * 0.6,
          to: style.thickness * 0.35)
      }
    }
  }

  /// A lumpy ball of leaves.
  private mutating func addClump(
    _ surface: Surface, center: Vector, radii: Vector, phase: Float
  ) {
    let rows = max(sides / 2, 8)
    let rings = (0...rows).map { row -> [Vector] in
      let latitude = Float.pi * (Float(row) / Float(rows) - 0.5)
      return (0..<sides).map { i in
        let angle = 2 * Float.pi * Float(i) / Float(sides)
        let lump = 1 + 0.04 * sin(7 * angle + phase) * cos(latitude) * sin(6 * latitude + phase)
        return center
          + Vector(cos(latitude) * sin(angle), sin(latitude), cos(latitude) * cos(angle)) * radii
          * lump
      }
    }
    loft(surface, rings)
  }

  private mutating func addPalm(_ style: TreeStyle) {
    let bend: [Vector] = spline(
      [[0, 0, 0], [0.06, style.trunk * 0.4, 0], [0.2, style.trunk, 0]], steps: 5)
    part = .trunk
    tube(
      .accent, along: bend,
      radii: bend.indices.map { style.thickness * (1.15 - 0.5 * Float($0) / Float(bend.count)) })
    let top = bend[bend.count - 1]
    part = .crown
    for i in 0..<style.pieces {
      let angle = 2 * Float.pi * Float(i) / Float(style.pieces)
      let out = Vector(sin(angle), 0, cos(angle))
      let across = Vector(out.z, 0, -out.x)
      let reach = style.crownWidth / 2 * (i % 2 == 0 ? 1 : 0.86)
      let lift: Float = i % 2 == 0 ? 0.5 : 0.85
      // A leaf arches up and then down, folded along its middle.
      let leaf = (0...6).map { step -> [Vector] in
        let t = Float(step) / 6
        let middle = top + out * (reach * t) + [0, lift * t - (lift + 0.42) * t * t, 0]
        let half = 0.2 * (t * (1 - t) * 3 + 0.1)
        let drop = Vector(0, -0.5 * half, 0)
        return [middle - across * half + drop, middle, middle + across * half + drop]
      }
      sheet(.body, leaf)
    }
    for i in 0..<3 {
      let angle = 2 * Float.pi * Float(i) / 3
      ellipsoid(
        .dark, center: top + [0.11 * sin(angle), -0.09, 0.11 * cos(angle)],
        radii: [0.09, 0.09, 0.09])
    }
  }
}
