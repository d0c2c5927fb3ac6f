/// A colour that changes along a line or outwards from a centre.
///
/// Each stop is a position in `0...1` and its colour; beyond the first and the last stop the colour
/// is constant.
public enum Gradient: Sendable {
  case linear(from: Point, to: Point, stops: [(Double, Color)])
  case radial(center: Point, radius: Double, stops: [(Double, Color)])
}

extension Gradient {
  /// The same gradient with its colours replaced.
  func colors(_ replace: (Color) -> Color) -> Gradient {
    func replaced(_ stops: [(Double, Color)]) -> [(Double, Color)] {
      stops.map { ($0.0, replace($0.1)) }
    }
    return switch self {
    case .linear(let from, let to, let stops):
      .linear(from: from, to: to, stops: replaced(stops))
    case .radial(let center, let radius, let stops):
      .radial(center: center, radius: radius, stops: replaced(stops))
    }
  }
}
