/// The appearance of text: a size in points, a weight and a colour.
public struct TextStyle: Sendable, Hashable {
  public enum Weight: Sendable, Hashable {
    case regular
    case bold
  }

  public var size: Double
  public var weight: Weight
  public var color: Color

  public init(size: Double, weight: Weight = .regular, color: Color = Theme.text) {
    self.size = size
    self.weight = weight
    self.color = color
  }

  /// The title of a figure.
  public static let title = TextStyle(size: 17, weight: .bold)
  /// The line below a title: network, layer, method.
  public static let subtitle = TextStyle(size: 13, color: Theme.secondaryText)
  /// The name of a column, a row or a panel.
  public static let heading = TextStyle(size: 12, weight: .bold)
  /// Names of axes, classes and colour bars.
  public static let label = TextStyle(size: 12)
  /// The explanation below a figure.
  public static let caption = TextStyle(size: 11, color: Theme.secondaryText)
  /// Numbers on axes and below tiles.
  public static let tick = TextStyle(size: 10, color: Theme.secondaryText)

  /// The same style in another colour.
  public func colored(_ color: Color) -> TextStyle {
    TextStyle(size: size, weight: weight, color: color)
  }

  /// The advance width of one line of text, in points.
  public func width(of text: String) -> Double {
    textRuns(of: text, in: font).runs.reduce(0) { width, run in
      width + size * (run.isRaised ? raisedSize : 1) * run.font.advance(of: run.text)
    }
  }

  /// The width of a line including ink that extends beyond its ends, in points.
  func inkWidth(of text: String) -> Double {
    let overhang = overhang(of: text)
    return overhang.left + width(of: text) + overhang.right
  }

  /// How far the ink of a line extends beyond its width on the left and on the right.
  func overhang(of text: String) -> (left: Double, right: Double) {
    let runs = textRuns(of: text, in: font).runs
    guard let first = runs.first, let last = runs.last else { return (0, 0) }
    return (
      size * first.font.overhang(of: first.text).left,
      size * last.font.overhang(of: last.text).right
    )
  }

  /// The height of one line, from the highest accent to the lowest descender.
  public var lineHeight: Double { ascent + (size * font.descent).rounded(.up) }

  /// The height of a capital letter.
  public var capHeight: Double { size * font.capHeight }

  /// From the top of a line down to its baseline, in whole points: baselines on the pixel grid
  /// keep all lines equally sharp.
  var ascent: Double { (size * font.ascent).rounded(.up) }

  /// Layouts are measured in the standard typeface, whichever is drawn.
  var font: Font { weight == .bold ? Typeface.standard.bold : Typeface.standard.regular }
}
