import Analysis
import ArgumentParser
import Datasets
import Exhibits
import Files
import Galleries
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Sheets of units in a gallery` {
  private let folder: TemporaryFolder
  private let photos: String

  init() throws {
    folder = try TemporaryFolder()
    photos = try folder.pictures(["cat": 5, "dog": 5, "owl": 4])
  }

  /// - Parameter memory: Beside the weights and what drawing takes; nil for that of the machine.
  private func studio(
    _ occasion: Studio.Occasion = .gallery, classes: Int? = 3, memory: Int? = nil
  ) throws -> Studio {
    var model = try Model(folder.checkpoint(classes: classes), "--preprocess", "unit")
    if let memory {
      model.memory = MemoryBudget(bytes: model.network.parameterBytes + (32 << 20) + memory)
    }
    return Studio(
      model, command: "fovea", occasion: occasion, memo: StudioMemo(), reporter: SilentReporter())
  }

  private func sheets(_ studio: Studio, _ arguments: String...) throws -> [DrawnFigure] {
    try studio.figures(of: UnitSheets.self, .parse(["--images", photos] + arguments))
  }

  @Test func `are of the most selective unit of each layer, without an optimized picture`() throws {
    let studio = try studio()
    let figures = try sheets(studio)
    // The scan that decides, on its own.
    let network = studio.model.network
    let scan = TopActivationScan(network, layers: ["relu"])
    let pictures = try studio.pictures(.parse(["--images", photos])).scanned
    for index in 0..<pictures.count {
      let input = try pictures.preprocessing.tensor(for: pictures.dataset.example(at: index))
      scan.observe(network.record(input), pictures: [index])
    }
    let unit = try #require(scan.findings()[0].selectiveUnits(1).first)
    #expect(figures.map(\.name) == ["relu-\(unit)"])
    let figure = try #require(figures.first)
    #expect(figure.facts.options["steps"] == "0" && figure.finding["optimized"] == nil)
    // The strongest nine and three about the median.
    #expect(figure.finding["patches/values"]?.count == 12)
    #expect(figure.figure.caption.contains("selective responses"))
  }

  @Test func `are of all units that patches shows, classes too`() throws {
    let studio = try studio()
    let shown = try studio.figures(of: TopPatches.self, "--images", photos)
      .flatMap { figure in figure.figure.units.map { "\(figure.figure.layer ?? "")-\($0)" } }
    #expect(shown.count == 8)
    let figures = try sheets(studio, "--unit", "shown")
    #expect(figures.map(\.name) == shown)
    #expect(figures.allSatisfy { $0.facts.options["steps"] == "0" })
    let some = try sheets(studio, "--unit", "shown", "--layers", "relu", "--units", "strongest:2")
    #expect(some.count == 2)
    #expect(
      try sheets(studio, "--unit", "shown", "--units", "1", "--steps", "2")
        .allSatisfy { $0.finding["optimized"] != nil })
  }

  /// What is drawn, by kind and name.
  private final class Figures: FigureSink {
    private(set) var figures: [(name: String, figure: CaptionedFigure)] = []
    var takesOne: Bool { false }

    func add(
      _ kind: FigureKind, name: String, facts: FigureFacts, arrays: () -> FigureArrays,
      figure: @escaping @Sendable () throws -> CaptionedFigure
    ) throws {
      figures.append(("\(kind.name)-\(name)", try figure()))
    }

    func settle() {}
    func note(_ accuracy: Manifest.Accuracy?, warnings: [String]) {}
  }

  @Test func `look through the pictures with patches, once`() throws {
    let studio = try studio()
    var run = ExhibitRun()
    try run.add(
      TopPatches.self, .parse(["--images", photos, "--per-picture", "2"]), in: studio)
    try run.add(UnitSheets.self, .parse(["--images", photos, "--unit", "shown"]), in: studio)
    let sink = Figures()
    try run.draw(into: sink, in: studio)
    let patches = try #require(sink.figures.first { $0.name == "patches-relu" }).figure
    // Pictures that were seen twice would count twice.
    #expect(patches.caption.contains("among 14 pictures"))
    #expect(
      sink.figures.map(\.name).filter { $0.hasPrefix("unit-relu") }
        == patches.units.map { "unit-relu-\($0)" })
  }

  @Test func `are left out if they do not fit into memory`() throws {
    // Of five units, two numbers for each of fourteen pictures, and a count.
    #expect(try sheets(studio(memory: 1 << 26)).count == 1)
    let small = try studio(memory: 2000)
    let error = #expect(throws: ExhibitUnavailable.self) {
      _ = try UnitSheets(.parse(["--images", photos]), in: small)
    }
    #expect(
      error?.description
        == "the activations of 5 units in 14 pictures take 580 bytes, more than the 500 bytes that a "
        + "gallery keeps of them; fovea unit draws the sheets of units that are named")
    // Those that are named need less.
    _ = try UnitSheets(.parse(["--images", photos, "--unit", "relu:1"]), in: small)
  }

  @Test func `need units, and a gallery to leave them out of`() throws {
    let gallery = try studio()
    let none = #expect(throws: ExhibitUnavailable.self) { try sheets(gallery, "--unit", "none") }
    #expect(none?.description == "--unit none leaves them out")
    #expect(throws: SelectionError.self) { try sheets(studio(.single), "--unit", "none") }
    #expect(throws: UsageError.self) { try sheets(studio(.single)) }
    // Only classes, which have no sheets by default.
    #expect(throws: ExhibitUnavailable.self) { try sheets(gallery, "--layers", "scores") }
    #expect(try sheets(studio(classes: nil)).count == 1)
  }
}
