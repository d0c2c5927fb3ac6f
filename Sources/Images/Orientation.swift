internal import Foundation

/// How a stored picture must be turned to be upright: EXIF 2.3, tag 0x0112.
enum Orientation: Int, CaseIterable {
  case upright = 1
  case mirroredHorizontally
  case turnedHalf
  case mirroredVertically
  case transposed
  case turnedRight
  case transposedOtherDiagonal
  case turnedLeft

  var swapsSides: Bool { rawValue > 4 }
}

extension Image {
  /// The upright picture, if this one is stored with `orientation`.
  func turned(as orientation: Orientation) -> Image {
    guard orientation != .upright else { return self }
    let (w, h) = (width, height)
    // Where the new top left pixel is here, and the offsets of a step right and a step down.
    let (start, right, down): (Int, Int, Int) =
      switch orientation {
      case .upright: (0, 1, w)
      case .mirroredHorizontally: (w - 1, -1, w)
      case .turnedHalf: (w * h - 1, -1, -w)
      case .mirroredVertically: (w * (h - 1), 1, -w)
      case .transposed: (0, w, 1)
      case .turnedRight: (w * (h - 1), -w, 1)
      case .transposedOtherDiagonal: (w * h - 1, -w, -1)
      case .turnedLeft: (w - 1, w, -1)
      }
    let (newWidth, newHeight) = orientation.swapsSides ? (h, w) : (w, h)
    return withWords { source in
      Image(width: newWidth, height: newHeight) { target in
        for y in 0..<newHeight {
          var from = start + y * down
          for x in 0..<newWidth {
            target[y * newWidth + x] = source[from]
            from += right
          }
        }
      }
    }
  }
}

extension Orientation {
  /// Finds the orientation in a JPEG's EXIF segment; upright if there is none.
  ///
  ///     FF D8 | FF E1 length "Exif\0\0" TIFF… | other segments | FF DA scan…
  ///     TIFF: "II" or "MM" | 42 | offset → count | entries of 12: tag, type, count, value
  init(ofJPEG data: Data) {
    self = data.withUnsafeBytes { bytes in
      var position = 2
      while position + 4 <= bytes.count, bytes[position] == 0xFF {
        let marker = bytes[position + 1]
        // Any number of FF bytes may precede a marker.
        if marker == 0xFF {
          position += 1
          continue
        }
        let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
        guard marker != 0xDA, marker != 0xD9, length >= 2 else { break }
        let segment = bytes[(position + 4)..<min(position + 2 + length, bytes.count)]
        if marker == 0xE1, segment.starts(with: Array("Exif\0\0".utf8)) {
          return Orientation(ofTIFF: UnsafeRawBufferPointer(rebasing: segment.dropFirst(6)))
        }
        position += 2 + length
      }
      return .upright
    }
  }

  private init(ofTIFF bytes: UnsafeRawBufferPointer) {
    let isLittleEndian = bytes.first == UInt8(ascii: "I")
    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      let part = bytes[offset..<(offset + count)]
      return isLittleEndian
        ? part.reversed().reduce(0) { $0 << 8 | Int($1) }
        : part.reduce(0) { $0 << 8 | Int($1) }
    }
    self = .upright
    guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
      let entries = number(at: directory, bytes: 2)
    else { return }
    for entry in 0..<entries {
      let start = directory + 2 + 12 * entry
      guard let tag = number(at: start, bytes: 2), let type = number(at: start + 2, bytes: 2)
      else { return }
      guard tag == 0x0112 else { continue }
      // Type 3 is a 16-bit number, type 4 a 32-bit one, which some writers use.
      let value = number(at: start + 8, bytes: type == 4 ? 4 : 2)
      if type == 3 || type == 4 { self = value.flatMap(Orientation.init) ?? .upright }
      return
    }
  }
}
