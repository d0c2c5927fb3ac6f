import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Fovea
import Images
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `A studio` {
  /// The program of the README, but for the files' places.
  @Test func `gives the figures of an exhibit and what they show`() throws {
    let folder = try TemporaryFolder()
    let (checkpoint, photos) = (try folder.checkpoint(), try folder.pictures(["cat": 3, "dog": 3]))

    let model = try Model(checkpoint, "--preprocess", "unit")
    let studio = Studio(model)
    let figures = try studio.figures(of: TopPatches.self, "--images", photos, "--layers", "relu")
    for figure in figures {
      print(figure.name, figure.figure.title, figure.finding["values"]?.shape ?? [])
      try figure.png().write(to: URL(filePath: "\(folder.path)/\(figure.name).png"))
    }

    #expect(figures.map(\.name) == ["relu"])
    let figure = try #require(figures.first)
    #expect(figure.kind == TopPatches.kind)
    #expect(figure.finding["values"]?.shape == [5, 6])
    #expect(figure.facts.options["layers"] == "relu" && figure.facts.options["per-picture"] == "1")
    let image = try Image(contentsOf: "\(folder.path)/relu.png")
    #expect(image.width > 100 && image.height > 100)
  }

  @Test func `draws the first layer of a network without convolutions, if it sees the picture`()
    throws
  {
    let folder = try TemporaryFolder()
    // A rectifier before it hides the picture from the first layer.
    func filters(_ name: String, isHidden: Bool) throws -> [String] {
      let network = try Network(
        graph: Graph(
          inputShape: [1, 4, 4],
          [
            Graph.Node("first", isHidden ? Activation.relu : Dropout(0.5), inputs: ["input"]),
            Graph.Node("flat", Flatten(), inputs: ["first"]),
            Graph.Node("fc1", Linear(), inputs: ["flat"], parameters: ["w"]),
            Graph.Node("relu", Activation.relu, inputs: ["fc1"]),
            Graph.Node("fc2", Linear(), inputs: ["relu"], parameters: ["v"]),
          ]),
        parameters: Parameters([
          "w": .random([5, 16], seed: 1), "v": .random([3, 5], seed: 2),
        ]))
      let path = "\(folder.path)/\(name)"
      try Checkpoint(network, design: nil).save(to: path)
      return try Studio(Model(path)).figures(of: Filters.self).map(\.name)
    }
    #expect(try filters("a.safetensors", isHidden: false) == ["fc1"])
    let error = #expect(throws: ExhibitUnavailable.self) {
      try filters("b.safetensors", isHidden: true)
    }
    #expect(
      error?.description
        == "no layer of 'b.safetensors' has filters to draw, as a convolution has, or a fully "
        + "connected layer that sees the whole picture")
  }

  @Test func `draws every exhibit that the network has an answer to`() throws {
    let folder = try TemporaryFolder()
    let studio = Studio(try Model(folder.checkpoint()))
    // As many as the network has classes, so that they are labels.
    let photos = try folder.pictures(["cat": 4, "dog": 4, "owl": 4])
    for exhibit in exhibits { try check(exhibit, studio, photos) }
  }

  private func check<E: Exhibit>(_ exhibit: E.Type, _ studio: Studio, _ photos: String) throws {
    let names = optionNames(of: exhibit)
    let options = try E.Options.parse(
      (names.contains("images") ? ["--images", photos] : [])
        + ([ClassModels.kind, UnitSheets.kind].contains(E.kind) ? ["--steps", "2"] : [])
        + (E.kind == UnitSheets.kind ? ["--unit", "conv:1"] : []))
    do {
      let figures = try studio.figures(of: exhibit, options)
      #expect(!figures.isEmpty, "\(E.kind.name)")
      for figure in figures {
        #expect(figure.kind == E.kind && !figure.finding.isEmpty && !figure.figure.title.isEmpty)
      }
    } catch let reason as ExhibitUnavailable {
      #expect([TrainingCurves.kind, Correspondence.kind].contains(E.kind), "\(reason)")
    }
  }

  @Test func `finds mistakes before any work`() throws {
    let folder = try TemporaryFolder()
    let studio = Studio(try Model(folder.checkpoint()))
    let photos = try folder.pictures(["cat": 1])
    let mistakes: [(message: String, attempt: () throws -> Void)] = [
      (
        "no layer 'rely'; did you mean 'relu'?",
        { _ = try Filters(.parse(["--layers", "rely"]), in: studio) }
      ),
      (
        "no unit 9 in layer 'conv': it has 5, from 0 on; for a number of units say 'even:9'",
        { _ = try Filters(.parse(["--units", "9"]), in: studio) }
      ),
      (
        "\(folder.path)/none: no such file or folder",
        { _ = try FeatureMaps(.parse(["--images", "\(folder.path)/none"]), in: studio) }
      ),
      (
        "no class 'cat'",
        {
          _ = try Saliency(.parse(["--images", photos, "--classes", "cat"]), in: studio)
        }
      ),
    ]
    for (message, attempt) in mistakes {
      let error = #expect(throws: (any Error).self) { try attempt() }
      #expect("\(try #require(error))".hasPrefix(message), "\(String(describing: error))")
    }
    let headless = Studio(try Model(folder.checkpoint(classes: nil)))
    let error = #expect(throws: ExhibitUnavailable.self) {
      _ = try ClassModels(.parse([]), in: headless)
    }
    #expect(error?.description == "'net.safetensors' ends in maps of 5×16×16, not in class scores")
  }

  @Test func `reads the options of single kinds from a file`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "saliency: {method: deconvnet, classes: [cat, dog]}\nfeatures:\n  pictures: 3\n", "a.yaml"
    )
    let options = try KindOptions(path)
    #expect(options.arguments(of: "saliency") == ["--classes", "cat,dog", "--method", "deconvnet"])
    #expect(options.arguments(of: "features") == ["--pictures", "3"])
    #expect(options.arguments(of: "filters") == [])
    let negative = try folder.write(
      "saliency: {method: lrp-epsilon-gamma-box, high: 3, low: [-2, -1]}", "b.yaml")
    #expect(
      try KindOptions(negative).arguments(of: "saliency")
        == ["--high", "3", "--low=-2,-1", "--method", "lrp-epsilon-gamma-box"])
  }

  @Test(arguments: [
    ("salincy: {}", "no kind 'salincy'; did you mean 'saliency'?"),
    ("saliency: 3", "expected options with their values under 'saliency'"),
    ("saliency: {methd: x}", "'saliency' has no option 'methd'; did you mean 'method'?"),
    ("saliency: {method: {a: b}}", "'saliency': 'method' must be a single value"),
    ("- a", "expected kinds of figures with their options"),
  ])
  func `refuses a file that says something else`(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, "a.yaml")
    #expect(throws: FileError(.malformed, path, message)) { try KindOptions(path) }
  }
}
