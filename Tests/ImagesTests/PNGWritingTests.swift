import Files
import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Writing PNG` {
  @Test(arguments: [(1, 1), (2, 1), (37, 23), (300, 200)], [false, true])
  func `what was written is read again`(size: (Int, Int), opaque: Bool) throws {
    let image = Image.noise(size.0, size.1, seed: 5, isOpaque: opaque)
    #expect(try Image(decoding: image.encodedPNG(), file: "again.png") == image)
    let drawn = image.resized(width: 6 * size.0, height: 6 * size.1, by: .nearest)
    #expect(try Image(decoding: drawn.encodedPNG(), file: "again.png") == drawn)
  }

  @Test func `opaque pictures have no alpha in the file`() {
    let colorType = 25
    #expect(Image.noise(3, 3, seed: 1, isOpaque: true).encodedPNG()[colorType] == 2)
    #expect(Image.noise(3, 3, seed: 1, isOpaque: false).encodedPNG()[colorType] == 6)
  }

  @Test func `text comes back in order, whatever its alphabet`() throws {
    let text = [
      ("Title", "conv1, 64 filters"), ("Comment", "two\nlines"), ("Empty", ""),
      ("Source", "Größe 5 × 5, π ≈ 3, 図"), ("Title", "a key may come twice"),
    ]
    let png = Image.noise(4, 4, seed: 2, isOpaque: true).encodedPNG(text: text)
    let read = try Image.textChunks(in: png, file: "text.png")
    #expect(read.map(\.key) == text.map(\.0))
    #expect(read.map(\.value) == text.map(\.1))
  }

  @Test func `Latin-1 and text after the picture are read, too`() throws {
    let png = Image.noise(40, 40, seed: 2, isOpaque: true).encodedPNG()
    let end = chunk("IEND", [])
    let text = chunk("tEXt", Array("Author".utf8) + [0, 0x4A, 0xF6, 0x72, 0x67])
    let read = try Image.textChunks(
      in: png.dropLast(end.count) + text + end, file: "text.png")
    #expect(read.map(\.key) == ["Author"])
    #expect(read.map(\.value) == ["Jörg"])
  }

  @Test func `the same picture gives the same bytes`() {
    let image = Image.noise(50, 40, seed: 9, isOpaque: false)
    #expect(image.encodedPNG(text: [("k", "v")]) == image.encodedPNG(text: [("k", "v")]))
  }

  @Test func `a failed write leaves the earlier file and nothing beside it`() throws {
    let image = Image.noise(3, 3, seed: 1, isOpaque: true)
    try withTemporaryFile("figure.png") { path in
      try image.writePNG(to: path, text: [("Title", "first")])
      #expect(try Image.textChunks(of: path).map(\.value) == ["first"])
      #expect(throws: FileError(.unwritable, "\(path)/x.png", "cannot be written: Not a directory"))
      { try image.writePNG(to: "\(path)/x.png") }
      let folder = URL(filePath: path).deletingLastPathComponent().path
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["figure.png"])
    }
  }
}
