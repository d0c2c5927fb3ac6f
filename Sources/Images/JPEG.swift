internal import CJPEG
internal import Files
internal import Foundation

/// Decodes a JPEG of any colour space as the reference decoder does: accurate DCT and smooth
/// chroma, so that values are identical to those of Pillow and torchvision.
struct JPEGRows: RowSource {
  let width: Int
  let height: Int
  let orientation: Orientation
  let isOpaque = true
  let bitDepth = 8
  let decodingBytes: Int

  private let data: Data
  private let file: String
  private let isCMYK: Bool

  init(_ data: Data, file: String) throws(FileError) {
    (self.data, self.file) = (data, file)
    var header = cjpeg_header()
    let failure = Self.reason { message in
      data.withUnsafeBytes { bytes in
        cjpeg_read(
          bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &header, nil, nil, message)
      }
    }
    if let failure {
      throw FileError(.malformed, file, "expected a complete JPEG, found: \(failure)")
    }
    (width, height) = (Int(header.width), Int(header.height))
    try checkSize(width: width, height: height, file: file)
    isCMYK = header.is_cmyk != 0
    orientation = Orientation(ofJPEG: data)
    // Apart from what it keeps, the decoder works on a few rows of blocks.
    decodingBytes = Int(header.kept_bytes) + 4 * 64 * width
  }

  func forEachRow(
    _ body: (Int, UnsafeMutableBufferPointer<UInt32>) -> Void
  ) throws(FileError) {
    let failure = RowReceiver.run(
      width: width,
      { row, pixels in
        if isCMYK { convertInvertedCMYK(pixels) }
        body(row, pixels)
      },
      { context in
        Self.reason { message in
          data.withUnsafeBytes { bytes in
            var header = cjpeg_header()
            return cjpeg_read(
              bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &header,
              RowReceiver.receive, context, message)
          }
        }
      })
    if let failure {
      throw FileError(.malformed, file, "expected a complete JPEG, found: \(failure)")
    }
  }

  /// Calls the shim's function; nil if it succeeded.
  private static func reason(_ body: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CJPEG_MESSAGE_SIZE)) { message in
      guard let start = message.baseAddress, body(start) == 0 else { return nil }
      let reason = String(cString: start)
      return reason.isEmpty ? "no reason given" : reason
    }
  }
}

/// Converts CMYK bytes, stored inverted as Adobe does (0 is full ink), to opaque RGB.
///
/// Without a colour profile, light passes through one ink after another: R = (1 − C)(1 − K).
private func convertInvertedCMYK(_ row: UnsafeMutableBufferPointer<UInt32>) {
  row.withMemoryRebound(to: UInt8.self) { bytes in
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let paper = UInt32(bytes[start + 3])
      for channel in start..<(start + 3) {
        bytes[channel] = scaled(UInt32(bytes[channel]), by: paper)
      }
      bytes[start + 3] = 255
    }
  }
}

/// `value · factor / 255`, rounded, for two numbers up to 255.
func scaled(_ value: UInt32, by factor: UInt32) -> UInt8 {
  let product = value * factor + 128
  return UInt8(truncatingIfNeeded: (product + product >> 8) >> 8)
}
