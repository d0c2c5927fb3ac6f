internal import Foundation

/// What a zip archive says about one of its files.
struct ZipEntry {
  var name = ""
  /// The compression method, by its number in the format: 0 is stored, 8 is deflated.
  var method = 0
  var checksum: UInt32 = 0
  var compressedSize = 0
  var size = 0
  /// The offset of the local header, which precedes the content.
  var header = 0
  var isEncrypted = false
  var nameLength = 0
}

/// The list of files at the end of a zip archive.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16.
struct ZipDirectory {
  /// The size in bytes of an entry before its name, and of a local header before its name.
  private static let (entrySize, headerSize) = (46, 30)

  /// Enough for several hundred thousand entries; a damaged start could make it the whole file.
  private static let mostBytes = 1 << 26

  /// In the order of the directory.
  let entries: [ZipEntry]

  /// - Throws: `FileError` if the directory is missing or damaged, names a file twice, or lets two
  ///   files share bytes, as zip bombs do.
  init(of source: FileBytes) throws(FileError) {
    guard let place = try Self.place(in: source) else {
      throw FileError(
        .malformed, source.path,
        "expected a zip archive, found no directory at the end of \(source.size) bytes")
    }
    let start = min(place.start, place.end)
    // Each entry has a name, an extra field and a comment, of 16-bit lengths.
    let end = min(place.end, start + place.count * (Self.entrySize + 3 * 0xFFFF))
    guard end - start <= Self.mostBytes else {
      throw FileError(
        .malformed, source.path,
        "expected a directory of at most \(byteText(Self.mostBytes)), "
          + "found one of \(byteText(end - start))")
    }
    let block = LittleEndianBytes(try source.read(start..<end))
    var entries: [ZipEntry] = []
    var position = 0
    for number in 0..<place.count {
      guard let (entry, next) = Self.entry(at: position, in: block) else {
        throw FileError(
          .malformed, source.path,
          "expected \(place.count) files in the archive's directory, "
            + "found a damaged entry after \(number)")
      }
      entries.append(entry)
      position = next
    }
    self.entries = entries
    try checkNames(source.path)
    try checkPlaces(source.path)
  }

  private func checkNames(_ path: String) throws(FileError) {
    var names: Set<String> = []
    for entry in entries where !names.insert(entry.name).inserted {
      throw FileError(
        .malformed, path, "the archive's directory lists '\(entry.name)' twice")
    }
  }

  private func checkPlaces(_ path: String) throws(FileError) {
    let sorted = entries.sorted { $0.header < $1.header }
    for (entry, next) in zip(sorted, sorted.dropFirst())
    where next.header - entry.header - Self.headerSize - entry.nameLength < entry.compressedSize {
      throw FileError(
        .malformed, path,
        "files '\(entry.name)' and '\(next.name)' overlap in the archive")
    }
  }

  private static func place(
    in source: FileBytes
  ) throws(FileError) -> (start: Int, end: Int, count: Int)? {
    // A comment of up to 65535 bytes may follow the end record of 22 bytes; zip64's locator of 20
    // bytes precedes it.
    let tailStart = max(source.size - 22 - 65535 - 20, 0)
    let tail = LittleEndianBytes(try source.read(tailStart..<source.size))
    let last = tail.count - 22
    guard last >= 0 else { return nil }
    for end in (max(last - 65535, 0)...last).reversed()
    where tail.number(end, 4) == 0x0605_4B50 {
      guard let count = tail.number(end + 10, 2), let start = tail.number(end + 16, 4)
      else { return nil }
      guard count == 0xFFFF || start == 0xFFFF_FFFF else { return (start, tailStart + end, count) }
      guard tail.number(end - 20, 4) == 0x0706_4B50, let long = tail.number(end - 12, 8),
        long <= source.size - 56
      else { return nil }
      let record = LittleEndianBytes(try source.read(long..<(long + 56)))
      guard record.number(0, 4) == 0x0606_4B50, let count = record.number(32, 8),
        let start = record.number(48, 8),
        // Rejects an impossible count before looping over it.
        count <= source.size / entrySize
      else { return nil }
      return (start, tailStart + end, count)
    }
    return nil
  }

  private static func entry(
    at start: Int, in bytes: LittleEndianBytes
  ) -> (entry: ZipEntry, next: Int)? {
    guard bytes.number(start, 4) == 0x0201_4B50, let flags = bytes.number(start + 8, 2),
      let method = bytes.number(start + 10, 2), let checksum = bytes.number(start + 16, 4),
      let compressedSize = bytes.number(start + 20, 4), let size = bytes.number(start + 24, 4),
      let nameLength = bytes.number(start + 28, 2),
      let extraLength = bytes.number(start + 30, 2),
      let commentLength = bytes.number(start + 32, 2), let header = bytes.number(start + 42, 4),
      let name = bytes.part(start + entrySize, nameLength),
      bytes.part(start + entrySize, nameLength + extraLength + commentLength) != nil
    else { return nil }
    var entry = ZipEntry(
      name: String(decoding: name, as: UTF8.self), method: method, checksum: UInt32(checksum),
      compressedSize: compressedSize, size: size, header: header, isEncrypted: flags & 1 == 1,
      nameLength: nameLength)
    // Zip64 stores here, in this order, only the numbers that do not fit above.
    let extra = start + entrySize + nameLength
    if var field = zip64Field(in: bytes, from: extra, to: extra + extraLength) {
      for key in [\ZipEntry.size, \ZipEntry.compressedSize, \ZipEntry.header]
      where entry[keyPath: key] == 0xFFFF_FFFF {
        guard let long = bytes.number(field, 8) else { return nil }
        entry[keyPath: key] = long
        field += 8
      }
    }
    return (entry, extra + extraLength + commentLength)
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

/// Numbers and slices of some bytes; nil if out of range.
struct LittleEndianBytes {
  private let data: Data

  /// - Parameter data: Its first index is zero.
  init(_ data: Data) { self.data = data }

  var count: Int { data.count }

  /// - Returns: Nil also for numbers that do not fit an `Int`.
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
