internal import CFontconfig
internal import Synchronization

/// Which installed font draws the characters that a font has no glyphs for, such as Chinese ones.
///
/// Cairo draws a text in one font, with a box for each character that it lacks. Fontconfig knows
/// which of the other fonts have the character, and which of these comes nearest to the first.
final class FallbackFonts: Sendable {
  /// What draws a character.
  enum Choice: Sendable {
    case own
    case other(Font)
    /// No installed font has it.
    case none
  }

  private struct Found {
    var choices: [Unicode.Scalar: Choice] = [:]
    var fonts: [String: Font] = [:]
    var hasUnavailable = false
  }

  private let found = Mutex(Found())

  /// Whether a character was asked for that no installed font has.
  var hasUnavailable: Bool { found.withLock(\.hasUnavailable) }

  /// What draws each of the characters of a text in a font; the same at any time.
  func choices(for text: String, in font: Font) -> [Choice] {
    found.withLock { found in
      text.unicodeScalars.map { scalar in
        if let known = found.choices[scalar] { return known }
        let choice = choose(scalar, font, &found.fonts)
        found.choices[scalar] = choice
        // Variation selectors change how other characters look, and are left out.
        if case .none = choice, !scalar.properties.isVariationSelector {
          found.hasUnavailable = true
        }
        return choice
      }
    }
  }

  private func choose(
    _ scalar: Unicode.Scalar, _ font: Font, _ fonts: inout [String: Font]
  ) -> Choice {
    if font.hasGlyph(for: scalar) { return .own }
    guard let family = installedFamily(with: scalar, like: font) else { return .none }
    // A bold font may lack characters that the regular one of its family has.
    for isBold in font.isBold ? [true, false] : [false] {
      let name = "\(isBold) \(family)"
      let other = fonts[name] ?? Font(family, isBold: isBold)
      fonts[name] = other
      if other.hasGlyph(for: scalar) { return .other(other) }
    }
    return .none
  }
}

/// The family of the font that has the character and is most like another one.
///
/// - Returns: A family that may lack the character if none has it; nil if there are no fonts.
private func installedFamily(with scalar: Unicode.Scalar, like font: Font) -> String? {
  guard let wanted = FcPatternCreate(), let characters = FcCharSetCreate() else { return nil }
  defer {
    FcCharSetDestroy(characters)
    FcPatternDestroy(wanted)
  }
  FcCharSetAddChar(characters, scalar.value)
  FcPatternAddCharSet(wanted, FC_CHARSET, characters)
  FcPatternAddString(wanted, FC_FAMILY, font.family)
  FcPatternAddInteger(wanted, FC_WEIGHT, font.isBold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR)
  // Glyphs become outlines in one colour, which bitmaps and coloured emoji have none of.
  FcPatternAddBool(wanted, FC_SCALABLE, FcBool(FcTrue))
  FcPatternAddBool(wanted, FC_COLOR, FcBool(FcFalse))
  FcConfigSubstitute(nil, wanted, FcMatchPattern)
  FcDefaultSubstitute(wanted)
  var result = FcResultNoMatch
  guard let match = FcFontMatch(nil, wanted, &result) else { return nil }
  defer { FcPatternDestroy(match) }
  var family: UnsafeMutablePointer<FcChar8>?
  guard FcPatternGetString(match, FC_FAMILY, 0, &family) == FcResultMatch, let family else {
    return nil
  }
  return String(cString: family)
}

extension Font {
  /// A part of a text, and the font that draws it.
  struct Piece {
    var text: String
    let font: Font
  }

  /// The text in pieces that one font draws each: this one, or another if it lacks characters.
  ///
  /// Characters that no installed font has are written as their codes, `\u{4E2D}`, and collected.
  func pieces(of text: String, unavailable: inout [Unicode.Scalar]) -> [Piece] {
    // Most texts are plain ASCII, and texts are measured often.
    if hasASCII, text.utf8.allSatisfy({ $0 < 0x80 }) { return [Piece(text: text, font: self)] }
    var pieces: [Piece] = []
    func append(_ text: String, _ font: Font) {
      if pieces.last?.font !== font { pieces.append(Piece(text: "", font: font)) }
      pieces[pieces.count - 1].text += text
    }
    func append(_ scalar: Unicode.Scalar, _ choice: FallbackFonts.Choice) {
      if case .other(let font) = choice {
        append(String(scalar), font)
      } else {
        append(String(scalar), self)
      }
    }
    for (scalar, choice) in zip(text.unicodeScalars, fallbacks.choices(for: text, in: self)) {
      // An accent is drawn in the font of its letter if that has it.
      if scalar.isMark, let last = pieces.last, last.font !== self, last.font.hasGlyph(for: scalar)
      {
        append(String(scalar), last.font)
        continue
      }
      switch choice {
      case .own, .other: append(scalar, choice)
      case .none where scalar.properties.isVariationSelector: continue
      case .none:
        unavailable.append(scalar)
        let code = scalar.escaped(asASCII: true)
        for (letter, choice) in zip(code.unicodeScalars, fallbacks.choices(for: code, in: self)) {
          append(letter, choice)
        }
      }
    }
    return pieces
  }
}

extension Unicode.Scalar {
  /// Whether it is drawn on the character before it, or changes that.
  fileprivate var isMark: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: properties.isVariationSelector
    }
  }
}
