public import Foundation
internal import Synchronization

/// A file's bytes, on disk or in memory; parts are read when they are needed.
///
/// Other files that belong to it are opened through it, each once, so that it knows everything that
/// was read: see ``PendingFingerprint``.
public struct FileBytes: Sendable {
  private enum Place: Sendable {
    case memory(Data)
    case file(OpenFile)
  }

  /// How errors refer to the bytes.
  public let path: String
  /// In bytes.
  public let size: Int
  private let place: Place
  private let companions = Companions()

  private final class Companions: Sendable {
    /// By path.
    let files = Mutex<[String: OpenFile]>([:])
  }

  /// Whether the bytes are on disk, so that there can be companions.
  public var isOnDisk: Bool { if case .file = place { true } else { false } }

  public init(_ file: OpenFile) {
    (path, size, place) = (file.path, file.size, .file(file))
  }

  public init(_ data: Data, path: String) {
    let data = data.startIndex == 0 ? data : Data(data)
    (self.path, size, place) = (path, data.count, .memory(data))
  }

  /// Another file that this one refers to, as it was when it was first requested.
  ///
  /// - Throws: `FileError` if it is missing, a folder or a device, or cannot be read.
  public func companion(_ path: String) throws(FileError) -> FileBytes {
    if let known = companions.files.withLock({ $0[path] }) { return FileBytes(known) }
    let file = try OpenFile(path)
    return FileBytes(
      companions.files.withLock { files in
        // Another thread may have opened it in the meantime.
        let kept = files[path] ?? file
        files[path] = kept
        return kept
      })
  }

  /// All files that were read: this one first, the others sorted by path; empty for bytes in
  /// memory.
  var files: [OpenFile] {
    guard case .file(let own) = place else { return [] }
    return [own] + companions.files.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// The bytes, if they are in memory.
  var data: Data? { if case .memory(let data) = place { data } else { nil } }

  /// - Returns: Data whose first index is zero.
  /// - Throws: `FileError` if the range ends beyond the last byte, or the file cannot be read.
  public func read(_ range: Range<Int>) throws(FileError) -> Data {
    try check(range)
    switch place {
    case .memory(let data): return data.subdata(in: range)
    case .file(let file): return try file.read(range)
    }
  }

  /// Fills a buffer with the bytes starting at `offset`.
  ///
  /// - Throws: The same errors as `read(_:)`.
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
