import Foundation

struct MugStyle {
  /// Radius and height of the outside, from the foot to the rim.
  var outline: [PlanePoint]
  var squareHandle = false
  var band = false
  var handleReach: Float = 0.42

  static let all: [MugStyle] = [
    MugStyle(outline: [[0.5, 0], [0.52, 0.06], [0.52, 1.15]]),
    MugStyle(outline: [[0.4, 0], [0.42, 0.05], [0.6, 1.15]], handleReach: 0.4),
    MugStyle(outline: [[0.62, 0], [0.62, 0.06], [0.46, 1.2]], band: true),
    MugStyle(
      outline: spline(
        [[0.46, 0], [0.58, 0.3], [0.62, 0.6], [0.56, 0.95], [0.52, 1.15]], steps: 4),
      handleReach: 0.36),
    MugStyle(outline: [[0.45, 0], [0.46, 0.05], [0.46, 1.45]], squareHandle: true, band: true),
    MugStyle(
      outline: spline([[0.3, 0], [0.5, 0.14], [0.66, 0.45], [0.72, 0.85]], steps: 4),
      handleReach: 0.34),
    MugStyle(
      outline: spline([[0.5, 0], [0.46, 0.25], [0.46, 0.7], [0.58, 1.15]], steps: 4), band: true),
    MugStyle(outline: [[0.6, 0], [0.62, 0.05], [0.62, 1.0]], squareHandle: true),
  ]
}

extension Solid {
  mutating func addMug(_ style: MugStyle) {
    guard let rim = style.outline.last else { return }
    let wall: Float = 0.06
    part = .body
    lathe(.body, [[0, 0]] + style.outline)
    lathe(.accent, [rim, [rim.x - 0.01, rim.y + 0.03], [rim.x - wall, rim.y]])
    let inside = style.outline.dropFirst().reversed().map { PlanePoint($0.x - wall, $0.y) }
    lathe(.light, inside + [[inside[inside.count - 1].x, wall], [0, wall]])
    if style.band { addBand(style.outline, height: rim.y) }

    // The handle is on the right, in the x-y plane.
    let reach = style.handleReach
    let (low, high) = (rim.y * 0.2, rim.y * 0.82)
    let (start, end) = (radius(of: style.outline, at: high), radius(of: style.outline, at: low))
    let path: [Vector]
    if style.squareHandle {
      path = [
        [start - 0.02, high, 0], [start + reach - 0.06, high, 0], [start + reach, high - 0.06, 0],
        [end + reach, low + 0.06, 0], [end + reach - 0.06, low, 0], [end - 0.02, low, 0],
      ]
    } else {
      path = spline(
        [
          [start - 0.02, high, 0], [start + reach * 0.7, high + 0.02, 0],
          [max(start, end) + reach, (low + high) * 0.54, 0],
          [end + reach * 0.62, low + 0.04, 0], [end - 0.02, low, 0],
        ], steps: 4)
    }
    part = .handle
    tube(.body, along: path, radii: path.map { _ in 0.085 })
  }

  private mutating func addBand(_ outline: [PlanePoint], height: Float) {
    lathe(
      .accent,
      [0.4, 0.46, 0.56, 0.62].map { share in
        PlanePoint(radius(of: outline, at: height * share) + 0.012, height * share)
      })
  }
}
