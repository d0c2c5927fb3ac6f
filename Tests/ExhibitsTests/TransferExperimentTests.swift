import Checkpoints
import Exhibits
import Files
import Foundation
import Fovea
import Galleries
import Networks
import Synchronization
import TensorCore
import TestSupport
import Testing
import Training

@Suite(.serialized) struct `Transfer experiments` {
  private let origin = TrainingStart.Origin(checkpoint: "given.safetensors", sha256: "00")

  private func given(_ architecture: Architecture = .lenet5, side: Int = 28) throws -> Checkpoint {
    let input = [architecture == .lenet5 ? 1 : 3, side, side]
    return Checkpoint(
      try architecture.blueprint(classes: 3, inputShape: Shape(input))
        .network(seed: 1, initialization: .he),
      design: Checkpoint.Design(architecture: architecture.rawValue, classes: 3, input: input),
      classNames: ["x", "y", "z"])
  }

  private func recipe(_ data: String) -> Recipe {
    Recipe(
      architecture: "", data: data, epochs: 1, batchSize: 16,
      optimizer: OptimizerSettings(learningRate: 0.02), seed: 3, checkpointEpochs: [],
      from: "given.safetensors", layers: LayerSettings(copiedRate: 0.1))
  }

  private func transfer(
    _ data: String, _ given: Checkpoint,
    _ methods: [TransferExperiment.Method] = [
      .scratch, .features, .classifier, .connected, .all,
    ], perClass: [Int]? = nil, draws: Int = 2, sha256: String = "00"
  ) throws -> TransferExperiment {
    let recipe = recipe(data)
    let sources = try TrainingSources(
      recipe, nil, given: Preprocessing(input: given.network.graph.inputShape.extents),
      memory: .ofMachine(), holdsOut: true)
    return try TransferExperiment(
      of: given, TrainingStart.Origin(checkpoint: origin.checkpoint, sha256: sha256), recipe,
      on: sources, methods: methods, perClass: perClass, draws: draws)
  }

  private func experiment(_ transfer: TransferExperiment, into folder: String) throws -> Experiment
  {
    try Experiment(transfer.runs, on: transfer.sources, into: folder, memory: .ofMachine())
  }

  @Test(.slow) func `train in each way, with each number of pictures`() throws {
    let folder = try TemporaryFolder()
    let given = try given()
    let transfer = try transfer(
      folder.pictures(["a": 30, "bb": 30]), given, perClass: [15, 5])
    #expect(transfer.counts == [5, 15])
    #expect(transfer.remarks == [])
    #expect(
      transfer.runs.map(\.name)
        == ["scratch", "features", "classifier", "connected", "all"]
        .flatMap { way in ["5-1", "5-2", "15-1", "15-2"].map { "\(way)-\($0)" } })
    // As many steps with few pictures as with sixty.
    #expect(transfer.runs[0].recipe.epochs == 12 && transfer.runs[2].recipe.epochs == 4)
    #expect(transfer.runs.prefix(2).map(\.recipe.seed) == [3, 4])
    let measures = try experiment(transfer, into: folder["/out"]).run(resuming: false)
    for (run, measures) in zip(transfer.runs, measures) {
      #expect(measures.trainingPictures == (run.name.contains("-5-") ? 10 : 30))
      #expect(measures.testPictures == 12)
      #expect((0...1).contains(measures.testError))
      #expect(run.hasNetwork == (measures.history.epochs.last?.epoch == run.recipe.epochs))
    }

    // What learns, and what does not.
    let network = given.network
    let classifier = try network.classifier()
    func trained(_ name: String) throws -> Network {
      try Checkpoint.load(folder["/out/runs/\(name)/final.safetensors"]).network
    }
    func same(_ name: String, _ parameter: String) throws -> Bool {
      try trained(name).parameters[parameter]?.elements == network.parameters[parameter]?.elements
    }
    for parameter in network.parameters.names where !classifier.parameters.contains(parameter) {
      #expect(try same("classifier-5-1", parameter), "\(parameter)")
      #expect(try same("connected-5-1", parameter) == parameter.hasPrefix("conv"), "\(parameter)")
      #expect(try !same("all-5-1", parameter), "\(parameter)")
    }
    #expect(!folder.exists("out/runs/features-5-1/final.safetensors"))
    let learned = Dictionary(
      uniqueKeysWithValues: zip(transfer.runs.map(\.name), measures.map(\.learnedParameters)))
    // The machines have a weight for each feature, and an intercept, as the classifier has.
    #expect(learned["features-5-1"] == learned["classifier-5-1"])
    #expect(learned["scratch-5-1"] == learned["all-5-1"])

