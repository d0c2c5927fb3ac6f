/// The shape of a marker in a plot.
public enum Marker: Sendable, Hashable, CaseIterable {
  case circle
  case square
  case triangle
  case diamond
  case triangleDown
  case hexagon
  case star
}

/// The appearance of a class: a colour and a shape, so that neither is needed alone.
public struct ClassStyle: Sendable, Hashable {
  public var color: Color
  public var marker: Marker

  public init(color: Color, marker: Marker = .circle) {
    self.color = color
    self.marker = marker
  }

  /// The style of a class by its index; the first 84 styles are distinct.
  ///
  /// Colours: M. Okabe and K. Ito, "Color Universal Design", 2008 (its yellow darkened, for
  /// points on white), then P. Tol, "Colour Schemes", SRON/EPS/TN/09-002, 2021, muted. Colours that
  /// are hard to tell apart with some colour blindness have different shapes.
  public init(index: Int) {
    let index = max(0, index)
    // 12 colours and 7 shapes have no common divisor, so the pairs repeat after 84.
    self.init(
      color: Self.colors[index % Self.colors.count],
      marker: Marker.allCases[index % Marker.allCases.count])
  }

  private static let colors: [Color] = [
    Color(hex: 0x0072B2),  // blue
    Color(hex: 0xD55E00),  // vermilion
    Color(hex: 0x009E73),  // bluish green
    Color(hex: 0xCC79A7),  // reddish purple
    Color(hex: 0x56B4E9),  // sky blue
    Color(hex: 0xE69F00),  // orange
    Color(hex: 0x332288),  // indigo
    Color(hex: 0x882255),  // wine
    Color(hex: 0xC9B800),  // yellow, darkened from #F0E442
    Color(hex: 0x117733),  // green
    Color(hex: 0x000000),  // black
    Color(hex: 0x888888),  // grey
  ]

  /// The colour for small text: dark enough to read on white.
  public var textColor: Color {
    var color = color
    // L* 55 on white has a contrast of about 4 : 1.
    while color.lightness > 55 { color = color.mixed(with: .black, 0.08) }
    return color
  }
}
