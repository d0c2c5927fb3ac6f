internal import Yams

/// Characters that replace others in YAML text, so that the parser finds no aliases, and no lists
/// or mappings as keys.
///
/// The parser replaces aliases by whole values, and compares whole keys, in a time that doubles
/// with every level of two equal keys. Which `*` is an alias and which bracket begins a key depends
/// on everything before it: quotes, comments, blocks. So these characters are replaced everywhere,
/// and restored in scalars.
struct YAMLMasks {
  /// For `*` and for `?`: what begins with either is then a plain scalar.
  private let alias, explicitKey: Unicode.Scalar
  /// The first value of a list that stands for a mapping in braces.
  private let mapping: Unicode.Scalar
  /// Put between a closing bracket and a colon, where nothing is allowed.
  private let barrier: Unicode.Scalar

  /// Nil if the text leaves too few unused characters.
  init?(for text: String) {
    let used = Set(text.unicodeScalars)
    let privateUse: ClosedRange<UInt32> = 0xE000...0xF8FF
    let free = Array(
      privateUse.lazy.compactMap(Unicode.Scalar.init).filter { !used.contains($0) }.prefix(4))
    guard free.count == 4 else { return nil }
    (alias, explicitKey, mapping, barrier) = (free[0], free[1], free[2], free[3])
  }

  // MARK: Texts

  /// The text without aliases and without keys after a question mark.
  func masked(_ text: String) -> String {
    replacing(in: text) { $0 == "*" ? alias : $0 == "?" ? explicitKey : $0 }
  }

  /// What a part of a masked text was before masking.
  func restored(_ text: String) -> String {
    replacing(in: text) { $0 == alias ? "*" : $0 == explicitKey ? "?" : $0 }
  }

  private func replacing(
    in text: String, _ change: (Unicode.Scalar) -> Unicode.Scalar
  ) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map(change)))
  }

  /// A masked text with its mappings in braces as lists, and no list as a key: `{a: b}` becomes
  /// `[M,a: b]`.
  ///
  /// The parser treats braces and brackets alike except for their names, so both texts have the
  /// same structure, whatever else they contain.
  func listed(_ masked: String) -> String {
    var text = String.UnicodeScalarView()
    var mayEndKey = false
    for scalar in masked.unicodeScalars {
      // One at a time: appending several copies the whole text.
      switch scalar {
      case "{":
        text.append("[")
        text.append(mapping)
        text.append(",")
      case "}": text.append("]")
      case ":" where mayEndKey:
        text.append(barrier)
        text.append(":")
      default: text.append(scalar)
      }
      mayEndKey =
        scalar == "]" || scalar == "}" || mayEndKey && (scalar == " " || scalar == "\t")
    }
    return String(text)
  }

  // MARK: Scalars

  /// Whether a scalar of a masked text begins with a question mark that makes it a key.
  func isExplicitKey(_ scalar: Node.Scalar) -> Bool {
    let start = scalar.string.unicodeScalars.prefix(2)
    guard scalar.style == .plain, start.first == explicitKey else { return false }
    return start.count == 1 || start.last?.properties.isWhitespace == true
  }

  /// The anchor that a scalar of a masked text refers to; nil if it is not an alias.
  func target(of scalar: Node.Scalar) -> String? {
    let text = scalar.string.unicodeScalars
    guard scalar.style == .plain, text.first == alias else { return nil }
    return String(text.dropFirst())
  }

  // MARK: Keys

  /// - Throws: `YAMLDefect` if a list or mapping of a masked text is a key, or it is not YAML.
  func checkKeys(_ masked: String) throws {
    let text = listed(masked)
    do {
      try Yams.compose(yaml: text).map { try checkKeys($0, in: text) }
    } catch let error as YamlError {
      if let mark = error.mark, endsKey(mark, in: text) { throw treeAsKey(mark, in: text) }
      var defect = YAMLDefect(error, restored: restored) { place(of: $0, in: text) }
      // The parser has seen no braces.
      defect.description.replace("flow sequence", with: "flow sequence or mapping")
      defect.description.replace("',' or ']'", with: "',', ']' or '}'")
      throw defect
    }
  }

  private func checkKeys(_ node: Node, in text: String) throws(YAMLDefect) {
    switch node {
    case .sequence(let values):
      let isMapping = values.first?.scalar?.string.unicodeScalars.elementsEqual([mapping])
      for value in values {
        // In a mapping, this is a key without a value.
        if isMapping == true, case .sequence(let key) = value {
          throw treeAsKey(key.mark.map { ($0.line, $0.column) }, in: text)
        }
        try checkKeys(value, in: text)
      }
    case .mapping(let pairs): for (_, value) in pairs { try checkKeys(value, in: text) }
    case .scalar, .alias: return
    }
  }

  private func treeAsKey(_ place: YAMLDefect.Place?, in text: String) -> YAMLDefect {
    YAMLDefect(
      "expected a name as key, found a list or mapping",
      at: place.map { self.place(of: $0, in: text) })
  }

  /// Whether the parser stopped at a barrier, or at the colon after it.
  private func endsKey(_ place: YAMLDefect.Place, in listed: String) -> Bool {
    line(place, of: listed).dropFirst(max(place.column - 2, 0)).prefix(2).contains(barrier)
  }

  /// Converts a place in a listed text to one in the text that it was made from.
  private func place(of place: YAMLDefect.Place, in listed: String) -> YAMLDefect.Place {
    let added = line(place, of: listed).prefix(place.column - 1).reduce(0) {
      $0 + ($1 == mapping ? 2 : $1 == barrier ? 1 : 0)
    }
    return (place.line, place.column - added)
  }

  private func line(
    _ place: YAMLDefect.Place, of text: String
  ) -> Substring.UnicodeScalarView {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.dropFirst(place.line - 1).first?.unicodeScalars ?? Substring().unicodeScalars
  }
}

extension YamlError {
  /// Where the parser stopped.
  fileprivate var mark: YAMLDefect.Place? {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      (mark.line, mark.column)
    default: nil
    }
  }
}
