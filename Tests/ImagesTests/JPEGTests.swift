import Files
import Foundation
import Images
import TestSupport
import Testing

@Suite struct `Reading JPEG` {
  @Test(arguments: ["color-420", "color-444-progressive", "gray", "cmyk", "ycck", "turned-right"])
  func `pixels are those of Pillow`(name: String) throws {
    let image = try Image(contentsOf: fixture("\(name).jpg"))
    let expected = try Image(contentsOf: fixture("\(name).expected.png"))
    #expect(largestDifference(image, expected) == 0)
  }

  /// Each orientation, by mirroring the stored picture: EXIF 2.3, figure 5.
  @Test(arguments: 1...8, [true, false])
  func `all eight orientations stand upright`(orientation: Int, isLittleEndian: Bool) throws {
    let base = try Data(contentsOf: URL(filePath: fixture("color-420.jpg")))
    let stored = try Image(decoding: base, file: "base.jpg")
    let expected: Image =
      switch orientation {
      case 2: mirrored(stored)
      case 3: upsideDown(mirrored(stored))
      case 4: upsideDown(stored)
      case 5: transposed(stored)
      case 6: mirrored(transposed(stored))
      case 7: upsideDown(mirrored(transposed(stored)))
      case 8: upsideDown(transposed(stored))
      default: stored
      }
    let data = base.prefix(2) + exif(orientation, isLittleEndian) + base.dropFirst(2)
    #expect(try Image(decoding: data, file: "turned.jpg") == expected)
  }

  @Test func `a broken EXIF segment leaves the picture as it is stored`() throws {
    let base = try Data(contentsOf: URL(filePath: fixture("color-420.jpg")))
    let stored = try Image(decoding: base, file: "base.jpg")
    let good = exif(6, true)
    for count in 4..<good.count {
      var cut = good.prefix(count)
      cut.replaceSubrange(2..<4, with: bigEndian(count - 2, 2))
      let image = try Image(decoding: base.prefix(2) + cut + base.dropFirst(2), file: "x.jpg")
      #expect(image == stored || count >= good.count - 6)
    }
    for value in [0, 9, 255] {
      let data = base.prefix(2) + exif(value, false) + base.dropFirst(2)
      #expect(try Image(decoding: data, file: "x.jpg") == stored)
    }
  }

  @Test func `a file cut short is an error`() throws {
    for name in ["color-420", "color-444-progressive", "gray", "cmyk"] {
      let whole = try Data(contentsOf: URL(filePath: fixture("\(name).jpg")))
      for count in 3..<(whole.count - 2) {
        let text = errorText { try Image(decoding: whole.prefix(count), file: "cut.jpg") }
        #expect(
          text?.hasPrefix("cut.jpg: expected a complete JPEG, found: ") == true, "\(name) \(count)")
      }
    }
    let whole = try Data(contentsOf: URL(filePath: fixture("color-420.jpg")))
    #expect(
      errorText { try Image(decoding: whole.prefix(whole.count / 2 + 200), file: "cut.jpg") }
        == "cut.jpg: expected a complete JPEG, found: Premature end of JPEG file")
  }

  @Test func `filling before a marker is no damage`() throws {
    let whole = try Data(contentsOf: URL(filePath: fixture("color-420.jpg")))
    let filled = whole.dropLast(2) + Data([0, 0, 0]) + whole.suffix(2)
    #expect(
      try Image(decoding: filled, file: "filled.jpg") == Image(decoding: whole, file: "whole.jpg"))
  }

  @Test func `an absurd size is refused before any memory is taken for it`() throws {
    var data = try Data(contentsOf: URL(filePath: fixture("color-420.jpg")))
    let frame = try #require(data.firstRange(of: Data([0xFF, 0xC0])))
    data.replaceSubrange(
      (frame.lowerBound + 5)..<(frame.lowerBound + 9),
      with: bigEndian(65_500, 2) + bigEndian(65_500, 2))
    #expect(
      errorText { try Image(decoding: data, file: "huge.jpg") }
        == "huge.jpg: expected at most 268435456 pixels, found 65500×65500 in its header")
  }

  @Test func `flipped bytes give an error or a picture, never a trap`() throws {
    var noise = Noise(11)
    var reads = DamagedReads()
    for name in ["color-420", "color-444-progressive", "gray", "ycck", "turned-right"] {
      let whole = try Data(contentsOf: URL(filePath: fixture("\(name).jpg")))
      for _ in 0..<200 {
        var data = whole
        for _ in 0..<Int.random(in: 1...4, using: &noise) {
          let place = Int.random(in: 3..<data.count, using: &noise)
          data[place] = UInt8.random(in: 0...255, using: &noise)
        }
        // A header that claims a huge picture within the limit only costs time.
        if claimedPixels(data) < 4_000_000 {
          reads.attempt { try Image(decoding: data, file: "flipped.jpg") }
        }
      }
    }
    reads.expectBoth()
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `photographs decode`() throws {
    let folder = SharedData.path("images/imagenet")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 80)
    for name in names {
      let image = try Image(contentsOf: "\(folder)/\(name)")
      #expect(image.isOpaque && image.width > 100 && image.height > 100)
    }
  }
}

/// The largest product of two neighbouring 16-bit numbers after a start-of-frame marker.
private func claimedPixels(_ data: Data) -> Int {
  let bytes = [UInt8](data)
  var most = 0
  for start in 0..<max(bytes.count - 9, 0)
  where bytes[start] == 0xFF && (0xC0...0xCF).contains(bytes[start + 1]) {
    let height = Int(bytes[start + 5]) << 8 | Int(bytes[start + 6])
    let width = Int(bytes[start + 7]) << 8 | Int(bytes[start + 8])
    most = max(most, width * height)
  }
  return most
}

private func exif(_ orientation: Int, _ isLittleEndian: Bool) -> Data {
  func number(_ value: Int, _ count: Int) -> [UInt8] {
    isLittleEndian ? bigEndian(value, count).reversed() : bigEndian(value, count)
  }
  var tiff = Array((isLittleEndian ? "II" : "MM").utf8) + number(42, 2) + number(8, 4)
  tiff += number(2, 2)
  tiff += number(0x010F, 2) + number(2, 2) + number(2, 4) + [65, 0, 0, 0]
  tiff += number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + [0, 0]
  tiff += number(0, 4)
  let content = Array("Exif\0\0".utf8) + tiff
  return Data([0xFF, 0xE1] + bigEndian(content.count + 2, 2) + content)
}

private func rearranged(
  _ image: Image, width: Int, height: Int, from: (Int, Int) -> (Int, Int)
) -> Image {
  var pixels: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width {
      let (sourceX, sourceY) = from(x, y)
      let start = 4 * (sourceY * image.width + sourceX)
      pixels += image.pixels[start..<(start + 4)]
    }
  }
  return Image(width: width, height: height, pixels: pixels)
}

private func mirrored(_ image: Image) -> Image {
  rearranged(image, width: image.width, height: image.height) { (image.width - 1 - $0, $1) }
}

private func upsideDown(_ image: Image) -> Image {
  rearranged(image, width: image.width, height: image.height) { ($0, image.height - 1 - $1) }
}

private func transposed(_ image: Image) -> Image {
  rearranged(image, width: image.height, height: image.width) { ($1, $0) }
}
