/// A fact about a file that stops the work. Its text is one line that names the file.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    /// The input is not there or cannot be opened.
    case missing
    /// The input is not what it says, or not what was asked for.
    case malformed
    /// The output cannot be made.
    case unwritable
    /// The input would take more memory than may be used.
    case tooLarge
  }

  public let kind: Kind
  public let file: String
  /// What was expected and what was found.
  public let reason: String

  public init(_ kind: Kind, _ file: String, _ reason: String) {
    self.kind = kind
    self.file = file
    self.reason = reason
  }

  public var description: String { inOneLine("\(file.isEmpty ? "''" : file): \(reason)") }
}

/// The text with its control characters and line ends written out: the names in an archive, for
/// example, may have any.
private func inOneLine(_ text: String) -> String {
  func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    Character(scalar).isNewline || scalar.properties.generalCategory == .control
  }
  guard text.unicodeScalars.contains(where: isHarmful) else { return text }
  return text.unicodeScalars.map { isHarmful($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
}
