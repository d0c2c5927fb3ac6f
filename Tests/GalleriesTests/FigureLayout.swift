import Drawing
import Galleries
import Images
import TestSupport
import Testing

/// Checks that nothing in a figure overlaps or extends beyond it, and that it can be drawn.
func expectSound(
  _ figure: CaptionedFigure, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try expectTidy(figure.sheet, sourceLocation: sourceLocation)
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
