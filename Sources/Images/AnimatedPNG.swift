internal import CPNG
public import Foundation

extension Image {
  /// The bytes of an animated PNG, which programs without support for it show as its first frame.
  ///
  /// libpng writes no animations, but their frames are compressed as pictures are: each is encoded
  /// by libpng, and its data is packed into the chunks of the animation. After the first frame, only
  /// the rectangle that changed is stored. Source: W3C, Portable Network Graphics (Third Edition),
  /// 2025, sections 11.3.6 (acTL, fcTL, fdAT).
  ///
  /// - Parameters:
  ///   - frames: One at least; those that are smaller than the largest are extended by their first
  ///     pixel's colour.
  ///   - seconds: How long a frame is shown, to a hundredth; the last one three times as long.
  ///   - text: Stored as text chunks, in this order; keys are 1 to 79 ASCII characters.
  ///   - dotsPerInch: The size at which it is meant to be printed; nil leaves that open.
  public static func encodedAnimation(
    _ frames: [Image], seconds: Double, text: [(String, String)] = [], dotsPerInch: Double? = nil
  ) -> Data {
    precondition(!frames.isEmpty, "an animation without frames")
    let width = frames.reduce(0) { max($0, $1.width) }
    let height = frames.reduce(0) { max($0, $1.height) }
    let opaque = frames.allSatisfy(\.isOpaque)
    var (data, sequence) = (Data(), UInt32(0))
    func bytes(_ numbers: UInt32...) -> Data {
      Data(
        numbers.flatMap { number in
          (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        })
    }
    var earlier: Image?
    for (index, frame) in frames.enumerated() {
      let frame = frame.extended(width: width, height: height)
      let place =
        earlier.map { frame.difference(from: $0) }
        ?? (columns: 0..<width, rows: 0..<height)
      earlier = frame
      let part = frame.cropped(rows: place.rows, columns: place.columns)
      let png = part.encodedPNG(
        text: index == 0 ? text : [], dotsPerInch: index == 0 ? dotsPerInch : nil, opaque: opaque)
      let hundredths = UInt32(
        min(max((100 * seconds * (index + 1 == frames.count ? 3 : 1)).rounded(), 1), 65_535))
      // Frame control: sequence, size, offset, delay, then no disposal and no blending.
      func control() -> Data {
        defer { sequence += 1 }
        return pngChunk(
          "fcTL",
          bytes(
            sequence, UInt32(part.width), UInt32(part.height), UInt32(place.columns.lowerBound),
            UInt32(place.rows.lowerBound), hundredths << 16 | 100) + Data([0, 0]))
      }
      if index == 0 { data += png.prefix(pngSignatureLength) }
      var isControlled = false
      for chunk in pngChunks(of: png) {
        switch chunk.type {
        case "IDAT":
          if !isControlled {
            if index == 0 {
              data += pngChunk("acTL", bytes(UInt32(frames.count), 0))
            }
            data += control()
            isControlled = true
          }
          if index == 0 {
            data += png[chunk.range]
          } else {
            data += pngChunk("fdAT", bytes(sequence) + png[chunk.content])
            sequence += 1
          }
        case "IEND": if index + 1 == frames.count { data += png[chunk.range] }
        default: if index == 0 { data += png[chunk.range] }
        }
      }
    }
    return data
  }

  /// The picture in the upper left corner of a larger one of its first pixel's colour.
  private func extended(width newWidth: Int, height newHeight: Int) -> Image {
    guard (newWidth, newHeight) != (width, height) else { return self }
    return withWords { words in
      Image(width: newWidth, height: newHeight) { target in
        target.initialize(repeating: words.first ?? 0)
        for row in 0..<height {
          for column in 0..<width { target[row * newWidth + column] = words[row * width + column] }
        }
      }
    }
  }

  /// The smallest rectangle outside of which two pictures of the same size are equal; a pixel if
  /// they are equal everywhere.
  private func difference(from other: Image) -> (columns: Range<Int>, rows: Range<Int>) {
    withWords { words in
      other.withWords { others in
        var (left, right, top, bottom) = (width, -1, height, -1)
        for row in 0..<height {
          for column in 0..<width
          where words[row * width + column] != others[row * width + column] {
            (left, right) = (min(left, column), max(right, column))
            (top, bottom) = (min(top, row), max(bottom, row))
          }
        }
        return right < 0 ? (0..<1, 0..<1) : (left..<(right + 1), top..<(bottom + 1))
      }
    }
  }
}

private let pngSignatureLength = 8

/// The chunks of a PNG that libpng wrote, each with the place of all of it and of its content.
private func pngChunks(
  of png: Data
) -> [(type: String, range: Range<Int>, content: Range<Int>)] {
  var chunks: [(type: String, range: Range<Int>, content: Range<Int>)] = []
  var start = png.startIndex + pngSignatureLength
  while start + 12 <= png.endIndex {
    let length = png[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    let content = (start + 8)..<(start + 8 + length)
    let type = String(decoding: png[(start + 4)..<(start + 8)], as: UTF8.self)
    chunks.append((type, start..<(content.upperBound + 4), content))
    start = content.upperBound + 4
  }
  return chunks
}

/// A chunk with its length and checksum.
private func pngChunk(_ type: String, _ content: Data) -> Data {
  var output = cpng_output()
  let reason = libpngReason { message in
    content.withUnsafeBytes {
      cpng_write_chunk(
        type, $0.bindMemory(to: UInt8.self).baseAddress, $0.count, &output, message)
    }
  }
  guard reason == nil, let bytes = output.bytes else {
    preconditionFailure("libpng does not write a chunk \(type): \(reason ?? "no bytes")")
  }
  return Data(bytesNoCopy: bytes, count: output.count, deallocator: .free)
}
