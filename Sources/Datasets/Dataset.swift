public import Images
public import TensorCore

/// Labelled pictures, read one at a time.
public protocol Dataset: Sendable {
  var count: Int { get }
  /// Empty where nothing says which class a picture belongs to.
  var classNames: [String] { get }
  /// What a user should know about the way it was opened, a line each.
  var remarks: [String] { get }

  /// - Complexity: At most one file read.
  func example(at index: Int) throws -> Example

  /// The class of a picture, an index into `classNames`, without reading the picture.
  func label(at index: Int) throws -> Int?

  /// What it holds in memory, in bytes.
  var heldBytes: Int { get }
}

extension Dataset {
  public var heldBytes: Int { 0 }
}

extension Dataset {
  public var remarks: [String] { [] }
}

public struct Example: Sendable {
  public enum Content: Sendable {
    case picture(Image)
    /// Decoded only as it is preprocessed.
    case file(PictureFile)
    /// `[C, H, W]`, to be used exactly as it is.
    case array(Tensor)
  }

  public let content: Content
  /// An index into the data set's `classNames`.
  public let label: Int?
  /// Where the picture came from, for captions: a file's name or an index.
  public let source: String

  public init(_ content: Content, label: Int?, source: String) {
    self.content = content
    self.label = label
    self.source = source
  }
}
