import ArgumentParser
import Datasets
import Exhibits
import Files
import Training

/// What a network has learned is used for another data set.
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a checkpoint further on another data set.",
    discussion: """
      The network keeps its layers, its preprocessing and the size of its input, to which the \
      pictures are resized. If it has all classes of the data set, by name, its classifier is kept. \
      Otherwise the classifier is new; it begins with the rows of those classes that the network \
      has, unless --new-classifier. The folder is like that of 'train', and a recipe with the key \
      'from' does the same.

      Unless options or a recipe say otherwise, all layers learn, none is frozen: new ones at a rate \
      of 0.02, copied ones at a tenth of it (--copied-rate), for 10 epochs of 64 pictures per step, \
      by SGD with Nesterov momentum 0.9, weight decay 0.0005, half an epoch of warm-up and a cosine \
      schedule; with adam or adamw, the rate is 0.001. A new classifier whose features are large \
      learns more slowly, as the run then says. Training pictures are shifted by up to a sixteenth of \
      their width (--shift 0 or --no-augmentation: not at all).

      A new classifier on frozen features:

        fovea finetune resnet18.pth flowers --freeze 'conv1,bn1,layer*'

      All layers, unfrozen from the last to the first:

        fovea finetune samples/objects.safetensors photos --unfreeze 1 --epochs 12
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Argument(help: "The pictures to learn: \(datasetFormats.usage).")
  var dataset: String

  @Option(
    help: ArgumentHelp(
      """
      A YAML recipe with other settings; its data, network and weights are ignored. Keys that it \
      does not have keep finetune's defaults.
      """,
      valueName: "file"))
  var recipe: String?

  @OptionGroup var options: RecipeOptions
  @OptionGroup var output: TrainingOutput

  /// The factor of the learning rate for copied layers.
  private static let usualCopiedRate = 0.1

  func run() throws {
    output.computing.apply()
    guard checkpoint.preprocess != .auto else {
      throw UsageError("--preprocess auto is not for finetune; predict finds the preset that fits")
    }
    let memory = checkpoint.memory
    let given = try GivenWeights(
      checkpoint, architecture: "", memory: memory, output.reporting.console)
    let recipe = try chosenRecipe(side: given.preprocessing.input.last)
    let name = "\(galleryName(for: checkpoint.checkpoint))-\(baseName(dataset))"
    let work = TrainingWork(
      recipe: recipe, names: names, output: output, folder: output.output ?? "output/\(name)",
      file: self.recipe, memory: memory, givenOptions: checkpoint.readingOptions)
    try work.run { console in
      let sources = try TrainingSources(recipe, nil, given: given.preprocessing, memory: memory)
      return (sources, try given.start(recipe, on: sources, console))
    }
  }

  private var names: RecipeNames {
    options.names(in: recipe).adding(["data": "<dataset>", "from": "<checkpoint>"])
  }

  private func chosenRecipe(side: Int?) throws -> Recipe {
    var chosen = TrainCommand.usualRecipe("", dataset, side: side)
    chosen.layers.copiedRate = Self.usualCopiedRate
    if let recipe {
      chosen = try readRecipe(
        recipe, missing: MissingKeys(from: checkpoint.checkpoint, data: dataset), defaults: chosen)
      (chosen.architecture, chosen.data) = ("", dataset)
    }
    chosen.from = checkpoint.checkpoint
    return try options.applied(to: chosen, names)
  }
}
