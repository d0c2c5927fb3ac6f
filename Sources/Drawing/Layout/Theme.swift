/// The colours and distances shared by all figures.
public enum Theme {
  public static let background = Color.white
  public static let text = Color(hex: 0x222222)
  public static let secondaryText = Color(hex: 0x595959)
  /// Axes and frames.
  public static let line = Color(hex: 0x8C8C8C)
  /// Lines behind data.
  public static let gridLine = Color(hex: 0xE8E8E8)
  /// Around tiles that are white at their edges.
  public static let outline = Color(hex: 0xD0D0D0)
  /// Missing values: cells without a value, the part of a patch outside its picture.
  public static let nothing = Color(hex: 0xECECEC)
  /// Single series and bars (Okabe & Ito's blue).
  public static let accent = Color(hex: 0x0072B2)
  /// Highlighted items (Okabe & Ito's vermilion).
  public static let highlight = Color(hex: 0xD55E00)

  /// Around a figure.
  public static let margin = 24.0
  /// Between the panels of a figure.
  public static let panelSpacing = 24.0
  /// Between items that belong together.
  public static let spacing = 8.0
}
