public import Foundation

/// The bytes of a file in sequence, decompressed as they are read if they are compressed, so that
/// no more of them are in memory than are needed.
public final class ByteStream {
  /// How errors refer to the bytes.
  public let name: String
  /// Where the bytes are stored in `source`; nil if they are compressed.
  public let place: Range<Int>?
  public let source: FileBytes

  /// How the end of an entry in a zip archive is checked.
  struct End {
    let size: Int
    /// Nil if the checksum is not to be verified.
    let checksum: UInt32?
  }

  private let packed: InflatingStream?
  /// The beginning of an error message, followed by what went wrong.
  private let expectation: String
  private let end: End?
  private var position = 0
  private var sum: UInt32 = 0

  /// The bytes of a file, decompressed if it is gzip.
  ///
  /// - Throws: The same errors as `read(atMost:)`.
  public convenience init(_ source: FileBytes) throws(FileError) {
    if isGzip(try source.read(0..<min(source.size, 2))) {
      try self.init(gzip: source)
    } else {
      try self.init(
        source, 0..<source.size, packed: nil, name: source.path, expectation: "", end: nil)
    }
  }

  convenience init(gzip source: FileBytes) throws(FileError) {
    try self.init(
      source, 0..<source.size, packed: .gzip, name: source.path,
      expectation: "expected a complete gzip file, found: ", end: nil)
  }

  init(
    _ source: FileBytes, _ range: Range<Int>, packed format: CompressedFormat?, name: String,
    expectation: String, end: End?
  ) throws(FileError) {
    (self.source, self.name, self.expectation, self.end) = (source, name, expectation, end)
    place = format == nil ? range : nil
    do {
      packed = try format.map { format throws(InflatingError) in
        try InflatingStream(source, range, format)
      }
    } catch {
      throw FileError(.malformed, name, expectation + error.reason)
    }
  }

  /// Whether reading to the end verifies a checksum.
  public var hasChecksum: Bool { end?.checksum != nil }

  /// An upper bound on the number of bytes; for gzip, from the best possible compression ratio.
  public var mostBytes: Int {
    place?.count ?? end?.size ?? source.size * InflatingStream.largestRatio
  }

  /// Fills a buffer with as many bytes as are left.
  ///
  /// - Returns: The number of bytes read; less than the buffer's size only at the end.
  /// - Throws: `FileError` if the bytes are damaged or cannot be read.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count: Int
    if let packed {
      do {
        count = try packed.read(into: buffer)
      } catch {
        throw FileError(.malformed, name, expectation + error.reason)
      }
    } else {
      let range = place ?? 0..<0
      count = min(buffer.count, range.count - position)
      try source.read(
        from: range.lowerBound + position,
        into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)))
    }
    position += count
    if end?.checksum != nil {
      sum = checksum(sum, appending: UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
    }
    if count < buffer.count { try checkEnd() }
    return count
  }

  /// The next bytes, at most as many as are left.
  ///
  /// - Throws: The same errors as `read(into:)`.
  public func read(atMost count: Int) throws(FileError) -> Data {
    var data = Data(count: count)
    var outcome: Result<Int, FileError> = .success(0)
    data.withUnsafeMutableBytes { bytes in
      outcome = Result { () throws(FileError) in try read(into: bytes) }
    }
    let found = try outcome.get()
    return found == count ? data : data.prefix(found)
  }

  /// Reads to the end and discards the bytes.
  ///
  /// - Returns: The number of bytes read since the start.
  /// - Throws: The same errors as `read(into:)`.
  public func skipRest() throws(FileError) -> Int {
    let size = 1 << 18
    while try read(atMost: size).count == size {}
    return position
  }

  private func checkEnd() throws(FileError) {
    guard let end else { return }
    guard position == end.size else {
      throw FileError(.malformed, name, "expected \(end.size) bytes, found \(position)")
    }
    if let expected = end.checksum, sum != expected {
      throw FileError(
        .malformed, name,
        "expected content with the checksum \(hexadecimal(expected)), found \(hexadecimal(sum))")
    }
  }
}
