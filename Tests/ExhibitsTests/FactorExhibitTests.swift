import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import TensorCore
import TestSupport
import Testing

@Suite struct `An embedding by factors` {
  private let bench: ExhibitBench<Embedding>
  private var folder: TemporaryFolder { bench.folder }

  init() throws { bench = try ExhibitBench() }

  @Test func `has a table and a figure for each factor`() throws {
    let found = try bench.figures(
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
    let found = try bench.figures("--images", "scenes:80", "--factors")
    #expect(found.count == 7)
    #expect(found[0].finding["shares"]?.shape.extents.last == 7)
  }

  @Test func `is refused before any work without factors`() throws {
    let photos = try folder.pictures(["cat": 4])
    #expect(
      bench.problem("--images", photos, "--factors").hasPrefix("--factors: no picture of pictures"))
    let unknown = bench.problem("--images", "scenes:9", "--factors", "--by", "colour")
    #expect(
      unknown.contains("has a factor 'colour'; there are azimuth, background,"), "\(unknown)")
    #expect(
      bench.problem("--images", "scenes:9", "--by", "azimuth").contains("--by: give --factors"))
    #expect(
      bench.problem("--images", "scenes:9", "--factors", "--method", "tsne").contains(
        "give either --factors or --method tsne, not both"))
  }

  @Test func `leaves out pictures without a value`() throws {
    let photos = try folder.pictures(["cat": 5, "dog": 5])
    let rows = (0..<4).flatMap { ["cat/\($0).png,\($0 % 2),x", "dog/\($0).png,\($0 % 2),x"] }
    try folder.write(
      Data((["file,pose,same"] + rows).joined(separator: "\n").utf8), "pictures/annotations.csv")
    let found = try bench.figures("--images", photos, "--factors")
    #expect(found.map(\.name) == ["factors", "factors-pose"])
    #expect(found[1].finding["levels"]?.count == 8)
    #expect(found[0].figure.caption.contains("each has its own: same."))
  }

  @Test(arguments: [
    ("rectangles", ["x", "y", "aspect"], 396), ("colors", ["hue", "saturation", "value"], 192),
    ("color-pairs", ["center", "surround"], 144),
  ])
  func `of stimuli needs no data set`(name: String, factors: [String], count: Int) throws {
    let found = try bench.figures(
      "--images", "stimuli:\(name)", "--factors", "--by", factors.joined(separator: ","),
      "--layers", "relu,scores")
    #expect(found.map(\.name) == ["factors"] + factors.map { "factors-\($0)" })
    let shares = try #require(found[0].finding["shares"])
    #expect(shares.shape == [2, factors.count + 1])
    // All combinations are there, so the parts are orthogonal.
    for row in 0..<2 {
      let own = shares.elements[(row * (factors.count + 1))..<((row + 1) * (factors.count + 1))]
      #expect(abs(own.reduce(0, +) - 1) < 1e-3 && own.allSatisfy { $0 >= 0 })
      #expect(own.dropLast().contains { $0 > 0.01 })
    }
    #expect(found[0].figure.caption.contains("The parts are orthogonal"))
    #expect(found[1].finding["levels"]?.count == count)
    // Without names, the same factors.
    let usual = try bench.figures("--images", "stimuli:\(name)", "--factors", "--layers", "relu")
    #expect(Set(usual.map(\.name)) == Set(found.map(\.name)))
  }

  @Test func `of stimuli sees them as they are, also where pictures are enlarged and cropped`()
    throws
  {
    func shares(_ arguments: [String]) throws -> [Float]? {
      let checkpoint = try CheckpointOptions.parse(
        ["--preprocess", "unit"] + arguments + ["--", folder.checkpoint()])
      return try Studio(Model(checkpoint)).figures(
        of: Embedding.self,
        Embedding.Options.parse(
          ["--images", "stimuli:rectangles", "--factors", "--layers", "relu"]))[0]
        .finding["shares"]?.elements
    }
    #expect(try shares([]) == shares(["--resize", "20"]))
  }

  @Test func `of stimuli refuses names that are none`() {
    #expect(
      bench.problem("--images", "stimuli:circles", "--factors")
        == "expected stimuli:rectangles, stimuli:colors or stimuli:color-pairs, found "
        + "'stimuli:circles'")
    #expect(
      bench.problem("--images", "stimuli:colors", "--factors", "--by", "aspect").hasSuffix(
        "has a factor 'aspect'; there are hue, saturation, value"))
  }

  @Test func `or t-SNE refuses perplexities that are too large`() throws {
    #expect(
      bench.problem("--images", "scenes:50", "--method", "tsne", "--perplexity", "30")
        == "--perplexity: 30 needs 92 pictures or more, found 50, which allow at most 16")
    let found = try bench.figures(
      "--images", "scenes:50", "--method", "tsne", "--perplexity", "8", "--marks", "dots")
    #expect(found.map(\.name) == ["relu-tsne"])
    #expect(found[0].finding["coordinates"]?.shape == [50, 2])
    #expect(found[0].finding["components"] == nil)
    #expect(found[0].facts.options["divergence"] != nil)
  }
}
