/// The text with all invisible characters escaped: control characters, line ends, marks that change
/// the writing direction, invisible spaces and joiners, code points that are no characters.
///
/// Names in files may contain any of them; on a terminal or a page they could move the cursor, or
/// make one name look like another. The escapes are Swift's: `a\u{202E}b`. Applying the function
/// twice changes nothing more.
///
/// - Parameter keepsLines: Whether line feeds are part of the layout, as between the rows of a
///   table.
public func printable(_ text: String, keepsLines: Bool = false) -> String {
  // Most texts are plain ASCII; figures measure every label many times.
  if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
  func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isHidden && !(keepsLines && scalar == "\n")
  }
  guard text.unicodeScalars.contains(where: isHidden) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isHidden(scalar) {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A name of at most `most` characters; a longer one loses its middle, because either end may be
/// what distinguishes it.
public func abbreviated(_ name: String, to most: Int = 80) -> String {
  // Counting the characters of a short name costs more than checking its bytes.
  guard name.utf8.count > most, name.count > most else { return name }
  return "\(name.prefix(most / 2))…\(name.suffix(most - most / 2 - 1))"
}

/// `a, b, c`; beyond `most`, `a, b, c and 40 more`.
package func firstOf(_ names: [String], most: Int = 3) -> String {
  let named = names.prefix(most).joined(separator: ", ")
  return names.count > most ? "\(named) and \(names.count - most) more" : named
}

extension Unicode.Scalar {
  /// Whether the character itself is invisible, or only affects others.
  public var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    // What is no character has no picture either; Cairo takes it for a damaged text.
    case .unassigned where properties.isNoncharacterCodePoint: true
    // Variation selectors choose between glyphs of the preceding character.
    default: properties.isDefaultIgnorableCodePoint && !properties.isVariationSelector
    }
  }
}
