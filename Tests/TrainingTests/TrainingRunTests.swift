import Checkpoints
import Datasets
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing
import Training

/// Pictures whose class is the position of a bright square: easy to learn, but noisy enough to take
/// several steps.
private func squares(
  _ count: Int, size: Int = 8, channels: Int = 1, seed: UInt64
) -> PreparedPictures {
  PreparedPictures(
    Tensor(
      shape: [count, channels, size, size],
      squareValues(count, size: size, channels: channels, seed: seed)),
    labels: (0..<count).map { $0 % 4 })
}

private func squareValues(
  _ count: Int, size: Int = 8, channels: Int = 1, seed: UInt64
) -> [Float] {
  var random = SeededGenerator(seed: seed)
  var elements: [Float] = []
  for index in 0..<count {
    let label = index % 4
    for _ in 0..<channels {
      for at in 0..<(size * size) {
        let (row, column) = (at / size < size / 2 ? 0 : 1, at % size < size / 2 ? 0 : 1)
        elements.append((row * 2 + column == label ? 1 : 0) + random.normal())
      }
    }
  }
  return elements
}

private struct Interruption: Error {}

/// The output of a run, which does not exist at first.
private struct Scratch {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var path: String { folder["/run"] }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  func bytes(_ name: String) throws -> Data { try readFile("\(path)/\(name)") }
}

// One after another: the threads of concurrent runs would only wait for each other.
@Suite(.serialized, .slow) struct `Training runs` {
  /// A run on 8 × 8 pictures, or larger ones for networks that need them.
  private func run(
    _ recipe: Recipe, into folder: String, size: Int = 8, channels: Int = 1, pictures: Int = 50
  ) throws -> TrainingRun {
    guard let architecture = Architecture(rawValue: recipe.architecture) else {
      throw RecipeError("architecture", "unknown")
    }
    let dropout = recipe.dropout.map { Float($0) }
    let blueprint = try architecture.blueprint(
      classes: 4, inputShape: [channels, size, size], dropout: dropout)
    let start = Checkpoint(
      try blueprint.network(seed: recipe.seed, initialization: .he),
      design: Checkpoint.Design(
        architecture: recipe.architecture, classes: 4, input: [channels, size, size],
        dropout: dropout),
      classNames: ["nw", "ne", "sw", "se"], metadata: ["fovea.preprocessing": "{}"])
    // Layers are unfrozen only where weights were given.
    let isGiven = recipe.layers.unfreezeEpochs > 0
    return try TrainingRun(
      recipe,
      from: isGiven
        ? TrainingStart(
          from: start, TrainingStart.Origin(checkpoint: "given", sha256: "00"),
          classNames: start.classNames, rows: [0, 1, 2, 3], seed: 0)
        : TrainingStart(fresh: start),
      on: TrainingData(
        training: squares(pictures, size: size, channels: channels, seed: 1),
        test: squares(21, size: size, channels: channels, seed: 2),
        encoding: .plain(channels: channels)),
      into: folder)
  }

  private static func recipe(_ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
    var recipe = Recipe(
      architecture: "mlp", data: "squares", epochs: 4, batchSize: 16,
      optimizer: OptimizerSettings(learningRate: 0.05), seed: 5, checkpointEpochs: [0, 1, 3])
    change(&recipe)
    return recipe
  }

  @Test func `a small network learns, and its folder holds what was promised`() throws {
    let scratch = try Scratch()
    let recipe = Self.recipe { $0.epochs = 12 }
    var (wrote, steps, epochs): ([String], Int, [Int]) = ([], 0, [])
    var kept: [Int] = []
    let final = try run(recipe, into: scratch.path).run { event in
      switch event {
      case .wrote(let path): wrote.append(URL(filePath: path).lastPathComponent)
      case .step(let progress):
        steps += 1
        #expect(progress.steps == 4)
        #expect(progress.step == (steps - 1) % 4 + 1)
        #expect(progress.secondsLeft >= 0)
      case .epoch(let epoch, seconds: _): epochs.append(epoch.epoch)
      case .kept(let epoch):
        kept.append(epoch)
        #expect(scratch.names.contains(TrainingFileNames.resume))
      case .skipped(let error): Issue.record("\(error)")
      case .remark(let remark): Issue.record("\(remark)")
      }
    }
    #expect(kept == Array(1...12))
    #expect(steps == 48)
    #expect(epochs == Array(0...12))
    let files = ["epoch-000.safetensors", "epoch-001.safetensors", "epoch-003.safetensors"]
    #expect(wrote == files + ["final.safetensors", "log.csv"])
    #expect(scratch.names == files + ["final.safetensors", "log.csv"])

    let history = try #require(
      try final.metadata(TrainingHistory.self, for: Checkpoint.Key.history))
    #expect(history.validation == .test)
    #expect((history.epochs.last?.accuracy ?? 0) > 0.9)
    #expect((history.testAccuracy ?? 0) > 0.7)
    #expect(history.testAccuracy == history.epochs.last?.validationAccuracy)
    let losses = history.epochs.compactMap(\.loss)
    #expect((losses.last ?? 1) < (losses.first ?? 0) / 2)

