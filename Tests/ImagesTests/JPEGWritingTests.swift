import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Encoding a JPEG` {
  @Test func `gives nearly the same picture, on white`() throws {
    let (width, height) = (37, 21)
    let pixels = (0..<(width * height)).flatMap { index -> [UInt8] in
      let (x, y) = (index % width, index / width)
      let alpha: UInt8 = x < 30 ? 255 : 0
      return [UInt8(6 * x), UInt8(12 * y), 90, alpha]
    }
    let data = Image(width: width, height: height, pixels: pixels).encodedJPEG(quality: 95)
    let folder = try TemporaryFolder()
    let image = try Image(contentsOf: try folder.write(data, "a.jpg"))
    #expect((image.width, image.height) == (width, height))
    var worst = 0
    for index in 0..<(width * height) {
      // The last columns are transparent; the block at their edge mixes both.
      let x = index % width
      for channel in 0..<3 where x < 24 || x >= 32 {
        let expected = x < 24 ? pixels[4 * index + channel] : 255
        worst = max(worst, abs(Int(image.pixels[4 * index + channel]) - Int(expected)))
      }
    }
    #expect(worst <= 16)
  }

  @Test func `of higher quality takes more bytes, and equal pictures give equal bytes`() {
    let pixels = (0..<(64 * 64 * 4)).map { index -> UInt8 in
      index % 4 == 3 ? 255 : UInt8(truncatingIfNeeded: index * index / 8)
    }
    let image = Image(width: 64, height: 64, pixels: pixels)
    #expect(image.encodedJPEG(quality: 90).count > image.encodedJPEG(quality: 40).count)
    #expect(image.encodedJPEG(quality: 90) == image.encodedJPEG(quality: 90))
  }
}
