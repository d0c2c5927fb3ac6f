import Files
import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Reading PNG` {
  @Test(arguments: SyntheticPNG.Color.allCases, [false, true])
  func `every depth decodes to the pixels that the specification says`(
    color: SyntheticPNG.Color, isInterlaced: Bool
  ) throws {
    for depth in color.depths {
      for hasTransparency in color.samples % 2 == 1 ? [false, true] : [false] {
        for (width, height) in [(1, 1), (13, 9), (3, 17), (64, 5)] {
          let png = SyntheticPNG(
            color, depth: depth, isInterlaced: isInterlaced, hasTransparency: hasTransparency,
            width: width, height: height, seed: UInt64(depth + width))
          let image = try Image(decoding: png.data, file: "made.png")
          #expect(image.width == width && image.height == height)
          #expect(
            image.pixels == png.expected,
            "\(color), \(depth) bits, transparency \(hasTransparency), \(width)×\(height)")
        }
      }
    }
  }

  @Test func `a file cut short anywhere is an error`() {
    let whole = SyntheticPNG(.rgba, depth: 8, width: 7, height: 5, seed: 1).data
    for count in 8..<whole.count {
      let text = errorText { try Image(decoding: whole.prefix(count), file: "cut.png") }
      #expect(text?.hasPrefix("cut.png: expected a complete PNG, found") == true, "\(count) bytes")
    }
    #expect(
      errorText { try Image(decoding: whole.prefix(whole.count - 20), file: "cut.png") }
        == "cut.png: expected a complete PNG, found: the file ends too early")
    #expect(
      errorText { try Image(decoding: whole.prefix(20), file: "cut.png") }
        == "cut.png: expected a complete PNG, found 20 bytes of its header")
  }

  @Test func `a changed byte of the pixels is an error that gives libpng's reason`() {
    var data = SyntheticPNG(.rgb, depth: 8, width: 7, height: 5, seed: 1).data
    data[60] ^= 0x40
    #expect(
      errorText { try Image(decoding: data, file: "changed.png") }
        == "changed.png: expected a complete PNG, found: IDAT: incorrect data check")
  }

  @Test func `an absurd size is refused before any memory is taken for it`() {
    let png = SyntheticPNG(.rgb, depth: 8, width: 4, height: 4, seed: 1).data
    func claiming(_ width: Int, _ height: Int) -> Data {
      let header = chunk("IHDR", bigEndian(width, 4) + bigEndian(height, 4) + [8, 2, 0, 0, 0])
      return png.prefix(8) + header + png.dropFirst(8 + header.count)
    }
    #expect(
      errorText { try Image(decoding: claiming(100_000, 100_000), file: "huge.png") }
        == "huge.png: expected at most 268435456 pixels, found 100000×100000 in its header")
    #expect(
      errorText { try Image(decoding: claiming(0xFFFF_FFFF, 0xFFFF_FFFF), file: "huge.png") }
        == "huge.png: expected at most 268435456 pixels, found 4294967295×4294967295 in its header"
    )
    #expect(
      errorText { try Image(decoding: claiming(0, 3), file: "empty.png") }
        == "empty.png: expected a picture, found 0×3 pixels in its header")
  }

  @Test func `flipped bytes give an error or a picture, never a trap`() {
    var noise = Noise(7)
    var (pictures, texts) = (DamagedReads(), DamagedReads())
    for round in 0..<500 {
      let color = SyntheticPNG.Color.allCases[round % 5]
      var data = SyntheticPNG(
        color, depth: color.depths[round % color.depths.count], isInterlaced: round % 2 == 0,
        hasTransparency: color.samples % 2 == 1, width: 11, height: 7, seed: UInt64(round)
      ).data
      for _ in 0..<Int.random(in: 1...4, using: &noise) {
        let place = Int.random(in: 8..<data.count, using: &noise)
        data[place] = UInt8.random(in: 0...255, using: &noise)
      }
      pictures.attempt { try Image(decoding: data, file: "flipped.png") }
      texts.attempt { try Image.textChunks(in: data, file: "flipped.png") }
    }
    pictures.expectBoth()
    texts.expectBoth()
  }
}

@Suite struct `Telling pictures apart` {
  @Test(arguments: [
    ("", "an empty file"),
    ("GIF89a", "a GIF"),
    ("RIFF....WEBPVP8 ", "a WebP"),
    ("BM......", "a BMP"),
    ("....ftypheic", "a HEIF, AVIF or video file"),
    ("%PDF-1.4", "a PDF"),
    ("hello, world", "a file that starts with the bytes 68 65 6c 6c 6f 2c 20 77"),
  ])
  func `what is neither PNG nor JPEG is named`(content: String, found: String) {
    #expect(
      errorText { try Image(decoding: Data(content.utf8), file: "x.png") }
        == "x.png: expected a PNG or JPEG picture, found \(found)")
  }

  @Test func `the first bytes decide, not the name`() throws {
    try withTemporaryFile("really-a-png.jpg") { path in
      let image = Image.noise(5, 4, seed: 3, isOpaque: true)
      try image.writePNG(to: path)
      #expect(try Image(contentsOf: path) == image)
    }
  }

  @Test func `a missing file and a folder are errors of kind missing`() {
    #expect(throws: FileError(.missing, "/nowhere/x.png", "no such file")) {
      try Image(contentsOf: "/nowhere/x.png")
    }
    #expect(throws: FileError(.missing, "/", "is a folder, not a file")) {
      try Image(contentsOf: "/")
    }
  }
}
