import Drawing
import Images
import TestSupport
import Testing

@Suite struct `A miniature` {
  private let size = Size(width: 320, height: 200)

  private func image(_ red: UInt8, side: Int = 84) -> Image {
    Image(width: side, height: side, red: red, green: 0, blue: 0)
  }

  /// The colours in it, with the number of pixels of each.
  private func colors(_ content: any Drawable) throws -> [[UInt8]: Int] {
    let image = try Miniature(of: content, size: size).render()
    #expect(image.width == 320 && image.height == 200)
    var counts: [[UInt8]: Int] = [:]
    for start in stride(from: 0, to: image.pixels.count, by: 4) {
      counts[Array(image.pixels[start..<(start + 3)]), default: 0] += 1
    }
    return counts
  }

  @Test func `shows pictures without the text beside them`() throws {
    let body = Row([
      Column([Text("What the network saw", .heading), Picture(image(200))]),
      Column([Text("The map", .heading), Picture(image(100)), Text("0 … 1", .tick)]),
    ])
    let colors = try colors(body)
    // No ink but that of the two pictures, which are as large as they are in the figure.
    #expect(Set(colors.keys) == [[255, 255, 255], [200, 0, 0], [100, 0, 0]])
    #expect(colors[[200, 0, 0]] == 84 * 84 && colors[[100, 0, 0]] == 84 * 84)
  }

  @Test func `shows the first of many tiles, large enough to be recognised`() throws {
    let tiles = (0..<200).map { Tile(image(UInt8($0)), caption: "\($0)") }
    let colors = try colors(TileGrid(tiles))
    let shown = colors.filter { $0.key[1] == 0 && $0.value > 500 }.keys.map { $0[0] }.sorted()
    #expect(shown == (0..<UInt8(shown.count)).map { $0 })
    #expect((6...40).contains(shown.count))
  }

  @Test func `reduces large pictures to the space`() throws {
    let colors = try colors(Picture(image(9, side: 1000)))
    #expect((colors[[9, 0, 0]] ?? 0) > 199 * 199)
  }

  @Test func `of nothing but text is its beginning`() throws {
    let text = String(repeating: "A long text that does not fit. ", count: 200)
    #expect(try colors(Text(text, .label, width: 900)).count > 10)
  }

  @Test func `of something empty is empty`() throws {
    #expect(try colors(TileGrid([])).count == 1)
    #expect(try colors(Row([])).count == 1)
  }
}

@Suite struct `Labels` {
  @Test func `are all texts in order, of plots only the words`() {
    let tiles = [Tile(Image(width: 9, height: 9, red: 1, green: 2, blue: 3), caption: "7")]
    let grid = Column([Text("Units", .heading), TileGrid(tiles), Text("", .tick)])
    #expect(grid.labels == ["Units", "7"])
    let plot = LinePlot(
      [.init("loss", [Point(0, 1), Point(9, 3)])], x: Axis("epoch"), y: Axis("nats"))
    #expect(Set(plot.labels) == ["epoch", "nats", "loss"])
  }
}

@Suite struct `The dark appearance` {
  private func pixel(_ content: any Drawable, _ appearance: Appearance) throws -> [UInt8] {
    Array(try content.render(appearance: appearance).pixels[0..<3])
  }

  private struct Ink: Drawable {
    let color: Color
    let size = Size(width: 2, height: 2)
    func draw(on canvas: borrowing Canvas, in frame: Rectangle) { canvas.fill(frame, with: color) }
  }

  @Test func `turns ink and paper over, and keeps pictures`() throws {
    let white = try pixel(Ink(color: .white), .dark)
    let black = try pixel(Ink(color: Theme.text), .dark)
    #expect(white.allSatisfy { $0 < 32 } && black.allSatisfy { $0 > 200 })
    let picture = Picture(Image(width: 2, height: 2, red: 255, green: 255, blue: 255))
    #expect(try pixel(picture, .dark) == [255, 255, 255])
    #expect(try pixel(Ink(color: .white), .light) == [255, 255, 255])
  }

  @Test func `a matrix rises from the page to bright cells, with numbers that contrast`() throws {
    let matrix = LabelledMatrix(
      Raster(width: 4, height: 1, values: [0, 0.3, 0.6, 1]), texts: ["", "", "", "8"],
      rows: [""], columns: Array(repeating: "", count: 4), range: 0...1, cell: 24)
    for (appearance, rises) in [(Appearance.light, false), (.dark, true)] {
      let image = try matrix.render(appearance: appearance)
      func lightness(_ x: Int, _ y: Int) -> Double {
        let start = 4 * (y * image.width + x)
        let color = image.pixels[start..<(start + 3)].map { Double($0) / 255 }
        return Color(red: color[0], green: color[1], blue: color[2]).lightness
      }
      // Beside the numbers.
      let cells = (0..<4).map { lightness(24 * $0 + 3, image.height - 12) }
      let steps = zip(cells.dropFirst(), cells).map { $0 - $1 }
      #expect(steps.allSatisfy { rises ? $0 > 5 : $0 < -5 }, "\(cells)")
      let page = try pixel(Ink(color: .white), appearance)
      #expect(
        Array(image.pixels[(4 * ((image.height - 12) * image.width + 3))...].prefix(3)) == page)
      let last = (74..<94).flatMap { x in (2..<22).map { lightness(x, image.height - 1 - $0) } }
      #expect(abs(try #require(rises ? last.min() : last.max()) - cells[3]) > 45)
    }
  }

  @Test func `makes dark colours legible and keeps their hue`() throws {
    for color in [Theme.accent, Theme.highlight, Color(hex: 0x000080)] {
      let dark = try pixel(Ink(color: color), .dark).map { Double($0) / 255 }
      let shown = Color(red: dark[0], green: dark[1], blue: dark[2])
      #expect(shown.lightness > 45, "\(color)")
      #expect((dark[0] > dark[2]) == (color.red > color.blue))
    }
  }
}
