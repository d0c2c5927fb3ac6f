public import Files
public import Foundation
public import TensorCore

/// A file of named tensors in the safetensors format.
///
/// Opening it reads and checks the header alone; every tensor is read when it is asked for.
/// Source: github.com/huggingface/safetensors, README, "Format".
public struct SafeTensorsFile: Sendable {
  public struct Entry: Sendable, Hashable {
    public let name: String
    public let elementType: ElementType
    public let shape: Shape
    /// Where the elements lie, from the beginning of the file.
    let bytes: Range<Int>
  }

  public let path: String
  /// What `__metadata__` holds.
  public let metadata: [String: String]
  /// In the order of their names.
  public let entries: [Entry]
  private let data: Data
  private let indices: [String: Int]

  /// - Throws: `FileError` of kind `.missing`, or `.malformed` for whatever the format forbids:
  ///   a header that is not JSON, unknown types, sizes that disagree, gaps and overlaps.
  public init(_ path: String) throws(FileError) {
    try self.init(data: readFile(path), path: path)
  }

  /// - Parameter path: What errors call the data.
  public init(data: Data, path: String) throws(FileError) {
    let header = try SafeTensorsHeader(data, path: path)
    self.path = path
    self.data = data
    metadata = header.metadata
    entries = header.entries.sorted { $0.name < $1.name }
    indices = Dictionary(
      uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// Reads one tensor, as `Float` whatever its type in the file.
  ///
  /// - Returns: In row-major order.
  /// - Throws: `FileError` of kind `.malformed` that names the nearest names.
  public func tensor(_ name: String) throws(FileError) -> Tensor {
    guard let entry = self[name] else {
      throw FileError(
        .malformed, path,
        "expected tensor \(quoted(name)), found none of that name"
          + suggestion(for: name, among: entries.map(\.name)))
    }
    return data.withUnsafeBytes { bytes in
      Tensor(shape: entry.shape) { target in
        entry.elementType.read(UnsafeRawBufferPointer(rebasing: bytes[entry.bytes]), into: target)
      }
    }
  }
}
