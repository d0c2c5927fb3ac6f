internal import CPNG
public import Files
public import Foundation

extension Image {
  /// Writes a PNG completely or not at all.
  ///
  /// - Parameter text: Stored as text chunks, in this order; keys are 1 to 79 ASCII characters.
  /// - Throws: `FileError` of kind `.unwritable`; an existing file of that name is then unchanged.
  public func writePNG(
    to path: String, text: [(String, String)] = []
  ) throws(FileError) {
    try writeFile(encodedPNG(text: text), to: path)
  }

  /// The bytes of a PNG file: RGB if the picture is opaque, otherwise RGBA.
  ///
  /// - Parameters:
  ///   - text: Stored as text chunks, in this order; keys are 1 to 79 ASCII characters.
  ///   - dotsPerInch: The size at which it is meant to be printed; nil leaves that open.
  public func encodedPNG(text: [(String, String)] = [], dotsPerInch: Double? = nil) -> Data {
    encodedPNG(text: text, dotsPerInch: dotsPerInch, opaque: isOpaque)
  }

  /// - Parameter opaque: Whether to leave out alpha.
  func encodedPNG(text: [(String, String)], dotsPerInch: Double?, opaque: Bool) -> Data {
    precondition(width > 0 && height > 0, "a \(width)×\(height) image cannot be a PNG")
    var output = cpng_output()
    let packed = packedText(text)
    let matching = repeatsRows
    let reason = libpngReason { message in
      pixels.withUnsafeBufferPointer { pixels in
        packed.withUnsafeBufferPointer { packed in
          cpng_write_rgba(
            pixels.baseAddress, UInt32(width), UInt32(height), opaque ? 1 : 0,
            PNG_FILTER_UP, 1, matching ? Z_DEFAULT_STRATEGY : Z_RLE, packed.baseAddress,
            Int32(text.count), dotsPerInch.map { UInt32(($0 / 0.0254).rounded()) } ?? 0, &output,
            message)
        }
      }
    }
    guard reason == nil, let bytes = output.bytes else {
      preconditionFailure("libpng does not encode \(width)×\(height): \(reason ?? "no bytes")")
    }
    return Data(bytesNoCopy: bytes, count: output.count, deallocator: .free)
  }
}

extension Image {
  /// Whether most pixels equal the one above, as in drawings and enlarged tiles.
  ///
  /// A drawing of 1500×1000 pixels then takes 6 to 15 ms with zlib's fastest matching. A page of
  /// photographs, in which matching finds next to nothing, takes 30 ms instead of 50 with run
  /// lengths and Huffman codes only, at the same size (zlib 1.2.13). Other filters and higher
  /// levels cost up to four times as much and save at most a fifth of the bytes.
  private var repeatsRows: Bool {
    withWords { words in
      var equal = 0
      for index in width..<max(words.count, width) where words[index] == words[index - width] {
        equal += 1
      }
      return 2 * equal > words.count
    }
  }
}

/// Key, zero, value, zero, and so on.
private func packedText(_ text: [(String, String)]) -> [CChar] {
  var packed: [CChar] = []
  for (key, value) in text {
    precondition(
      (1...79).contains(key.utf8.count) && key.utf8.allSatisfy { (32..<127).contains($0) },
      "\"\(key)\" is not a key of a PNG text chunk")
    for part in [key, value] {
      packed += part.utf8.filter { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
    }
  }
  return packed
}
