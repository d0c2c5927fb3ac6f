import Drawing
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// A sheet with everything that a canvas draws: shapes, clips, turned and raised text, pictures.
private func sheet(_ title: String = "Title & <text>") -> Figure {
  let picture = Image.noise(5, 4, seed: 3, isOpaque: true)
  let tiles = (0..<7).map { Tile(picture, caption: "\($0)", detail: "10⁻³", mark: .dead) }
  let body = Row([
    TileGrid(tiles), Upwards(Text("upwards", .label)),
    LinePlot(
      title: "loss", [.init("training", [Point(1, 1), Point(2, 0.5), Point(3, 0.2)])],
      x: Axis("epoch"), y: Axis("loss")),
  ])
  return Figure(title: title, subtitle: "of a test", caption: "A caption, 3 × 10⁻² long.", body)
}

@Suite struct `Documents` {
  @Test(.slow) func `of the same drawing have the same bytes, whenever they are made`() throws {
    let first = (try sheet().pdf(), sheet().svg())
    // Dates of files have whole seconds.
    Thread.sleep(forTimeInterval: 1.1)
    let second = (try sheet().pdf(), sheet().svg())
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
    #expect(first.0.range(of: Data("CreationDate".utf8)) == nil)
  }

  @Test(arguments: [72.0, 240.945, 500])
  func `are exactly as wide as they should be`(width: Double) throws {
    let figure = PrintedFigure(
      title: "Title", caption: "Caption.", sheet().parts[2].content, width: width)
    #expect(figure.size.width == width)
    let pdf = String(decoding: try figure.pdf(), as: UTF8.self)
    let box = try #require(pdf.firstMatch(of: #/MediaBox \[ 0 0 ([0-9.]+) /#))
    #expect(abs((Double(box.output.1) ?? 0) - width) < 0.001)
    let svg = String(decoding: figure.svg(), as: UTF8.self)
    let length = try #require(svg.firstMatch(of: /width="([0-9.]+)mm"/))
    #expect(abs((Double(length.output.1) ?? 0) * 72 / 25.4 - width) < 0.01)
    let image = try figure.render(scale: 300.0 / 72)
    #expect(image.width == Int((width * 300 / 72).rounded()))
    #expect(image.isOpaque)
  }

  @Test func `as SVG are XML with the drawing's texts and pixels`() throws {
    let picture = Image.noise(6, 3, seed: 1, isOpaque: false)
    let hostile = "a<b>&\"'\u{7}\u{FFFE}]]> 10⁻³"
    let drawing = Column([Text(hostile, .label), Picture(picture, zoom: 4), Text("end", .label)])
    let found = try SVGContent(drawing.svg(DocumentMetadata(title: hostile)))
    #expect(found.texts.count == 2)
    #expect(found.texts[0].hasPrefix("a<b>&\"'") && found.texts[0].hasSuffix("]]> 10−3"))
    #expect(found.texts[1] == "end")
    #expect(found.images == [picture])
    let svg = String(decoding: drawing.svg(), as: UTF8.self)
    #expect(svg.contains("image-rendering:pixelated"))
  }

  @Test func `keep the pixels of pictures in their own number`() throws {
    let picture = Image(
      width: 2, height: 2,
      pixels: [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 255])
    let pdf = String(decoding: try Picture(picture, zoom: 40).pdf(), as: UTF8.self)
    #expect(pdf.contains("/Width 2") && pdf.contains("/Height 2"))
    #expect(pdf.contains("/Interpolate false"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pdftotext")))
  func `as PDF have text that can be found`() throws {
    let folder = try TemporaryFolder()
    try folder.write(try sheet("Filters of conv1").pdf(), "a.pdf")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/pdftotext")
    process.arguments = ["\(folder.path)/a.pdf", "\(folder.path)/a.txt"]
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOfFile: "\(folder.path)/a.txt", encoding: .utf8)
    for words in ["Filters of conv1", "of a test", "upwards", "epoch"] {
      #expect(text.contains(words), "\(words)")
    }
  }

