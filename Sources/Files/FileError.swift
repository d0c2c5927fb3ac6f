/// A fact about a file that stops the work. Its text is a single line that names the file.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Kind: Sendable, Hashable {
    /// The input does not exist or cannot be opened.
    case missing
    /// The input is not in the format that it claims or that was expected.
    case malformed
    /// The output cannot be created.
    case unwritable
    /// The input would need more memory than is allowed.
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

  public var description: String { printable("\(file.isEmpty ? "''" : file): \(reason)") }
}
