import ArgumentParser
import Datasets
import Drawing
import Exhibits
import Files
import Foundation
import Galleries
import Networks
import Synchronization
import Training

/// The pictures of experiments whose networks all see the same ones.
struct ExperimentPictures: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      The pictures: \(datasetFormats.usage). Without test pictures, a fifth of each class is held \
      out.
      """)
  var data: String?

  @Option(help: "Use at most this many training pictures, chosen at random by the seed.")
  var limit: Int?

  @Option(
    help: """
      How often each network is trained, with other random numbers: tables and figures then show \
      means and standard deviations.
      """)
  var seeds = 1

  @OptionGroup var memoryOptions: MemoryOptions

  func validate() throws {
    try checkSeeds(seeds)
    if let limit, limit < 1 {
      throw ValidationError("--limit must be at least 1, not \(limit)")
    }
  }
}

/// - Throws: `ValidationError` for a number of repetitions that is not from 1 to 100.
func checkSeeds(_ seeds: Int) throws {
  guard (1...100).contains(seeds) else {
    throw ValidationError("--seeds must be from 1 to 100, not \(seeds)")
  }
}

/// What all experiments have in common: how long to train, and the folder.
struct ExperimentOptions: ParsableArguments {
  @Option(help: "A YAML recipe; its network is that of the experiment.")
  var recipe: String?

  @Option(
    name: .shortAndLong,
    help: """
      Number of epochs of each network; transfer trains for more with fewer than 60 pictures per \
      class. (default: ablation 20, architectures 8, transfer 15)
      """)
  var epochs: Int?

  @Option(help: "Pictures per step. (default: 64; transfer: 32)")
  var batchSize: Int?

  @Option(help: "The highest learning rate. (default: 0.02)")
  var learningRate: Double?

  @OptionGroup var table: LabelOptions

  @Flag(
    help: """
      Train on the pictures as they are: without the usual shifts of ablation and transfer, and \
      without the augmentation of a recipe.
      """)
  var noAugmentation = false

  @Option(help: "Random seed of everything: the pictures, initial weights, order, dropout.")
  var seed: UInt64?

  @Option(
    name: .shortAndLong,
    help: "The folder to write to. (default: output/ and the experiment's name)")
  var output: String?

  @Flag(help: "Continue an interrupted experiment: finished runs are kept.")
  var resume = false

  @Flag(help: "Replace an earlier experiment in the folder.")
  var restart = false

  @Flag(help: "Also draw the gallery of each trained network, in runs/NAME/gallery.")
  var galleries = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard !(resume && restart) else {
      throw ValidationError("give either --resume or --restart, not both")
    }
    guard output != "" else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
    if let problem = output.flatMap(OutputName.folderProblem) {
      throw ValidationError("--output: \(problem)")
    }
  }

  /// The recipe of all runs, before their architectures are set.
  ///
  /// - Parameters:
  ///   - architecture: If no recipe says it.
  ///   - epochs: If neither the recipe nor an option says.
  ///   - data: The pictures, if not those of the recipe.
  func recipe(architecture: String, epochs: Int, data: String?) throws -> Recipe {
    var chosen: Recipe
    if let recipe {
      chosen = try readRecipe(
        recipe,
        missing: MissingKeys(architecture: architecture, data: data, options: ["data": "--data"]))
      chosen.data = data ?? chosen.data
      if chosen.from != nil {
        throw FileError(
          .malformed, recipe,
          "from: is not for experiments, whose networks begin with fresh weights")
      }
    } else {
      guard let data else { throw UsageError("give the pictures with --data, or a --recipe") }
      chosen = TrainCommand.usualRecipe(architecture, data)
      chosen.epochs = epochs
      // Only the last network of each run is compared.
      chosen.checkpointEpochs = []
    }
    return try applied(to: chosen, dataName: data.map { _ in "--data" })
  }

  /// Of what the recipe is made of, for errors.
  private var names: RecipeNames {
    RecipeNames(
      [
        "epochs": epochs != nil, "batchSize": batchSize != nil,
        "optimizer.learningRate": learningRate != nil, "seed": seed != nil,
        "labels": table.labels != nil,
      ], file: recipe)
  }

  /// The recipe with what the options say.
  ///
  /// - Parameter dataName: By what the pictures were given; nil if by the recipe.
  func applied(to recipe: Recipe, dataName: String?) throws -> Recipe {
    var chosen = recipe
    chosen.epochs = epochs ?? chosen.epochs
    chosen.batchSize = batchSize ?? chosen.batchSize
    chosen.optimizer.learningRate = learningRate ?? chosen.optimizer.learningRate
    chosen.seed = seed ?? chosen.seed
    chosen.labels = table.labels ?? chosen.labels
    if noAugmentation { chosen.augmentation = Augmentation() }
    try names.adding(["data": dataName]).blaming { try chosen.check() }
    return chosen
  }

  func architecture(of recipe: Recipe) throws -> Architecture {
    try Architecture(named: recipe.architecture)
  }

  /// Trains and measures networks on the same pictures, and writes what was found.
  ///
  /// - Parameters:
  ///   - runs: The first one's architecture decides the size of pictures that are not small.
  ///   - name: Of the usual folder.
  ///   - limit: Of the training pictures; nil for all.
  ///   - report: Makes the table and the figures of all runs' measurements and pictures.
  func run(
    _ runs: [ExperimentRun], on pictures: ExperimentPictures, named name: String, limit: Int?,
    shifts: [Int] = [],
    report makeReport: @escaping ([RunMeasures], TrainingSources) throws -> ExperimentReport
  ) throws {
    guard let first = runs.first else { throw UsageError("the experiment has no networks") }
    try run(named: name) { folder, console in
      let memory = pictures.memoryOptions.budget
      let sources = try TrainingSources(
        first.recipe, first.architecture, memory: memory, limit: limit, holdsOut: true)
      sources.sayRemarks(console)
      let input = sources.preprocessing.input
      let isUsual = shifts == ArchitectureExperiment.usualShifts
      let fitting = shifts.filter { $0 <= (input.dropFirst().min() ?? 0) / 2 }
      if !isUsual { try Self.check(shifts, of: input) }
      var experiment = try Experiment(runs, on: sources, into: folder, memory: memory)
      experiment.shifts = isUsual ? fitting : shifts
      return (experiment, { measures in try makeReport(measures, sources) })
    }
  }

  /// - Parameter input: `[C, H, W]`.
  /// - Throws: `UsageError` if less than half of a shifted picture is left.
  private static func check(_ shifts: [Int], of input: [Int]) throws(UsageError) {
    guard let greatest = shifts.max(), greatest > 0, let side = input.dropFirst().min(),
      greatest > side / 2
    else { return }
    throw UsageError(
      "--shifts: expected at most \(side / 2) pixels, half the shorter side of the "
        + "\(input.dropFirst().map(String.init).joined(separator: "×")) pictures, found \(greatest)"
    )
  }

  /// Trains and measures networks, and writes what was found.
  ///
  /// - Parameters:
  ///   - name: Of the usual folder.
  ///   - prepare: Makes the experiment in a folder, and what makes its table and figures.
  func run(
    named name: String,
    _ prepare: (String, Console) throws -> (Experiment, ([RunMeasures]) throws -> ExperimentReport)
  ) throws {
    computing.apply()
    let folder = output ?? "output/\(name)"
    let lock = try OutputLock(folder, .alone)
    defer { lock.release() }
    if !resume, !restart, Experiment.exists(in: folder) {
      throw FileError(
        .unwritable, folder,
        "contains an earlier experiment; use --resume to keep its finished runs and go on, "
          + "--restart to replace it, or another --output")
    }
    let console = reporting.console
    if resume, !Experiment.exists(in: folder) {
      console.say("nothing to resume in \(folder): the experiment begins with its first run")
    }
    var (experiment, makeReport) = try names.blaming { try prepare(folder, console) }
    let runs = experiment.runs
    if resume {
      let others = ((try? namesInFolder("\(folder)/runs")) ?? [])
        .filter { name in !runs.contains { $0.name == name } }.sorted()
      if !others.isEmpty {
        console.warn(
          "the table and figures leave out earlier runs that are not asked for now: "
            + others.joined(separator: ", "))
      }
    }
    experiment.shouldStop = { Signals.requested != nil }
    let done = Mutex(0)
    let measures = try Signals.saying({
      "\(done.withLock(\.self)) of \(runs.count) runs are finished in \(folder): go on with --resume"
    }) {
      do {
        return try names.blaming {
          try experiment.run(resuming: resume) { event in
            if Self.isFinished(event) { done.withLock { $0 += 1 } }
            Self.say(event, of: runs.count, on: console)
          }
        }
      } catch is TrainingStopped {
        Signals.end(by: Signals.requested ?? SIGINT)
      }
    }
    let report = try makeReport(measures)
    var files = try report.write(to: folder)
    if galleries {
      for run in runs where run.hasNetwork {
        files += try drawGallery(of: run, in: experiment.folder(of: run), console)
      }
    }
    for line in report.table.text.lines { console.say(line) }
    try reporting.report(
      files,
      [
        "runs": zip(runs, measures).map { run, measures -> [String: any Sendable] in
          [
            "name": run.name, "network": measures.label, "seed": Int(clamping: run.recipe.seed),
            "parameters": measures.parameters,
            "multiplyAdds": measures.multiplyAdds, "trainingError": measures.trainingError,
            "testError": measures.testError,
          ]
        }
      ])
  }

  private static func isFinished(_ event: ExperimentEvent) -> Bool {
    switch event {
    case .kept, .measured: true
    default: false
    }
  }

  private static func say(_ event: ExperimentEvent, of count: Int, on console: Console) {
    switch event {
    case .began(let run, let number, let changes):
      console.say("run \(number)/\(count): \(run.label)")
      for line in changes { console.say("  \(line)") }
    case .kept(let measures, let number):
      console.say("run \(number)/\(count): \(measures.label) is finished, and kept")
    case .measured(let measures, _):
      let training =
        measures.trainingError.isFinite
        ? String(format: "training error %.2f %%, ", 100 * measures.trainingError) : ""
      console.say("  " + training + String(format: "test error %.2f %%", 100 * measures.testError))
    case .training(let event, let run, let number, let secondsLeft):
      switch event {
      case .step(let progress):
        Signals.deferToWork()
        console.bar(
          "\(run.label) (\(number)/\(count)), epoch \(progress.epoch)/\(progress.epochs)",
          progress.step, of: progress.steps,
          detail: "loss \(measureText(progress.loss, decimals: 3)), "
            + String(
              format: "%.1f %%, %@ left in all", 100 * progress.accuracy,
              durationText(secondsLeft)))
      case .epoch(let epoch, let seconds) where run.isTestedOften:
        console.say(
          "  " + TrainingWork.line(epoch, of: run.recipe.epochs, seconds, tried: "test"))
      case .skipped(let error): console.warn("skipped \(error)")
      // Captions say that classifiers learn at a stable rate.
      case .epoch, .kept, .wrote, .remark: break
      }
    }
  }

  private func drawGallery(
    of run: ExperimentRun, in folder: String, _ console: Console
  ) throws -> [String] {
    var arguments = [
      "visualize", "\(folder)/\(TrainingFileNames.final)", "--images", run.recipe.data,
      "--output", "\(folder)/gallery",
    ]
    if resume { arguments.append("--resume") }
    console.say("the gallery of \(run.label)")
    let command = try VisualizeCommand.parse(Array(arguments.dropFirst()))
    return try command.run(in: Session(), as: arguments, console: console)
  }
}

extension TrainingSources {
  /// What a user should know about the pictures.
  func sayRemarks(_ console: Console) {
    for remark in remarks { console.say(remark) }
  }
}
