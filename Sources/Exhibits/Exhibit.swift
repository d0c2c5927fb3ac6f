public import Analysis
public import ArgumentParser
public import Datasets
public import Galleries

/// One question about a network, answered with figures.
///
/// An exhibit is set up first: every user error is thrown by ``init(_:in:)``, before any work
/// starts. Then those that look at a whole data set share one pass over it, and each draws its
/// figures. To add one, conform a type and put it into ``exhibits``: its command and its place in
/// `visualize`, in `batch`, on the gallery's page and in the records follow from that.
public protocol Exhibit: SendableMetatype {
  /// Its options on the command line, with the groups that it shares with others, such as
  /// ``PictureOptions`` and ``LayerOptions``.
  ///
  /// Options are recorded by their property's name, so an option must have the same name.
  associatedtype Options: ParsableArguments

  static var kind: FigureKind { get }

  /// What it can be drawn of: networks of pictures, series or volumes.
  static var examples: Set<ExampleKind> { get }

  /// Whether a whole gallery includes it unless other kinds are asked for.
  static var isUsual: Bool { get }

  /// Whether it takes the pictures' labels for classes of the network, so that it matters which of
  /// them are not.
  static var comparesClasses: Bool { get }

  /// Whether its numbers come from runs of the network, so that `--precision` matters to them, and
  /// not only from its weights or its training.
  static var runsNetwork: Bool { get }

  /// The options that it has in a whole gallery, before those of the user.
  static var galleryArguments: [String] { get }

  /// The options that a whole gallery does not pass on although it has one of the same name.
  static var unsharedOptions: Set<String> { get }

  /// The options that name a file, besides those of pictures: `--resume` compares its contents and
  /// its base name, not its path.
  static var fileOptions: Set<String> { get }

  /// - Throws: `UsageError`, `SelectionError` or `FileError` for a user error;
  ///   `ExhibitUnavailable` if the network cannot answer the question.
  init(_ options: Options, in studio: Studio) throws

  /// What it needs from a pass over a data set; nil if it needs none.
  var scan: PictureScan? { get }

  /// Draws its figures, after the scan is complete.
  func draw(into studio: Studio) throws
}

extension Exhibit {
  public static var examples: Set<ExampleKind> { [.picture] }
  public static var isUsual: Bool { true }
  public static var comparesClasses: Bool { true }
  public static var runsNetwork: Bool { true }
  public static var galleryArguments: [String] { [] }
  public static var unsharedOptions: Set<String> { [] }
  public static var fileOptions: Set<String> { [] }
  public var scan: PictureScan? { nil }
}

/// What an exhibit needs from a pass over a data set.
public struct PictureScan {
  public let pictures: Pictures
  public let observers: [any ScanObserver]

  public init(_ pictures: Pictures, _ observers: [any ScanObserver]) {
    self.pictures = pictures
    self.observers = observers
  }
}

/// Why a network cannot answer an exhibit's question.
public struct ExhibitUnavailable: Error, CustomStringConvertible {
  public let description: String
  /// Whether this is so common that a whole gallery leaves out the exhibit silently.
  let isCommon: Bool

  public init(_ description: String, isCommon: Bool = false) {
    self.description = description
    self.isCommon = isCommon
  }
}

/// Arguments that do not fit together, found only after the files were read.
public struct UsageError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
