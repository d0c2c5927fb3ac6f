import Drawing
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Layouts` {
  private static let seeds = 0..<25

  @Test(arguments: seeds) func `of tile grids keep everything apart and inside`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 1)
    try expectTidy(randomGrid(&random))
  }

  @Test(.slow, arguments: seeds)
  func `of figures keep everything apart and inside`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 2)
    let body = Row(
      alignment: [.top, .center, .bottom][seed % 3],
      [
        Column(
          alignment: [.leading, .center, .trailing][seed % 3],
          [randomGrid(&random), randomColorBar(&random)]),
        randomBars(&random),
      ])
    let figure = Figure(
      title: randomText(&random, words: 12), subtitle: randomText(&random, words: 20),
      caption: randomText(&random, words: 40), body)
    try expectTidy(figure)
  }

  @Test(.slow, arguments: seeds)
  func `of plots keep everything apart and inside`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 3)
    for plot in randomPlots(&random) { try expectTidy(plot) }
  }

  @Test(arguments: seeds) func `of colour bars and legends stay inside`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 4)
    try expectTidy(randomColorBar(&random))
    let names = (0..<Int(random.uniform(1...20))).map { _ in randomText(&random, words: 3) }
    try expectTidy(Legend.classes(names, height: random.uniform(20...200)))
    let entries = names.map { Legend.Entry($0, .line(.black)) }
    try expectTidy(Legend(entries, width: random.uniform(200...600)))
  }

  @Test(arguments: [
    3...3, 0...0, 0...Float.leastNonzeroMagnitude,
    (-Float.greatestFiniteMagnitude)...Float.greatestFiniteMagnitude, 1e7...1.0000001e7,
  ])
  func `of colour bars take extreme ranges`(range: ClosedRange<Float>) throws {
    try expectTidy(ColorBar(.viridis, range: range, label: "value"))
    try expectTidy(ColorBar(.viridis, range: range, label: "value", orientation: .vertical))
  }

  @Test(arguments: [Float(0.3), 0.99, 1.04, 1.9, 2.7, 4.9, 5, 9.9, 1.3e5])
  func `of colour bars about zero have more ticks than zero`(limit: Float) throws {
    for length in [128.0, 208, 224, 240] {
      let bar = ColorBar(.blueWhiteRed, range: -limit...limit, length: length)
      #expect(bar.parts.count { $0.content is Text } >= 3, "\(length)")
      try expectTidy(bar)
    }
  }

  @Test(arguments: seeds) func `of colour bars of any length have three ticks`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 5)
    let (a, b) = (Float(randomNumber(&random)), Float(randomNumber(&random)))
    for length in [20.0, 45, 70, 112, 240] {
      for orientation in [ColorBar.Orientation.horizontal, .vertical] {
        let bar = ColorBar(
          .grey, range: min(a, b)...max(a, b), orientation: orientation, length: length)
        try expectTidy(bar)
        #expect(bar.parts.contains { $0.content is Text }, "\(length)")
        let image = try bar.render()
        // Beside the coloured bar of 12 points, ticks are three points long.
        let isTick = (0..<Int(length)).map { place in
          let (x, y) = orientation == .horizontal ? (place, 13) : (13, place)
          return image.pixels[4 * (y * image.width + x)] < 200
        }
        #expect(isTick.count(where: \.self) >= 3, "\(length): \(min(a, b)) … \(max(a, b))")
      }
    }
  }

  @Test func `never clip a title wider than the body`() throws {
    let body = Picture(Image(width: 4, height: 4, red: 0, green: 0, blue: 0))
    let figure = Figure(title: "A title much wider than a picture of four pixels", body)
    #expect(figure.size.width > 300)
    let long = Figure(title: String(repeating: "word ", count: 60), body)
    #expect(long.size.width <= Figure.widestTitle + 2 * Theme.margin)
    try expectTidy(long)
  }

  @Test func `of plots side by side have level areas`() {
    let points = [Point(0, 1), Point(1, 2)]
    let areas = ["", "percent"].map { name in
      LinePlot(
        title: "T", [.init(name, points)], x: Axis(),
        y: Axis(range: 0.5...2.5, format: name.isEmpty ? .general : .percent)
      ).parts.map(\.frame).max { $0.width * $0.height < $1.width * $1.height }
    }
    #expect(areas[0]?.y == areas[1]?.y)
  }

  @Test func `fail for sizes that no sheet can have`() {
    let tall = Column(
      (0..<400).map { _ in
        Picture(Image(width: 1, height: 1, red: 0, green: 0, blue: 0), zoom: 100)
      })
    #expect {
      _ = try tall.render()
    } throws: { "\($0)" == "a canvas of 100×49576 points at scale 1 cannot be created" }
  }

  @Test func `are drawn the same every time, on every thread`() async throws {
    var random = SeededGenerator(seed: 5)
    let figure = Figure(title: "Title", caption: "Caption", randomGrid(&random))
    let once = try figure.render()
    try await withThrowingTaskGroup(of: Image.self) { group in
      for _ in 0..<8 { group.addTask { try figure.render() } }
      for try await image in group { #expect(image == once) }
    }
  }
}

@Suite struct `Arrangements of tiles` {
  @Test(arguments: [1, 2, 3, 6, 16, 20, 32, 50, 64, 96, 128, 256, 384, 512])
  func `use whole zooms and stay within the width`(count: Int) {
    for side in [1, 3, 5, 7, 11, 13, 27, 55, 112, 224, 500] {
      let image = Image(width: side, height: side, red: 0, green: 0, blue: 0)
      let grid = TileGrid([Tile](repeating: Tile(image, caption: "127"), count: count))
      #expect(grid.size.width <= 1200, "\(count) of \(side)")
      #expect(grid.zoom == grid.zoom.rounded() || (1 / grid.zoom) == (1 / grid.zoom).rounded())
      #expect(grid.columns <= count)
      let rows = (count + grid.columns - 1) / grid.columns
      #expect(rows * grid.columns - count < grid.columns, "no row is empty")
    }
  }

  @Test(arguments: [(64, 55), (96, 11), (256, 13), (16, 27)])
  func `leave no ragged row where the number allows it`(count: Int, side: Int) {
    let image = Image(width: side, height: side, red: 0, green: 0, blue: 0)
    let grid = TileGrid([Tile](repeating: Tile(image, caption: "127"), count: count))
    #expect(count.isMultiple(of: grid.columns), "\(grid.columns) columns")
  }

  @Test func `keep a given number of columns`() {
    let image = Image(width: 5, height: 5, red: 0, green: 0, blue: 0)
    let tiles = [Tile?](repeating: Tile(image), count: 30)
    let grid = TileGrid(tiles, arrangement: TileArrangement(columns: 7, zoom: 3))
    #expect(grid.columns == 7 && grid.zoom == 3)
    #expect(TileGrid(tiles, columnHeadings: ["a", "b", "c"]).columns == 3)
  }

  @Test func `of no tiles are empty`() {
    #expect(TileGrid([]).size.height == 0)
  }
}

@Suite struct `Plots of pictures` {
  @Test(arguments: 0..<10) func `never let two pictures overlap`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let points = (0..<300).map { _ in Point(random.uniform(-2...2), random.uniform(-1...1)) }
    var asked: [Int] = []
    let side = random.uniform(12...50).rounded()
    let plot = ThumbnailPlot(
      points, colors: .classes(points.indices.map { $0 % 5 }, names: ["a", "b", "c", "d", "e"]),
      x: Axis("x"), y: Axis("y"), side: side
    ) { index in
      asked.append(index)
      return .picture(Image(width: 8, height: 8, red: 200, green: 0, blue: 0))
    }
    #expect(plot.shown == asked && Set(asked).count == asked.count && asked.count > 20)
    for (index, place) in plot.places.enumerated() {
      #expect(place.width == side && place.height == side)
      #expect(!plot.places[..<index].contains { $0.overlaps(place) })
    }
    try expectTidy(plot)
  }

  @Test(arguments: [[28, 28], [28, 14], [10, 28]])
  func `keep each pixel of a picture, and its proportions`(size: [Int]) throws {
    let (width, height) = (size[0], size[1])
    // Four colours, each of half the width and height.
    let colors: [[UInt8]] = [[16, 32, 48], [240, 224, 208], [48, 160, 80], [160, 48, 128]]
    func color(_ row: Int, _ column: Int) -> [UInt8] {
      colors[2 * (2 * row / height) + 2 * column / width]
    }
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width { pixels += color(row, column) + [255] }
    }
    let image = Image(width: width, height: height, pixels: pixels)
    let points = [Point(0, 0), Point(0.37, 0.61), Point(1, 1)]
    let plot = ThumbnailPlot(
      points, colors: .classes([0, 1, 2], names: []), x: Axis(), y: Axis(), side: 32
    ) { _ in .picture(image) }
    let drawn = try plot.render()
    func seen(_ x: Double, _ y: Double) -> [UInt8] {
      let start = 4 * (Int(y) * drawn.width + Int(x))
      return Array(drawn.pixels[start..<(start + 3)])
    }
    try #require(plot.places.count == 3)
    for (place, index) in zip(plot.places, plot.shown) {
      #expect(place.x == place.x.rounded() && place.y == place.y.rounded())
      #expect(place.width == Double(width + 4) && place.height == Double(height + 4))
      for row in 0..<height {
        for column in 0..<width {
          let found = seen(place.x + 2 + Double(column), place.y + 2 + Double(row))
          #expect(found == color(row, column), "\(row), \(column)")
        }
      }
      // The frame, two points wide on every side.
      let bytes = ClassStyle(index: index).color.bytes
      let frame = [bytes.red, bytes.green, bytes.blue]
      for offset in [0.5, 1.5] {
        #expect(seen(place.x + offset, place.y + 5) == frame)
        #expect(seen(place.maxX - offset, place.y + 5) == frame)
        #expect(seen(place.x + 5, place.y + offset) == frame)
        #expect(seen(place.x + 5, place.maxY - offset) == frame)
      }
    }
  }

  @Test func `may be drawings, in their place and with their frame`() throws {
    let curve = SignalThumbnail([[0, 1, 0, -1, 0]], range: -1...1, side: 28)
    let plot = ThumbnailPlot(
      [Point(0, 0), Point(1, 1)], colors: .classes([0, 1], names: []), x: Axis(), y: Axis(),
      side: 32
    ) { _ in .drawing(curve) }
    let drawn = try plot.render()
    let own = try curve.render()
    #expect(plot.places.count == 2)
    for place in plot.places {
      #expect(place.width == 32 && place.height == 32)
      let shown = (0..<28).flatMap { y in
        let start = 4 * ((Int(place.y) + 2 + y) * drawn.width + Int(place.x) + 2)
        return drawn.pixels[start..<(start + 4 * 28)]
      }
      #expect(shown == own.pixels)
    }
    // No numbers, numbers that are not finite, and a range without extent.
    for channels in [[], [[]], [[.nan, .infinity]], [[1]]] as [[[Float]]] {
      _ = try SignalThumbnail(channels, range: 0...0, side: 1).render()
    }
  }

  @Test func `are the same for every order of calls`() {
    let points = (0..<50).map { Point(Double($0 % 7), Double($0 / 7)) }
    let plots = (0..<2).map { _ in
      ThumbnailPlot(
        points, colors: .classes(points.indices.map { _ in 0 }, names: []), x: Axis(), y: Axis()
      ) { _ in .picture(Image(width: 1, height: 1, red: 0, green: 0, blue: 0)) }
    }
    #expect(plots[0].shown == plots[1].shown && plots[0].places == plots[1].places)
  }
}
