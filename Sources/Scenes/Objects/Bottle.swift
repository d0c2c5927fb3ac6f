struct BottleStyle {
  /// Radius and height of the outside, from the foot to the mouth.
  var outline: [PlanePoint]
  /// The heights between which the label is, relative to the bottle's height.
  var label: (low: Float, high: Float) = (0.14, 0.44)
  var cap: Float = 0.16
  var sides: Int?

  static let all: [BottleStyle] = [
    // Bordeaux: straight, with high shoulders.
    BottleStyle(
      outline: [[0.36, 0], [0.38, 0.05], [0.38, 1.25]]
        + spline([[0.37, 1.3], [0.28, 1.48], [0.14, 1.6], [0.13, 2.1]], steps: 3)),
    // Burgundy: sloping shoulders.
    BottleStyle(
      outline: [[0.4, 0], [0.42, 0.05]]
        + spline([[0.42, 0.85], [0.36, 1.15], [0.16, 1.6], [0.13, 2.0]], steps: 4),
      label: (0.12, 0.38)),
    // Beer.
    BottleStyle(
      outline: [[0.38, 0], [0.4, 0.05]]
        + spline([[0.4, 0.95], [0.34, 1.15], [0.17, 1.35], [0.15, 1.75]], steps: 4),
      cap: 0.08),
    // Milk: wide neck.
    BottleStyle(
      outline: [[0.42, 0], [0.44, 0.06]]
        + spline([[0.44, 0.85], [0.4, 1.05], [0.25, 1.3], [0.27, 1.6]], steps: 4),
      label: (0.2, 0.42), cap: 0.14),
    // A square decanter.
    BottleStyle(
      outline: [[0.56, 0], [0.58, 0.05], [0.58, 0.95], [0.18, 1.18], [0.18, 1.45]],
      label: (0.16, 0.5), cap: 0.3, sides: 4),
    // A round flask.
    BottleStyle(
      outline: spline(
        [[0.3, 0], [0.52, 0.18], [0.6, 0.5], [0.42, 0.85], [0.16, 1.1], [0.14, 1.75]], steps: 4),
      label: (0.2, 0.38)),
    // For washing-up liquid: waisted.
    BottleStyle(
      outline: spline(
        [[0.4, 0], [0.44, 0.25], [0.34, 0.7], [0.42, 1.1], [0.3, 1.38], [0.16, 1.45]], steps: 4)
        + [[0.16, 1.55]],
      label: (0.08, 0.3), cap: 0.34),
    // Long and thin, for oil.
    BottleStyle(
      outline: [[0.3, 0], [0.32, 0.05], [0.32, 1.05]]
        + spline([[0.31, 1.1], [0.22, 1.3], [0.1, 1.5], [0.09, 2.1]], steps: 3),
      label: (0.15, 0.4), cap: 0.2),
  ]
}

extension Solid {
  mutating func addBottle(_ style: BottleStyle) {
    guard let mouth = style.outline.last else { return }
    part = .body
    lathe(.body, [[0, 0]] + style.outline + [[0, mouth.y]], sides: style.sides)
    let label = style.outline.filter {
      $0.y > mouth.y * style.label.low && $0.y < mouth.y * style.label.high
    }
    let (low, high) = (mouth.y * style.label.low, mouth.y * style.label.high)
    let edge = [low] + label.map(\.y) + [high]
    part = .label
    lathe(
      .light, edge.map { PlanePoint(radius(of: style.outline, at: $0) + 0.012, $0) },
      sides: style.sides)
    lathe(
      .accent,
      ([0.3, 0.7] as [Float]).map { share in
        let y = low + (high - low) * share
        return PlanePoint(radius(of: style.outline, at: y) + 0.024, y)
      }, sides: style.sides)
    let r = mouth.x + 0.035
    part = .cap
    cylinder(
      .accent, at: [0, mouth.y - 0.04, 0], radius: r, to: style.cap > 0.3 ? r * 0.55 : r,
      length: style.cap + 0.04)
  }
}

/// The radius of an outline at a height, interpolated between its points.
func radius(of outline: [PlanePoint], at height: Float) -> Float {
  for (a, b) in zip(outline, outline.dropFirst()) where height >= a.y && height <= b.y {
    return a.x + (b.x - a.x) * (height - a.y) / max(b.y - a.y, 1e-6)
  }
  return outline.last?.x ?? 0
}
