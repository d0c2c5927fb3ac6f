import Drawing
import Files
import Foundation
import Galleries
import TestSupport

let checkpoint = Manifest.Checkpoint(
  name: "net.safetensors", sha256: String(repeating: "ab", count: 32), network: "a net")

func writer(
  _ folder: TemporaryFolder, _ mode: GalleryWriter.Mode,
  checkpoint: Manifest.Checkpoint = checkpoint,
  force: Bool = false, name: String = "out"
) throws(FileError) -> GalleryWriter {
  try GalleryWriter(
    folder: "\(folder.path)/\(name)", checkpoint: checkpoint, kinds: kinds,
    version: "1", mode: mode, force: force)
}

extension GalleryWriter.Mode {
  static let replacingAnew = GalleryWriter.Mode.replacing(configuration: "", resumes: false)
}

extension FigureKind {
  static let filters = test("filters")
  static let features = test("features")
  static let patches = test("patches", .survey)
  static let unit = test("unit", .sheet)
  static let saliency = test("saliency")
  static let classModels = test("class-models")
  static let curves = test("curves")

  private static func test(_ name: String, _ links: UnitLinks? = nil) -> FigureKind {
    FigureKind(
      name, abstract: "Draw \(name).", heading: "All \(name)", explanation: "What \(name) are.",
      unitLinks: links)
  }
}

/// In the order of the page.
let kinds: [FigureKind] = [
  .filters, .features, .patches, .unit, .saliency, .classModels, .curves,
]

func galleryPage(of manifest: Manifest) -> String { galleryPage(of: manifest, kinds: kinds) }

/// A figure of some kind.
struct TestFigure {
  let kind: FigureKind
  let figure: CaptionedFigure
}

extension GalleryWriter {
  func add(
    _ test: TestFigure, name: String, facts: FigureFacts, arrays: Data? = nil
  ) throws {
    try add(test.kind, name: name, facts: facts, arrays: arrays) { test.figure }
  }
}

/// The names of a gallery's files, sorted, with a thumbnail beside each figure.
func withThumbnails(_ names: [String]) -> [String] {
  (names
    + names.filter { $0.hasSuffix(".png") }.map { "\($0.dropLast(4))_thumbnail.jpg" }).sorted()
}

let facts = FigureFacts(command: "fovea test")

/// A small figure.
func figure(
  _ kind: FigureKind = .filters, _ title: String = "A figure", layer: String? = nil,
  units: [Int] = [1, 2], unitsByLayer: [UnitsOfLayer] = []
) -> TestFigure {
  TestFigure(
    kind: kind,
    figure: CaptionedFigure(
      title: title, subtitle: "of a test", caption: "It says \(title).", scale: "none",
      layer: layer, units: units, unitsByLayer: unitsByLayer, method: nil,
      body: Text("body of \(title)", .label)))
}

/// A figure that cannot be drawn.
func impossibleFigure() -> TestFigure {
  TestFigure(
    kind: .features,
    figure: CaptionedFigure(
      title: "Too large", subtitle: "", caption: "Is too large.", scale: "none", body: Endless()))
}

private struct Endless: Drawable {
  var size: Size { Size(width: 1e6, height: 1e6) }
  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {}
}
