import Drawing
import Files
import Foundation
import Galleries
import Images
import TestSupport
import Testing

@Suite struct `Figures in other formats` {
  private func gallery(
    _ folder: TemporaryFolder, _ style: FigureStyle, mode: GalleryWriter.Mode = .adding
  ) throws -> GalleryWriter {
    try GalleryWriter(
      folder: "\(folder.path)/out", checkpoint: checkpoint, kinds: kinds, version: "1", mode: mode,
      style: style)
  }

  @Test func `lie beside the PNG, are recorded and on the page`() throws {
    let folder = try TemporaryFolder()
    let writer = try gallery(folder, FigureStyle(formats: [.pdf, .png, .svg, .txt, .tex]))
    try writer.add(figure(.filters, "50 % of a_b"), name: "conv1", facts: facts)
    let paths = try writer.finish().map { ($0 as NSString).lastPathComponent }
    #expect(
      paths == [
        "filters-conv1.png", "filters-conv1.pdf", "filters-conv1.svg", "filters-conv1.txt",
        "filters-conv1.tex", "gallery.json", "index.html",
      ])
    let record = try Manifest(contentsOf: "\(folder.path)/out/gallery.json").figures[0]
    #expect(record.otherFormats == paths[1...4].map(\.self))
    #expect(record.options == ["format": "pdf,png,svg,txt,tex"])
    let page = try String(contentsOfFile: "\(folder.path)/out/index.html", encoding: .utf8)
    #expect(page.contains("<a href=\"./filters-conv1.pdf\" download>PDF</a>"))
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder.path)/out/\(name)", encoding: .utf8)
    }
    #expect(
      try text("filters-conv1.txt") == "50 % of a_b\n\nof a test\n\nIt says 50 % of a_b.\n")
    #expect(
      try text("filters-conv1.tex") == #"""
        % fovea test
        \begin{figure}
          \centering
          \includegraphics[width=\linewidth]{filters-conv1.pdf}
          \caption{50 \% of a\_b. of a test. It says 50 \% of a\_b.}
          \label{fig:filters-conv1}
        \end{figure}

        """#)
  }

  @Test func `are replaced and removed with their figure`() throws {
    let folder = try TemporaryFolder()
    let first = try gallery(folder, FigureStyle(formats: [.pdf, .svg]))
    for name in ["a", "b"] { try first.add(figure(), name: name, facts: facts) }
    _ = try first.finish()
    let second = try gallery(folder, FigureStyle(formats: [.svg]))
    try second.add(figure(.filters, "new"), name: "a", facts: facts)
    _ = try second.finish()
    let names = try folder.fileNames().filter { !$0.hasSuffix(".jpg") }
    #expect(
      names == [
        "out/filters-a.png", "out/filters-a.svg", "out/filters-b.pdf", "out/filters-b.png",
        "out/filters-b.svg", "out/gallery.json", "out/index.html",
      ])
    let third = try gallery(folder, FigureStyle(), mode: .replacingAnew)
    try third.add(figure(), name: "c", facts: facts)
    _ = try third.finish()
    #expect(
      try folder.fileNames()
        == withThumbnails(["out/filters-c.png", "out/gallery.json", "out/index.html"]))
  }

  @Test func `a PNG for print records its resolution and has its width`() throws {
    let folder = try TemporaryFolder()
    let width = try #require(PrintedWidth("85mm"))
    for (dpi, expected) in [(nil, 300), (600, 600)] as [(Int?, Int)] {
      let writer = try gallery(folder, FigureStyle(width: width, dpi: dpi))
      try writer.add(figure(), name: "a", facts: facts)
      let path = try writer.finish()[0]
      let image = try Image(contentsOf: path)
      #expect(image.width == Int((85 / 25.4 * Double(expected)).rounded()))
      let record = try Manifest(contentsOf: "\(folder.path)/out/gallery.json").figures[0]
      #expect((record.width, record.height) == (image.width, image.height))
      #expect(record.options["width"] == "85mm")
      #expect(try dotsPerInch(path) == Double(expected))
    }
  }

  /// From the chunk pHYs, whose unit is a metre.
  private func dotsPerInch(_ path: String) throws -> Double? {
    let data = try Data(contentsOf: URL(filePath: path))
    guard let chunk = data.range(of: Data("pHYs".utf8)) else { return nil }
    let number = data[chunk.upperBound..<chunk.upperBound + 4].reduce(0) { $0 << 8 | Int($1) }
    return (Double(number) * 0.0254).rounded()
  }

  @Test func `PNGs on a screen record no resolution`() throws {
    let folder = try TemporaryFolder()
    let writer = try gallery(folder, FigureStyle())
    try writer.add(figure(), name: "a", facts: facts)
    #expect(try dotsPerInch(writer.finish()[0]) == nil)
  }

  @Test func `too many pixels for a picture are refused with the reason`() throws {
    let folder = try TemporaryFolder()
    let writer = try gallery(folder, FigureStyle(width: PrintedWidth("400cm"), dpi: 2400))
    try writer.add(figure(), name: "a", facts: facts)
    #expect(
      throws: FileError(
        .unwritable, "filters-a.png",
        "377,952 pixels at 2400 per inch are too many for a picture; give a lower --dpi, or a "
          + "smaller --width")
    ) { _ = try writer.finish() }
  }

  @Test func `titles and captions can be left out`() throws {
    func svg(_ style: FigureStyle) throws -> String {
      let folder = try TemporaryFolder()
      var style = style
      style.formats = [.svg]
      let writer = try gallery(folder, style)
      try writer.add(figure(.filters, "A title"), name: "a", facts: facts)
      return try String(contentsOfFile: try writer.finish()[1], encoding: .utf8)
    }
    let (title, caption) = (">A title</tspan>", ">It says A title.</tspan>")
    for (style, shown) in [
      (FigureStyle(), (true, true)), (FigureStyle(showsTitle: false), (false, true)),
      (FigureStyle(showsCaption: false), (true, false)),
    ] {
      let text = try svg(style)
      #expect((text.contains(title), text.contains(caption)) == shown)
      // What the file is about, it says in any case.
      #expect(text.contains("<title>A title</title>"))
    }
  }

  @Test func `text that is too small on paper is reported`() throws {
    let folder = try TemporaryFolder()
    let writer = try gallery(folder, FigureStyle(width: PrintedWidth("3cm")))
    let wide = CaptionedFigure(
      title: "", subtitle: "", caption: "", scale: "",
      body: Row(spacing: 400, [Text("left", .label), Text("right", .label)]))
    try writer.add(
      TestFigure(kind: .filters, figure: wide), name: "a",
      facts: facts)
    _ = try writer.finish()
    #expect(writer.remarks.isEmpty)
    let fixed = CaptionedFigure(
      title: "", subtitle: "", caption: "", scale: "",
      body: Layers([Picture(Image.noise(400, 2, seed: 1)), Text("over it", .label)]))
    let other = try gallery(folder, FigureStyle(width: PrintedWidth("3cm")))
    try other.add(TestFigure(kind: .filters, figure: fixed), name: "b", facts: facts)
    _ = try other.finish()
    #expect(
      other.remarks == [
        "at --width 3cm some text is smaller than 5 points: filters-b.png (2.5 points); "
          + "--width 61mm or fewer units, pictures or classes would make it larger"
      ])
  }

  @Test func `a figure that is higher than a page is reported`() throws {
    let folder = try TemporaryFolder()
    let writer = try gallery(folder, FigureStyle(width: PrintedWidth("3cm")))
    let high = CaptionedFigure(
      title: "", subtitle: "", caption: "", scale: "",
      body: Picture(Image.noise(10, 100, seed: 1)))
    try writer.add(TestFigure(kind: .filters, figure: high), name: "a", facts: facts)
    _ = try writer.finish()
    #expect(
      writer.remarks.first?.hasPrefix(
        "at --width 3cm some figures are higher than a page: filters-a.png (29") == true,
      "\(writer.remarks)")
  }
}

@Suite struct `Characters that no installed font has` {
  @Test func `are reported once for a gallery, and with a figure that is a file`() throws {
    let folder = try TemporaryFolder()
    let writer = try GalleryWriter(
      folder: "\(folder.path)/out", checkpoint: checkpoint, kinds: kinds, version: "1",
      mode: .adding)
    // Fonts have no pictures of private characters of the last plane.
    for (name, title) in [("a", "a\u{10FFFD}"), ("b", "b\u{10FFFD}\u{10FFFC}")] {
      try writer.add(figure(.filters, title), name: name, facts: facts)
    }
    try writer.add(figure(.filters, "plain"), name: "plain", facts: facts)
    _ = try writer.finish()
    #expect(
      writer.remarks == [
        #"no installed font has \u{0010FFFC}, \u{0010FFFD}; figures show codes instead, such as "#
          + #"\u{0010FFFC}; install a font that has them, such as Noto Sans CJK"#
      ])
    let file = try FigureFile(
      "\(folder.path)/a.png", format: .png, checkpoint: checkpoint, version: "1", force: false,
      pixelsPerPoint: 1, appearance: .light, style: FigureStyle(), arraysExtension: nil)
    file.add(.filters, name: "a", facts: facts, arrays: nil) {
      figure(.filters, "c\u{10FFFD}").figure
    }
    _ = try file.finish()
    #expect(file.remarks.count == 1 && file.remarks[0].contains(#" has \u{0010FFFD}; "#))
  }
}

@Suite struct `Widths on paper` {
  private static let known: [(String, Double)] = [
    ("85mm", 240.944_881_89), ("8.5cm", 240.944_881_89), ("3.3in", 237.6), ("240pt", 240),
    ("320px", 240), ("85 mm", 240.944_881_89),
  ]

  @Test(arguments: known)
  func `have a unit`(text: String, points: Double) {
    #expect(abs((PrintedWidth(text)?.points ?? 0) - points) < 1e-6)
  }

  @Test(arguments: [
    "85", "", "mm", "-3cm", "nanmm", "infmm", "85 m", "1mm", "6000mm", "85MM", "8,5cm",
  ])
  func `without one, or out of reach, are none`(text: String) {
    #expect(PrintedWidth(text) == nil)
  }
}

@Suite struct `A figure in a file` {
  private func file(
    _ path: String, _ style: FigureStyle = FigureStyle(), force: Bool = false,
    arrays: String? = nil
  ) throws -> FigureFile {
    try FigureFile(
      path, format: try #require(FigureFile.format(of: path)), checkpoint: checkpoint,
      version: "1", force: force, pixelsPerPoint: 1, appearance: .light, style: style,
      arraysExtension: arrays)
  }

  @Test func `lies where it is asked for, with its other formats beside it`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/fig.pdf"
    let writer = try file(path, FigureStyle(formats: [.tex, .png]), arrays: "npz")
    writer.add(.filters, name: "a", facts: facts, arrays: Data("numbers".utf8)) {
      figure().figure
    }
    let written = try writer.finish().map { ($0 as NSString).lastPathComponent }
    #expect(written == ["fig.pdf", "fig.tex", "fig.png", "fig.npz"])
    #expect(try folder.fileNames() == written.sorted())
    #expect(try Data(contentsOf: URL(filePath: path)).starts(with: Data("%PDF".utf8)))
    let tex = try String(contentsOfFile: "\(folder.path)/fig.tex", encoding: .utf8)
    #expect(tex.contains("{fig.pdf}"))
    #expect {
      _ = try file(path)
    } throws: {
      "\($0)" == "\(path): exists; give another --output, or --force to replace it"
    }
    _ = try file(path, force: true)
  }

  @Test func `must be the only one`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/fig.svg"
    for (names, reason) in [
      ([], "none was drawn"),
      (
        ["a", "b"],
        "the command draws 2: 'a', 'b'; give a folder as --output, or options that leave one figure, "
          + "such as --layers or --limit 1"
      ),
    ] {
      let writer = try file(path)
      for name in names {
        writer.add(.filters, name: name, facts: facts, arrays: nil) { figure().figure }
      }
      #expect {
        _ = try writer.finish()
      } throws: {
        "\($0)" == "\(path): expected one figure for this file, but \(reason)"
      }
      #expect(try folder.fileNames() == [])
    }
  }

  @Test func `is told from a folder by its name`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/old.png", withIntermediateDirectories: false)
    #expect(FigureFile.format(of: "\(folder.path)/old.png") == nil)
    for (path, format) in [
      ("a.pdf", .pdf), ("b/a.SVG", .svg), ("a.png", .png), ("a", nil), ("a.txt", nil),
      ("a.pdf/", nil), ("a.v2", nil),
    ] as [(String, FigureFormat?)] {
      #expect(FigureFile.format(of: path) == format)
    }
  }
}
