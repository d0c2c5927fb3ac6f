import Foundation

/// Files that are not what they claim, made byte by byte.
enum Broken {
  /// A valid PNG except for its size: 100,000 × 100,000 pixels.
  static let enormousPNG = png(width: 100_000, height: 100_000)
  static let enormousPNGMessage =
    "expected at most 268435456 pixels, found 100000×100000 in its header"

  static func png(width: Int, height: Int) -> Data {
    func number(_ value: Int) -> [UInt8] {
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
      let named = Array(type.utf8) + content
      return number(content.count) + named + number(Int(checksum(named)))
    }
    // Eight bits, RGB; the zlib stream is empty.
    let header = number(width) + number(height) + [8, 2, 0, 0, 0]
    return Data(
      [0x89] + Array("PNG\r\n\u{1A}\n".utf8) + chunk("IHDR", header)
        + chunk("IDAT", [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]) + chunk("IEND", []))
  }

  /// The CRC-32 of PNG (ISO 3309).
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { remainder, byte in
      (0..<8).reduce(remainder ^ UInt32(byte)) { rest, _ in
        rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0)
      }
    }
  }

  /// An IDX file that claims `extents` but contains `count` zeros.
  static func idx(_ extents: [UInt32], type: UInt8 = 8, count: Int) -> Data {
    var data = Data([0, 0, type, UInt8(extents.count)])
    for extent in extents {
      withUnsafeBytes(of: extent.bigEndian) { data.append(contentsOf: $0) }
    }
    return data + Data(count: count)
  }

  /// A small JPEG in colour.
  static func jpeg() throws -> Data {
    try Data(
      contentsOf: URL(filePath: "\(Program.package)/Tests/ImagesTests/Fixtures/color-420.jpg"))
  }
}
