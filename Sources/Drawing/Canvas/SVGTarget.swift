internal import Foundation
internal import Images

/// Writes an SVG 1.1 document: text as text, pictures as PNGs of their own size.
///
/// Cairo's SVG files draw each letter as a shape, so that no text in them can be found or edited.
final class SVGTarget: DrawingTarget {
  private var body = ""
  private var definitions = 0

  // MARK: Shapes

  func fill(_ outline: Outline, with paint: Paint) {
    switch paint {
    case .color(let color):
      add(outline, "fill=\"\(hex(color))\"\(opacity(color, "fill-opacity"))")
    case .gradient(let gradient):
      let name = define(gradient)
      add(outline, "fill=\"url(#\(name))\"")
    }
  }

  func stroke(_ outline: Outline, with stroke: Stroke) {
    var style = "fill=\"none\" stroke=\"\(hex(stroke.color))\""
    style += opacity(stroke.color, "stroke-opacity")
    style += " stroke-width=\"\(number(stroke.width))\""
    if stroke.join == .round { style += " stroke-linejoin=\"round\"" }
    if !stroke.dash.isEmpty {
      style += " stroke-dasharray=\"\(stroke.dash.map(number).joined(separator: " "))\""
    }
    add(outline, style)
  }

  private func add(_ outline: Outline, _ style: String) {
    switch outline {
    case .rectangle(let rectangle, let cornerRadius):
      let corners = cornerRadius > 0 ? " rx=\"\(number(cornerRadius))\"" : ""
      body += "<rect \(place(rectangle))\(corners) \(style)/>\n"
    case .circle(let center, let radius):
      body +=
        "<circle cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\" "
        + "\(style)/>\n"
    case .line(let points, let isClosed):
      let name = isClosed ? "polygon" : "polyline"
      body += "<\(name) points=\"\(list(points))\" \(style)/>\n"
    case .contours(let contours):
      let path = contours.map { "M\(list($0))Z" }.joined()
      body += "<path d=\"\(path)\" fill-rule=\"evenodd\" \(style)/>\n"
    }
  }

  private func define(_ gradient: Gradient) -> String {
    let name = nextName("gradient")
    let (element, geometry, stops): (String, String, [(Double, Color)])
    switch gradient {
    case .linear(let from, let to, let linear):
      (element, stops) = ("linearGradient", linear)
      geometry =
        "x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" x2=\"\(number(to.x))\" "
        + "y2=\"\(number(to.y))\""
    case .radial(let center, let radius, let radial):
      (element, stops) = ("radialGradient", radial)
      geometry =
        "cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\""
    }
    body += "<defs><\(element) id=\"\(name)\" gradientUnits=\"userSpaceOnUse\" \(geometry)>"
    for (position, color) in stops {
      body +=
        "<stop offset=\"\(number(position))\" stop-color=\"\(hex(color))\""
        + "\(opacity(color, "stop-opacity"))/>"
    }
    body += "</\(element)></defs>\n"
    return name
  }

  func save(_ change: StateChange) {
    switch change {
    case .clip(let rectangle):
      let name = nextName("clip")
      body += "<clipPath id=\"\(name)\"><rect \(place(rectangle))/></clipPath>\n"
      body += "<g clip-path=\"url(#\(name))\">\n"
    case .transform(let map):
      let numbers = [map.xx, map.yx, map.xy, map.yy, map.x0, map.y0].map { number($0, decimals: 6) }
      body += "<g transform=\"matrix(\(numbers.joined(separator: " ")))\">\n"
    case .antialiasing(let antialiasing):
      body +=
        "<g shape-rendering=\"\(antialiasing == .none ? "crispEdges" : "geometricPrecision")\">\n"
    }
  }

  func restore() { body += "</g>\n" }

  // MARK: Pictures

  func draw(
    _ image: Image, in frame: Rectangle, interpolation: Interpolation, opacity: Double
  ) {
    let data = image.encodedPNG().base64EncodedString()
    // Browsers and editors have different words for pixels that stay squares.
    let sampling =
      interpolation == .nearest
      ? " image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\"" : ""
    let alpha = opacity < 1 ? " opacity=\"\(number(opacity))\"" : ""
    body +=
      "<image \(place(frame)) preserveAspectRatio=\"none\"\(sampling)\(alpha) "
      + "xlink:href=\"data:image/png;base64,\(data)\"/>\n"
  }

  // MARK: Text

  func draw(_ line: TextLine) {
    let weight = line.font.isBold ? " font-weight=\"bold\"" : ""
    func family(_ font: Font) -> String {
      "font-family=\"\(xmlText("'\(font.family)'")), sans-serif\""
    }
    body +=
      "<text \(family(line.font))\(weight) "
      + "fill=\"\(hex(line.color))\"\(opacity(line.color, "fill-opacity"))>"
    for run in line.runs {
      let other = run.font.family == line.font.family ? "" : "\(family(run.font)) "
      // The width keeps text in its place if the font is missing where the file is shown.
      body +=
        "<tspan \(other)x=\"\(number(run.origin.x))\" y=\"\(number(run.origin.y))\" "
        + "font-size=\"\(number(run.size))\" textLength=\"\(number(run.width))\" "
        + "lengthAdjust=\"spacingAndGlyphs\">\(xmlText(run.text))</tspan>"
    }
    body += "</text>\n"
  }

  // MARK: The document

  /// The finished file.
  ///
  /// - Parameter size: In points, 1/72 inch.
  func document(_ size: Size, _ metadata: DocumentMetadata) -> Data {
    func millimetres(_ points: Double) -> String { number(points * 25.4 / 72) }
    let text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \
      version="1.1" width="\(millimetres(size.width))mm" height="\(millimetres(size.height))mm" \
      viewBox="0 0 \(number(size.width)) \(number(size.height))" xml:space="preserve">
      <title>\(xmlText(metadata.title))</title>
      <desc>\(xmlText(metadata.texts.joined(separator: "\n")))</desc>
      \(body)</svg>

      """
    return Data(text.utf8)
  }

  private func nextName(_ kind: String) -> String {
    definitions += 1
    return "\(kind)\(definitions)"
  }
}

private func place(_ rectangle: Rectangle) -> String {
  "x=\"\(number(rectangle.x))\" y=\"\(number(rectangle.y))\" "
    + "width=\"\(number(rectangle.width))\" height=\"\(number(rectangle.height))\""
}

private func list(_ points: [Point]) -> String {
  points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
}

private func hex(_ color: Color) -> String {
  let bytes = color.bytes
  return String(format: "#%02x%02x%02x", bytes.red, bytes.green, bytes.blue)
}

private func opacity(_ color: Color, _ name: String) -> String {
  color.alpha < 1 ? " \(name)=\"\(number(color.alpha))\"" : ""
}

/// A thousandth of a point is finer than any printer.
private func number(_ value: Double, decimals: Int) -> String {
  var text = String(format: "%.*f", decimals, value)
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text == "-0" ? "0" : text
}

private func number(_ value: Double) -> String { number(value, decimals: 3) }

/// A text without the characters that XML uses, and those that it must not contain.
private func xmlText(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "\n", "\t": escaped.unicodeScalars.append(scalar)
    case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": continue
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
