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

  public init(
    _ name: String, abstract: String, heading: String, explanation: String,
    unitsHeading: String = "Units"
  ) {
    self.name = name
    self.abstract = abstract
    self.heading = heading
    self.explanation = explanation
    self.unitsHeading = unitsHeading
  }
}
