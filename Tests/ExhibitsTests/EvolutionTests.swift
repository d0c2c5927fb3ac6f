import ArgumentParser
import Exhibits
import Files
import Galleries
import TestSupport
import Testing

@Suite struct `Evolutions` {
  private struct NoSink: FigureSink {
    var takesOne: Bool { false }

    func add(
      _ kind: FigureKind, name: String, facts: FigureFacts, arrays: () -> FigureArrays,
      figure: @escaping @Sendable () throws -> CaptionedFigure
    ) {}
    func settle() {}
    func note(_ accuracy: Manifest.Accuracy?, warnings: [String]) {}
  }

  @Test func `notice that a checkpoint was replaced since it was checked`() throws {
    let folder = try TemporaryFolder()
    let pictures = try folder.pictures(["a": 3, "b": 3])
    let last = try folder.checkpoint(classes: 3)
    try folder.copy(last, as: "first.safetensors")
    let loaded = try CheckpointOptions.parse([last])
      .loadInTurn(["\(folder.path)/first.safetensors", last], SilentReporter())
    let evolution = try CheckpointEvolution(
      loaded, EvolutionOptions.parse(["--images", pictures]), command: "",
      reporter: SilentReporter())
    #expect(evolution.names == ["first", "net"])
    #expect(try evolution.draw(into: NoSink()).checkpoints.map(\.name) == ["first", "net"])
    _ = try folder.checkpoint(classes: 4)
    let error = try #require(throws: FileError.self) { try evolution.draw(into: NoSink()) }
    #expect(error.kind == .malformed && error.file == last)
    #expect(
      error.reason.hasPrefix("was replaced while it was in use: expected SHA-256 "),
      "\(error.reason)")
  }
}
