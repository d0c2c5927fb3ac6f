import Analysis
import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Fovea
import Images
import Networks
import Synchronization
import TensorCore
import TestSupport
import Testing
import Training

/// Keeps what is reported.
private final class Listener: Reporter {
  private let heard = Mutex<(said: [String], warned: [String])>(([], []))
  var said: [String] { heard.withLock { $0.said } }
  var warned: [String] { heard.withLock { $0.warned } }
  func say(_ line: String) { heard.withLock { $0.said.append(line) } }
  func warn(_ line: String) { heard.withLock { $0.warned.append(line) } }
  func progress(_ label: String, _ done: Int, of total: Int, detail: String) {}
}

@Suite struct `Predictions of pictures` {
  private let listener = Listener()

  private func options(_ arguments: String...) throws -> PictureOptions { try .parse(arguments) }

  @Test func `doubt arrays that are not preprocessed as pictures are`() throws {
    let folder = try TemporaryFolder()
    func doubts(_ values: [Float], _ preset: String) throws -> [String] {
      let array = try folder.write(
        npy([12, 3, 16, 16], (0..<(12 * 768)).map { values[$0 % values.count] }), "x.npy")
      let studio = Studio(
        try Model(folder.checkpoint(), "--preprocess", preset), reporter: listener)
      return try studio.predictions(options("--images", array)).doubts
        .filter { $0.hasPrefix("the arrays") }
    }
    #expect(try doubts([0, 0.5, 1], "unit") == [])
    #expect(try doubts([0, 100, 255], "raw") == [])
    #expect(
      try doubts([0, 0.5, 1], "imagenet") == [
        "the arrays are used exactly as they are, with values from 0 to 1, but the network's "
          + "preprocessing gives pictures values from −2.12 to 2.64: preprocess the arrays in the "
          + "same way, or give bytes"
      ])
    #expect(try doubts([0, 100, 255], "unit").first?.contains("from 0 to 255, but") == true)
    #expect(
      try doubts([-2, 0, 2], "imagenet") == [
        "the arrays are used exactly as they are, with values from −2 to 2, which is right if they "
          + "were preprocessed as the network's pictures are"
      ])
  }

  @Test func `come with the pictures' names, labels and probabilities`() throws {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["ant": 3, "bee": 2, "cat": 2])
    let studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"), reporter: listener)
    let found = try studio.predictions(options("--images", photos), top: 2, keepsScores: true)
    #expect(found.pictures.map(\.name).first == "ant/0.png" && found.pictures.count == 7)
    #expect(found.pictures.map(\.labelName) == ["ant", "ant", "ant", "bee", "bee", "cat", "cat"])
    #expect(found.scores?.shape == [7, 3])
    #expect(found.pictures.allSatisfy { $0.classified.choices.count == 2 })
    // The network has no names, and as many classes as there are folders.
    #expect(found.classNames.names == ["ant", "bee", "cat"])
    #expect(
      listener.said.contains(
        "net.safetensors: the class names are those of pictures, in the order of its labels"))
    #expect(found.finding.labelled == 7)
    let scores = try #require(found.scores?.elements)
    for (row, picture) in found.pictures.enumerated() {
      let own = Array(scores[3 * row..<3 * row + 3])
      #expect(picture.classified.choices[0].score == own.max())
      let choice = picture.classified.choices[0].index
      #expect(picture.classified.isRight == (choice == picture.classified.label))
    }
  }

  @Test func `labels that are none of the network's classes are said once`() throws {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["ant": 2, "dog": 2])
    _ = try folder.write("ant\nbee\ncat\n", "net.classes.txt")
    let studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"), reporter: listener)
    let found = try studio.predictions(options("--images", photos))
    _ = try studio.predictions(options("--images", photos))
    #expect(found.finding.labelled == 2 && found.pictures[2].labelName == "dog")
    let remark =
      "1 of the 2 classes of pictures is none of the network's: 'dog'; their pictures "
      + "count as unlabelled"
    #expect(listener.said.count { $0 == remark } == 1, "\(listener.said)")
  }

  @Test func `names match without regard to case, hyphens and synonyms`() throws {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["Tinca_tinca": 1, "Golden-Retriever": 1])
    _ = try folder.write("golden retriever\ntench, Tinca tinca\ncat\n", "net.classes.txt")
    let studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"), reporter: listener)
    let found = try studio.predictions(options("--images", photos))
    #expect(found.pictures.map(\.classified.label) == [0, 1])
  }

  @Test func `a table gives a flat folder its labels`() throws {
    let folder = try TemporaryFolder()
    for number in 0..<3 {
      try folder.write(
        Image.noise(16, 16, seed: UInt64(number)).encodedPNG(), "flat/\(number).png")
    }
    let table = try folder.write("file,label\n0.png,2\n1.png,0\n", "labels.csv")
    let studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"), reporter: listener)
    let found = try studio.predictions(
      options("--images", folder["/flat"], "--labels", table))
    #expect(found.pictures.map(\.classified.label) == [2, 0, nil])
    #expect(listener.said.contains("\(table): labels of 2 of 3 pictures"))
    let error = #expect(throws: UsageError.self) {
      _ = try studio.predictions(options("--labels", table))
    }
    #expect(error?.description == "--labels: give the folder of pictures with --images")
  }

  @Test func `need class scores`() throws {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["ant": 1])
    let studio = Studio(try Model(folder.checkpoint(classes: nil), "--preprocess", "unit"))
    #expect(throws: ExhibitUnavailable.self) {
      _ = try studio.predictions(options("--images", photos))
    }
  }
}

