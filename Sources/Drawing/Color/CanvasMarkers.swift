internal import Foundation

extension Canvas {
  /// Draws a marker with the area of a circle of the given radius.
  ///
  /// - Parameter outline: The colour of a thin line around it that separates it from its
  ///   neighbours.
  public func draw(
    _ style: ClassStyle, at center: Point, radius: Double, outline: Color? = nil
  ) {
    if style.marker == .circle {
      fill(circle: center, radius: radius, with: style.color)
      if let outline { stroke(circle: center, radius: radius, with: outline, width: 0.7) }
    } else {
      let polygon = style.marker.outline.map { center + $0 * radius }
      fill(polygon: polygon, with: style.color)
      if let outline { stroke(polyline: polygon, with: outline, width: 0.7, closed: true) }
    }
  }
}

extension Marker {
  /// The corners around the origin, scaled to the area of the unit circle.
  fileprivate var outline: [Point] { Self.outlines[self] ?? [] }

  private static let outlines: [Marker: [Point]] = [
    .square: regular(corners: 4, turned: 0.125),
    .triangle: regular(corners: 3, turned: 0),
    .diamond: regular(corners: 4, turned: 0),
    .triangleDown: regular(corners: 3, turned: 0.5),
    .hexagon: regular(corners: 6, turned: 0),
    .star: pentagram,
  ]

  /// The corners of a regular polygon of area π, the first one at the top, rotated by a fraction of
  /// a full turn.
  private static func regular(corners: Int, turned: Double) -> [Point] {
    let count = Double(corners)
    let radius = (2 * .pi / (count * sin(2 * .pi / count))).squareRoot()
    return (0..<corners).map { corner in
      let angle = 2 * .pi * (Double(corner) / count + turned)
      return Point(radius * sin(angle), -radius * cos(angle))
    }
  }

  private static let pentagram: [Point] = (0..<10).map { corner in
    let angle = 2 * .pi * Double(corner) / 10
    // Area π: ten triangles of outer and inner radius, 5·R·r·sin 36°.
    let outer = 1.53
    let radius = corner.isMultiple(of: 2) ? outer : .pi / (5 * outer * sin(.pi / 5))
    return Point(radius * sin(angle), -radius * cos(angle))
  }
}
