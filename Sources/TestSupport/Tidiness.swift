public import Drawing
internal import Images
public import Testing

/// Expects that every part is inside the whole and has the room it needs, that no two overlap, and
/// that nothing is drawn outside.
public func expectTidy(
  _ composite: any Composite, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  expectApart(composite, "\(type(of: composite))", sourceLocation)

  // Draw in the middle of a larger canvas: whatever appears around the frame was drawn outside it.
  let margin = 30
  let size = composite.size
  try #require(
    size.width.isFinite && size.height.isFinite, "\(composite)", sourceLocation: sourceLocation)
  let (width, height) = (Int(size.width.rounded(.up)), Int(size.height.rounded(.up)))
  let canvas = try Canvas(width: width + 2 * margin, height: height + 2 * margin)
  let frame = Rectangle(
    origin: Point(Double(margin), Double(margin)), size: size)
  composite.draw(on: canvas, in: frame)
  let image = try canvas.image()
  var outside: [String] = []
  for y in 0..<image.height {
    let isInRows = (margin..<margin + height).contains(y)
    // Cairo's coordinates are multiples of 1/256, so an edge may cover that much of a pixel.
    for x in 0..<image.width where image.pixels[4 * (y * image.width + x) + 3] > 2 {
      let isInside = isInRows && (margin..<margin + width).contains(x)
      if !isInside { outside.append("(\(x - margin), \(y - margin))") }
    }
  }
  #expect(
    outside.isEmpty,
    "\(outside.count) pixels outside \(width)×\(height): \(outside.prefix(9))",
    sourceLocation: sourceLocation)
}

private func expectApart(
  _ composite: any Composite, _ path: String, _ sourceLocation: SourceLocation
) {
  let whole = Rectangle(origin: Point(0, 0), size: composite.size)
  let parts = composite.parts
  for (index, part) in parts.enumerated() {
    let here = "\(path) › \(type(of: part.content))"
    #expect(
      whole.contains(part.frame), "\(here): \(part.frame) outside \(whole.size)",
      sourceLocation: sourceLocation)
    let needed = part.content.size
    #expect(
      needed.width <= part.frame.width + 1e-6 && needed.height <= part.frame.height + 1e-6,
      "\(here): needs \(needed) in \(part.frame)", sourceLocation: sourceLocation)
    for other in parts[..<index] {
      #expect(
        !part.frame.inset(by: 0.01).overlaps(other.frame.inset(by: 0.01)),
        "\(here): \(part.frame) over \(type(of: other.content)) \(other.frame)",
        sourceLocation: sourceLocation)
    }
    if let inner = part.content as? any Composite { expectApart(inner, here, sourceLocation) }
  }
}
