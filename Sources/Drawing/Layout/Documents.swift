public import Foundation

/// What a file says about the drawing in it.
public struct DocumentMetadata: Sendable, Hashable {
  public var title: String
  public var description: String
  /// Such as the command that made it.
  public var keywords: String
  /// The program.
  public var creator: String

  public init(
    title: String = "", description: String = "", keywords: String = "", creator: String = ""
  ) {
    self.title = title
    self.description = description
    self.keywords = keywords
    self.creator = creator
  }

  var texts: [String] { [description, keywords, creator].filter { !$0.isEmpty } }
}

extension Drawable {
  /// The drawing as a PDF of one page of its size; equal drawings give equal bytes.
  ///
  /// Text is text, in embedded fonts, and pictures have their own pixels.
  ///
  /// - Throws: `DrawingError` if Cairo fails.
  public func pdf(
    _ metadata: DocumentMetadata = DocumentMetadata(), appearance: Appearance = .light,
    typeface: Typeface = .standard
  ) throws(DrawingError) -> Data {
    let target = try CairoTarget(page: size, metadata)
    draw(on: target, appearance, typeface)
    return try target.document()
  }

  /// The drawing as an SVG document of its size; equal drawings give equal bytes.
  ///
  /// Text is text, in the font of that name, and pictures are PNGs with their own pixels.
  public func svg(
    _ metadata: DocumentMetadata = DocumentMetadata(), appearance: Appearance = .light,
    typeface: Typeface = .standard
  ) -> Data {
    let target = SVGTarget()
    draw(on: target, appearance, typeface)
    return target.document(size, metadata)
  }

  private func draw(on target: any DrawingTarget, _ appearance: Appearance, _ typeface: Typeface) {
    let canvas = Canvas(
      target, size: size, background: Theme.background, appearance: appearance, typeface: typeface)
    draw(on: canvas, in: Rectangle(origin: Point(0, 0), size: size))
  }
}
