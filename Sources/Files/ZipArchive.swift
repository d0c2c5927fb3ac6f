public import Foundation

/// The files in a zip archive, read one at a time; `.npz` and PyTorch's `.pth` are zip archives.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10; stored and deflated entries, zip64 included.
///
///     local header, content | … | directory entry | … | (zip64 end, locator) | end of directory
public struct ZipArchive: Sendable {
  /// What is verified against the directory when a file is read.
  public enum Check: Sendable, Hashable {
    case sizeAndChecksum
    /// The checksum only if there is one: PyTorch can be told to write none, and leaves zero.
    case sizeAndGivenChecksum
  }

  /// The names of the files, in the order of the directory.
  public let names: [String]

  private let source: FileBytes
  private let entries: [String: ZipEntry]

  /// - Parameter file: Named in errors.
  /// - Throws: The same errors as `init(_:)`.
  public init(_ data: Data, file: String) throws(FileError) {
    try self.init(FileBytes(data, path: file))
  }

  /// - Throws: `FileError` if the directory is missing, points outside the archive, names a file
  ///   twice or lets two of them overlap.
  public init(_ source: FileBytes) throws(FileError) {
    let directory = try ZipDirectory(of: source)
    self.source = source
    names = directory.entries.map(\.name)
    entries = Dictionary(uniqueKeysWithValues: directory.entries.map { ($0.name, $0) })
  }

  /// Whether the data starts as a zip archive does.
  public static func isZip(_ data: Data) -> Bool {
    data.starts(with: [0x50, 0x4B, 0x03, 0x04]) || data.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  /// The uncompressed size in bytes, as the directory states; nil if the archive does not contain
  /// the file.
  public func size(of name: String) -> Int? { entries[name]?.size }

  /// The content of one file.
  ///
  /// - Parameter limit: The largest accepted size in bytes.
  /// - Throws: `FileError` if the archive does not contain the file, or it is damaged.
  public func contents(
    of name: String, limit: Int = 1 << 33, check: Check = .sizeAndChecksum
  ) throws(FileError) -> Data {
    let size = try entry(name).size
    guard size <= limit else {
      throw damaged(name, "expected at most \(limit) bytes, found \(size)")
    }
    let stream = try stream(of: name, check: check)
    // One byte more, so that the stream reaches its end.
    let content = try stream.read(atMost: size + 1)
    guard content.count == size else {
      throw damaged(
        name, "expected complete content, found: more than \(size) bytes of content")
    }
    return content
  }

  /// Verifies a stored file that was read, wholly or in part, against the directory's checksum, if
  /// there is one. If only a part was read, the file is read again.
  ///
  /// - Parameter content: From `range` of the file's bytes.
  /// - Throws: `FileError` that names the file if the checksum differs.
  public func checkChecksum(
    of name: String, _ content: UnsafeRawBufferPointer, from range: Range<Int>
  ) throws(FileError) {
    let entry = try entry(name)
    guard entry.checksum != 0 else { return }
    guard range != 0..<entry.size else {
      return try compare(checksum(appending: content), with: entry)
    }
    let place = try place(of: entry)
    var sum: UInt32 = 0
    for start in stride(from: place.lowerBound, to: place.upperBound, by: Self.partSize) {
      let part = try source.read(start..<min(start + Self.partSize, place.upperBound))
      sum = part.withUnsafeBytes { checksum(sum, appending: $0) }
    }
    try compare(sum, with: entry)
  }

  private static let partSize = 1 << 20

  private func compare(_ found: UInt32, with entry: ZipEntry) throws(FileError) {
    guard found == entry.checksum else {
      throw damaged(
        entry.name,
        "expected content with the checksum \(hexadecimal(entry.checksum)), "
          + "found \(hexadecimal(found))")
    }
  }

  /// The content of one file, decompressed as it is read.
  ///
  /// - Throws: The same errors as `contents(of:)`, also while it is read.
  public func stream(
    of name: String, check: Check = .sizeAndChecksum
  ) throws(FileError) -> ByteStream {
    let entry = try entry(name)
    let range = try place(of: entry)
    if entry.method == 0 {
      guard range.count == entry.size else { throw wrongSize(entry, range.count) }
    } else {
      let most = range.count * InflatingStream.largestRatio
      guard entry.size <= most else {
        throw damaged(
          name, "expected \(entry.size) bytes, found \(range.count) that unpack to at most \(most)")
      }
    }
    // Some programs leave the checksum out.
    let isChecked = check == Check.sizeAndChecksum || entry.checksum != 0
    return try ByteStream(
      source, range, packed: entry.method == 0 ? nil : .deflate, name: "\(source.path)/\(name)",
      expectation: "expected complete content, found: ",
      end: .init(size: entry.size, checksum: isChecked ? entry.checksum : nil))
  }

  /// The range of a stored file's bytes in the archive; nil for a deflated one.
  ///
  /// - Throws: The same errors as `contents(of:)`.
  public func storedRange(of name: String) throws(FileError) -> Range<Int>? {
    let entry = try entry(name)
    guard entry.method == 0 else { return nil }
    let range = try place(of: entry)
    guard range.count == entry.size else { throw wrongSize(entry, range.count) }
    return range
  }

  private func entry(_ name: String) throws(FileError) -> ZipEntry {
    guard let entry = entries[name] else { throw damaged(name, "no such file in the archive") }
    guard !entry.isEncrypted else {
      throw damaged(name, "expected plain content, found encryption")
    }
    guard entry.method == 0 || entry.method == 8 else {
      throw damaged(name, "expected stored or deflated content, found method \(entry.method)")
    }
    return entry
  }

  /// The range of the content, compressed or not.
  private func place(of entry: ZipEntry) throws(FileError) -> Range<Int> {
    let size = 30
    guard entry.header <= source.size - size else { throw noHeader(entry) }
    let header = LittleEndianBytes(try source.read(entry.header..<(entry.header + size)))
    // The local header's extra field may be longer than the directory's.
    guard header.number(0, 4) == 0x0403_4B50, let nameLength = header.number(26, 2),
      let extraLength = header.number(28, 2)
    else { throw noHeader(entry) }
    let start = entry.header + size + nameLength + extraLength
    guard entry.compressedSize <= source.size - start else {
      throw damaged(
        entry.name,
        "expected \(entry.compressedSize) bytes, found \(max(source.size - start, 0))")
    }
    return start..<(start + entry.compressedSize)
  }

  private func wrongSize(_ entry: ZipEntry, _ count: Int) -> FileError {
    damaged(entry.name, "expected \(entry.size) bytes, found \(count)")
  }

  private func noHeader(_ entry: ZipEntry) -> FileError {
    damaged(entry.name, "expected a header at byte \(entry.header), found none")
  }

  private func damaged(_ name: String, _ reason: String) -> FileError {
    FileError(.malformed, "\(source.path)/\(name)", reason)
  }
}

/// In the form in which zip programs print a CRC.
func hexadecimal(_ checksum: UInt32) -> String {
  let digits = String(checksum, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
