internal import Files

/// A run of text in one font, at one size and height above the baseline.
struct TextRun {
  let text: String
  let font: Font
  let isRaised: Bool
}

/// A line of text as it is drawn.
struct TextRuns {
  var runs: [TextRun] = []
  /// The characters that no installed font has, which are written as their codes.
  var unavailable: [Unicode.Scalar] = []
}

/// Superscript digits have this fraction of the font size,
let raisedSize = 0.7
/// and are raised by this fraction of it above the baseline.
let raisedHeight = 0.38

/// Splits a text where its font changes, because the first one lacks characters, and at the ends of
/// Unicode superscripts, which become plain digits.
///
/// Many fonts lack the superscript minus, which would look different in another font than the
/// digits after it. Invisible characters, and those that no installed font has, are escaped.
func textRuns(of text: String, in font: Font) -> TextRuns {
  var line = TextRuns()
  for (text, isRaised) in levels(of: printable(text)) {
    let pieces = font.pieces(of: text, unavailable: &line.unavailable)
    line.runs += pieces.map { TextRun(text: $0.text, font: $0.font, isRaised: isRaised) }
  }
  return line
}

/// The parts of a text that are on the line, and those that are raised above it.
private func levels(of text: String) -> [(text: String, isRaised: Bool)] {
  // Most texts have no superscripts; texts are measured often.
  guard text.unicodeScalars.contains(where: { plainForm(ofSuperscript: $0) != nil }) else {
    return text.isEmpty ? [] : [(text, false)]
  }
  var levels: [(text: String, isRaised: Bool)] = []
  for scalar in text.unicodeScalars {
    let raised = plainForm(ofSuperscript: scalar)
    if levels.last?.isRaised != (raised != nil) { levels.append(("", raised != nil)) }
    levels[levels.count - 1].text.unicodeScalars.append(raised ?? scalar)
  }
  return levels
}

private func plainForm(ofSuperscript scalar: Unicode.Scalar) -> Unicode.Scalar? {
  switch scalar {
  case "⁰": "0"
  case "¹": "1"
  case "²": "2"
  case "³": "3"
  case "⁴": "4"
  case "⁵": "5"
  case "⁶": "6"
  case "⁷": "7"
  case "⁸": "8"
  case "⁹": "9"
  case "⁻": "−"
  default: nil
  }
}
