/// One or more lines of text in one style.
///
/// Lines break at line feeds, and at spaces where a width is given; a word wider than that is
/// broken inside, and what exceeds the number of lines ends in an ellipsis.
public struct Text: Drawable {
  public let lines: [String]
  public let style: TextStyle
  public let alignment: HorizontalAlignment
  public let size: Size

  /// - Parameters:
  ///   - width: What no line is wider than, in points; unlimited when missing.
  ///   - maximumLines: What is more is cut off behind an ellipsis.
  public init(
    _ text: String, _ style: TextStyle, alignment: HorizontalAlignment = .leading,
    width: Double? = nil, maximumLines: Int? = nil
  ) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let width {
      lines = lines.flatMap { wrapped($0, style, to: width) }
    }
    if let maximumLines, lines.count > maximumLines, maximumLines > 0 {
      let rest = lines[(maximumLines - 1)...].joined(separator: " ")
      lines = lines.prefix(maximumLines - 1) + [ellipsized(rest, style, to: width)]
    }
    self.lines = lines
    self.style = style
    self.alignment = alignment
    let widest = lines.reduce(0) { max($0, style.width(of: $1)) }
    size = Size(
      width: widest.rounded(.up),
      height: text.isEmpty ? 0 : Double(lines.count) * Self.lineAdvance(style))
  }

  /// One line, cut off behind an ellipsis where it is wider than `width`.
  public init(
    _ text: String, _ style: TextStyle, alignment: HorizontalAlignment = .leading,
    oneLineWithin width: Double
  ) {
    let line = text.split(separator: "\n").joined(separator: " ")
    let short = style.width(of: line) <= width ? line : ellipsized(line, style, to: width)
    self.init(short, style, alignment: alignment)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let x =
      switch alignment {
      case .leading: frame.x
      case .center: frame.x + frame.width / 2
      case .trailing: frame.maxX
      }
    // Baselines on whole points keep all lines equally sharp.
    let first = (frame.y + style.ascent).rounded()
    for (index, line) in lines.enumerated() {
      let y = first + Double(index) * Self.lineAdvance(style)
      canvas.draw(line, at: Point(x, y), style: style, alignment: alignment)
    }
  }

  private static func lineAdvance(_ style: TextStyle) -> Double {
    // A tenth of leading over the font's own line height.
    style.lineHeight + (style.size / 10).rounded()
  }
}

/// Breaks one paragraph greedily into lines no wider than `width`.
private func wrapped(_ paragraph: String, _ style: TextStyle, to width: Double) -> [String] {
  let space = style.width(of: " ")
  var lines: [String] = []
  var line = ""
  var used = 0.0
  for word in paragraph.split(separator: " ") {
    for piece in pieces(of: String(word), style, within: width) {
      let needed = style.width(of: piece)
      if line.isEmpty {
        (line, used) = (piece, needed)
      } else if used + space + needed <= width {
        line += " " + piece
        used += space + needed
      } else {
        lines.append(line)
        (line, used) = (piece, needed)
      }
    }
  }
  return lines + [line]
}

/// A word, cut into pieces where it is wider than a line.
private func pieces(of word: String, _ style: TextStyle, within width: Double) -> [String] {
  guard style.width(of: word) > width else { return [word] }
  var pieces: [String] = []
  var piece = ""
  for character in word {
    if !piece.isEmpty, style.width(of: piece + String(character)) > width {
      pieces.append(piece)
      piece = ""
    }
    piece.append(character)
  }
  return pieces + [piece]
}

/// The longest beginning that fits with an ellipsis behind it.
private func ellipsized(_ line: String, _ style: TextStyle, to width: Double?) -> String {
  guard let width else { return line + "…" }
  let characters = Array(line)
  var fitting = 0
  var tooLong = characters.count + 1
  while tooLong - fitting > 1 {
    let middle = (fitting + tooLong) / 2
    if style.width(of: String(characters.prefix(middle)) + "…") <= width {
      fitting = middle
    } else {
      tooLong = middle
    }
  }
  var kept = String(characters.prefix(fitting))
  while kept.last == " " { kept.removeLast() }
  return kept + "…"
}
