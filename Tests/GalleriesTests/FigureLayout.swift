import Drawing
import Galleries
import Images
import Testing

/// Checks that nothing in a figure overlaps or extends beyond it, and that it can be drawn.
func expectSound(
  _ figure: CaptionedFigure, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  expectTidy(figure.sheet, path: figure.title, sourceLocation)
  let image = try figure.sheet.render()
  #expect(image.isOpaque, sourceLocation: sourceLocation)
  #expect(!figure.title.isEmpty && !figure.caption.isEmpty, sourceLocation: sourceLocation)
  #expect(!figure.scale.isEmpty, sourceLocation: sourceLocation)
  for text in [figure.title, figure.subtitle, figure.caption, figure.scale] {
    #expect(!text.contains("NaN") && !text.contains("nan"), sourceLocation: sourceLocation)
    #expect(!text.contains("  "), "two spaces in “\(text)”", sourceLocation: sourceLocation)
  }
  #expect(figure.caption.hasSuffix("."), sourceLocation: sourceLocation)
}

/// How many pixels of a figure have the background colour of hatching.
func hatchedPixels(_ figure: CaptionedFigure) throws -> Int {
  let image = try figure.sheet.render()
  let ground = Theme.nothing.bytes
  return (0..<(image.width * image.height)).count { pixel in
    image.pixels[4 * pixel] == ground.red && image.pixels[4 * pixel + 1] == ground.green
      && image.pixels[4 * pixel + 2] == ground.blue
  }
}

private func expectTidy(
  _ content: any Drawable, path: String, _ sourceLocation: SourceLocation
) {
  guard let composite = content as? any Composite else { return }
  let size = composite.size
  let whole = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
  for (index, part) in composite.parts.enumerated() {
    let here = "\(path) › \(type(of: part.content))"
    let needs = part.content.size
    #expect(
      whole.contains(part.frame, tolerance: 0.01), "\(here): \(part.frame) outside \(size)",
      sourceLocation: sourceLocation)
    #expect(
      part.frame.width >= needs.width - 0.01 && part.frame.height >= needs.height - 0.01,
      "\(here): \(needs) in \(part.frame)", sourceLocation: sourceLocation)
    for other in composite.parts[..<index] {
      let overlaps = part.frame.inset(by: 0.01).overlaps(other.frame.inset(by: 0.01))
      #expect(
        !overlaps, "\(here): \(part.frame) over \(other.frame)", sourceLocation: sourceLocation)
    }
    expectTidy(part.content, path: here, sourceLocation)
  }
}