    let report = try transfer.report(measures)
    let names = try report.write(to: folder["/out"]).map { URL(filePath: $0).lastPathComponent }
    #expect(names == ["table.txt", "table.csv", "runs.csv", "table.png", "curves.png"])
    let rows = try folder.text("out/table.csv").split(separator: "\n").map(String.init)
    #expect(
      rows[0]
        == "method,label,learned_parameters,pictures_per_class,runs,test_accuracy,deviation")
    #expect(rows.count == 11)
    #expect(rows[1].hasPrefix("scratch,from scratch,") && rows[1].contains(",5,2,"))
    #expect(try folder.text("out/runs.csv").split(separator: "\n").count == 21)
    let text = try folder.text("out/table.txt")
    #expect(text.contains("fully connected layers") && text.contains(" ± "))
    #expect(
      report.table.heads.suffix(2) == [
        "Test accuracy %, 5 per class", "Test accuracy %, 15 per class",
      ])
    #expect(report.table.rows.last == ["chance", "–", "50.0", "50.0"])
    #expect(
      report.figures[0].figure.caption.hasPrefix(
        "Test accuracy is the share of test pictures whose first choice is right"))

    // Finished runs are kept, but not those from other weights.
    var kept = 0
    _ = try experiment(transfer, into: folder["/out"]).run(resuming: true) { event in
      if case .kept = event { kept += 1 }
    }
    #expect(kept == 20)
    let other = try self.transfer(
      folder["/pictures"], given, perClass: [5, 15], sha256: "11")
    let error = #expect(throws: FileError.self) {
      _ = try experiment(other, into: folder["/out"]).run(resuming: true)
    }
    #expect(error?.reason.hasPrefix("the run was made with other weights to begin with") == true)
  }

  @Test func `draw nested sets of pictures, the same for every way of training`() throws {
    let folder = try TemporaryFolder()
    let transfer = try transfer(
      folder.pictures(["a": 40, "bb": 40]), given(), [.scratch, .all], perClass: [4, 8])
    func pictures(_ name: String) throws -> Set<Int> {
      Set(try #require(transfer.runs.first { $0.name == name }?.pictures))
    }
    for draw in 1...2 {
      #expect(try pictures("scratch-4-\(draw)").isSubset(of: pictures("scratch-8-\(draw)")))
      #expect(try pictures("scratch-8-\(draw)") == pictures("all-8-\(draw)"))
      #expect(try pictures("all-8-\(draw)").count == 16)
    }
    #expect(try pictures("all-8-1") != pictures("all-8-2"))
    // Only what some run sees is read.
    let seen = try pictures("all-8-1").union(pictures("all-8-2"))
    #expect(transfer.sources.training.count == seen.count)
  }

  /// A network without hidden fully connected layers, and one with nothing else.
  @Test func `say what stands in for fully connected layers`() throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["a": 40, "bb": 40])
    let residual = try transfer(data, given(.resnet20, side: 32), draws: 1)
    // A fifth of the pictures is held out, so there are not sixty of each class.
    #expect(residual.remarks.first?.hasPrefix("there are ") == true)
    #expect(
      residual.remarks.last
        == "no layer before the classifier is fully connected, so the last stage, the layers with "
        + "maps of 8×8, is fine-tuned instead")
    let run = try #require(residual.runs.first { $0.name == "connected-15-1" })
    #expect(run.label == "last stage (8×8), 15 per class")
    #expect(run.recipe.layers.copiedRate == 0)
    #expect(
      run.recipe.layers.rates.keys.allSatisfy { $0.hasPrefix("layer3.") }
        && run.recipe.layers.rates.count > 10)
    let perceptron = try transfer(data, given(.mlp), draws: 1)
    #expect(!perceptron.runs.contains { $0.name.hasPrefix("connected") })
    #expect(
      perceptron.remarks.contains(
        "all layers are fully connected, so there is no row for fine-tuning only those"))
  }

  @Test(.slow) func `draw only pictures that can be read`() throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["a": 20, "bb": 20])
    for number in 0..<8 { try folder.write("broken", "pictures/a/\(number).png") }
    // Of 12 pictures that can be read, some are tested on.
    let transfer = try transfer(data, given(), [.classifier], perClass: [6], draws: 3)
    #expect(transfer.remarks.count == 1)
    #expect(transfer.remarks[0].contains("that cannot be read"))
    for measures in try experiment(transfer, into: folder["/out"]).run(resuming: false) {
      #expect(measures.trainingPictures == 12)
    }
  }

  @Test func `refuse more pictures than there are`() throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["a": 20, "bb": 10])
    let error = #expect(throws: UsageError.self) {
      _ = try transfer(data, given(), perClass: [5, 50])
    }
    #expect(
      error?.description.hasPrefix(
        "--per-class 50: expected 50 or more training pictures of each class, found ") == true)
  }

  /// Stopped in the first run, and in a later one.
  @Test(.slow, arguments: [3, 30])
  func `that are continued equal uninterrupted ones`(steps: Int) throws {
    let folder = try TemporaryFolder()
    let data = try folder.pictures(["a": 20, "bb": 20])
    let transfer = try transfer(
      data, given(), [.features, .classifier, .all], perClass: [5], draws: 2)
    let whole = try experiment(transfer, into: folder["/whole"]).run(resuming: false)
    var parts = try experiment(transfer, into: folder["/parts"])
    let left = Mutex(steps)
    parts.shouldStop = {
      left.withLock {
        $0 -= 1
        return $0 <= 0
      }
    }
    #expect(throws: TrainingStopped.self) { _ = try parts.run(resuming: false) }
    parts.shouldStop = { false }
    let measures = try parts.run(resuming: true)
    #expect(measures.map(\.testError) == whole.map(\.testError))
    #expect(measures.map(\.history) == whole.map(\.history))
    for run in transfer.runs where run.hasNetwork {
      let path = "runs/\(run.name)/final.safetensors"
      #expect(try folder.data("whole/\(path)") == folder.data("parts/\(path)"))
    }
  }
}
