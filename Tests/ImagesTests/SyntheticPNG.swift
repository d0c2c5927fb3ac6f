import Foundation

/// A PNG file written as the specification (ISO/IEC 15948) says, without libpng and without
/// compression, together with the pixels that it must decode to.
struct SyntheticPNG {
  enum Color: Int, CaseIterable {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    var samples: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// The bit depths that the specification allows (table 11.1).
    var depths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      default: [8, 16]
      }
    }
  }

  var color: Color
  var depth: Int
  var isInterlaced = false
  /// Whether a tRNS chunk makes something transparent.
  var hasTransparency = false
  var width: Int
  var height: Int
  /// Samples of each pixel, row by row.
  private(set) var pixels: [[Int]] = []
  private var palette: [[Int]] = []

  init(
    _ color: Color, depth: Int, isInterlaced: Bool = false, hasTransparency: Bool = false,
    width: Int, height: Int, seed: UInt64
  ) {
    (self.color, self.depth, self.isInterlaced) = (color, depth, isInterlaced)
    (self.hasTransparency, self.width, self.height) = (hasTransparency, width, height)
    var noise = Noise(seed)
    let limit = 1 << depth
    pixels = (0..<(width * height)).map { _ in
      (0..<color.samples).map { _ in Int.random(in: 0..<limit, using: &noise) }
    }
    if color == .palette {
      palette = (0..<limit).map { _ in
        (0..<4).map { _ in Int.random(in: 0...255, using: &noise) }
      }
    }
  }

  /// The transparent colour in the tRNS chunk of a picture without a palette.
  private var transparentColor: [Int] { pixels[0] }

  /// The pixels that a reader must return: RGBA bytes.
  var expected: [UInt8] {
    let most = (1 << depth) - 1
    func byte(_ sample: Int) -> UInt8 {
      UInt8((Double(sample) * 255 / Double(most)).rounded())
    }
    return pixels.flatMap { samples -> [UInt8] in
      let isClear = hasTransparency && samples == transparentColor
      switch color {
      case .gray:
        let gray = byte(samples[0])
        return [gray, gray, gray, isClear ? 0 : 255]
      case .rgb: return samples.map(byte) + [isClear ? 0 : 255]
      case .grayAlpha:
        let gray = byte(samples[0])
        return [gray, gray, gray, byte(samples[1])]
      case .rgba: return samples.map(byte)
      case .palette:
        let entry = palette[samples[0]].map { UInt8($0) }
        return entry[0...2] + [hasTransparency ? entry[3] : 255]
      }
    }
  }

  var data: Data {
    var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    file += chunk(
      "IHDR",
      bigEndian(width, 4) + bigEndian(height, 4)
        + [UInt8(depth), UInt8(color.rawValue), 0, 0, isInterlaced ? 1 : 0])
    if color == .palette {
      file += chunk("PLTE", palette.flatMap { $0[0...2].map { UInt8($0) } })
    }
    if hasTransparency {
      file += chunk(
        "tRNS",
        color == .palette
          ? palette.map { UInt8($0[3]) } : transparentColor.flatMap { bigEndian($0, 2) })
    }
    file += chunk("IDAT", stored(passes.flatMap { $0.flatMap { [0] + packed($0) } }))
    file += chunk("IEND", [])
    return file
  }

  /// Rows of pixels, of the whole picture or of each of Adam7's seven passes.
  private var passes: [[[[Int]]]] {
    let grids =
      isInterlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    return grids.map { left, top, right, down in
      guard left < width else { return [] }
      return stride(from: top, to: height, by: down).map { y in
        stride(from: left, to: width, by: right).map { pixels[y * width + $0] }
      }
    }
  }

  /// Packs samples into bytes, the first one in the highest bits.
  private func packed(_ row: [[Int]]) -> [UInt8] {
    var bits: [Int] = row.joined().flatMap { sample in
      (0..<depth).reversed().map { sample >> $0 & 1 }
    }
    while bits.count % 8 != 0 { bits.append(0) }
    return stride(from: 0, to: bits.count, by: 8).map { start in
      UInt8(bits[start..<(start + 8)].reduce(0) { $0 << 1 | $1 })
    }
  }
}

func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A chunk of a PNG file: length, type, content, CRC-32.
func chunk(_ type: String, _ content: [UInt8]) -> Data {
  let body = Array(type.utf8) + content
  var crc: UInt32 = .max
  for byte in body {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  return Data(bigEndian(content.count, 4) + body + bigEndian(Int(~crc), 4))
}

/// A zlib stream of stored blocks (RFC 1950 and 1951).
private func stored(_ bytes: [UInt8]) -> [UInt8] {
  var stream: [UInt8] = [0x78, 0x01]
  var (a, b) = (1, 0)
  for byte in bytes {
    a = (a + Int(byte)) % 65521
    b = (b + a) % 65521
  }
  for start in stride(from: 0, to: bytes.count, by: 65535) {
    let block = bytes[start..<min(start + 65535, bytes.count)]
    let isLast = start + block.count == bytes.count
    let count = bigEndian(block.count, 2).reversed()
    stream += [isLast ? 1 : 0] + count + count.map { ~$0 } + block
  }
  return stream + bigEndian(b << 16 | a, 4)
}
