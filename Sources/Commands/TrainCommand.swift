import ArgumentParser
import Checkpoints
import Datasets
import Exhibits
import Files
import Foundation
import Networks
import Synchronization
import TensorCore
import Training

import func Analysis.suggestion

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network, from a recipe or from options.",
    discussion: """
      Writes epoch-NNN.safetensors, final.safetensors, log.csv and curves.png, and data.json, \
      which records where the pictures are: the checkpoints do not. Options \
      override the recipe. Architectures: \
      \(Architecture.allCases.map(\.rawValue).joined(separator: ", ")).
      """)

  @Argument(help: "A YAML recipe.")
  var recipe: String?

  @Option(name: .shortAndLong, help: "Name of the architecture.")
  var architecture: String?

  @Option(
    name: .shortAndLong,
    help: "The pictures: \(datasetFormats.usage).")
  var data: String?

  @Option(name: .shortAndLong, help: "Number of epochs.")
  var epochs: Int?

  @Option(help: "Pictures per step.")
  var batchSize: Int?

  @Option(help: "The highest learning rate.")
  var learningRate: Double?

  @Option(help: "Optimizer.")
  var optimizer: OptimizerSettings.Method?

  @Option(help: "Learning rate schedule.")
  var schedule: Schedule.Shape?

  @Option(help: "Random seed: initial weights, order, augmentation and dropout.")
  var seed: UInt64?

  @Option(help: "How the weights are initialized.")
  var initialization: Initialization?

  @Option(
    help: ArgumentHelp(
      """
      Change the architecture: remove=fc7,conv3, resize=conv1:32, \
      pooling=max|average|stride|convolution, normalization=batch|none, \
      activation=relu|leaky-relu|elu|gelu|swish|tanh|sigmoid|none, dropout=0.5. Sizes of other \
      layers are adapted. Can be given several times.
      """, valueName: "key=value"))
  var change: [String] = []

  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String?

  @Flag(help: "Write the epochs' checkpoints in half precision, at half the size.")
  var halfPrecision = false

  @Flag(
    help: """
      Continue an interrupted run; the checkpoints are the same, byte for byte. With more --epochs \
      than before, prolong it.
      """)
  var resume = false

  @Flag(help: "Replace an earlier run in the folder.")
  var restart = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var memoryOptions: MemoryOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard !(resume && restart) else {
      throw ValidationError("give either --resume or --restart, not both")
    }
  }

  func run() throws {
    computing.apply()
    let recipe = try chosenRecipe()
    guard let architecture = Architecture(rawValue: recipe.architecture) else {
      throw UsageError(
        "no architecture '\(recipe.architecture)'"
          + suggestion(
            for: recipe.architecture, among: Architecture.allCases.map(\.rawValue)))
    }
    let folder = output ?? "output/\(self.recipe.map(baseName) ?? recipe.architecture)"
    let lock = try OutputLock(folder, .alone)
    defer { lock.release() }
    if !resume, !restart { try EarlierRun(in: folder)?.refuse(folder) }
    let memory = memoryOptions.budget
    let sources = try TrainingSources(recipe, architecture, memory: memory)
    let console = reporting.console
    let kept = Mutex<Kept?>(nil)
    try Signals.saying({ Self.account(kept.withLock(\.self), of: recipe.epochs, in: folder) }) {
      do {
        try train(recipe, architecture, sources, memory, into: folder, console) { epoch in
          kept.withLock { $0 = Kept(epoch: epoch) }
        }
      } catch let stop as TrainingStopped {
        if stop.isKept { kept.withLock { $0 = Kept(epoch: stop.epoch, step: stop.step) } }
        Signals.end(by: Signals.requested ?? SIGINT)
      }
    }
  }

  /// From where a run could be resumed.
  private struct Kept {
    /// The number of complete epochs.
    let epoch: Int
    /// Steps of the next one that are done.
    var step = 0
  }

  /// What a run leaves behind if it ends after some epoch.
  private static func account(_ kept: Kept?, of epochs: Int, in folder: String) -> String {
    guard let kept else { return "no epoch is complete yet" }
    let steps = kept.step == 0 ? "" : " and \(kept.step) steps"
    // The state needed to resume is removed once the final network is written.
    return kindOfFile("\(folder)/\(TrainingFileNames.resume)") == .regular
      ? "epoch \(kept.epoch) of \(epochs)\(steps) is kept in \(folder): go on with --resume"
      : "the run in \(folder) is complete"
  }

  /// - Parameter onKept: Called after each epoch from which an interrupted run could resume.
  private func train(
    _ recipe: Recipe, _ architecture: Architecture, _ sources: TrainingSources,
    _ memory: MemoryBudget, into folder: String, _ console: Console, onKept: @escaping (Int) -> Void
  ) throws {
    for remark in Set(sources.training.remarks + (sources.test?.remarks ?? [])).sorted() {
      console.say(remark)
    }
    let fresh = try FreshNetwork(recipe, architecture, for: sources)
    var start = fresh.checkpoint
    for line in fresh.changes { console.say(line) }
    try memory.checkTraining(
      start.network, recipe, beside: sources.heldBytes, name: self.recipe ?? recipe.architecture)
    console.say("preparing \(sources.training.count) pictures")
    let prepared = try sources.prepare()
    start.setMetadata(sources.preprocessing, for: Checkpoint.Key.preprocessing)
    var run = try TrainingRun(
      recipe, from: start, on: prepared, into: folder,
      epochPrecision: halfPrecision ? .half : .single)
    let tried = recipe.validationFraction == 0 ? "test" : "held out"
    var written: [String] = []
    var skipped = 0
    run.shouldStop = { Signals.requested != nil }
    let finished = try run.run(resuming: resume) { event in
      switch event {
      case .step(let progress):
        Signals.deferToWork()
        console.bar(
          "epoch \(progress.epoch)/\(progress.epochs)", progress.step, of: progress.steps,
          detail: String(
            format: "loss %.3f, %.1f %%, %@ left", progress.loss, 100 * progress.accuracy,
            durationText(progress.secondsLeft)))
      case .epoch(let epoch, let seconds):
        console.say(
          Self.line(epoch, of: recipe.epochs, seconds, tried: tried))
      case .kept(let epoch): onKept(epoch)
      case .wrote(let path): if !written.contains(path) { written.append(path) }
      case .skipped(let error):
        console.warn("skipped \(error)")
        skipped += 1
      }
    }
    if skipped > 1 { console.warn("skipped \(skipped) files in all") }
    let history = try finished.metadata(TrainingHistory.self, for: Checkpoint.Key.history)
    if let history {
      let curves = "\(folder)/\(TrainingFileNames.curves)"
      try writeFile(history.picture(of: baseName(folder)), to: curves)
      written.append(curves)
    }
    if let accuracy = history?.testAccuracy {
      console.say(String(format: "test accuracy %.2f %%", 100 * accuracy))
    }
    let final = "\(folder)/\(TrainingFileNames.final)"
    console.say("see what it has learned: \(Release.name) visualize \(shellWord(final))")
    var facts: [String: any Sendable] = ["epochs": recipe.epochs]
    facts["testAccuracy"] = history?.testAccuracy
    facts["testLoss"] = history?.testLoss
    try reporting.report(written, facts)
  }

  static func line(
    _ epoch: TrainingHistory.Epoch, of epochs: Int, _ seconds: Double, tried: String
  ) -> String {
    var line = "epoch \(epoch.epoch)/\(epochs)"
    if let loss = epoch.loss { line += String(format: "  loss %.4f", loss) }
    if let accuracy = epoch.accuracy {
      line += String(format: "  training %.2f %%", 100 * accuracy)
    }
    if let accuracy = epoch.validationAccuracy {
      line += String(format: "  \(tried) %.2f %%", 100 * accuracy)
    }
    return line + String(format: "  %.1f s", seconds)
  }

  private func chosenRecipe() throws -> Recipe {
    var chosen: Recipe
    if let recipe {
      chosen = try Self.read(recipe)
      chosen.architecture = architecture ?? chosen.architecture
      chosen.data = data ?? chosen.data
    } else {
      guard let architecture, let data else {
        throw UsageError("give a recipe, or --architecture and --data")
      }
      chosen = Self.usualRecipe(architecture, data)
    }
    chosen.epochs = epochs ?? chosen.epochs
    chosen.batchSize = batchSize ?? chosen.batchSize
    chosen.optimizer.learningRate = learningRate ?? chosen.optimizer.learningRate
    chosen.optimizer.name = optimizer ?? chosen.optimizer.name
    chosen.schedule.name = schedule ?? chosen.schedule.name
    chosen.seed = seed ?? chosen.seed
    chosen.initialization = initialization ?? chosen.initialization
    try changeArchitecture(of: &chosen)
    do throws(RecipeError) {
      try chosen.check()
    } catch {
      if let option = givenOptions[error.key] { throw UsageError("\(option): \(error.reason)") }
      throw error
    }
    return chosen
  }

  static func read(_ recipe: String) throws -> Recipe {
    try Recipe.read(recipe, limit: YAMLText.mostBytes) { data in
      do {
        return try YAMLText(data).decode(Recipe.self)
      } catch let error as YAMLDefect {
        throw RecipeError("", "expected YAML: \(error)")
      }
    }
  }

  private func changeArchitecture(of recipe: inout Recipe) throws {
    var changes = recipe.changes ?? ArchitectureChanges()
    for text in change {
      do throws(ArchitectureChangeError) {
        try changes.add(text)
        try changes.check()
      } catch {
        throw UsageError("--change: \(error)")
      }
    }
    recipe.changes = changes.isEmpty ? nil : changes
  }

  /// The options that override numbers of the recipe, by the recipe's keys.
  private var givenOptions: [String: String] {
    var names: [String: String] = [:]
    if epochs != nil { names["epochs"] = "--epochs" }
    if batchSize != nil { names["batchSize"] = "--batch-size" }
    if learningRate != nil { names["optimizer.learningRate"] = "--learning-rate" }
    return names
  }

  /// A recipe for most small networks: shifts by a sixteenth of the picture, a cosine schedule.
  static func usualRecipe(_ architecture: String, _ data: String) -> Recipe {
    let side = Architecture(rawValue: architecture)?.usualInputShape[1] ?? 32
    return Recipe(
      architecture: architecture, data: data,
      optimizer: OptimizerSettings(learningRate: 0.02, nesterov: true, weightDecay: 5e-4),
      schedule: Schedule(name: .cosine, warmupEpochs: 0.5),
      augmentation: Augmentation(padCrop: (side + 8) / 16))
  }
}
