internal import CZip
public import Foundation

/// The files in a zip archive, read one at a time: `.npz` and PyTorch's `.pth` are such.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10; stored and deflated entries, zip64 included.
///
///     local header, content | … | directory entry | … | (zip64 end, locator) | end of directory
public struct ZipArchive: Sendable {
  /// The names of the files, in the order of the directory.
  public let names: [String]

  private let data: Data
  private let file: String
  private var entries: [String: Entry] = [:]

  private struct Entry {
    var method = 0
    var checksum: UInt32 = 0
    var compressedSize = 0
    var size = 0
    var header = 0
    var isEncrypted = false
  }

  /// - Parameter file: Named by errors.
  /// - Throws: `FileError` when the directory is missing or points outside the data.
  public init(_ data: Data, file: String) throws(FileError) {
    self.data = data.startIndex == 0 ? data : Data(data)
    self.file = file
    let bytes = LittleEndianBytes(self.data)
    guard let directory = Self.directory(in: bytes) else {
      throw FileError(
        .malformed, file,
        "expected a zip archive, found no directory at the end of "
          + "\(data.count) bytes")
    }
    var names: [String] = []
    var position = directory.start
    for number in 0..<directory.count {
      guard let (name, entry, next) = Self.entry(at: position, in: bytes) else {
        throw FileError(
          .malformed, file,
          "expected \(directory.count) files in the archive's directory, "
            + "found a damaged entry after \(number)")
      }
      if entries.updateValue(entry, forKey: name) == nil { names.append(name) }
      position = next
    }
    self.names = names
  }

  /// Whether the data starts as a zip archive does.
  public static func isZip(_ data: Data) -> Bool {
    data.starts(with: [0x50, 0x4B, 0x03, 0x04]) || data.starts(with: [0x50, 0x4B, 0x05, 0x06])
  }

  /// The content of one file, checked against its CRC-32.
  ///
  /// - Parameter limit: The largest content in bytes.
  /// - Throws: `FileError` when there is no such file in the archive, or it is damaged.
  public func contents(of name: String, limit: Int = 1 << 33) throws(FileError) -> Data {
    func damaged(_ reason: String) -> FileError {
      FileError(.malformed, "\(file)/\(name)", reason)
    }
    guard let entry = entries[name] else { throw damaged("no such file in the archive") }
    guard !entry.isEncrypted else { throw damaged("expected plain content, found encryption") }
    guard entry.size <= limit else {
      throw damaged("expected at most \(limit) bytes, found \(entry.size)")
    }
    let bytes = LittleEndianBytes(data)
    // The local header's extra field may be longer than the directory's.
    guard bytes.number(entry.header, 4) == 0x0403_4B50,
      let nameLength = bytes.number(entry.header + 26, 2),
      let extraLength = bytes.number(entry.header + 28, 2)
    else { throw damaged("expected a header at byte \(entry.header), found none") }
    let start = entry.header + 30 + nameLength + extraLength
    guard let packed = bytes.part(start, entry.compressedSize) else {
      throw damaged(
        "expected \(entry.compressedSize) bytes, found \(max(data.count - start, 0))")
    }
    let content: Data
    switch entry.method {
    case 0: content = packed
    case 8:
      do {
        content = try inflated(packed, .deflate, limit: entry.size)
      } catch {
        throw damaged("expected whole content, found: \(error.reason)")
      }
    default:
      throw damaged("expected stored or deflated content, found method \(entry.method)")
    }
    guard content.count == entry.size else {
      throw damaged("expected \(entry.size) bytes, found \(content.count)")
    }
    guard checksum(of: content) == entry.checksum else {
      throw damaged("expected other content: the checksum differs")
    }
    return content.startIndex == 0 ? content : content.subdata(in: content.indices)
  }

  private static func directory(in bytes: LittleEndianBytes) -> (start: Int, count: Int)? {
    // A comment of up to 65535 bytes may stand behind the end record of 22.
    let last = bytes.count - 22
    guard last >= 0 else { return nil }
    for end in (max(last - 65535, 0)...last).reversed()
    where bytes.number(end, 4) == 0x0605_4B50 {
      guard let count = bytes.number(end + 10, 2), let start = bytes.number(end + 16, 4)
      else { return nil }
      guard count == 0xFFFF || start == 0xFFFF_FFFF else { return (start, count) }
      guard bytes.number(end - 20, 4) == 0x0706_4B50, let long = bytes.number(end - 12, 8),
        bytes.number(long, 4) == 0x0606_4B50, let count = bytes.number(long + 32, 8),
        let start = bytes.number(long + 48, 8)
      else { return nil }
      // An entry takes 46 bytes at least: no loop over a count that cannot be.
      return count <= bytes.count / 46 ? (start, count) : nil
    }
    return nil
  }

  private static func entry(
    at start: Int, in bytes: LittleEndianBytes
  ) -> (name: String, entry: Entry, next: Int)? {
    guard bytes.number(start, 4) == 0x0201_4B50, let flags = bytes.number(start + 8, 2),
      let method = bytes.number(start + 10, 2), let checksum = bytes.number(start + 16, 4),
      let compressedSize = bytes.number(start + 20, 4), let size = bytes.number(start + 24, 4),
      let nameLength = bytes.number(start + 28, 2),
      let extraLength = bytes.number(start + 30, 2),
      let commentLength = bytes.number(start + 32, 2), let header = bytes.number(start + 42, 4),
      let name = bytes.part(start + 46, nameLength),
      bytes.part(start + 46, nameLength + extraLength + commentLength) != nil
    else { return nil }
    var entry = Entry(
      method: method, checksum: UInt32(checksum), compressedSize: compressedSize, size: size,
      header: header, isEncrypted: flags & 1 == 1)
    // Zip64 gives in this order only the numbers that do not fit above.
    let extra = start + 46 + nameLength
    if var field = zip64Field(in: bytes, from: extra, to: extra + extraLength) {
      for key in [\Entry.size, \Entry.compressedSize, \Entry.header]
      where entry[keyPath: key] == 0xFFFF_FFFF {
        guard let long = bytes.number(field, 8) else { return nil }
        entry[keyPath: key] = long
        field += 8
      }
    }
    return (
      String(decoding: name, as: UTF8.self), entry, extra + extraLength + commentLength
    )
  }

  private static func zip64Field(in bytes: LittleEndianBytes, from: Int, to end: Int) -> Int? {
    var position = from
    while position + 4 <= end, let kind = bytes.number(position, 2),
      let length = bytes.number(position + 2, 2)
    {
      if kind == 1 { return position + 4 }
      position += 4 + length
    }
    return nil
  }
}

private func checksum(of data: Data) -> UInt32 {
  var sum: UInt = 0
  data.withUnsafeBytes { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
      rest = rest.dropFirst(part.count)
    }
  }
  return UInt32(truncatingIfNeeded: sum)
}

/// Numbers and parts of some bytes, nil where they are not there.
private struct LittleEndianBytes {
  let data: Data

  init(_ data: Data) { self.data = data }

  var count: Int { data.count }

  /// - Returns: Nil also for numbers that are no `Int`.
  func number(_ start: Int, _ length: Int) -> Int? {
    guard let part = part(start, length) else { return nil }
    let value = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }

  func part(_ start: Int, _ length: Int) -> Data? {
    guard start >= 0, length >= 0, start <= data.count, length <= data.count - start else {
      return nil
    }
    return data[start..<(start + length)]
  }
}