  @Test func `are dark if the figures are`() throws {
    let (light, dark) = (sheet().svg(), sheet().svg(appearance: .dark))
    #expect(String(decoding: light, as: UTF8.self).contains("fill=\"#ffffff\""))
    #expect(String(decoding: dark, as: UTF8.self).contains("fill=\"#16181c\""))
  }
}

@Suite struct `Figures for print` {
  @Test(arguments: 0..<25) func `keep everything apart and inside`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), path: 8)
    let body = Column([randomGrid(&random), randomColorBar(&random)])
    try expectTidy(
      PrintedFigure(
        title: randomText(&random, words: 12), subtitle: randomText(&random, words: 20),
        caption: randomText(&random, words: 40), body, width: random.uniform(60...700)))
  }

  @Test func `are laid out in fewer columns where text would be too small`() throws {
    let tile = Tile(Image.noise(11, 11, seed: 1, isOpaque: true), caption: "17")
    let grid = TileGrid([Tile?](repeating: tile, count: 64))
    let width = 240.0
    #expect((Scaled(grid, by: width / grid.size.width).smallestText ?? 0) < 5)
    let printed = PrintedFigure(grid, width: width)
    #expect((printed.smallestText ?? 0) > 5.9)
    // Nothing is left out.
    #expect(captions(printed.svg()) == 64)
    // Columns with a meaning stay.
    let fixed = TileGrid(
      [Tile?](repeating: tile, count: 64), arrangement: TileArrangement(columns: 32))
    #expect((PrintedFigure(fixed, width: width).smallestText ?? 9) < 5)
  }

  @Test func `plots and matrices keep their labels readable in a column`() throws {
    let names = (0..<12).map { "class \($0)" }
    let points = (0..<60).map { Point(Double($0 % 7), Double($0 % 11)) }
    let plot = ScatterPlot(
      points, colors: .classes(points.indices.map { $0 % 12 }, names: names), x: Axis("x"),
      y: Axis("y"),
      area: Size(width: 760, height: 600))
    let matrix = LabelledMatrix(
      Raster(width: 12, height: 12, values: [Float](repeating: 0.5, count: 144)), rows: names,
      columns: names, range: 0...1, cell: 38)
    let bar = ColorBar(.blues, range: 0...1, orientation: .vertical)
    for body in [plot, Row([matrix, bar]), Row([plot, matrix])] as [any Composite] {
      let printed = PrintedFigure(body, width: 240)
      #expect((printed.smallestText ?? 0) >= PrintedFigure.smallestReadable)
      try expectTidy(printed)
    }
  }

  private func captions(_ svg: Data) -> Int {
    String(decoding: svg, as: UTF8.self).matches(of: />17<\/tspan>/).count
  }

  @Test func `the smallest text counts as it is drawn`() {
    let text = Text("a", TextStyle(size: 10))
    #expect(text.smallestText == 10)
    #expect(Scaled(Upwards(text), by: 0.25).smallestText == 2.5)
    #expect(Picture(Image.noise(2, 2, seed: 1)).smallestText == nil)
  }

  @Test func `a typeface is one that is installed`() throws {
    #expect(Typeface(installed: "No Such Family 12") == nil)
    #expect(Typeface(installed: "") == nil)
    #expect(Typeface(installed: Typeface.standard.family) == .standard)
    let text = Text("wide words in a line", .label)
    #expect(String(decoding: text.svg(), as: UTF8.self).contains(Typeface.standard.family))
  }
}

/// What an SVG document contains, in its order.
private final class SVGContent: NSObject, XMLParserDelegate {
  private(set) var texts: [String] = []
  private(set) var images: [Image] = []
  private var isText = false
  private var problem: (any Error)?

  init(_ data: Data) throws {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
    if let problem { throw problem }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    if name == "text" {
      isText = true
      texts.append("")
    }
    guard name == "image" else { return }
    do {
      let start = "data:image/png;base64,"
      let address = try #require(attributes["xlink:href"])
      #expect(address.hasPrefix(start))
      let data = try #require(Data(base64Encoded: String(address.dropFirst(start.count))))
      images.append(try Image(decoding: data, file: "embedded"))
    } catch {
      problem = error
    }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "text" { isText = false }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    if isText { texts[texts.count - 1] += characters }
  }
}