@Suite struct `A network's own pictures` {
  /// A network that was trained on the pictures beside it.
  ///
  /// - Parameter table: The rows of a table that says their classes; nil if their folders do.
  private func predictions(
    holdingOut fraction: Double, examples: Int?, table: [String]? = nil, losesTable: Bool = false,
    _ arguments: String...
  ) throws -> Predictions {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["ant": 4, "bee": 3, "cat": 3])
    let path = try folder.checkpoint()
    var checkpoint = try Checkpoint.load(path)
    var recipe = Recipe(
      architecture: "lenet5", data: "pictures", seed: 3, validationFraction: fraction)
    if let table {
      recipe.labels = "labels.csv"
      if !losesTable {
        try folder.write((["file,label"] + table).joined(separator: "\n"), "labels.csv")
      }
    }
    checkpoint.setMetadata(recipe, for: Checkpoint.Key.recipe)
    var history = TrainingHistory()
    history.examples = examples
    checkpoint.setMetadata(history, for: Checkpoint.Key.history)
    try checkpoint.save(to: path)
    let images = arguments.isEmpty ? [] : ["--images", photos]
    return try Studio(Model(path, "--preprocess", "unit")).predictions(.parse(images))
  }

  @Test func `are those held out, as the run chose them`() throws {
    let found = try predictions(holdingOut: 0.3, examples: 10)
    #expect(found.source == "pictures (held-out pictures)")
    let all = try predictions(holdingOut: 0.3, examples: 10, "--images")
    #expect(all.source == "pictures" && all.pictures.count == 10)
    let heldOut = PreparedPictures.heldOut([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], 0.3, seed: 3)
    #expect(heldOut.count == 3)
    #expect(found.pictures.map(\.name) == heldOut.map { all.pictures[$0].name })
  }

  @Test func `are said to be training pictures otherwise`() throws {
    let all = try predictions(holdingOut: 0, examples: 10)
    #expect(all.source == "pictures (training pictures)" && all.pictures.count == 10)
    for examples in [nil, 9] {
      let found = try predictions(holdingOut: 0.3, examples: examples)
      #expect(found.source == "pictures (includes training pictures)")
      #expect(found.pictures.count == 10)
    }
  }

  /// The checkpoint of one epoch.
  private func trained(on place: String, into folder: String) throws -> String {
    let recipe = Recipe(architecture: "mlp", data: place, epochs: 1, batchSize: 8)
    let sources = try TrainingSources(recipe, .mlp, memory: MemoryBudget(bytes: 1 << 30))
    var start = try FreshNetwork(recipe, .mlp, for: sources).start
    start.checkpoint.setMetadata(sources.preprocessing, for: Checkpoint.Key.preprocessing)
    _ = try TrainingRun(recipe, from: start, on: sources.prepare(), into: folder).run()
    return folder + "/final.safetensors"
  }

  @Test func `that are arrays are not doubted for their values`() throws {
    let folder = try TemporaryFolder()
    func arrays(_ highest: Float, _ name: String) throws -> String {
      let values = (0..<(8 * 784)).map { Float($0 % 6) / 5 * highest }
      return try folder.write(
        zip([
          ("x.npy", npy([8, 1, 28, 28], values)), ("y.npy", npy(labels: (0..<8).map { $0 % 2 })),
        ]), name)
    }
    let place = try arrays(5, "float.npz")
    let checkpoint = try trained(on: place, into: folder["/run"])
    for other in [place, try arrays(9, "more.npz")] {
      let doubts = try Studio(Model(checkpoint)).predictions(.parse(["--images", other])).doubts
      #expect(!doubts.contains { $0.hasPrefix("the arrays are used") }, "\(doubts)")
    }
  }

  @Test func `are known by their place and their values, not by their name`() throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["train/ant": 4, "train/bee": 3, "test/ant": 2, "test/bee": 2])
    func train(_ place: String, _ run: String) throws -> String {
      try trained(on: place, into: folder[run])
    }
    func source(_ checkpoint: String, _ place: String) throws -> String {
      try Studio(Model(checkpoint)).predictions(.parse(["--images", place])).source
    }
    let split = try train(data, "/split")
    #expect(try source(split, data) == "pictures")
    #expect(try source(split, data + "/test") == "test")
    #expect(try source(split, data + "/train") == "train (training pictures)")
    #expect(try source(split, data + "/train/ant") == "ant (training pictures)")
    // Copies are known by their values, and others are not called so for their name.
    try FileManager.default.copyItem(atPath: data + "/train", toPath: folder["/copy"])
    #expect(try source(split, folder["/copy"]) == "copy (training pictures)")
    try folder.write(Image.noise(16, 16, seed: 99).encodedPNG(), "copy/ant/0.png")
    #expect(try source(split, folder["/copy"]) == "copy")
    // What could not be read was not left out on purpose.
    try folder.write(Data("no picture".utf8), "copy/bee/broken.png")
    let odd = try train(folder["/copy"], "/odd")
    #expect(try source(odd, folder["/copy"]) == "copy (training pictures)")
    try FileManager.default.copyItem(atPath: folder["/copy"], toPath: folder["/again"])
    #expect(try source(odd, folder["/again"]) == "again (training pictures)")
  }

  @Test func `are those of the run's table`() throws {
    let rows = [
      "ant/0.png,bee", "ant/2.png,cat", "bee/1.png,ant", "bee/2.png,ant", "cat/0.png,cat",
    ]
    let found = try predictions(holdingOut: 0.4, examples: 5, table: rows)
    #expect(found.source == "pictures (held-out pictures)")
    #expect(!found.pictures.isEmpty)
    #expect(
      found.pictures.allSatisfy { picture in rows.contains { $0.hasPrefix(picture.name + ",") } })
    let lost = try predictions(holdingOut: 0.4, examples: 10, table: rows, losesTable: true)
    #expect(lost.source == "pictures (includes training pictures)")
    #expect(lost.pictures.count == 10)
  }
}

