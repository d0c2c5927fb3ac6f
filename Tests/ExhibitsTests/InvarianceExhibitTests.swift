import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import TensorCore
import TestSupport
import Testing

@Suite struct `The invariance of a network` {
  private let folder: TemporaryFolder
  private let studio: Studio
  private let photos: String

  init() throws {
    folder = try TemporaryFolder()
    studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"))
    photos = try folder.pictures(["cat": 3, "dog": 3, "owl": 1])
  }

  private func figures(_ arguments: String...) throws -> [DrawnFigure] {
    try studio.figures(
      of: Invariance.self, Invariance.Options.parse(["--images", photos] + arguments))
  }

  @Test func `is one figure for each transformation, and a table`() throws {
    let all = try figures("--steps", "5")
    #expect(all.map(\.name) == ["vertical", "horizontal", "scale", "rotation", "table"])
    let first = try #require(all.first)
    // 60 pixels at 224 are 4 at 16.
    #expect(first.finding["amounts"]?.elements == [-4, -2, 0, 2, 4])
    #expect(first.finding["distances"]?.shape == [1, 5, 5])
    #expect(first.finding["probabilities"]?.shape == [5, 5])
    // A folder's classes are those of the network.
    #expect(first.figure.caption.contains("Probabilities are those of the true classes."))
    #expect(first.facts.options["steps"] == "5" && first.facts.options["fill"] == "edge")
    #expect(first.facts.options["vertical invariant relu"] != nil)
    #expect(all[3].finding["amounts"]?.elements == [0, 90, 180, 270])
  }

  @Test func `is of the pictures, layers and amounts that are asked for`() throws {
    let some = try figures(
      "--layers", "scores,conv", "--transformations", "scale", "--scales", "0.5,2", "--steps", "4",
      "--pictures", "2", "--fill", "255,0,0", "--distance", "cosine")
    #expect(some.map(\.name) == ["scale", "table"])
    let figure = try #require(some.first)
    #expect(figure.finding["amounts"]?.elements == [0.5, 1, 1.5, 2])
    #expect(figure.finding["distances"]?.shape == [2, 2, 4])
    #expect(figure.figure.caption.contains("outside them is the colour 255,0,0."))
    let moved = try #require(figure.finding["moved_distances"]).elements
    // The scores have no maps.
    #expect(moved.prefix(8).allSatisfy(\.isFinite) && moved.suffix(8).allSatisfy(\.isNaN))
  }

  @Test(arguments: [
    (["--transformations", "shear"], "expected names of vertical, horizontal, scale, rotation"),
    (["--scales", "0,2"], "expected factors from 0.01 to 100, found '0,2'"),
    (["--scales", "1e-320,1"], "expected factors from 0.01 to 100, found '1e-320,1'"),
    (["--scales", "2,1"], "expected two factors in ascending order"),
    (
      ["--fill", "blue"], "expected edge, mean, wrap or a colour such as 128,128,128, found 'blue'"
    ),
    (["--steps", "2"], "--steps must be from 3 to 361, not 2"),
  ])
  func `refuses options that mean nothing`(arguments: [String], message: String) {
    let error = #expect(throws: (any Error).self) { try Invariance.Options.parse(arguments) }
    #expect(error.map { Invariance.Options.message(for: $0).contains(message) } == true)
  }

  @Test func `refuses translations by the whole picture before any work`() throws {
    let error = #expect(throws: UsageError.self) {
      try Invariance(.parse(["--images", photos, "--translation", "16"]), in: studio)
    }
    #expect(
      error?.description
        == "--translation: expected more than 0 and less than 16 pixels, the height of the input, "
        + "found 16: nothing would be left of the picture")
  }
}
