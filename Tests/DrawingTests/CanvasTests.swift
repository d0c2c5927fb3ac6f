import Drawing
import Images
import TensorCore
import Testing

@Suite struct `A canvas` {
  private func pixel(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
    Array(image.pixels[4 * (y * image.width + x)..<4 * (y * image.width + x) + 4])
  }

  @Test func `fills exactly the pixels of a rectangle`() throws {
    let canvas = try Canvas(width: 5, height: 4, background: .white)
    canvas.fill(Rectangle(x: 1, y: 2, width: 3, height: 1), with: Color(hex: 0x123456))
    let image = try canvas.image()
    for y in 0..<4 {
      for x in 0..<5 {
        let isInside = y == 2 && (1...3).contains(x)
        #expect(pixel(image, x, y) == (isInside ? [0x12, 0x34, 0x56, 255] : [255, 255, 255, 255]))
      }
    }
  }

  @Test func `without a background is transparent, and keeps straight colours`() throws {
    let canvas = try Canvas(width: 2, height: 1)
    canvas.fill(
      Rectangle(x: 1, y: 0, width: 1, height: 1),
      with: Color(red: 1, green: 0.5, blue: 0, alpha: 0.5))
    let image = try canvas.image()
    #expect(pixel(image, 0, 0) == [0, 0, 0, 0])
    let color = pixel(image, 1, 0).map(Int.init)
    #expect(color[0] == 255 && abs(color[1] - 128) <= 1 && color[2] == 0 && color[3] == 128)
  }

  @Test(arguments: [1, 2, 5]) func `enlarges by whole factors without blurring`(zoom: Int) throws {
    var random = SeededGenerator(seed: 3)
    let image = Image(
      width: 7, height: 5,
      pixels: (0..<35).flatMap { _ in
        (0..<3).map { _ in UInt8.random(in: 0...255, using: &random) } + [255]
      })
    let canvas = try Canvas(width: 7 * zoom, height: 5 * zoom)
    canvas.draw(
      image, in: Rectangle(x: 0, y: 0, width: Double(7 * zoom), height: Double(5 * zoom)),
      interpolation: .nearest)
    let large = try canvas.image()
    for y in 0..<5 * zoom {
      for x in 0..<7 * zoom {
        #expect(pixel(large, x, y) == pixel(image, x / zoom, y / zoom))
      }
    }
  }

  @Test func `draws half-transparent pixels as they are`() throws {
    var random = SeededGenerator(seed: 4)
    let image = Image(
      width: 16, height: 16,
      pixels: (0..<1024).map { _ in UInt8.random(in: 0...255, using: &random) })
    let canvas = try Canvas(width: 16, height: 16)
    canvas.draw(image, in: Rectangle(x: 0, y: 0, width: 16, height: 16), interpolation: .nearest)
    let drawn = try canvas.image()
    for index in 0..<256 {
      let alpha = image.pixels[4 * index + 3]
      #expect(drawn.pixels[4 * index + 3] == alpha)
      guard alpha > 0 else { continue }
      // With eight bits of alpha, a colour keeps log₂(alpha) bits.
      let step = 255 / Double(alpha)
      for channel in 0..<3 {
        let difference =
          Double(image.pixels[4 * index + channel]) - Double(drawn.pixels[4 * index + channel])
        #expect(abs(difference) <= step / 2 + 1)
      }
    }
  }

  @Test func `leaves no seam between adjacent polygons without antialiasing`() throws {
    let canvas = try Canvas(width: 40, height: 40, background: .white)
    canvas.antialiasing(.none) {
      canvas.fill(polygon: [Point(0, 0), Point(40, 0), Point(0, 40)], with: .black)
      canvas.fill(polygon: [Point(40, 0), Point(40, 40), Point(0, 40)], with: .black)
    }
    let image = try canvas.image()
    let isBlack = stride(from: 0, to: image.pixels.count, by: 4).allSatisfy {
      image.pixels[$0] == 0
    }
    #expect(isBlack)
  }

  @Test func `draws nothing outside a clip, and everything after it`() throws {
    let canvas = try Canvas(width: 4, height: 1, background: .white)
    canvas.clip(to: Rectangle(x: 1, y: 0, width: 1, height: 1)) {
      canvas.fill(Rectangle(x: 0, y: 0, width: 4, height: 1), with: .black)
    }
    canvas.fill(Rectangle(x: 3, y: 0, width: 1, height: 1), with: .black)
    let image = try canvas.image()
    #expect((0..<4).map { pixel(image, $0, 0)[0] } == [255, 0, 255, 0])
  }

  @Test func `fills the hole of a contour`() throws {
    let canvas = try Canvas(width: 5, height: 1, background: .white)
    func box(_ x: Double, _ width: Double) -> [Point] {
      Rectangle(x: x, y: 0, width: width, height: 1).corners
    }
    canvas.fill(contours: [box(0, 5), box(1, 2)], with: .black)
    let image = try canvas.image()
    #expect((0..<5).map { pixel(image, $0, 0)[0] } == [0, 255, 255, 0, 0])
  }

  @Test func `runs gradients from one colour to the other`() throws {
    let canvas = try Canvas(width: 100, height: 1)
    canvas.fill(
      Rectangle(x: 0, y: 0, width: 100, height: 1),
      with: .linear(from: Point(0, 0), to: Point(100, 0), stops: [(0, .black), (1, .white)]))
    let image = try canvas.image()
    for x in 0..<100 {
      #expect(abs(Double(pixel(image, x, 0)[0]) - 2.55 * (Double(x) + 0.5)) <= 2)
    }
  }

  @Test func `has two pixels for each point at scale 2`() throws {
    let canvas = try Canvas(width: 3, height: 2, scale: 2, background: .white)
    canvas.fill(Rectangle(x: 1, y: 1, width: 1, height: 1), with: .black)
    let image = try canvas.image()
    #expect(image.width == 6 && image.height == 4)
    #expect((0..<6).map { pixel(image, $0, 3)[0] } == [255, 255, 0, 0, 255, 255])
  }

  @Test(arguments: [(0, 5), (5, -1), (40_000, 1), (30_000, 30_000), (Int.max, Int.max)])
  func `of an impossible size is refused`(width: Int, height: Int) {
    #expect {
      _ = try Canvas(width: width, height: height)
    } throws: { error in
      "\(error)" == "a canvas of \(width)×\(height) points at scale 1 cannot be created"
    }
  }
}