@Suite struct `A trial of preprocessings` {
  /// A network of bright against dark pictures, with a batch norm that was trained on pixels of
  /// 0…255, and bright and dark pictures.
  private func folder() throws -> (TemporaryFolder, checkpoint: String) {
    let folder = try TemporaryFolder()
    for (name, level) in [("dark", 60), ("light", 190)] {
      for number in 0..<16 {
        let pixels = (0..<16 * 16).flatMap { index -> [UInt8] in
          let value = UInt8(level + (index * 7 + number * 13) % 60 - 30)
          return [value, value, value, 255]
        }
        let image = Image(width: 16, height: 16, pixels: pixels)
        try folder.write(image.encodedPNG(), "pictures/\(name)/\(number).png")
      }
    }
    let network = try Network(
      graph: Graph(
        inputShape: [3, 16, 16],
        [
          Graph.Node(
            "norm", BatchNormalization(), inputs: ["input"],
            parameters: ["gamma", "beta", "mean", "variance"]),
          Graph.Node("pool", GlobalPool(.average), inputs: ["norm"]),
          Graph.Node("flat", Flatten(), inputs: ["pool"]),
          Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["w"]),
        ]),
      parameters: Parameters([
        "gamma": Tensor(shape: [3], repeating: 1), "beta": Tensor(shape: [3], repeating: 0),
        "mean": Tensor(shape: [3], repeating: 125),
        "variance": Tensor(shape: [3], repeating: 4500),
        "w": Tensor(shape: [2, 3], [-1, -1, -1, 1, 1, 1]),
      ]))
    let path = "\(folder.path)/net.safetensors"
    try Checkpoint(network, design: nil, classNames: ["dark", "light"]).save(to: path)
    return (folder, path)
  }

  @Test func `finds what the network was trained with`() throws {
    let (folder, checkpoint) = try folder()
    let listener = Listener()
    let model = try Model(checkpoint, "--preprocess", "auto")
    let options = try PictureOptions.parse(["--images", folder["/pictures"]])
    let studio = try Studio(model, reporter: listener).adapted(to: options)
    // On grey pictures both orders of channels are the same; the usual one is kept.
    #expect(studio.model.preprocessing == Preprocessing(.raw, input: [3, 16, 16]))
    #expect(
      listener.warned == [
        "--preprocess auto takes --preprocess raw: top-1 accuracy is 100 % on 32 pictures, and at "
          + "most 50 % with any other preset (100 % with the channels in the other order)"
      ])
    #expect(
      listener.said.contains {
        $0.contains("--preprocess raw") && $0.contains("top-1 accuracy 100 %")
      })
  }

  @Test func `tries nothing on arrays, which are used as they are`() throws {
    let (folder, checkpoint) = try folder()
    let images = Tensor.random([64, 3, 16, 16], seed: 1)
    try SafeTensorsFile.write(["pictures": images], to: folder["/arrays.safetensors"])
    let listener = Listener()
    let options = try PictureOptions.parse(["--images", folder["/arrays.safetensors"]])
    let studio = try Studio(Model(checkpoint, "--preprocess", "auto"), reporter: listener)
      .adapted(to: options)
    #expect(
      listener.warned == [
        "--preprocess auto: the arrays of arrays.safetensors are used exactly as they are"
      ])
    let doubts = try studio.predictions(options).doubts
    #expect(doubts.contains { $0.hasSuffix("check how the arrays were made") })
    #expect(doubts.contains { $0.contains("the arrays are used exactly as they are, with values") })
  }

  /// With one choice for all pictures, and a training history of one epoch.
  private func trained(
    _ accuracy: Double, in folder: TemporaryFolder, epochs: Int = 1
  ) throws -> String {
    let path = try folder.checkpoint()
    var checkpoint = try Checkpoint.load(path)
    checkpoint.network.parameters["v"] = Tensor(shape: [3, 5 * 16 * 16]) {
      $0.initialize(repeating: 0)
    }
    checkpoint.setMetadata(
      Preprocessing(.unit, input: [3, 16, 16]), for: Checkpoint.Key.preprocessing)
    checkpoint.setMetadata(
      Recipe(architecture: "mlp", data: "pictures"), for: Checkpoint.Key.recipe)
    var history = TrainingHistory(validation: .test)
    history.epochs.append(
      TrainingHistory.Epoch(
        epoch: epochs, loss: 1, accuracy: 0.5, validationLoss: 1, validationAccuracy: accuracy,
        learningRate: 0.1))
    history.examples = 640
    checkpoint.setMetadata(history, for: Checkpoint.Key.history)
    try checkpoint.save(to: path)
    return path
  }

  @Test func `does not doubt the preprocessing of a network that is hardly trained`() throws {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["0": 4, "1": 4, "2": 4])
    func doubts(_ path: String, _ arguments: String...) throws -> [String] {
      try Studio(Model(CheckpointOptions.parse(arguments + [path]))).predictions(
        PictureOptions.parse(["--images", photos])
      ).doubts
    }
    let seen = "top-1 accuracy is 33.3 % on 12 pictures, and guessing gives 33.3 %: "
    let poor = try trained(0.36, in: folder)
    #expect(
      try doubts(poor) == [
        seen + "the network is hardly trained, for 1 epoch; its accuracy was 36 % on its test "
          + "pictures"
      ])
    // With other preprocessing than its own, that may still be the reason.
    #expect(
      try doubts(poor, "--preprocess", "imagenet").first
        == seen + "the preprocessing or the order of the classes is probably wrong; "
        + "'--preprocess auto' compares the presets")
    #expect(
      try doubts(trained(0.36, in: folder, epochs: 0)) == [
        seen + "the network is not trained yet"
      ])
    let good = try doubts(trained(0.99, in: folder))
    #expect(
      good.first
        == seen + "the preprocessing is that of the training, so these pictures or their labels "
        + "are probably unlike those of the training; its accuracy was 99 % on its test "
        + "pictures")
    #expect(good.count == 2)
  }

  @Test func `doubts what the network was not trained with`() throws {
    let (folder, checkpoint) = try folder()
    let options = try PictureOptions.parse(["--images", folder["/pictures"]])
    let wrong = try Studio(Model(checkpoint, "--preprocess", "unit")).predictions(options)
    #expect(
      wrong.doubts.contains { $0.hasPrefix("the input of 'norm' is not what it was in training") },
      "\(wrong.doubts)")
    #expect(wrong.finding.top1 == 0.5)
    let right = try Studio(Model(checkpoint, "--preprocess", "raw")).predictions(options)
    #expect(right.doubts == [] && right.finding.top1 == 1)
  }

  @Test func `needs pictures`() throws {
    let (folder, checkpoint) = try folder()
    let studio = Studio(try Model(checkpoint, "--preprocess", "auto"))
    #expect(
      errorText { try studio.adapted(to: .parse(["--images", folder["/none"]])) }
        == "\(folder["/none"]): no such file or folder")
    #expect(
      errorText { try Model(checkpoint, "--preprocess", "auto", "--scale", "1") }
        == "--preprocess auto finds --mean, --std, --scale and --channels by itself; give either")
  }
}
