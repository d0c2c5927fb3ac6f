public import Files
public import Foundation
public import TensorCore

/// A file of named tensors in the safetensors format.
///
/// Opening it reads and checks only the header; each tensor is read when it is requested.
/// Source: github.com/huggingface/safetensors, README, "Format".
public struct SafeTensorsFile: WeightsFile {
  /// The contents of `__metadata__`.
  public let metadata: [String: String]
  public let entries: [TensorEntry]
  private let source: FileBytes
  private let items: [String: SafeTensorsHeader.Item]

  public var path: String { source.path }

  /// - Throws: `FileError` of kind `.missing`, or `.malformed` for anything that the format
  ///   forbids: a header that is not JSON, unknown types, inconsistent sizes, gaps and overlaps.
  public init(_ path: String) throws(FileError) {
    try self.init(OpenFile(path))
  }

  /// - Throws: The same errors as `init(_:)`.
  public init(_ file: OpenFile) throws(FileError) {
    try self.init(FileBytes(file))
  }

  /// - Parameter path: How errors refer to the data.
  public init(data: Data, path: String) throws(FileError) {
    try self.init(FileBytes(data, path: path))
  }

  /// - Throws: The same errors as `init(_:)`.
  public init(_ source: FileBytes) throws(FileError) {
    let first = try source.read(0..<min(8, source.size))
    let head = try source.read(0..<SafeTensorsHeader.end(first, fileSize: source.size))
    let header = try SafeTensorsHeader(head, fileSize: source.size, path: source.path)
    self.source = source
    metadata = header.metadata
    entries = header.items.map(\.entry).sorted { $0.name < $1.name }
    items = Dictionary(uniqueKeysWithValues: header.items.map { ($0.entry.name, $0) })
  }

  public subscript(name: String) -> TensorEntry? { items[name]?.entry }

  public func tensor(_ name: String) throws(FileError) -> Tensor {
    guard let item = items[name] else { throw missing(name) }
    return try Tensor(shape: item.entry.shape) { target throws(FileError) in
      if item.entry.elementType == .float32, isLittleEndian {
        try source.read(
          from: item.bytes.lowerBound, into: UnsafeMutableRawBufferPointer(target))
      } else {
        try source.read(item.bytes).withUnsafeBytes {
          item.entry.elementType.read($0, into: target)
        }
      }
    }
  }
}

let isLittleEndian = 1.littleEndian == 1
