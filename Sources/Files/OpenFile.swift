public import Foundation

/// A file of which parts are read when they are needed, so that it is never entirely in memory.
public final class OpenFile: Sendable {
  public let path: String
  /// In bytes, when it was opened.
  public let size: Int
  private let descriptor: Int32
  private let stamp: FileStamp?

  /// - Throws: `FileError` if the file is missing, a folder or a device, or cannot be read.
  public init(_ path: String) throws(FileError) {
    self.path = path
    descriptor = try openForReading(path)
    // Files that the system generates as they are read, as in /proc, have no end to seek.
    size = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
    stamp = FileStamp(of: descriptor)
  }

  deinit { close(descriptor) }

  /// - Throws: `FileError` if the file was modified after it was opened. If another file has taken
  ///   its name, this one is still unchanged.
  public func checkUnchanged() throws(FileError) {
    guard FileStamp(of: descriptor) == stamp else {
      throw FileError(.malformed, path, "was written to while it was being read")
    }
  }

  /// - Throws: `FileError` if the file has become shorter, or can no longer be read.
  public func read(_ range: Range<Int>) throws(FileError) -> Data {
    var data = Data(count: range.count)
    var problem: FileError?
    data.withUnsafeMutableBytes { bytes in
      do throws(FileError) {
        try read(from: range.lowerBound, into: bytes)
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return data
  }

  /// Fills a buffer with the bytes starting at `offset`.
  ///
  /// - Throws: The same errors as `read(_:)`.
  public func read(
    from offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    var done = 0
    while done < buffer.count {
      guard let start = buffer.baseAddress else { return }
      let count = pread(descriptor, start + done, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw FileError(
          .malformed, path,
          count == 0
            ? "expected \(offset + buffer.count) bytes, found \(offset + done)"
            : "cannot be read: \(words(for: errno))")
      }
      done += count
    }
  }
}
