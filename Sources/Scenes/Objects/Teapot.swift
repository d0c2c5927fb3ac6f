struct TeapotStyle {
  /// Radius and height of the outside, from the foot to the opening.
  var outline: [PlanePoint]
  var sides: Int?
  /// Whether the handle spans the top instead of the back.
  var bail = false
  var spoutReach: Float = 0.55
  var lid: Float = 0.16

  static let all: [TeapotStyle] = [
    TeapotStyle(
      outline: spline(
        [[0.4, 0], [0.62, 0.2], [0.7, 0.5], [0.56, 0.85], [0.36, 0.98]], steps: 4)),
    TeapotStyle(
      outline: spline(
        [[0.42, 0], [0.5, 0.3], [0.48, 0.8], [0.34, 1.2], [0.3, 1.4]], steps: 4),
      spoutReach: 0.46, lid: 0.22),
    TeapotStyle(
      outline: spline(
        [[0.5, 0], [0.78, 0.2], [0.8, 0.42], [0.5, 0.68], [0.34, 0.74]], steps: 4),
      spoutReach: 0.5),
    TeapotStyle(
      outline: [[0.5, 0], [0.72, 0.3], [0.66, 0.62], [0.36, 0.92]], sides: 8, spoutReach: 0.55),
    TeapotStyle(
      outline: spline(
        [[0.44, 0], [0.68, 0.22], [0.7, 0.5], [0.5, 0.78], [0.36, 0.86]], steps: 4),
      bail: true),
    TeapotStyle(outline: [[0.58, 0], [0.6, 0.05], [0.5, 0.95], [0.46, 1.0]], lid: 0.1),
    TeapotStyle(
      outline: spline([[0.64, 0], [0.68, 0.16], [0.5, 0.6], [0.34, 1.0]], steps: 4), lid: 0.2),
    TeapotStyle(
      outline: spline(
        [[0.3, 0], [0.34, 0.08], [0.66, 0.38], [0.66, 0.66], [0.4, 0.96]], steps: 4),
      spoutReach: 0.6, lid: 0.22),
  ]
}

extension Solid {
  /// The spout points to +x, the handle to −x.
  mutating func addTeapot(_ style: TeapotStyle) {
    guard let mouth = style.outline.last else { return }
    let height = mouth.y
    part = .body
    lathe(.body, [[0, 0]] + style.outline, sides: style.sides)
    part = .lid
    lathe(
      .accent,
      spline(
        [[mouth.x + 0.05, 0], [mouth.x * 0.86, style.lid * 0.6], [0.08, style.lid]], steps: 3)
        + [[0, style.lid]], at: [0, height - 0.02, 0], sides: style.sides)
    ellipsoid(
      .accent, center: [0, height + style.lid + 0.07, 0], radii: [0.11, 0.11, 0.11])
    part = .spout
    addSpout(style, height: height)
    part = .handle
    addTeapotHandle(style, height: height)
  }

  private mutating func addSpout(_ style: TeapotStyle, height: Float) {
    let root = radius(of: style.outline, at: height * 0.35)
    let rim = root + style.spoutReach
    let path = spline(
      [
        Vector(root - 0.14, height * 0.3, 0),
        Vector(root + style.spoutReach * 0.4, height * 0.42, 0),
        Vector(rim - style.spoutReach * 0.3, height * 0.74, 0), Vector(rim, height * 0.98, 0),
      ], steps: 4)
    let radii = path.indices.map { i -> Float in
      let t = Float(i) / Float(path.count - 1)
      return 0.2 - 0.12 * t.squareRoot()
    }
    tube(.body, along: path, radii: radii)
    ellipsoid(.dark, center: path[path.count - 1], radii: [0.06, 0.03, 0.06])
  }

  private mutating func addTeapotHandle(_ style: TeapotStyle, height: Float) {
    let high = radius(of: style.outline, at: height * 0.85)
    let low = radius(of: style.outline, at: height * 0.25)
    let path: [Vector]
    if style.bail {
      let side = high + 0.06
      path = spline(
        [
          [-side, height * 0.84, 0], [-side * 1.02, height * 1.3, 0],
          [-side * 0.5, height * 1.72, 0],
          [side * 0.5, height * 1.72, 0], [side * 1.02, height * 1.3, 0], [side, height * 0.84, 0],
        ], steps: 4)
    } else {
      let out = max(high, low) + 0.42
      path = spline(
        [
          [-high + 0.05, height * 0.88, 0], [-out * 0.82, height * 0.98, 0],
          [-out - 0.02, height * 0.66, 0], [-out * 0.86, height * 0.32, 0],
          [-low + 0.05, height * 0.2, 0],
        ], steps: 4)
    }
    tube(.accent, along: path, radii: path.map { _ in 0.075 })
  }
}
