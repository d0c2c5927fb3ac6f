internal import CTurboJPEG
internal import Files
internal import Foundation

/// Decodes a JPEG of any colour space as the reference decoder does: accurate DCT and smooth
/// chroma, so that values agree with Pillow and torchvision to the bit.
func decodeJPEG(_ data: Data, file: String) throws(FileError) -> Image {
  guard let decoder = tjInitDecompress() else {
    throw FileError(.malformed, file, "the JPEG decoder does not start")
  }
  defer { tjDestroy(decoder) }
  let header = data.withUnsafeBytes { readHeader($0, with: decoder) }
  // A decoder that cannot name the chroma subsampling still knows size and colour space.
  guard header.width > 0, header.height > 0 else {
    throw FileError(.malformed, file, "expected a whole JPEG, found: \(reason(of: decoder))")
  }
  try checkSize(width: header.width, height: header.height, file: file)

  var failure: String?
  var image = Image(width: header.width, height: header.height) { words in
    failure = data.withUnsafeBytes { decode($0, header, into: words, with: decoder) }
  }
  if let failure { throw FileError(.malformed, file, "expected a whole JPEG, found: \(failure)") }
  if header.isCMYK { image.convertInvertedCMYK() }
  return image.turned(as: Orientation(ofJPEG: data))
}

private struct Header {
  var width = 0
  var height = 0
  var isCMYK = false
}

private func readHeader(_ bytes: UnsafeRawBufferPointer, with decoder: tjhandle) -> Header {
  var (width, height, subsampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
  tjDecompressHeader3(
    decoder, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count), &width, &height,
    &subsampling, &colors)
  return Header(
    width: Int(width), height: Int(height),
    isCMYK: colors == Int32(TJCS_CMYK.rawValue) || colors == Int32(TJCS_YCCK.rawValue))
}

/// - Returns: Why the bytes are not a whole picture; nil when they are.
private func decode(
  _ bytes: UnsafeRawBufferPointer, _ header: Header,
  into words: UnsafeMutableBufferPointer<UInt32>, with decoder: tjhandle
) -> String? {
  func run(_ flags: Int32) -> Int32 {
    words.withMemoryRebound(to: UInt8.self) { pixels in
      tjDecompress2(
        decoder, bytes.bindMemory(to: UInt8.self).baseAddress, UInt(bytes.count),
        pixels.baseAddress, Int32(header.width), 0, Int32(header.height),
        Int32((header.isCMYK ? TJPF_CMYK : TJPF_RGBA).rawValue),
        TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | flags)
    }
  }
  var status = run(TJFLAG_STOPONWARNING)
  // Filling between segments harms no pixel, and cameras leave it. All other warnings are about
  // pixels that are not there.
  if status != 0, reason(of: decoder).contains(harmlessWarning) { status = run(0) }
  if status == 0 || reason(of: decoder).contains(harmlessWarning) { return nil }
  return reason(of: decoder)
}

private let harmlessWarning = "extraneous bytes before marker"

/// The decoder's words, without the name of the function that failed.
private func reason(of decoder: tjhandle) -> String {
  guard let text = tjGetErrorStr2(decoder) else { return "no reason given" }
  let words = String(cString: text)
  guard words.hasPrefix("tj"), let colon = words.range(of: "(): ") else { return words }
  return String(words[colon.upperBound...])
}

extension Image {
  /// Turns CMYK bytes, stored inverted as Adobe does (0 is full ink), into opaque RGB.
  ///
  /// Without a colour profile light passes through one ink after the other: R = (1 − C)(1 − K).
  fileprivate mutating func convertInvertedCMYK() {
    pixels.withUnsafeMutableBufferPointer { bytes in
      for start in stride(from: 0, to: bytes.count, by: 4) {
        let paper = UInt32(bytes[start + 3])
        for channel in start..<(start + 3) {
          bytes[channel] = scaled(UInt32(bytes[channel]), by: paper)
        }
        bytes[start + 3] = 255
      }
    }
  }
}

/// `value · factor / 255`, rounded, for two numbers up to 255.
func scaled(_ value: UInt32, by factor: UInt32) -> UInt8 {
  let product = value * factor + 128
  return UInt8(truncatingIfNeeded: (product + product >> 8) >> 8)
}
