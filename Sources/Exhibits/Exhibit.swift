public import Analysis
public import ArgumentParser
public import Galleries

/// One question about a network, answered with figures.
///
/// An exhibit is set up first: whatever a user got wrong is an error of ``init(_:in:)``, before
/// any work starts. Then those that look at a whole data set share one pass over it, and each
/// draws its figures. To add one, conform a type and put it into ``exhibits``: its command, its
/// place in `visualize`, in `batch`, on the gallery's page and in the records follow from that.
public protocol Exhibit: SendableMetatype {
  /// Its options on the command line, with the groups that it shares with others, such as
  /// ``PictureOptions`` and ``LayerOptions``.
  ///
  /// Options are recorded by their property's name, so none may have another.
  associatedtype Options: ParsableArguments

  static var kind: FigureKind { get }

  /// Whether a whole gallery has it unless other kinds are asked for.
  static var isUsual: Bool { get }

  /// The options that it has in a whole gallery, before those of the user.
  static var galleryArguments: [String] { get }

  /// The options that a whole gallery does not pass on from its own of the same name.
  static var unsharedOptions: Set<String> { get }

  /// - Throws: `UsageError`, `SelectionError` or `FileError` for what the user got wrong;
  ///   `ExhibitUnavailable` if the network has no answer to the question.
  init(_ options: Options, in studio: Studio) throws

  /// What it wants from a pass over a data set; nil if it wants none.
  var scan: PictureScan? { get }

  /// Draws its figures. The scan is complete by then.
  func draw(into studio: Studio) throws
}

extension Exhibit {
  public static var isUsual: Bool { true }
  public static var galleryArguments: [String] { [] }
  public static var unsharedOptions: Set<String> { [] }
  public var scan: PictureScan? { nil }
}

/// What an exhibit wants from a pass over a data set.
public struct PictureScan {
  public let pictures: Pictures
  public let observers: [any ScanObserver]

  public init(_ pictures: Pictures, _ observers: [any ScanObserver]) {
    self.pictures = pictures
    self.observers = observers
  }
}

/// Why a network has no answer to an exhibit's question.
public struct ExhibitUnavailable: Error, CustomStringConvertible {
  public let description: String
  /// Whether that is so common that a whole gallery goes without it silently.
  let isCommon: Bool

  public init(_ description: String, isCommon: Bool = false) {
    self.description = description
    self.isCommon = isCommon
  }
}

/// Arguments that do not go together, found only when the files were read.
public struct UsageError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
