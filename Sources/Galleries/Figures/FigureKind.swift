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
  /// How its figures are linked with others that show the same units; nil if they are not.
  public let unitLinks: UnitLinks?
  /// Whether its figures are tables, whose numbers are also written as CSV unless another form is
  /// asked for.
  public let isTable: Bool
  /// Shown by the command's help and in the manual.
  public let examples: [Example]

  /// What figures of units are to each other on the gallery's page.
  public enum UnitLinks: Sendable, Hashable {
    /// Each figure is about one unit; it links to the surveys of its layer.
    case sheet
    /// A figure shows units of one layer or of several, and links to the sheet of each that has one.
    case survey
  }

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
    unitsHeading: String = "Units", unitLinks: UnitLinks? = nil, isTable: Bool = false,
    examples: [Example] = []
  ) {
    self.isTable = isTable
    self.unitLinks = unitLinks
    self.examples = examples
    self.name = name
    self.abstract = abstract
    self.heading = heading
    self.explanation = explanation
    self.unitsHeading = unitsHeading
  }
}
