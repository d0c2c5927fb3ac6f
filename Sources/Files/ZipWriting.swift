internal import CZip
public import Foundation

/// A zip archive of files that are stored as they are; equal files give equal bytes.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
///
/// - Parameter path: The archive's name, for the error.
/// - Throws: `FileError` of kind `.unwritable` if it would have more than 4 GiB, which needs
///   another format.
public func zipArchive(
  _ files: [(name: String, content: Data)], path: String
) throws(FileError) -> Data {
  var (archive, directory) = (Data(), Data())
  for (name, content) in files {
    let start = archive.count
    guard start + content.count + name.utf8.count < Int(UInt32.max) - directoryRoom,
      files.count < Int(UInt16.max)
    else {
      throw FileError(.unwritable, path, "expected at most 4 GiB in an archive, found more")
    }
    let fields = ZipFields(content, name)
    archive.append(little: UInt32(0x0403_4B50))
    archive += fields.data + Data(name.utf8) + content
    directory.append(little: UInt32(0x0201_4B50))
    directory.append(little: ZipFields.version)
    directory += fields.data
    // No comment, first disk, no attributes.
    directory += Data(count: 2 + 2 + 2 + 4)
    directory.append(little: UInt32(start))
    directory += Data(name.utf8)
  }
  let (start, size) = (UInt32(archive.count), UInt32(directory.count))
  archive += directory
  archive.append(little: UInt32(0x0605_4B50))
  archive += Data(count: 4)
  archive.append(little: UInt16(files.count))
  archive.append(little: UInt16(files.count))
  archive.append(little: size)
  archive.append(little: start)
  archive += Data(count: 2)
  return archive
}

/// Left free for the directory, in bytes.
private let directoryRoom = 1 << 20

/// What a local header and the directory both say of a file.
private struct ZipFields {
  static let version: UInt16 = 20
  let data: Data

  init(_ content: Data, _ name: String) {
    // Names are UTF-8.
    let flags: UInt16 = 1 << 11
    // The first day that the format knows: archives with equal contents are equal.
    let date: UInt16 = 1 << 5 | 1
    var sum = crc32(0, nil, 0)
    // zlib counts in 32 bits.
    for start in stride(from: 0, to: content.count, by: 1 << 30) {
      content[start..<min(start + (1 << 30), content.count)].withUnsafeBytes { part in
        sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
      }
    }
    var data = Data()
    for number in [Self.version, flags, 0, 0, date] { data.append(little: number) }
    data.append(little: UInt32(truncatingIfNeeded: sum))
    data.append(little: UInt32(content.count))
    data.append(little: UInt32(content.count))
    data.append(little: UInt16(name.utf8.count))
    data.append(little: UInt16(0))
    self.data = data
  }
}

extension Data {
  fileprivate mutating func append(little number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
