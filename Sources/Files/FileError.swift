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

  public var description: String { printable("\(file.isEmpty ? "''" : file): \(reason)") }
}
