import Images
import TestSupport
import Testing

@Suite struct Resizing {
  @Test(arguments: [(23, 18), (97, 75), (9, 40), (61, 11)])
  func `bilinear with transparency gives Pillow's pixels`(width: Int, height: Int) throws {
    let pattern = try Image(contentsOf: fixture("pattern.png"))
    let expected = try Image(contentsOf: fixture("pattern-\(width)x\(height).png"))
    let resized = pattern.resized(width: width, height: height)
    // Newer versions of Pillow choose which axis is resized first; the rounding in between then
    // differs.
    #expect(largestDifference(resized, expected) <= 2)
    let total = zip(resized.pixels, expected.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(Double(total) / Double(resized.pixels.count) < 0.2)
  }

  @Test(arguments: [(3, 5), (31, 4), (17, 90), (64, 64), (1, 1)])
  func `bilinear agrees with the triangle filter in Double`(width: Int, height: Int) {
    let image = Image.noise(31, 22, seed: 4, isOpaque: true)
    let resized = image.resized(width: width, height: height)
    let exact = slowlyResized(image, width: width, height: height)
    #expect(resized.pixels.count == exact.count)
    for (found, expected) in zip(resized.pixels, exact) {
      // Half a unit for each of two roundings.
      #expect(abs(Double(found) - expected) <= 1.01)
    }
  }

  @Test func `a picture of one colour keeps it`() {
    let image = Image(width: 50, height: 31, red: 255, green: 1, blue: 77)
    for (width, height) in [(7, 7), (333, 2), (50, 31), (1, 200)] {
      #expect(
        image.resized(width: width, height: height)
          == Image(width: width, height: height, red: 255, green: 1, blue: 77))
    }
  }

  @Test func `colour does not bleed from transparent pixels`() {
    var pixels = [UInt8](repeating: 0, count: 4 * 8 * 8)
    for index in 16..<32 {
      pixels.replaceSubrange(4 * index..<4 * index + 4, with: [200, 100, 50, 255])
    }
    let image = Image(width: 8, height: 8, pixels: pixels)
    let small = image.resized(width: 3, height: 3)
    let opaque = stride(from: 0, to: small.pixels.count, by: 4).filter { small.pixels[$0 + 3] > 30 }
    #expect(opaque.count >= 3)
    for start in opaque {
      #expect(abs(Int(small.pixels[start]) - 200) <= 4)
      #expect(abs(Int(small.pixels[start + 2]) - 50) <= 4)
    }
  }

  @Test func `nearest enlarges every pixel to a square`() {
    let image = Image.noise(5, 3, seed: 6, isOpaque: false)
    let large = image.resized(width: 20, height: 12, by: .nearest)
    for y in 0..<12 {
      for x in 0..<20 {
        let (small, big) = (4 * (y / 4 * 5 + x / 4), 4 * (y * 20 + x))
        #expect(large.pixels[big..<(big + 4)].elementsEqual(image.pixels[small..<(small + 4)]))
      }
    }
  }

  @Test func `sizes are rounded as torchvision rounds them`() {
    let image = Image(width: 500, height: 333, red: 1, green: 2, blue: 3)
    let wide = image.resized(shorterSide: 256)
    #expect(wide.width == 384 && wide.height == 256)
    let tall = Image(width: 333, height: 500, red: 1, green: 2, blue: 3).resized(shorterSide: 100)
    #expect(tall.width == 100 && tall.height == 150)
  }

  @Test func `the middle is cut with Python's rounding`() {
    let image = Image.noise(9, 12, seed: 8, isOpaque: true)
    // (9 - 4) / 2 = 2.5 rounds to 2, (12 - 5) / 2 = 3.5 to 4.
    #expect(
      image.centerCropped(width: 4, height: 5) == image.cropped(x: 2, y: 4, width: 4, height: 5))
  }

  @Test func `what is missing around the middle is black`() {
    let image = Image(width: 2, height: 3, red: 9, green: 9, blue: 9)
    let padded = image.centerCropped(width: 5, height: 4)
    #expect(padded.cropped(x: 1, y: 0, width: 2, height: 3) == image)
    #expect(
      padded.cropped(x: 3, y: 0, width: 2, height: 4)
        == Image(width: 2, height: 4, red: 0, green: 0, blue: 0))
  }

  @Test(arguments: [(10, 9), (61, 20), (130, 80), (20, 47)])
  func `a part of a resized picture is that part of the whole one`(width: Int, height: Int) {
    let image = Image.noise(61, 47, seed: 12, isOpaque: true)
    let whole = image.resized(width: width, height: height)
    let part = image.resized(width: width, height: height, columns: 3..<8, rows: 2..<9)
    #expect(part == whole.cropped(x: 3, y: 2, width: 5, height: 7))
  }
}

@Suite struct `Colour of pictures` {
  @Test func `transparency shows the sheet behind it`() {
    let image = Image(width: 1, height: 1, red: 200, green: 0, blue: 100, alpha: 51)
    // 200 · 0.2 + 255 · 0.8 = 244, 0 + 204 = 204, 20 + 204 = 224.
    #expect(image.composited().pixels == [244, 204, 224, 255])
  }

  @Test func `grey is Pillow's L`() {
    let image = Image(
      width: 3, height: 1, pixels: [255, 0, 0, 255, 0, 255, 0, 255, 10, 20, 200, 255])
    #expect(image.grayscale().pixels == [76, 76, 76, 255, 150, 150, 150, 255, 38, 38, 38, 255])
  }
}

/// The triangle filter along both axes at once, without rounding.
private func slowlyResized(_ image: Image, width: Int, height: Int) -> [Double] {
  func weights(_ position: Int, _ old: Int, _ new: Int) -> [Double] {
    let scale = Double(old) / Double(new)
    let center = (Double(position) + 0.5) * scale - 0.5
    let raw = (0..<old).map { max(0, 1 - abs(Double($0) - center) / max(scale, 1)) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }
  var result: [Double] = []
  for y in 0..<height {
    let down = weights(y, image.height, height)
    for x in 0..<width {
      let across = weights(x, image.width, width)
      for channel in 0..<4 {
        var sum = 0.0
        for (row, rowWeight) in down.enumerated() where rowWeight > 0 {
          for (column, weight) in across.enumerated() where weight > 0 {
            sum +=
              rowWeight * weight
              * Double(image.pixels[4 * (row * image.width + column) + channel])
          }
        }
        result.append(sum)
      }
    }
  }
  return result
}
