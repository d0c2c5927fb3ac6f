import ArgumentParser
import Checkpoints
import Datasets
import Exhibits
import Files
import Networks
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
      override the recipe. With --from, training starts from the weights of a checkpoint, in its \
      own network or, with --architecture, wherever they fit into that one. --resume --output FOLDER \
      alone goes on with the recipe, the pictures and the weights of the run in that folder; \
      options override them. Without a recipe: \
      Nesterov momentum 0.9, weight decay 0.0005, half an epoch of warm-up, and random shifts of \
      the pictures by up to a sixteenth of their width; a recipe has these only if it says so \
      (weightDecay, warmupEpochs, padCrop), and --shift and --no-augmentation override them. \
      Architectures: \
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

  @Option(
    help: ArgumentHelp(
      "Start from the weights of this checkpoint, of any kind that Fovea reads.",
      valueName: "checkpoint"))
  var from: String?

  @OptionGroup var options: RecipeOptions
  @OptionGroup var output: TrainingOutput
  @OptionGroup var memoryOptions: MemoryOptions

  func run() throws {
    output.computing.apply()
    let recipe = try chosenRecipe()
    let architecture =
      recipe.architecture.isEmpty ? nil : try Architecture(named: recipe.architecture)
    let name =
      self.recipe.map(baseName)
      ?? (recipe.architecture.isEmpty ? recipe.from.map(galleryName) : recipe.architecture)
    let memory = memoryOptions.budget
    let options = continuedOptions
    let work = TrainingWork(
      recipe: recipe, names: names, output: output,
      folder: output.output ?? "output/\(name ?? "network")",
      file: self.recipe, memory: memory, givenOptions: options)
    try work.run { console in
      let given = try recipe.from.map {
        try GivenWeights(
          CheckpointOptions.parse(options + ["--", $0]), architecture: recipe.architecture,
          memory: memory,
          console)
      }
      let sources = try TrainingSources(
        recipe, architecture, given: given?.preprocessing, memory: memory)
      guard let architecture else {
        guard let given else { preconditionFailure("a recipe without an architecture") }
        return (sources, try given.start(recipe, on: sources, console))
      }
      let fresh = try FreshNetwork(recipe, architecture, for: sources)
      for line in fresh.changes { console.say(line) }
      return (sources, try given?.start(recipe, filling: fresh.checkpoint, console) ?? fresh.start)
    }
  }

  private var names: RecipeNames {
    options.names(in: recipe).adding([
      "architecture": architecture.map { _ in "--architecture" },
      "data": data.map { _ in "--data" },
      "from": from.map { _ in "--from" },
    ])
  }

  private func chosenRecipe() throws -> Recipe {
    var chosen: Recipe
    if let recipe {
      chosen = try readRecipe(
        recipe,
        missing: MissingKeys(
          architecture: architecture, from: from, data: data,
          options: ["architecture": "--architecture", "data": "--data"]))
      chosen.architecture = architecture ?? chosen.architecture
      chosen.data = data ?? chosen.data
      chosen.from = from ?? chosen.from
    } else if let data, architecture != nil || from != nil {
      chosen = Self.usualRecipe(architecture ?? "", data)
      chosen.from = from
    } else {
      chosen = try recordedRecipe()
      chosen.architecture = architecture ?? chosen.architecture
      chosen.data = data ?? chosen.data
      chosen.from = from ?? chosen.from
    }
    return try options.applied(to: chosen, names)
  }

  /// How the run that is continued has read the checkpoint that it started from.
  private var continuedOptions: [String] {
    guard recipe == nil, from == nil, output.resume, let folder = output.output else { return [] }
    return DataLocations(beside: "\(folder)/\(TrainingFileNames.resume)")?.options ?? []
  }

  /// The recipe of the run that is to be continued.
  ///
  /// - Throws: `UsageError` if none is asked for; `FileError` if its folder has none.
  private func recordedRecipe() throws -> Recipe {
    let needed = "give a recipe, or --architecture and --data"
    guard output.resume else { throw UsageError(needed) }
    guard let folder = output.output else {
      throw UsageError("\(needed); or the folder of the run to continue, with --output")
    }
    guard let recipe = try EarlierRun.recipe(in: folder) else {
      throw FileError(
        .missing, folder, "contains no training run to continue; to begin one, \(needed)")
    }
    return recipe
  }

  /// A recipe for most small networks: shifts by a sixteenth of the picture or series, a cosine
  /// schedule.
  ///
  /// - Parameter side: That of the input; nil for the architecture's usual one.
  static func usualRecipe(_ architecture: String, _ data: String, side: Int? = nil) -> Recipe {
    let side = side ?? Architecture(rawValue: architecture)?.usualInputShape.extents.last ?? 32
    return Recipe(
      architecture: architecture, data: data,
      optimizer: OptimizerSettings(
        learningRate: RecipeOptions.usualRate, nesterov: true, weightDecay: 5e-4),
      schedule: Schedule(name: .cosine, warmupEpochs: 0.5),
      augmentation: Augmentation(padCrop: (side + 8) / 16))
  }
}

extension Architecture {
  /// - Throws: `UsageError` with the nearest names.
  init(named name: String) throws(UsageError) {
    guard let known = Architecture(rawValue: name) else {
      throw UsageError(
        "no architecture '\(name)'"
          + suggestion(for: name, among: Architecture.allCases.map(\.rawValue)))
    }
    self = known
  }
}
