import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import TensorCore
import TestSupport
import Testing

@Suite struct `The colours of an embedding` {
  private let folder: TemporaryFolder
  private let studio: Studio

  init() throws {
    folder = try TemporaryFolder()
    studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"))
  }

  private func caption(_ arguments: String...) throws -> String {
    let figures = try studio.figures(of: Embedding.self, Embedding.Options.parse(arguments))
    #expect(figures.count == 2)
    return try #require(figures.first).figure.caption
  }

  @Test func `are labels, predictions or factors of scenes`() throws {
    let scenes = ["--images", "scenes:12"]
    func words(_ factor: String) throws -> String {
      try caption(scenes[0], scenes[1], "--color-by", factor)
    }
    #expect(try caption(scenes[0], scenes[1]).contains("Colours are classes."))
    #expect(try words("label").contains("Colours are classes."))
    #expect(try words("prediction").contains("Colours are the classes that the network predicts."))
    #expect(try words("texture").contains("Colours are values of “texture”."))
    #expect(try words("size").contains("Colours are “size”."))
    #expect(
      try words("azimuth").contains(
        "Colours are “azimuth” in degrees, on a circle of colours: 0° and 360° are the same."))
    #expect(try words("light_azimuth").contains("−180° and 180° are the same."))
  }

  @Test func `are factors of a table beside a folder's pictures`() throws {
    let photos = try folder.pictures(["cat": 3, "dog": 3])
    let rows = (0..<3).flatMap { number in
      [
        "cat/\(number).png,\(100 * number),\(number),canvas",
        "dog/\(number).png,\(150 * number),\(200 * number),\(number == 0 ? "" : "paper")",
      ]
    }
    try folder.write(
      Data((["file,heading,weight,ground"] + rows).joined(separator: "\n").utf8),
      "pictures/annotations.csv")
    func words(_ factor: String) throws -> String {
      try caption("--images", photos, "--color-by", factor)
    }
    #expect(try words("heading").contains("0° and 360° are the same."))
    // As wide as a turn, but no angle by its name.
    #expect(try words("weight").contains("Colours are “weight”. "))
    #expect(try words("ground").contains("Colours are values of “ground”."))
  }

  @Test func `are refused before any work if the pictures have no such factor`() throws {
    let photos = try folder.pictures(["cat": 4])
    func problem(_ images: String, _ factor: String) -> String {
      let error = #expect(throws: UsageError.self) {
        try Embedding(
          Embedding.Options.parse(["--images", images, "--color-by", factor]), in: studio)
      }
      return error?.description ?? ""
    }
    #expect(
      problem(photos, "hue")
        == "--color-by: no picture of pictures has a factor 'hue'; there are no factors, only label, "
        + "prediction")
    #expect(problem(photos, "label") == "--color-by label: pictures has no labels")
    let scenes = problem("scenes:3", "colour")
    #expect(
      scenes.hasPrefix("--color-by: no picture of")
        && scenes.contains("there are label, prediction,"))
    #expect(scenes.contains("azimuth, background, "))
  }
}

@Suite struct `Patches of classes` {
  @Test func `are ranked by probability unless it is said otherwise`() throws {
    let folder = try TemporaryFolder()
    let (checkpoint, photos) = (try folder.checkpoint(), try folder.pictures(["cat": 5, "dog": 5]))
    let studio = Studio(try Model(checkpoint, "--preprocess", "unit"))
    func figure(_ arguments: String...) throws -> DrawnFigure {
      let given = ["--images", photos, "--layers", "scores"] + arguments
      return try #require(
        studio.figures(of: TopPatches.self, TopPatches.Options.parse(given)).first)
    }
    let usual = try figure()
    let probabilities = try #require(usual.finding["probabilities"])
    let values = try #require(usual.finding["values"])
    // Of few classes, a class may have several pictures of its own.
    #expect(probabilities.shape == values.shape && values.shape == [3, 9])
    let rows = stride(from: 0, to: probabilities.count, by: values.shape[1]).map { start in
      probabilities.elements[start..<(start + values.shape[1])].filter(\.isFinite)
    }
    for row in rows { #expect(row == row.sorted(by: >) && row.allSatisfy { (0...1).contains($0) }) }
    #expect(usual.figure.caption.contains("ranked by the class's probability"))
    #expect(usual.facts.options["class-ranking"] == "probability")

    let byScore = try figure("--class-ranking", "score")
    #expect(byScore.finding["probabilities"] == nil)
    #expect(byScore.finding["values"]?.shape == [3, 9])
    #expect(!byScore.figure.caption.contains("probability"))
    #expect(byScore.facts.options["class-ranking"] == "score")
  }
}
