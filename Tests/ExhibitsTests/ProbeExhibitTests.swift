import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import TensorCore
import TestSupport
import Testing

@Suite struct `A linear probe` {
  private let bench: ExhibitBench<Probe>
  private var folder: TemporaryFolder { bench.folder }

  init() throws { bench = try ExhibitBench() }

  @Test func `is a table of layers and numbers of pictures`() throws {
    let photos = try folder.pictures(["cat": 9, "parrot": 10, "ox": 11])
    let found = try bench.figures(
      photos, "--per-class", "2,4", "--folds", "3", "--layers", "relu,scores")
    #expect(found.map(\.name) == ["pictures"])
    let accuracies = try #require(found[0].finding["accuracies"])
    #expect(accuracies.shape.extents.suffix(2) == [2, 3] && accuracies.shape[0] >= 3)
    #expect(accuracies.elements.allSatisfy { (0...1).contains($0) })
    #expect(found[0].facts.options["per-class"] == "2,4")
    #expect(found[0].facts.options["classes"] == "3")
    // The same pictures by the option.
    let same = try bench.figures(
      "--images", photos, "--per-class", "2,4", "--folds", "3", "--layers", "relu,scores")
    #expect(same[0].finding["accuracies"]?.elements == accuracies.elements)
  }

  @Test func `tests each picture once without a number`() throws {
    let photos = try folder.pictures(["cat": 8, "parrot": 8])
    let found = try bench.figures(photos, "--folds", "2", "--softmax", "none")
    #expect(found[0].finding["accuracies"]?.shape.extents.dropFirst() == [1, 2])
    #expect(found[0].figure.caption.contains("Every picture is tested in one fold."))
    #expect(!found[0].figure.caption.contains("Softmax"))
  }

  @Test func `uses a single value of C as it is`() throws {
    let found = try bench.figures(
      "scenes:120", "--folds", "2", "--layers", "relu", "--regularization", "0.01")
    #expect(found[0].finding["costs"]?.elements.allSatisfy { abs($0 - 0.01) < 1e-6 } == true)
  }

  @Test func `finds mistakes before any work`() throws {
    let photos = try folder.pictures(["cat": 4, "parrot": 2])
    #expect(
      bench.problem(photos, "--folds", "2")
        == "--folds 2: expected 4 or more pictures of each class, found 2 of 'parrot'")
    #expect(
      bench.problem(photos, "--per-class", "3")
        == "--per-class 3: expected 4 or more pictures of each class, found 2 of 'parrot'")
    #expect(bench.problem(photos, "--layers", "rellu").hasPrefix("no layer 'rellu'"))
    #expect(
      bench.problem(photos, "--layers", "relu", "--softmax", "scores").hasPrefix(
        "--softmax: layer 'scores' is not one of those of --layers"))
    #expect(
      bench.problem(photos, "--images", "others").contains(
        "give the pictures either by themselves or with --images, not both"))
    for (option, value) in [
      ("--per-class", "0"), ("--per-class", "3,x"), ("--regularization", "-1"),
      ("--regularization", "nan"), ("--folds", "0"), ("--test-per-class", "0"),
    ] {
      #expect(bench.problem(photos, "\(option)=\(value)").contains(option), "\(option) \(value)")
    }
    #expect(
      bench.problem(photos, "--per-class", "1").contains("leaves no picture to choose C on"))
  }

  @Test func `needs two classes and a label for each picture`() throws {
    let one = try folder.pictures(["cat": 4])
    #expect(
      bench.problem(one).contains("expected pictures of at least two classes, found one, 'cat'"))
    try folder.write(
      npy([4, 3, 16, 16], [Float](repeating: 0.5, count: 4 * 3 * 256)), "bare.npy")
    #expect(
      bench.problem(folder["/bare.npy"]).contains(
        "expected a class for every picture, found none for 4 of 4"))
  }
}
