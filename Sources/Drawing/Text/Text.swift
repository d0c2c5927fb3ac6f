internal import Files

/// One or more lines of text in one style.
///
/// If a width is given, lines break at spaces; a word wider than that is broken inside, and text
/// beyond the last line is cut off with an ellipsis, between words if possible. Line feeds and
/// other invisible characters are escaped.
public struct Text: Drawable {
  public let lines: [String]
  public let style: TextStyle
  public let alignment: HorizontalAlignment
  public let size: Size

  /// - Parameters:
  ///   - width: The maximum width of a line, in points; nil for no limit.
  ///   - maximumLines: Text beyond it is cut off with an ellipsis.
  public init(
    _ text: String, _ style: TextStyle, alignment: HorizontalAlignment = .leading,
    width: Double? = nil, maximumLines: Int? = nil
  ) {
    let line = printable(text)
    var lines = width.map { wrapped(line, style, to: $0) } ?? [line]
    if let maximumLines, lines.count > maximumLines, maximumLines > 0 {
      let rest = lines[(maximumLines - 1)...].joined(separator: " ")
      lines = lines.prefix(maximumLines - 1) + [ellipsized(rest, style, to: width)]
    }
    self.lines = lines
    self.style = style
    self.alignment = alignment
    size = Size(
      width: lines.reduce(0) { max($0, style.inkWidth(of: $1)) }.rounded(.up),
      height: text.isEmpty ? 0 : Double(lines.count) * style.lineHeight)
  }

  /// One line, cut off with an ellipsis if it is wider than `width`.
  public init(
    _ text: String, _ style: TextStyle, alignment: HorizontalAlignment = .leading,
    oneLineWithin width: Double
  ) {
    let line = printable(text)
    let short = style.inkWidth(of: line) <= width ? line : ellipsized(line, style, to: width)
    self.init(short, style, alignment: alignment)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for (index, line) in lines.enumerated() {
      let overhang = style.overhang(of: line)
      let x =
        switch alignment {
        case .leading: frame.x + overhang.left
        case .center: frame.x + (overhang.left + frame.width - overhang.right) / 2
        case .trailing: frame.maxX - overhang.right
        }
      let baseline = frame.y + style.ascent + Double(index) * style.lineHeight
      canvas.draw(line, at: Point(x, baseline), style: style, alignment: alignment)
    }
  }
}

/// Breaks one paragraph greedily into lines of at most `width`.
private func wrapped(_ paragraph: String, _ style: TextStyle, to width: Double) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in words(of: paragraph) {
    for piece in pieces(of: word, style, within: width) {
      let longer = line.isEmpty ? piece : line + " " + piece
      if line.isEmpty || style.inkWidth(of: longer) <= width {
        line = longer
      } else {
        lines.append(line)
        line = piece
      }
    }
  }
  return lines + [line]
}

/// What is not broken: words, and numbers with their percent sign.
private func words(of paragraph: String) -> [String] {
  var words: [String] = []
  for word in paragraph.split(separator: " ") {
    if let last = words.last, word.hasPrefix("%"), last.last?.isNumber == true {
      words[words.count - 1] = "\(last) \(word)"
    } else {
      words.append(String(word))
    }
  }
  return words
}

/// A word, split into pieces if it is wider than a line.
private func pieces(of word: String, _ style: TextStyle, within width: Double) -> [String] {
  guard style.inkWidth(of: word) > width else { return [word] }
  var pieces: [String] = []
  var piece = ""
  for character in word {
    if !piece.isEmpty, style.inkWidth(of: piece + String(character)) > width {
      pieces.append(piece)
      piece = ""
    }
    piece.append(character)
  }
  return pieces + [piece]
}

/// The longest beginning that fits together with an ellipsis: up to the end of a word, unless that
/// would leave out much more.
private func ellipsized(_ line: String, _ style: TextStyle, to width: Double?) -> String {
  guard let width else { return line + "…" }
  let characters = Array(line)
  var fitting = 0
  var tooLong = characters.count + 1
  while tooLong - fitting > 1 {
    let middle = (fitting + tooLong) / 2
    if style.inkWidth(of: String(characters.prefix(middle)) + "…") <= width {
      fitting = middle
    } else {
      tooLong = middle
    }
  }
  if fitting < characters.count, characters[fitting] != " ",
    let end = characters[..<fitting].lastIndex(of: " "), 2 * end >= fitting
  {
    fitting = end
  }
  var kept = String(characters.prefix(fitting))
  while kept.last == " " { kept.removeLast() }
  return kept + "…"
}
