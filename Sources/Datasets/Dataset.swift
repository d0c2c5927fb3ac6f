public import Images
public import TensorCore

/// Labelled pictures, series or volumes, read one at a time.
public protocol Dataset: Sendable {
  var count: Int { get }
  /// Empty if the classes have no names.
  var classNames: [String] { get }
  /// The class of all pictures, if there is only one, for errors: a folder with a single folder of
  /// pictures has no `classNames`, because that need not be a class.
  var singleClass: String? { get }
  /// What a user should know about how it was opened, one line each.
  var remarks: [String] { get }

  /// Whether its examples are arrays that are used exactly as they are, not pictures.
  var holdsArrays: Bool { get }

  /// - Complexity: At most one file is read.
  func example(at index: Int) throws -> Example

  /// The class of a picture, an index into `classNames`, without reading the picture.
  func label(at index: Int) throws -> Int?

  /// The source of a picture, as in `Example.source`, without reading the picture.
  func source(at index: Int) throws -> String

  /// What is known about a picture besides its class, without decoding the picture.
  func annotations(at index: Int) throws -> Annotations

  /// The size in bytes of what it keeps in memory.
  var heldBytes: Int { get }
}

extension Dataset {
  public var heldBytes: Int { 0 }
  public var remarks: [String] { [] }
  public var singleClass: String? { classNames.count == 1 ? classNames[0] : nil }
  public var holdsArrays: Bool { false }
  public func annotations(at index: Int) throws -> Annotations { Annotations() }
  public func source(at index: Int) throws -> String { try example(at: index).source }
}

public struct Example: Sendable {
  public enum Content: Sendable {
    case picture(Image)
    /// Only decoded when it is preprocessed.
    case file(PictureFile)
    /// `[C, H, W]`, to be used exactly as it is; or the values of a series `[C, L]` or a volume
    /// `[C, D, H, W]`, which are normalized.
    case array(Tensor)
  }

  public let content: Content
  /// An index into the data set's `classNames`.
  public let label: Int?
  /// The source of the picture, for captions: a file name or an index.
  public let source: String
  let annotate: @Sendable () throws -> Annotations

  /// - Parameter annotations: Called whenever they are asked for, so that examples whose
  ///   annotations nobody reads cost no more than a picture.
  public init(
    _ content: Content, label: Int?, source: String,
    annotations: @escaping @Sendable () throws -> Annotations = { Annotations() }
  ) {
    self.content = content
    self.label = label
    self.source = source
    annotate = annotations
  }

  /// The same with another label.
  func labelled(_ label: Int?) -> Example {
    Example(content, label: label, source: source, annotations: annotate)
  }

  /// What is known besides the label, in the pixels of the content.
  public var annotations: Annotations { get throws { try annotate() } }
}
