internal import Files

/// A stretch of text at one size and height above the baseline.
struct TextRun {
  var text: String
  var isRaised: Bool
}

/// Raised digits are this part of the font size,
let raisedSize = 0.7
/// and stand this part of it above the baseline.
let raisedHeight = 0.38

/// Splits a text where Unicode superscripts begin and end, and writes those with plain digits.
///
/// Many fonts lack the superscript minus, so that 10⁻³ drawn glyph by glyph would show a box.
/// Characters that have no picture are written out.
func textRuns(of text: String) -> [TextRun] {
  var runs: [TextRun] = []
  for character in printable(text) {
    let raised = plainForm(ofSuperscript: character)
    let plain = raised ?? character
    if let last = runs.last, last.isRaised == (raised != nil) {
      runs[runs.count - 1].text.append(plain)
    } else {
      runs.append(TextRun(text: String(plain), isRaised: raised != nil))
    }
  }
  return runs
}

private func plainForm(ofSuperscript character: Character) -> Character? {
  switch character {
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
