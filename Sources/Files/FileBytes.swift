public import Foundation

/// A file's bytes, on disk or in memory, of which parts are read when they are needed.
public struct FileBytes: Sendable {
  private enum Place: Sendable {
    case memory(Data)
    case file(OpenFile)
  }

  /// What errors call the bytes.
  public let path: String
  /// In bytes.
  public let size: Int
  private let place: Place

  /// Whether there are files beside it.
  public var isOnDisk: Bool { if case .file = place { true } else { false } }

  public init(_ file: OpenFile) {
    (path, size, place) = (file.path, file.size, .file(file))
  }

  public init(_ data: Data, path: String) {
    let data = data.startIndex == 0 ? data : Data(data)
    (self.path, size, place) = (path, data.count, .memory(data))
  }

  /// - Returns: Data whose first index is zero.
  /// - Throws: `FileError` where the range ends behind the last byte, or the file cannot be read.
  public func read(_ range: Range<Int>) throws(FileError) -> Data {
    try check(range)
    switch place {
    case .memory(let data): return data.subdata(in: range)
    case .file(let file): return try file.read(range)
    }
  }

  /// Fills a buffer with the bytes from `offset` on.
  ///
  /// - Throws: As `read(_:)`.
  public func read(
    from offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    try check(offset..<(offset + buffer.count))
    switch place {
    case .memory(let data):
      data.withUnsafeBytes {
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + buffer.count)]))
      }
    case .file(let file): try file.read(from: offset, into: buffer)
    }
  }

  private func check(_ range: Range<Int>) throws(FileError) {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw FileError(.malformed, path, "expected \(range.upperBound) bytes, found \(size)")
    }
  }
}
