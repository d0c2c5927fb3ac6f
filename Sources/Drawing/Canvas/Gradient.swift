/// A colour that changes along a line or outwards from a centre.
///
/// Each stop is a position in `0...1` and its colour; beyond the first and the last stop the colour
/// is constant.
public enum Gradient: Sendable {
  case linear(from: Point, to: Point, stops: [(Double, Color)])
  case radial(center: Point, radius: Double, stops: [(Double, Color)])
}
