/// Whether figures are drawn as ink on white or as light on dark.
///
/// Figures name the colours of the light appearance; a canvas of the dark one draws others in their
/// place. Pictures and maps of values are the same in both.
public enum Appearance: String, Sendable, Hashable, CaseIterable, Codable {
  case light
  case dark

  /// The colour that stands for `color`: in the dark, greys change from light to dark and vice
  /// versa, and colours that are too dark for the ground become paler.
  func color(_ color: Color) -> Color {
    guard self == .dark else { return color }
    let components = [color.red, color.green, color.blue]
    let (least, greatest) = (components.min() ?? 0, components.max() ?? 0)
    guard greatest - least > Self.greatestGreyDifference else {
      let grey = (least + greatest) / 2
      return Self.ground.mixed(with: Self.ink, 1 - grey).opacity(color.alpha)
    }
    // The least lightness with a contrast of 4.5 : 1 to the ground (WCAG 2.1, 1.4.3) is near 51.
    let missing = 54 - color.lightness
    guard missing > 0 else { return color }
    return color.mixed(with: Color.white.opacity(color.alpha), min(1, missing / 54))
  }

  /// What white and black become.
  private static let ground = Color(hex: 0x16181C)
  private static let ink = Color(hex: 0xF4F5F7)
  /// Components that differ by no more than this make a grey.
  private static let greatestGreyDifference = 0.04
}
