import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Animated PNG` {
  /// A picture with one other pixel.
  private func changed(_ image: Image, _ x: Int, _ y: Int) -> Image {
    var pixels = image.pixels
    for channel in 0..<3 { pixels[4 * (y * image.width + x) + channel] ^= 0xFF }
    return Image(width: image.width, height: image.height, pixels: pixels)
  }

  private struct Chunk {
    let type: String
    let content: [UInt8]

    func number(_ start: Int) -> Int {
      content[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// The chunks, whose checksums are compared with those of the definition.
  private func chunks(_ png: Data) throws -> [Chunk] {
    let bytes = [UInt8](png)
    #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    var (chunks, start): ([Chunk], Int) = ([], 8)
    while start < bytes.count {
      let length = bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      try #require(end + 4 <= bytes.count)
      let sum = bytes[end..<(end + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(sum == checksum(bytes[(start + 4)..<end]))
      chunks.append(
        Chunk(
          type: String(decoding: bytes[(start + 4)..<(start + 8)], as: UTF8.self),
          content: Array(bytes[(start + 8)..<end])))
      start = end + 4
    }
    return chunks
  }

  /// CRC-32 of ISO 3309, bit by bit.
  private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
        sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1
      }
    }
  }

  @Test(arguments: [true, false])
  func `frames are numbered, and only what changed is stored`(opaque: Bool) throws {
    let first = Image.noise(23, 17, seed: 3, isOpaque: opaque)
    let second = changed(changed(first, 4, 5), 9, 6)
    let frames = [first, second, second]
    let png = Image.encodedAnimation(
      frames, seconds: 0.5, text: [("Title", "é")], dotsPerInch: 300)
    let chunks = try chunks(png)
    let types = chunks.map(\.type)
    #expect(types.first == "IHDR" && types.last == "IEND")
    #expect(
      types.filter { ["acTL", "fcTL", "IDAT", "fdAT"].contains($0) }.prefix(2) == ["acTL", "fcTL"])
    #expect(types.count { $0 == "fcTL" } == 3 && types.count { $0 == "acTL" } == 1)
    #expect(try #require(types.firstIndex(of: "acTL")) < #require(types.firstIndex(of: "IDAT")))
    let control = try #require(chunks.first { $0.type == "acTL" })
    #expect(control.number(0) == 3 && control.number(4) == 0)
    // One sequence through all chunks of the animation.
    let numbers = chunks.filter { ["fcTL", "fdAT"].contains($0.type) }.map { $0.number(0) }
    #expect(numbers == Array(0..<numbers.count))
    let places = chunks.filter { $0.type == "fcTL" }.map { chunk in
      [4, 8, 12, 16].map(chunk.number)
    }
    #expect(places == [[23, 17, 0, 0], [6, 2, 4, 5], [1, 1, 0, 0]])
    let delays = chunks.filter { $0.type == "fcTL" }.map { Array($0.content[20..<26]) }
    #expect(delays == [[0, 50, 0, 100, 0, 0], [0, 50, 0, 100, 0, 0], [0, 150, 0, 100, 0, 0]])
  }

  @Test func `a frame's chunks are a picture of its part`() throws {
    let first = Image.noise(23, 17, seed: 3, isOpaque: true)
    let second = changed(changed(first, 4, 5), 9, 6)
    let png = Image.encodedAnimation([first, second], seconds: 1)
    let chunks = try chunks(png)
    // The data of the second frame under the header of a picture of its size.
    let alone = Image.noise(6, 2, seed: 1, isOpaque: true).encodedPNG()
    var rebuilt = Data(alone.prefix(8 + 25))
    for data in chunks where data.type == "fdAT" {
      let bytes = Array("IDAT".utf8) + data.content.dropFirst(4)
      rebuilt += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: (bytes.count - 4) >> $0) } + bytes
      let sum = checksum(bytes[...])
      rebuilt += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    }
    rebuilt += alone.suffix(12)
    #expect(
      try Image(decoding: rebuilt, file: "part.png")
        == second.cropped(x: 4, y: 5, width: 6, height: 2))
  }

  @Test func `other programs show the first frame, with its text`() throws {
    let frames = (0..<3).map { Image.noise(8, 9, seed: $0, isOpaque: true) }
    let png = Image.encodedAnimation(frames, seconds: 0.1, text: [("Title", "é"), ("kind", "a")])
    #expect(try Image(decoding: png, file: "a.png") == frames[0])
    let text = try Image.textChunks(in: png, file: "a.png")
    #expect(text.map(\.key) == ["Title", "kind"] && text.map(\.value) == ["é", "a"])
  }

  @Test func `smaller frames are extended`() throws {
    let png = Image.encodedAnimation(
      [
        Image(width: 2, height: 3, red: 9, green: 8, blue: 7),
        Image.noise(4, 5, seed: 1, isOpaque: true),
      ],
      seconds: 1)
    #expect(
      try Image(decoding: png, file: "a.png")
        == Image(width: 4, height: 5, red: 9, green: 8, blue: 7))
  }

  @Test(arguments: [0, -1, 1e9, Double.infinity])
  func `any length of time fits`(seconds: Double) throws {
    let frames = [Image.noise(2, 2, seed: 1, isOpaque: true)]
    let chunks = try chunks(Image.encodedAnimation(frames, seconds: seconds))
    #expect(chunks.count { $0.type == "fcTL" } == 1)
  }
}
