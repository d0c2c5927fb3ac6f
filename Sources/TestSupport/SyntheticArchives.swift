public import Foundation

/// A zip archive of stored files, written as APPNOTE.TXT specifies, whose claims may be false.
public struct SyntheticZip {
  public struct Entry {
    public var name: String
    public var content: Data
    public var method = 0
    public var flags = 0
    /// The size claimed by the directory; nil for the true one.
    public var claimedSize: Int?
    public var claimedCompressedSize: Int?
    public var claimedChecksum: UInt32?
    /// The offset of the local header that the directory claims; nil for the true one.
    public var claimedHeader: Int?

    public init(_ name: String, _ content: Data) {
      self.name = name
      self.content = content
    }
  }

  public var entries: [Entry]
  /// The number of entries claimed by the end of the directory; nil for the true one.
  public var claimedCount: Int?
  public var claimedDirectory: Int?
  public var comment = Data()

  public init(_ entries: [Entry]) { self.entries = entries }

  public var data: Data {
    var (file, directory) = (Data(), Data())
    for entry in entries {
      let header = file.count
      let name = Data(entry.name.utf8)
      let numbers =
        littleEndian(entry.flags, 2) + littleEndian(entry.method, 2) + Data(count: 4)
        + littleEndian(Int(entry.claimedChecksum ?? crc32(of: entry.content)), 4)
        + littleEndian(entry.claimedCompressedSize ?? entry.content.count, 4)
        + littleEndian(entry.claimedSize ?? entry.content.count, 4)
        + littleEndian(name.count, 2) + littleEndian(0, 2)
      file += Data("PK\u{3}\u{4}".utf8) + littleEndian(20, 2) + numbers + name + entry.content
      directory +=
        Data("PK\u{1}\u{2}".utf8) + littleEndian(20, 2) + littleEndian(20, 2) + numbers
        + Data(count: 10) + littleEndian(entry.claimedHeader ?? header, 4) + name
    }
    let count = littleEndian(claimedCount ?? entries.count, 2)
    return file + directory + Data("PK\u{5}\u{6}".utf8) + Data(count: 4) + count + count
      + littleEndian(directory.count, 4) + littleEndian(claimedDirectory ?? file.count, 4)
      + littleEndian(comment.count, 2) + comment
  }
}

/// A gzip file of stored blocks (RFC 1951, 3.2.4; RFC 1952).
public func storedGzip(_ content: Data) -> Data {
  let largestBlock = 65_535
  var file = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
  var rest = content
  repeat {
    let block = rest.prefix(largestBlock)
    rest = rest.dropFirst(block.count)
    file.append(rest.isEmpty ? 1 : 0)
    file += littleEndian(block.count, 2) + littleEndian(~block.count, 2) + block
  } while !rest.isEmpty
  return file + littleEndian(Int(crc32(of: content)), 4) + littleEndian(content.count, 4)
}

/// The checksum of zip, gzip and PNG, computed bit by bit.
public func crc32(of data: Data) -> UInt32 {
  var sum = UInt32.max
  for byte in data {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
  return ~sum
}

/// The lowest bytes of a number, the lowest first.
public func littleEndian(_ value: Int, _ count: Int) -> Data {
  Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
}
