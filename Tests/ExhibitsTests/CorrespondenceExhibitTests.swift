import Analysis
import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import TensorCore
import TestSupport
import Testing

@Suite struct `The correspondence of parts` {
  private let bench: ExhibitBench<Correspondence>
  private var folder: TemporaryFolder { bench.folder }

  init() throws { bench = try ExhibitBench() }

  /// Pictures of 32 × 32 pixels for a network of 16 × 16.
  private func photos() throws -> String { try folder.pictures(["cat": 3, "dog": 3], side: 32) }

  private func table(_ rows: String...) throws -> String {
    try folder.write(
      "file,part,left,top,right,bottom\n" + rows.joined(separator: "\n") + "\n", "parts.csv")
  }

  @Test func `of scenes is of the parts that they have`() throws {
    let found = try bench.figures("--images", "scenes:60", "--draws", "3", "--size", "4")
    #expect(found.count == 1)
    let figure = try #require(found.first)
    #expect(figure.facts.options["class"] == figure.name)
    #expect(figure.facts.options["size"] == "4" && figure.facts.options["layers"] == "relu")
    let means = try #require(figure.finding["means"])
    #expect(means.shape.extents[0] == 1 && means.shape.extents[1] > 0)
    #expect(means.elements.allSatisfy { (0...1).contains($0) })
    #expect(figure.finding["random_means"]?.shape == [1, 3])
    #expect(figure.finding["feature_counts"]?.elements == [5 * 16 * 16])
    #expect(figure.finding["picture_counts"]?.elements.allSatisfy { (2...5).contains($0) } == true)
    #expect(figure.figure.caption.contains("centred in the object's box"))
    #expect(figure.figure.caption.contains("squares of 4×4 pixels (grey)"))
    // The same command draws the same.
    let again = try bench.figures("--images", "scenes:60", "--draws", "3", "--size", "4")
    #expect(
      again[0].finding["random_part_means"]?.elements
        == figure.finding["random_part_means"]?.elements)
    let other = try bench.figures(
      "--images", "scenes:60", "--draws", "3", "--size", "4", "--seed", "7")
    #expect(other[0].finding["means"]?.elements == means.elements)
    #expect(
      other[0].finding["random_part_means"]?.elements
        != figure.finding["random_part_means"]?.elements)
  }

  @Test func `of a class is of its pictures`() throws {
    let figure = try bench.figures(
      "--images", "scenes:60", "--class", "teapot", "--pictures", "3", "--draws", "1")[0]
    #expect(figure.name == "teapot" && figure.facts.options["pictures"] == "3")
    #expect(figure.figure.title == "Do parts of “teapot” correspond?")
    #expect(
      bench.problem("--images", "scenes:60", "--class", "teapod").contains("did you mean 'teapot'?")
    )
  }

  /// Boxes of the files are twice as large as those of the input.
  @Test func `of a table is of its boxes`() throws {
    let parts = try table(
      "cat/0.png,eye,4,4,12,12", "cat/1.png,eye,8,4,16,12", "cat/0.png,nose,0,20,32,32",
      "dog/2.png,nose,0,20,32,32")
    let figure = try bench.figures(
      "--images", try photos(), "--parts", parts, "--draws", "2", "--layers", "relu,scores")[0]
    #expect(figure.name == "parts")
    #expect(figure.facts.options["part names"] == "eye,nose")
    #expect(figure.finding["picture_counts"]?.elements == [2, 2])
    #expect(figure.finding["means"]?.shape == [2, 2])
    #expect(figure.figure.caption.contains("“eye” in 2 and “nose” in 2 of 3."))
    #expect(figure.figure.caption.contains("anywhere in the picture"))
    // The convolution sees one pixel around a box: of 16 × 16 positions, 6 × 6 change at most.
    let changed = try #require(figure.finding["changed_shares"]).elements
    #expect(changed[0] > 0 && changed[0] <= 36.0 / 256)
    #expect(changed[1] > changed[0] && changed[1] <= 16.0 * 7 / 256)
  }

  @Test func `marks that cannot be used are refused before any work`() throws {
    let photos = try photos()
    func message(_ rows: String...) throws -> String {
      let parts = try folder.write(
        "file,part,left,top,right,bottom\n" + rows.joined(separator: "\n") + "\n", "parts.csv")
      return bench.problem("--images", photos, "--parts", parts).replacing("\(parts): ", with: "")
    }
    #expect(
      try message("cat/0.png,eye,4,4,12,12", "cat/1.png,eye,8,4,40,12")
        == "line 3: expected a box inside 'cat/1.png' of 32×32 pixels, found 8, 4 to 40, 12")
    #expect(
      try message("cat/0.png,eye,4,4,12,12", "cat/1.png,eye,-1,4,4,12")
        == "line 3: expected a box inside 'cat/1.png' of 32×32 pixels, found -1, 4 to 4, 12")
    #expect(
      try message(
        "cat/0.png,eye,4,4,12,12", "cat/1.png,eye,8,4,16,12", "cat/1.png,nose,8,4,16,12")
        == "expected each part in two pictures or more, found 'nose' in 1")
    #expect(
      try message("cat/0.png,eye,4,4,12,12", "no.png,eye,8,4,16,12", "no.png,nose,8,4,16,12")
        == "expected names of pictures in column file, such as 'cat/0.png', found 2 rows that name "
        + "none, first 'no.png' in line 3")
    #expect(
      bench.problem("--images", photos)
        == "no part is marked in two pictures of pictures; a table of boxes, --parts, marks them")
    #expect(bench.problem("--images", photos, "--parts", "none.csv").hasPrefix("none.csv: "))
  }

  @Test func `boxes that are cropped away are refused`() throws {
    let studio = Studio(
      try Model(folder.checkpoint(), "--preprocess", "unit", "--resize", "32"))
    let parts = try table("cat/0.png,eye,0,0,4,4", "cat/1.png,eye,10,10,14,14")
    let arguments = ["--images", try photos(), "--parts", parts]
    let text = errorText {
      try Correspondence(Correspondence.Options.parse(arguments), in: studio)
    }
    #expect(
      text == "\(parts): line 2: expected a box in the part of 'cat/0.png' that the network sees, "
        + "found one that the preprocessing crops away")
  }

  @Test func `options that do not fit are refused`() {
    #expect(
      bench.problem("--size", "4", "--parts", "a.csv").contains("give either --size or --parts"))
    #expect(bench.problem("--pictures", "1").contains("--pictures must be at least 2, not 1"))
    #expect(bench.problem("--draws", "0").contains("--draws must be at least 1, not 0"))
    #expect(
      bench.problem("--images", "scenes:60", "--size", "17")
        == "--size: a square of 17×17 is larger than the picture of 16×16 pixels")
  }
}
