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

  private enum Source: Sendable {
    case memory(Data)
    case file(OpenFile)
  }

  public let path: String
  /// What `__metadata__` holds.
  public let metadata: [String: String]
  /// In the order of their names.
  public let entries: [Entry]
  private let source: Source
  private let indices: [String: Int]

  /// - Throws: `FileError` of kind `.missing`, or `.malformed` for whatever the format forbids:
  ///   a header that is not JSON, unknown types, sizes that disagree, gaps and overlaps.
  public init(_ path: String) throws(FileError) {
    try self.init(OpenFile(path))
  }

  /// - Throws: As `init(_:)`.
  public init(_ file: OpenFile) throws(FileError) {
    let first = try file.read(0..<min(8, file.size))
    let head = try file.read(0..<SafeTensorsHeader.end(first, fileSize: file.size))
    self.init(
      try SafeTensorsHeader(head, fileSize: file.size, path: file.path), .file(file), file.path)
  }

  /// - Parameter path: What errors call the data.
  public init(data: Data, path: String) throws(FileError) {
    self.init(
      try SafeTensorsHeader(data, fileSize: data.count, path: path), .memory(data), path)
  }

  private init(_ header: SafeTensorsHeader, _ source: Source, _ path: String) {
    self.path = path
    self.source = source
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
    return try Tensor(shape: entry.shape) { target throws(FileError) in
      try read(entry, into: target)
    }
  }

  private func read(
    _ entry: Entry, into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    switch source {
    case .memory(let data):
      data.withUnsafeBytes { bytes in
        entry.elementType.read(
          UnsafeRawBufferPointer(rebasing: bytes[entry.bytes]), into: target)
      }
    case .file(let file) where entry.elementType == .float32 && isLittleEndian:
      try file.read(
        from: entry.bytes.lowerBound, into: UnsafeMutableRawBufferPointer(target))
    case .file(let file):
      try file.read(entry.bytes).withUnsafeBytes { entry.elementType.read($0, into: target) }
    }
  }
}

private let isLittleEndian = 1.littleEndian == 1