    let loaded = try Checkpoint.load("\(scratch.path)/final.safetensors")
    #expect(loaded.classNames == ["nw", "ne", "sw", "se"])
    #expect(loaded.metadata["fovea.preprocessing"] == "{}")
    #expect(loaded.state.isEmpty)
    let log = String(decoding: try scratch.bytes("log.csv"), as: UTF8.self)
    let rows = log.split(separator: "\n")
    #expect(
      rows.first
        == "epoch,training_loss,training_accuracy,test_loss,test_accuracy,learning_rate,seconds")
    #expect(rows.count == 14)
    #expect(rows.last?.hasPrefix("12,\(losses.last ?? 0),") == true)
  }

  @Test func `an earlier run is there until the next has completed an epoch`() throws {
    let scratch = try Scratch()
    _ = try run(Self.recipe(), into: scratch.path).run()
    try writeFile(Data("curves".utf8), to: "\(scratch.path)/\(TrainingFileNames.curves)")
    func files() throws -> [String: Data] {
      Dictionary(uniqueKeysWithValues: try scratch.names.map { ($0, try scratch.bytes($0)) })
    }
    let before = try files()
    let other = Self.recipe {
      $0.seed = 6
      $0.checkpointEpochs = [0, 2]
    }
    #expect(throws: Interruption.self) {
      _ = try run(other, into: scratch.path).run { if case .step = $0 { throw Interruption() } }
    }
    #expect(try files() == before)
    #expect(throws: Interruption.self) {
      _ = try run(other, into: scratch.path).run { if case .kept = $0 { throw Interruption() } }
    }
    #expect(
      scratch.names == ["epoch-000.safetensors", "log.csv", TrainingFileNames.resume])
    // The next run that fails leaves this one resumable.
    #expect(throws: Interruption.self) {
      _ = try run(Self.recipe(), into: scratch.path).run {
        if case .step = $0 { throw Interruption() }
      }
    }
    _ = try run(other, into: scratch.path).run(resuming: true)
    let resumed = try files().filter { $0.key != "log.csv" }
    let whole = try Scratch()
    _ = try run(other, into: whole.path).run()
    #expect(resumed.keys.sorted() + ["log.csv"] == whole.names)
    for (name, bytes) in resumed { #expect(try whole.bytes(name) == bytes, "\(name)") }
  }

  private static let variants: [Recipe] = [
    recipe(),
    recipe {
      $0.optimizer = OptimizerSettings(name: .adamw, learningRate: 0.01, weightDecay: 0.01)
      $0.schedule = Schedule(name: .cosine, warmupEpochs: 1)
      $0.augmentation = Augmentation(flip: true, padCrop: 1, brightness: 0.2, noise: 0.1)
      $0.validationFraction = 0.2
      $0.labelSmoothing = 0.1
    },
    recipe {
      // Batch norm and dropout; a plateau that is reached immediately.
      $0.architecture = "vgg-small"
      $0.dropout = 0.2
      $0.epochs = 3
      $0.optimizer = OptimizerSettings(learningRate: 0.001, nesterov: true, weightDecay: 5e-4)
      $0.schedule = Schedule(name: .plateau, gamma: 0.5, patience: 0)
    },
    recipe {
      // Everything that has a state of its own or random numbers of its own.
      $0.optimizer = OptimizerSettings(
        name: .adam, learningRate: 0.01, clipNorm: 0.5, filterRadius: 0.2, averageDecay: 0.9)
      $0.augmentation = Augmentation(cutout: 2, noise: 0.1)
      $0.mixup = 0.4
      $0.sampling = .balanced
      $0.validationFraction = 0.2
      $0.earlyStopping = EarlyStopping(patience: 10)
      $0.layers = LayerSettings(unfreezeEpochs: 1)
    },
    recipe {
      // Averaged and frozen batch norms, which are unfrozen later.
      $0.architecture = "vgg-small"
      $0.epochs = 3
      $0.optimizer = OptimizerSettings(learningRate: 0.001, averageDecay: 0.99)
      $0.layers = LayerSettings(unfreezeEpochs: 1, unfreezeLayers: 4)
    },
  ]

  @Test(arguments: variants)
  func `an interrupted run continues to the same bytes`(recipe: Recipe) throws {
    let (size, channels) = recipe.architecture == "mlp" ? (8, 1) : (32, 3)
    let whole = try Scratch()
    _ = try run(recipe, into: whole.path, size: size, channels: channels).run()
    for (epoch, step) in [(1, 2), (2, 1), (3, 3)] {
      let scratch = try Scratch()
      let run = try run(recipe, into: scratch.path, size: size, channels: channels)
      #expect(throws: Interruption.self) {
        try run.run { event in
          if case .step(let progress) = event, progress.epoch == epoch, progress.step == step {
            throw Interruption()
          }
        }
      }
      #expect(scratch.names.contains("resume.safetensors") == (epoch > 1))
      #expect(!scratch.names.contains("final.safetensors"))
      // Interrupting twice makes no difference.
      #expect(throws: Interruption.self) {
        try run.run(resuming: true) { event in
          if case .step(let progress) = event, progress.epoch == 3 { throw Interruption() }
        }
      }
      _ = try run.run(resuming: true)
      #expect(scratch.names == whole.names)
      for name in whole.names where name.hasSuffix(".safetensors") {
        #expect(try scratch.bytes(name) == whole.bytes(name), "\(name) after \(epoch), \(step)")
      }
      func withoutSeconds(_ scratch: Scratch) throws -> [String] {
        String(decoding: try scratch.bytes("log.csv"), as: UTF8.self).split(separator: "\n")
          .map { $0.split(separator: ",", omittingEmptySubsequences: false).dropLast().joined() }
      }
      #expect(try withoutSeconds(scratch) == withoutSeconds(whole))
    }
  }

  @Test(arguments: variants)
  func `a run that is asked to stop continues in the middle of an epoch`(recipe: Recipe) throws {
    let (size, channels) = recipe.architecture == "mlp" ? (8, 1) : (32, 3)
    let whole = try Scratch()
    _ = try run(recipe, into: whole.path, size: size, channels: channels).run()
    let scratch = try Scratch()
    var run = try run(recipe, into: scratch.path, size: size, channels: channels)
    run.shouldStop = { true }
    // After each step but those of the last epoch.
    let steps = recipe.validationFraction > 0 ? 3 : 4
    for step in 0..<(steps * (recipe.epochs - 1)) {
      #expect(
        throws: TrainingStopped(epoch: step / steps, step: step % steps + 1, isKept: true)
      ) { try run.run(resuming: true) }
      #expect(scratch.names.contains("resume.safetensors"))
      #expect(!scratch.names.contains("final.safetensors"))
    }
    run.shouldStop = { false }
    _ = try run.run(resuming: true)
    #expect(scratch.names == whole.names)
    for name in whole.names where name.hasSuffix(".safetensors") {
      #expect(try scratch.bytes(name) == whole.bytes(name), "\(name)")
    }
  }

  @Test func `a run that replaces another keeps nothing before its first epoch is complete`() throws
  {
    let scratch = try Scratch()
    _ = try run(Self.recipe(), into: scratch.path).run()
    let before = try scratch.bytes("final.safetensors")
    var next = try run(Self.recipe { $0.seed = 6 }, into: scratch.path)
    next.shouldStop = { true }
    #expect(throws: TrainingStopped(epoch: 0, step: 1, isKept: false)) {
      try next.run()
    }
    #expect(try scratch.bytes("final.safetensors") == before)
    #expect(!scratch.names.contains("resume.safetensors"))
  }

  @Test func `a complete run is prolonged by more epochs`() throws {
    let (scratch, whole) = (try Scratch(), try Scratch())
    // Without momentum the optimizer has no state that a complete run would lose.
    func recipe(_ epochs: Int) -> Recipe {
      Self.recipe {
        $0.epochs = epochs
        $0.optimizer = OptimizerSettings(learningRate: 0.05, momentum: 0)
        $0.schedule = Schedule(name: .constant)
      }
    }
    _ = try run(recipe(2), into: scratch.path).run()
    #expect(EarlierRun(in: scratch.path)?.isComplete == true)
    #expect(EarlierRun(in: scratch.path)?.epoch == 2)
    _ = try run(recipe(4), into: scratch.path).run(resuming: true)
    _ = try run(recipe(4), into: whole.path).run()
    #expect(scratch.names == whole.names)
    #expect(try scratch.bytes("final.safetensors") == whole.bytes("final.safetensors"))
    // Fewer are another run.
    #expect(
      throws: FileError(
        .malformed, "\(scratch.path)/final.safetensors", "was trained with epochs 4, not 3")
    ) { try run(recipe(3), into: scratch.path).run(resuming: true) }
  }

  @Test func `what is already in a folder is told`() throws {
    let scratch = try Scratch()
    #expect(EarlierRun(in: scratch.path) == nil)
    var run = try run(Self.recipe(), into: scratch.path)
    run.shouldStop = { true }
    #expect(throws: TrainingStopped.self) { try run.run() }
    let unfinished = try #require(EarlierRun(in: scratch.path))
    #expect(!unfinished.isComplete && unfinished.epoch == 0)
    #expect(
      errorText { try unfinished.refuse("here") }
        == "here: contains an unfinished training run, 0 epochs done; use --resume to continue it, "
        + "--restart to replace it, or another --output")
    run.shouldStop = { false }
    _ = try run.run(resuming: true)
    #expect(
      errorText { try #require(EarlierRun(in: scratch.path)).refuse("here") }
        == "here: contains a complete training run of 4 epochs; use --resume with more --epochs to "
        + "prolong it, --restart to replace it, or another --output")
  }

  @Test func `the same recipe gives the same bytes, another seed others`() throws {
    let (first, second, third) = (try Scratch(), try Scratch(), try Scratch())
    _ = try run(Self.recipe(), into: first.path).run()
    _ = try run(Self.recipe(), into: second.path).run()
    _ = try run(Self.recipe { $0.seed = 6 }, into: third.path).run()
    #expect(try first.bytes("final.safetensors") == second.bytes("final.safetensors"))
    #expect(try first.bytes("final.safetensors") != third.bytes("final.safetensors"))
  }

  @Test func `a run does not go on with other pictures or labels`() throws {
    let scratch = try Scratch()
    func run(
      _ training: PreparedPictures, test: PreparedPictures? = nil, _ name: String = "first"
    ) throws -> TrainingRun {
      let start = Checkpoint(
        try Architecture.mlp.blueprint(classes: 4, inputShape: [1, 8, 8])
          .network(seed: 1, initialization: .he),
        design: nil, classNames: ["nw", "ne", "sw", "se"])
      return try TrainingRun(
        Self.recipe { $0.data = name }, from: start,
        on: TrainingData(training: training, test: test, encoding: .plain(channels: 1)),
        into: scratch.path)
    }
    let pictures = squares(50, seed: 1)
    let advice = "; use --restart to train anew, or another --output"
    func refuses(_ other: TrainingRun, _ file: String, _ reason: String) {
      #expect(throws: FileError(.malformed, "\(scratch.path)/\(file)", reason + advice)) {
        try other.run(resuming: true)
      }
    }
    var stopped = try run(pictures)
    stopped.shouldStop = { true }
    #expect(throws: TrainingStopped.self) { try stopped.run() }
    for (file, name) in [("resume.safetensors", "first"), ("final.safetensors", "moved")] {
      refuses(
        try run(squares(50, seed: 2), "second"), file,
        "was trained on '\(name)'; 'second' has other pictures, or other preprocessing")
      let turned = PreparedPictures(
        Tensor(shape: [50, 1, 8, 8], squareValues(50, seed: 1)),
        labels: (0..<50).map { 3 - $0 % 4 })
      refuses(
        try run(turned, "second"), file, "was trained on '\(name)'; 'second' has other labels")
      // Fewer steps than are done of the epoch.
      refuses(
        try run(squares(5, seed: 1), "second"), file,
        "was trained on 50 pictures of '\(name)'; 'second' has 5 pictures")
      refuses(
        try run(pictures, test: squares(9, seed: 3)), file,
        "was trained without test pictures, found those of 'first'")
      // The same ones may have been moved.
      _ = try run(pictures, "moved").run(resuming: true)
    }
  }

  @Test func `a finished run is not repeated and not continued by another recipe`() throws {
    let scratch = try Scratch()
    _ = try run(Self.recipe(), into: scratch.path).run()
    let before = try scratch.bytes("final.safetensors")
    _ = try run(Self.recipe { $0.data = "moved" }, into: scratch.path).run(resuming: true) { _ in
      Issue.record("nothing is left to do")
    }
    #expect(try scratch.bytes("final.safetensors") == before)
    let other = try run(Self.recipe { $0.batchSize = 8 }, into: scratch.path)
    #expect(
      throws: FileError(
        .malformed, "\(scratch.path)/final.safetensors",
        "was trained with batch size 16, not 8")
    ) { try other.run(resuming: true) }
    let rate = Self.recipe().optimizer.learningRate
    #expect(
      throws: FileError(
        .malformed, "\(scratch.path)/final.safetensors",
        "was trained with learning rate \(rate), not 0.125")
    ) {
      try run(Self.recipe { $0.optimizer.learningRate = 0.125 }, into: scratch.path)
        .run(resuming: true)
    }
    #expect(try scratch.bytes("final.safetensors") == before)
  }

  @Test func `a run that starts anew removes what an earlier one left, and nothing else`() throws {
    let scratch = try Scratch()
    try makeFolder(scratch.path)
    for name in ["epoch-099.safetensors", "epoch-of-war.safetensors", "gallery.json"] {
      try writeFile(Data(), to: "\(scratch.path)/\(name)")
    }
    _ = try run(Self.recipe { $0.checkpointEpochs = [] }, into: scratch.path).run()
    #expect(
      scratch.names
        == ["epoch-of-war.safetensors", "final.safetensors", "gallery.json", "log.csv"])
  }

  @Test func `a loss that stops being a number stops the run and says where`() throws {
    let scratch = try Scratch()
    let recipe = Self.recipe {
      $0.optimizer = OptimizerSettings(learningRate: 1e30, momentum: 0)
    }
    let error = #expect(throws: TrainingError.self) {
      try run(recipe, into: scratch.path).run()
    }
    #expect(
      error?.description.wholeMatch(
        of:
          /the loss became NaN or infinite in step \d of epoch 1, first in '[a-z0-9]+' \([a-zA-Z ]+\), at a learning rate of 1e\+30; a lower one may help/
      ) != nil, "\(error?.description ?? "")")
    #expect(!scratch.names.contains("final.safetensors"))
  }

  /// A network whose first layers are given and frozen, as the recipe says.
  private static let frozenRecipes: [Recipe] = [
    // A new classifier on fixed features; the last batch of an epoch is smaller.
    recipe { $0.layers = LayerSettings(freeze: ["fc1*"]) },
    // Batches that threads would take parts of.
    recipe {
      $0.batchSize = 32
      $0.layers = LayerSettings(freeze: ["fc1*"])
    },
    // The cut moves towards the pictures.
    recipe {
      $0.epochs = 6
      $0.layers = LayerSettings(unfreezeEpochs: 2)
    },
    // Pictures that come several times.
    recipe {
      $0.layers = LayerSettings(freeze: ["fc1*"])
      $0.sampling = .balanced
      $0.validationFraction = 0.2
      $0.optimizer = OptimizerSettings(name: .adam, learningRate: 0.01, averageDecay: 0.9)
    },
    // Convolutions and frozen batch norms, and dropout after them.
    recipe {
      $0.architecture = "vgg-small"
      $0.dropout = 0.3
      $0.layers = LayerSettings(unfreezeEpochs: 10)
      $0.optimizer = OptimizerSettings(learningRate: 0.001)
    },
  ]

  @Test(arguments: frozenRecipes)
  func `features of frozen layers are kept, and the bytes are the same`(recipe: Recipe) throws {
    let (size, channels) = recipe.architecture == "mlp" ? (8, 1) : (32, 3)
    let (kept, plain, stopped) = (try Scratch(), try Scratch(), try Scratch())
    let training = try run(recipe, into: kept.path, size: size, channels: channels)
    _ = try training.run()
    var without = try run(recipe, into: plain.path, size: size, channels: channels)
    without.featureMemory = 0
    _ = try without.run()
    #expect(kept.names == plain.names)
    for name in kept.names where name.hasSuffix(".safetensors") {
      #expect(try kept.bytes(name) == plain.bytes(name), "\(name)")
    }
    // A run that goes on in the middle of an epoch has no features yet.
    let again = try run(recipe, into: stopped.path, size: size, channels: channels)
    #expect(throws: Interruption.self) {
      try again.run { event in
        if case .step(let progress) = event, progress.epoch == 3, progress.step == 2 {
          throw Interruption()
        }
      }
    }
    _ = try again.run(resuming: true)
    #expect(try stopped.bytes("final.safetensors") == kept.bytes("final.safetensors"))
  }

  @Test func `early stopping ends with the best network, and is not taken up again`() throws {
    let scratch = try Scratch()
    // A few noisy pictures are soon known by heart.
    let recipe = Self.recipe {
      $0.epochs = 60
      $0.checkpointEpochs = Array(1...60)
      $0.validationFraction = 0.3
      $0.earlyStopping = EarlyStopping(patience: 2)
    }
    let final = try run(recipe, into: scratch.path).run()
    let history = try #require(
      try final.metadata(TrainingHistory.self, for: Checkpoint.Key.history))
    let best = try #require(history.bestEpoch)
    #expect(history.stoppedEarly == true)
    #expect(history.epochs.last?.epoch == best + 2)
    let losses = history.epochs.dropFirst().compactMap(\.validationLoss)
    #expect(losses.firstIndex(of: try #require(losses.min())) == best - 1)
    let number = String(repeating: "0", count: best < 10 ? 2 : 1) + "\(best)"
    let kept = try Checkpoint.load("\(scratch.path)/epoch-\(number).safetensors")
    for name in kept.network.parameters.names {
      #expect(final.network.parameters[name]?.elements == kept.network.parameters[name]?.elements)
    }
    let before = try scratch.bytes("final.safetensors")
    var longer = recipe
    longer.epochs = 70
    _ = try run(longer, into: scratch.path).run(resuming: true) { _ in
      Issue.record("nothing is left to do")
    }
    #expect(try scratch.bytes("final.safetensors") == before)
  }

  @Test func `without other pictures, the last network is measured on those it was trained on`()
    throws
  {
    let scratch = try Scratch()
    let recipe = Self.recipe { $0.optimizer.averageDecay = 0.9 }
    let blueprint = try #require(Architecture(rawValue: recipe.architecture)).blueprint(
      classes: 4, inputShape: [1, 8, 8], dropout: nil)
    let start = Checkpoint(
      try blueprint.network(seed: 0, initialization: .he), design: nil,
      classNames: ["nw", "ne", "sw", "se"],
      metadata: ["fovea.preprocessing": "{}"])
    let training = squares(50, seed: 1)
    let data = TrainingData(training: training, test: nil, encoding: .plain(channels: 1))
    let final = try TrainingRun(recipe, from: start, on: data, into: scratch.path).run()
    let history = try #require(
      try final.metadata(TrainingHistory.self, for: Checkpoint.Key.history))
    let score = try final.network.score(on: training)
    #expect(
      history.trainedScore
        == TrainingHistory.TrainedScore(
          loss: score.loss, accuracy: score.accuracy, pictures: 50))
    #expect(!history.endsFar(classes: 4))
    // A step that destroys the network is seen, though its own loss was measured before it.
    let other = try Scratch()
    var broken = recipe
    (broken.epochs, broken.batchSize, broken.checkpointEpochs) = (1, 50, [])
    broken.optimizer = OptimizerSettings(learningRate: 1e4)
    broken.schedule = Schedule()
    let last = try TrainingRun(broken, from: start, on: data, into: other.path).run()
    let far = try #require(
      try last.metadata(TrainingHistory.self, for: Checkpoint.Key.history))
    #expect(try #require(far.epochs.last?.loss) < 10)
    #expect(try #require(far.trainedScore).loss > 1000)
    #expect(far.endsFar(classes: 4))
  }

  @Test func `the average is what is tested and written`() throws {
    let (plain, averaged) = (try Scratch(), try Scratch())
    _ = try run(Self.recipe { $0.checkpointEpochs = [4] }, into: plain.path).run()
    let recipe = Self.recipe {
      $0.checkpointEpochs = [4]
      $0.optimizer.averageDecay = 0.9
    }
    let final = try run(recipe, into: averaged.path).run()
    // The steps themselves are the same.
    func rows(_ scratch: Scratch) throws -> [[Substring]] {
      String(decoding: try scratch.bytes("log.csv"), as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }
    let (a, b) = (try rows(plain), try rows(averaged))
    #expect(a.map { $0[1...2] } == b.map { $0[1...2] })
    #expect(a.last?[3] != b.last?[3])
    let last = try Checkpoint.load("\(averaged.path)/epoch-004.safetensors")
    for name in last.network.parameters.names {
      #expect(last.network.parameters[name]?.elements == final.network.parameters[name]?.elements)
    }
    let score = try final.network.score(on: squares(21, seed: 2))
    #expect("\(score.loss)" == b.last.map { String($0[3]) })
  }

  @Test func `a run from given weights freezes what the recipe says, down to the bit`() throws {
    let (first, second) = (try Scratch(), try Scratch())
    let given = try run(Self.recipe(), into: first.path).run()
    let origin = TrainingStart.Origin(checkpoint: "a.safetensors", sha256: "00")
    let start = try TrainingStart(
      from: given, origin, classNames: ["se", "x", "nw", "y"], rows: [3, nil, 0, nil], seed: 1)
    let names = given.network.learnedParameters
    #expect(start.freshParameters == (try given.network.classifier()).parameters)
    let frozen = try #require(names.sorted().first)
    let recipe = Self.recipe {
      $0.from = "a.safetensors"
      $0.layers = LayerSettings(freeze: [frozen], copiedRate: 0.1)
    }
    func tuned() throws -> TrainingRun {
      try TrainingRun(
        recipe, from: start,
        on: TrainingData(
          training: squares(50, seed: 1), test: nil, encoding: .plain(channels: 1)),
        into: second.path)
    }
    let final = try tuned().run()
    for name in names {
      let isSame =
        final.network.parameters[name]?.elements
        == start.checkpoint.network.parameters[name]?.elements
      #expect(isSame == (name == frozen), "\(name)")
    }
    #expect(final.classNames == ["se", "x", "nw", "y"])
    let written = try #require(
      try Checkpoint.load("\(second.path)/final.safetensors")
        .metadata(TrainingStart.Origin.self, for: TrainingStart.originKey))
    #expect(written.keptClasses == ["se", "nw"])
    #expect(Set(written.fresh) == start.freshParameters)
    // Other weights are another run.
    let other = try TrainingStart(
      from: given, TrainingStart.Origin(checkpoint: "a.safetensors", sha256: "01"),
      classNames: ["se", "x", "nw", "y"], rows: [3, nil, 0, nil], seed: 1)
    #expect(
      throws: FileError(
        .malformed, "\(second.path)/final.safetensors",
        "was trained from other weights, or with another classifier, than those that are given")
    ) {
      try TrainingRun(
        recipe, from: other,
        on: TrainingData(
          training: squares(50, seed: 1), test: nil, encoding: .plain(channels: 1)),
        into: second.path
      ).run(resuming: true)
    }
  }

  @Test func `a new classifier on large features does not diverge`() throws {
    let scratch = try Scratch()
    let given = try run(Self.recipe { $0.epochs = 2 }, into: scratch.path).run()
    // The same network with features ten times as large, or more.
    var large = given
    let classifier = try given.network.classifier()
    let inner = try #require(
      given.network.graph.nodes.last {
        $0.operation is Linear && $0.name != classifier.node
      })
    for name in inner.parameters {
      large.network.parameters[name] = large.network.parameters[name].map { $0 * 30 }
    }
    let start = try TrainingStart(
      from: large, TrainingStart.Origin(checkpoint: "a.safetensors", sha256: "00"),
      classNames: ["a", "b", "c", "d"], rows: [nil, nil, nil, nil], seed: 1)
    func losses(_ rates: [String: Double], into folder: String) throws -> ([Double], [String]) {
      let recipe = Self.recipe {
        $0.from = "a.safetensors"
        $0.epochs = 6
        $0.layers = LayerSettings(rates: rates, copiedRate: 0)
      }
      let pictures = squares(64, seed: 1)
      let run = try TrainingRun(
        recipe, from: start,
        on: TrainingData(training: pictures, test: pictures, encoding: .plain(channels: 1)),
        into: folder)
      var remarks: [String] = []
      let final = try run.run { event in
        if case .remark(let remark) = event { remarks.append(remark) }
      }
      // What is finished needs no rate.
      _ = try run.run(resuming: true) { event in
        if case .remark = event { Issue.record("measured again") }
      }
      let history = try #require(
        try final.metadata(TrainingHistory.self, for: Checkpoint.Key.history))
      return (history.epochs.compactMap(\.validationLoss), remarks)
    }
    let (second, third) = (try Scratch(), try Scratch())
    let (calm, remarks) = try losses([:], into: second.path)
    let first = try #require(calm.first)
    #expect(calm.allSatisfy { $0 < first * 1.1 }, "\(calm)")
    #expect(try #require(calm.last) < first)
    #expect(remarks.first?.hasPrefix("the new classifier learns at a rate of ") == true)
    // A rate of its own is left as it is, and diverges.
    let (wild, silent) = try losses([classifier.node: 1], into: third.path)
    #expect(silent.isEmpty)
    #expect(try #require(wild.max()) > first * 1.1, "\(wild)")
  }

  @Test func `weights that are no numbers do not replace those that were saved`() throws {
    let scratch = try Scratch()
    // The rate explodes with the step of the third epoch.
    let recipe = Self.recipe {
      $0.batchSize = 64
      $0.optimizer = OptimizerSettings(learningRate: 1e38, momentum: 0)
      $0.schedule = Schedule(name: .constant, warmupEpochs: 4)
    }
    let error = #expect(throws: TrainingError.self) {
      try run(recipe, into: scratch.path).run()
    }
    #expect(error?.description.contains("became NaN or infinite") == true)
    if scratch.names.contains("resume.safetensors") {
      let kept = try Checkpoint.load("\(scratch.path)/resume.safetensors")
      #expect(kept.warnings.isEmpty)
    }
  }

  @Test func `a folder that cannot be made is said to be one`() throws {
    let scratch = try Scratch()
    try makeFolder(scratch.path)
    try writeFile(Data(), to: "\(scratch.path)/file")
    let error = #expect(throws: FileError.self) {
      try run(Self.recipe(), into: "\(scratch.path)/file/folder").run()
    }
    #expect(error?.kind == .unwritable)
  }

  @Test func `what cannot be trained by is refused before anything is written`() throws {
    let scratch = try Scratch()
    #expect(
      throws: RecipeError("epochs", "expected a number from 1 to 1000000, found 0")
    ) { try run(Self.recipe { $0.epochs = 0 }, into: scratch.path) }
    #expect(!FileManager.default.fileExists(atPath: scratch.path))
  }

  @Test func `pictures that stay in their files train as those in memory`() throws {
    let (memory, files) = (try Scratch(), try Scratch())
    var final: [Data] = []
    for (scratch, bytes) in [(memory, PreparedPictures.usualMemory), (files, 0)] {
      let blueprint = try Architecture.mlp.blueprint(classes: 4, inputShape: [2, 3, 3])
      let start = Checkpoint(
        try blueprint.network(seed: 1, initialization: .he),
        design: Checkpoint.Design(architecture: "mlp", classes: 4, input: [2, 3, 3]))
      let arrays = MadeArrays(count: 30, classes: 4) { index in
        var random = SeededGenerator(seed: 9, path: index)
        return Tensor(shape: [2, 3, 3], (0..<18).map { _ in random.normal() })
      }
      let pictures = try PreparedPictures(
        arrays, Preprocessing(input: [2, 3, 3]), memory: bytes)
      let recipe = Self.recipe { $0.augmentation = Augmentation(flip: true, noise: 0.1) }
      let run = try TrainingRun(
        recipe, from: start,
        on: TrainingData(training: pictures, test: nil, encoding: .plain(channels: 2)),
        into: scratch.path)
      _ = try run.run()
      final.append(try scratch.bytes("final.safetensors"))
    }
    #expect(final[0] == final[1])
  }
}
