/// The text with everything written out that has no picture of its own: control characters, line
/// ends, marks that turn the direction of writing, invisible spaces and joiners.
///
/// Names in files may hold any of them; on a terminal or a page they could move the cursor, or
/// make one name look like another. `a\u{202E}b` stands for the mark, as in Swift. A text that
/// has been through here stays as it is.
///
/// - Parameter keepsLines: Whether line feeds are layout, as between the rows of a table.
public func printable(_ text: String, keepsLines: Bool = false) -> String {
  // Most texts are plain; figures ask for every label's width many times.
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

/// A name of at most `most` characters: of a longer one the middle is left out, for both ends may
/// be what tells it from another.
public func abbreviated(_ name: String, to most: Int = 80) -> String {
  // Counting the characters of a short name costs more than looking at its bytes.
  guard name.utf8.count > most, name.count > most else { return name }
  return "\(name.prefix(most / 2))…\(name.suffix(most - most / 2 - 1))"
}

extension Unicode.Scalar {
  /// Whether one sees nothing of it, or only what it does to others.
  public var isHidden: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    // Variation selectors choose between the pictures of the character before them.
    default: properties.isDefaultIgnorableCodePoint && !properties.isVariationSelector
    }
  }
}
