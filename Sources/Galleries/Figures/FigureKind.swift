/// A kind of figure: what answers one question about a network, and what its command, its files
/// and its section on the gallery's page are called.
public struct FigureKind: Sendable, Hashable {
  /// As typed: the command that draws it, and how its files' names begin.
  public let name: String
  /// One sentence for the command's help.
  public let abstract: String
  /// The heading of its section on the gallery's page.
  public let heading: String
  /// One sentence below that heading.
  public let explanation: String
  /// What the records' units are: the page lists them under this word.
  public let unitsHeading: String
  /// Shown by the command's help and in the manual.
  public let examples: [Example]

  /// A command line, and what it is for.
  public struct Example: Sendable, Hashable {
    /// In a few words, as a sentence without a full stop.
    public let purpose: String
    /// What follows the command's name.
    public let arguments: String

    public init(_ purpose: String, _ arguments: String) {
      (self.purpose, self.arguments) = (purpose, arguments)
    }
  }

  public init(
    _ name: String, abstract: String, heading: String, explanation: String,
    unitsHeading: String = "Units", examples: [Example] = []
  ) {
    self.examples = examples
    self.name = name
    self.abstract = abstract
    self.heading = heading
    self.explanation = explanation
    self.unitsHeading = unitsHeading
  }
}
