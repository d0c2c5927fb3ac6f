/// A figure as wide as a column or a page: the body fills the width, and the title and the caption
/// are set in the sizes of printed text.
public struct PrintedFigure: Composite {
  public let parts: [Part]
  public let size: Size

  /// Room for lines at the edges.
  private static let margin = 1.0
  /// Text below this size, in points, is hard to read on paper.
  public static let smallestReadable = 5.0
  /// The size that text gets if the body has to be laid out anew.
  private static let comfortable = 6.0

  /// - Parameter width: Of the whole sheet, in points of 1/72 inch.
  public init(
    title: String = "", subtitle: String = "", caption: String = "", _ body: any Drawable,
    width: Double
  ) {
    let inner = max(1, width - 2 * Self.margin)
    let fitting = Self.fitting(body, width: inner)
    var parts: [Part] = []
    var y = Self.margin
    func place(_ content: any Drawable, before distance: Double) {
      let size = content.size
      guard size.height > 0 else { return }
      if !parts.isEmpty { y += distance }
      parts.append(Part(content, in: Rectangle(origin: Point(Self.margin, y), size: size)))
      y += size.height
    }
    place(Text(title, .printedTitle, width: inner), before: 0)
    place(Text(subtitle, .printedCaption, width: inner), before: 1)
    place(fitting, before: 5)
    place(Text(caption, .printedCaption, width: inner), before: 5)
    self.parts = parts
    size = Size(width: width, height: y + Self.margin)
  }

  /// The body at the given width; in fewer columns if its text would be too small otherwise.
  private static func fitting(_ body: any Drawable, width: Double) -> Scaled {
    let scaled = Scaled(body, by: width / max(body.size.width, 1))
    guard let smallest = scaled.smallestText, smallest < smallestReadable,
      let flowing = body as? any Reflowing
    else { return scaled }
    let factor = scaled.factor * comfortable / smallest
    let narrow = flowing.reflowed(toWidth: width / factor)
    // Nothing is gained by what is still as wide.
    guard narrow.size.width < body.size.width else { return scaled }
    return Scaled(narrow, by: min(width / max(narrow.size.width, 1), 1.5 * factor))
  }
}

/// A drawable that can be laid out for another width.
protocol Reflowing: Drawable {
  /// The same content at about this width; wider if a single column is wider.
  func reflowed(toWidth width: Double) -> any Drawable
}

extension TextStyle {
  fileprivate static let printedTitle = TextStyle(size: 9, weight: .bold)
  fileprivate static let printedCaption = TextStyle(size: 7.5, color: Theme.secondaryText)
}
