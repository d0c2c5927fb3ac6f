public import Files
public import TensorCore

/// A file of weights by name, without the network that they belong to.
///
/// Opening it reads no weights; each tensor is read when it is requested.
public protocol WeightsFile: Sendable {
  var path: String { get }
  /// Texts by key; empty if the format has none.
  var metadata: [String: String] { get }
  /// Sorted by name; each name occurs once.
  var entries: [TensorEntry] { get }

  subscript(name: String) -> TensorEntry? { get }

  /// Reads one tensor, as `Float` whatever its type in the file.
  ///
  /// - Returns: In row-major order.
  /// - Throws: `FileError` of kind `.malformed` that suggests similar names if there is no such
  ///   tensor.
  func tensor(_ name: String) throws(FileError) -> Tensor
}

/// What a file says about one of its tensors.
public struct TensorEntry: Sendable, Hashable {
  public let name: String
  public let elementType: ElementType
  public let shape: Shape

  public init(name: String, elementType: ElementType, shape: Shape) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
  }
}

extension WeightsFile {
  /// The error for a name that does not exist.
  func missing(_ name: String) -> FileError {
    FileError(
      .malformed, path,
      "expected tensor \(quoted(name)), found none of that name"
        + suggestion(for: name, among: entries.map(\.name)))
  }
}

extension Shape {
  /// The size in bytes of a tensor of a given type; nil if it does not fit an `Int`.
  static func byteCount(_ extents: [Int], _ type: ElementType) -> Int? {
    // An empty axis must not hide others whose product overflows.
    var size = type.size
    for extent in extents where extent != 0 {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      size = product
    }
    return extents.contains(0) ? 0 : size
  }
}
