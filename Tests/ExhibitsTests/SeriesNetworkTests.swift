import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Fovea
import Networks
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct `Networks of series and volumes` {
  private static let networks: [(Architecture, String)] = [
    (.seriesSmall, "series:24"), (.volumeSmall, "volumes:18"),
  ]

  private func checkpoint(_ architecture: Architecture, in folder: TemporaryFolder) throws -> String
  {
    let path = "\(folder.path)/net.safetensors"
    let input = architecture == .seriesSmall ? [1, 40] : [1, 4, 12, 12]
    let network = try architecture.blueprint(inputShape: Shape(input))
      .network(seed: 1, initialization: .he)
    try Checkpoint(
      network,
      design: .init(
        architecture: architecture.rawValue, classes: architecture.usualClassCount, input: input)
    ).save(to: path)
    return path
  }

  @Test(arguments: networks)
  func `give figures that need no picture, and refuse others by name`(
    architecture: Architecture, source: String
  ) throws {
    let folder = try TemporaryFolder()
    let studio = Studio(try Model(checkpoint(architecture, in: folder)))
    let kind = studio.model.preprocessing.kind
    #expect(kind == (architecture == .seriesSmall ? .series : .volume))
    let images = ["--images", source]
    #expect(
      try studio.figures(of: Confusion.self, "--images", source).map(\.kind) == [Confusion.kind])
    // An untrained network is wrong about most.
    let mistakes = try studio.figures(of: Mistakes.self, .parse(images))
    #expect(mistakes.map(\.kind) == [Mistakes.kind])
    #expect(
      mistakes[0].figure.subtitle.hasSuffix(kind == .series ? "in 24 series" : "in 18 volumes"))
    let factors = try studio.figures(
      of: Embedding.self, .parse(images + ["--factors", "--by", "class"]))
    #expect(factors.map(\.name) == ["factors", "factors-class"])
    #expect(
      factors[1].figure.caption.contains(
        kind == .series ? "All curves share one vertical axis" : "the middle frame is shown"))
    let points = try studio.figures(of: Embedding.self, .parse(images))
    #expect(points.count == 1 && points[0].kind == Embedding.kind)
    #expect(
      errorText {
        try studio.figures(of: Embedding.self, .parse(images + ["--marks", "pictures"]))
      }
        == "--marks pictures: 'net.safetensors' takes \(kind == .series ? "series" : "volumes"); "
        + "their points are dots")
    let shape = studio.model.preprocessing.input
    for text in [
      errorText { try studio.figures(of: Saliency.self, .parse(images)) },
      errorText { try studio.figures(of: ClassModels.self) },
      errorText { try studio.figures(of: TopPatches.self, .parse(images)) },
      errorText { try studio.figures(of: Occlusion.self, .parse(images)) },
      errorText { try studio.figures(of: ReceptiveFields.self) },
    ] {
      #expect(
        text
          == "expected a network of pictures, found 'net.safetensors', which takes "
          + "\(kind == .series ? "series" : "volumes") of \(shape)")
    }
  }

  @Test func `get arrays of their own shape only, before any work`() throws {
    let folder = try TemporaryFolder()
    let studio = Studio(try Model(checkpoint(.seriesSmall, in: folder)))
    let path = try folder.write(npy([2, 2, 40], [Float](repeating: 1, count: 160)), "a.npy")
    #expect(
      errorText { try studio.pictures(.parse(["--images", path])) }
        == "\(path): expected series of [1, 40], as the network takes them, found [2, 40]")
    // Files are cut or padded instead.
    try folder.write("1\n2\n", "files/a.csv")
    let pictures = try studio.pictures(.parse(["--images", folder["/files"]])).scanned
    #expect(
      pictures.dataset.remarks
        == ["\(folder.path)/files: 1 of 1 series padded with zeros to 40 samples"])
  }

  @Test func `have no preprocessing of pictures`() throws {
    let folder = try TemporaryFolder()
    let path = try checkpoint(.seriesSmall, in: folder)
    for option in [["--preprocess", "imagenet"], ["--resize", "64"], ["--channels", "bgr"]] {
      let error = errorText { try Model(CheckpointOptions.parse(option + ["--", path])) }
      #expect(error?.hasPrefix("--preprocess, --channels and --resize are for pictures") == true)
    }
    let model = try Model(path, "--mean", "0.5", "--std", "2")
    #expect(model.preprocessing.mean == [0.5] && model.preprocessing.deviation == [2])
    #expect(model.preprocessing.scale == 1)
    #expect(
      model.preprocessing.steps == [
        "of [1, 40] numbers", "reduced by the mean 0.5", "divided by the standard deviation 2",
      ])
  }

  @Test(.slow, arguments: networks)
  func `are trained on data of their kind, normalized by its mean and deviation`(
    architecture: Architecture, source: String
  ) throws {
    let recipe = Recipe(
      architecture: architecture.rawValue, data: source, testData: source, epochs: 1, batchSize: 6,
      augmentation: Augmentation(padCrop: 1, brightness: 0.1, noise: 0.1))
    let sources = try TrainingSources(recipe, architecture, memory: MemoryBudget(bytes: 1 << 30))
    #expect(sources.preprocessing.input == architecture.usualInputShape.extents)
    #expect(sources.classNames.count == architecture.usualClassCount)
    var values: [Float] = []
    _ = try sources.training.forEachBatch(
      of: 24, indices: Array(0..<sources.training.count),
      preprocessing: sources.preprocessing
    ) { values += $0.images.elements }
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(values.count)
    #expect(abs(mean) < 1e-4 && abs(square - 1) < 1e-3)
    let fresh = try FreshNetwork(recipe, architecture, for: sources)
    let folder = try TemporaryFolder()
    let run = try TrainingRun(
      recipe, from: fresh.start, on: sources.prepare(), into: folder["/run"])
    let trained = try run.run(resuming: false) { _ in }
    #expect(trained.network.graph.inputShape == architecture.usualInputShape)
  }

  @Test func `learn from files of their own length`() throws {
    let folder = try TemporaryFolder()
    for (name, value) in [("a", 1), ("b", -1)] {
      for number in 0..<4 {
        let lines = (0..<(20 + number)).map { "\(value * $0),\(number)" }
        try folder.write(lines.joined(separator: "\n"), "data/\(name)/\(number).csv")
      }
    }
    let sources = try TrainingSources(
      Recipe(architecture: "series-small", data: folder["/data"]), .seriesSmall,
      memory: MemoryBudget(bytes: 1 << 30))
    // The longest, so that nothing is cut.
    #expect(sources.preprocessing.input == [2, 23])
    #expect(sources.classNames == ["a", "b"])
  }
}
