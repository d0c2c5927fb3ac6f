internal import Files

/// A run of text at one size and height above the baseline.
struct TextRun {
  var text: String
  var isRaised: Bool
}

/// Superscript digits have this fraction of the font size,
let raisedSize = 0.7
/// and are raised by this fraction of it above the baseline.
let raisedHeight = 0.38

/// Splits a text at the ends of Unicode superscripts, and replaces these with plain digits.
///
/// Many fonts lack the superscript minus, so that 10⁻³ drawn glyph by glyph would show a box.
/// Invisible characters are escaped.
func textRuns(of text: String) -> [TextRun] {
  let text = printable(text)
  // Most texts have none; texts are measured often.
  guard text.unicodeScalars.contains(where: { plainForm(ofSuperscript: $0) != nil }) else {
    return text.isEmpty ? [] : [TextRun(text: text, isRaised: false)]
  }
  var runs: [TextRun] = []
  for scalar in text.unicodeScalars {
    let raised = plainForm(ofSuperscript: scalar)
    if runs.last?.isRaised != (raised != nil) {
      runs.append(TextRun(text: "", isRaised: raised != nil))
    }
    runs[runs.count - 1].text.unicodeScalars.append(raised ?? scalar)
  }
  return runs
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
