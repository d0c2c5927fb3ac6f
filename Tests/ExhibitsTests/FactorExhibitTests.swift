import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import TensorCore
import TestSupport
import Testing

@Suite struct `An embedding by factors` {
  private let folder: TemporaryFolder
  private let studio: Studio

  init() throws {
    folder = try TemporaryFolder()
    studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"))
  }

  private func figures(_ arguments: String...) throws -> [DrawnFigure] {
    try studio.figures(of: Embedding.self, Embedding.Options.parse(arguments))
  }

  private func problem(_ arguments: String...) -> String {
    let error = #expect(throws: (any Error).self) {
      try Embedding(Embedding.Options.parse(arguments), in: studio)
    }
    return (error as? UsageError)?.description
      ?? error.map { Embedding.Options.message(for: $0) } ?? ""
  }

  @Test func `has a table and a figure for each factor`() throws {
    let found = try figures(
      "--images", "scenes:60", "--factors", "--by", "texture,azimuth", "--layers", "relu,scores",
      "--bins", "4")
    #expect(found.map(\.name) == ["factors", "factors-texture", "factors-azimuth"])
    let shares = try #require(found[0].finding["shares"])
    #expect(shares.shape == [2, 3] && shares.elements.allSatisfy { $0 >= 0 })
    #expect(found[0].facts.options["by"] == "texture,azimuth")
    #expect(found[2].finding["relu/means"]?.shape == [4, 2])
    #expect(found[2].figure.caption.contains("0° and 360° are the same"))
  }

  @Test(.slow) func `takes the factors that explain most unless some are named`() throws {
    let found = try figures("--images", "scenes:80", "--factors")
    #expect(found.count == 7)
    #expect(found[0].finding["shares"]?.shape.extents.last == 7)
  }

  @Test func `is refused before any work without factors`() throws {
    let photos = try folder.pictures(["cat": 4])
    #expect(problem("--images", photos, "--factors").hasPrefix("--factors: no picture of pictures"))
    let unknown = problem("--images", "scenes:9", "--factors", "--by", "colour")
    #expect(
      unknown.contains("has a factor 'colour'; there are azimuth, background,"), "\(unknown)")
    #expect(problem("--images", "scenes:9", "--by", "azimuth").contains("--by: give --factors"))
    #expect(
      problem("--images", "scenes:9", "--factors", "--method", "tsne").contains(
        "give either --factors or --method tsne, not both"))
  }

  @Test func `leaves out pictures without a value`() throws {
    let photos = try folder.pictures(["cat": 5, "dog": 5])
    let rows = (0..<4).flatMap { ["cat/\($0).png,\($0 % 2),x", "dog/\($0).png,\($0 % 2),x"] }
    try folder.write(
      Data((["file,pose,same"] + rows).joined(separator: "\n").utf8), "pictures/annotations.csv")
    let found = try figures("--images", photos, "--factors")
    #expect(found.map(\.name) == ["factors", "factors-pose"])
    #expect(found[1].finding["levels"]?.count == 8)
    #expect(found[0].figure.caption.contains("each has its own: same."))
  }

  @Test func `or t-SNE refuses perplexities that are too large`() throws {
    #expect(
      problem("--images", "scenes:50", "--method", "tsne")
        == "--perplexity: 30 needs 92 pictures or more, found 50, which allow at most 16")
    let found = try figures(
      "--images", "scenes:50", "--method", "tsne", "--perplexity", "8", "--marks", "dots")
    #expect(found.map(\.name) == ["relu-tsne"])
    #expect(found[0].finding["coordinates"]?.shape == [50, 2])
    #expect(found[0].finding["components"] == nil)
    #expect(found[0].facts.options["divergence"] != nil)
  }
}
