/// A finished figure: title, subtitle, body and caption on white with margins.
///
/// The figure is as wide as the body, or as its titles need, up to ``widestTitle``; longer titles
/// and the caption are wrapped.
public struct Figure: Composite {
  public let parts: [Part]
  public let size: Size

  /// The width at which titles wrap if the body is narrower, in points.
  public static let widestTitle = 560.0
  /// Captions are never narrower than this.
  private static let narrowestCaption = 320.0
  /// Longer lines are hard to read, however wide the body.
  private static let widestCaption = 860.0

  public init(
    title: String = "", subtitle: String = "", caption: String = "", _ body: any Drawable
  ) {
    let natural = max(TextStyle.title.width(of: title), TextStyle.subtitle.width(of: subtitle))
    let bodySize = body.size
    let width = max(
      bodySize.width, min(natural.rounded(.up), Self.widestTitle),
      caption.isEmpty ? 0 : Self.narrowestCaption
    ).rounded(.up)

    var parts: [Part] = []
    var y = Theme.margin
    func place(_ content: any Drawable, _ size: Size, before distance: Double) {
      guard size.height > 0 else { return }
      if !parts.isEmpty { y += distance }
      parts.append(
        Part(content, in: Rectangle(origin: Point(Theme.margin, y), size: size)))
      y += size.height
    }
    let titleText = Text(title, .title, width: width)
    let subtitleText = Text(subtitle, .subtitle, width: width)
    let captionText = Text(caption, .caption, width: min(width, Self.widestCaption))
    place(titleText, titleText.size, before: 0)
    place(subtitleText, subtitleText.size, before: 4)
    place(body, bodySize, before: 18)
    place(captionText, captionText.size, before: 18)
    self.parts = parts
    size = Size(
      width: width + 2 * Theme.margin, height: (y + Theme.margin).rounded(.up))
  }
}
