import ArgumentParser
import Datasets
import Exhibits
import Files
import Networks
import Training

/// What a network has learned is compared with learning anew, by the number of pictures.
struct TransferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Measure what a checkpoint is worth for another data set with few pictures.",
    discussion: """
      With each number of training pictures per class, and several times with other pictures: the \
      same architecture from scratch; support vector machines on the unchanged features of the last \
      hidden layer; a new classifier layer alone; with the fully connected layers, or the last stage \
      of a network without any; with all layers. Layers with given weights learn at a tenth of the \
      rate. Networks are trained for 15 epochs of 60 pictures per class; with fewer pictures there \
      are more epochs, so that there are as many steps. Pictures are preprocessed as for the \
      checkpoint. What is measured of each run is kept, from which an interrupted experiment goes \
      on, but not its network, unless --keep-networks or --galleries. After Zeiler and Fergus 2014, section 5.2.

        fovea experiment transfer samples/objects.safetensors cifar-10
        fovea experiment transfer resnet20.onnx fashion-mnist --per-class 15,30,60,120 --seeds 5
      """)

  /// What `--methods` takes.
  enum Choice: String, CaseIterable {
    case scratch, svm, classifier, connected, all

    var method: TransferExperiment.Method {
      switch self {
      case .scratch: .scratch
      case .svm: .features
      case .classifier: .classifier
      case .connected: .connected
      case .all: .all
      }
    }
  }

  @OptionGroup var checkpoint: CheckpointOptions

  @Argument(
    help: """
      The pictures: \(datasetFormats.usage). Without test pictures, a fifth of each class is held \
      out.
      """)
  var dataset: String

  @Option(
    help: ArgumentHelp(
      """
      Training pictures of each class, a network for each number. (default: 15, 30 and 60, if \
      classes have this many)
      """, valueName: "counts"))
  var perClass: String?

  @Option(
    help: """
      How often each network is trained, with other pictures and other random numbers: their \
      deviation is that of the table.
      """)
  var seeds = 3

  @Option(help: "Test on at most N pictures of each class.")
  var testPerClass = 100

  @Option(
    help: ArgumentHelp(
      """
      Which ways of training, separated by commas: \
      \(Choice.allCases.map(\.rawValue).joined(separator: ", ")). (default: all of them)
      """, valueName: "names"))
  var methods: String?

  @Option(
    help: ArgumentHelp(
      "Factor of the learning rate for layers with given weights. (default: 0.1)",
      valueName: "factor"))
  var copiedRate: Double?

  @Flag(
    help: """
      Keep the network of each run, final.safetensors in its folder, which takes as much space as \
      the checkpoint for each; implied by --galleries.
      """)
  var keepNetworks = false

  @OptionGroup var options: ExperimentOptions

  /// With 60 or more pictures per class; fewer have more.
  private static let usualEpochs = 15
  private static let usualBatchSize = 32
  private static let usualCopiedRate = 0.1
  private static let mostPerClass = 1_000_000

  func validate() throws {
    _ = try counts()
    _ = try chosenMethods()
    try checkSeeds(seeds)
    guard testPerClass > 0 else {
      throw ValidationError("--test-per-class must be at least 1, not \(testPerClass)")
    }
    if let copiedRate, !(copiedRate > 0 && copiedRate.isFinite) {
      throw ValidationError("--copied-rate must be a positive number, not \(copiedRate)")
    }
  }

  /// Ascending; nil for the usual ones.
  private func counts() throws -> [Int]? {
    guard let perClass else { return nil }
    let counts = try perClass.split(separator: ",", omittingEmptySubsequences: false).map {
      // The regularisation of support vector machines is chosen on one of them.
      guard let count = Int($0.filter { $0 != " " }), (2...Self.mostPerClass).contains(count) else {
        throw ValidationError(
          "--per-class: expected numbers of pictures from 2 on such as 15,30,60, found "
            + "'\(perClass)'")
      }
      return count
    }
    return Set(counts).sorted()
  }

  private func chosenMethods() throws -> [TransferExperiment.Method] {
    guard let methods else { return TransferExperiment.Method.allCases }
    return try methods.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let choice = Choice(rawValue: $0.filter { $0 != " " }) else {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--methods: expected some of \(names), found '\(methods)'")
      }
      return choice.method
    }
  }

  func run() throws {
    guard checkpoint.preprocess != .auto else {
      throw UsageError(
        "--preprocess auto is not for experiments; predict finds the preset that fits")
    }
    let name = "transfer-\(galleryName(for: checkpoint.checkpoint))-\(baseName(dataset))"
    try options.run(named: name) { folder, console in
      let memory = checkpoint.memory
      let given = try GivenWeights(checkpoint, architecture: "", memory: memory, console)
      let recipe = try chosenRecipe(side: given.preprocessing.input.last)
      let sources = try TrainingSources(
        recipe, nil, given: given.preprocessing, memory: memory, holdsOut: true)
      sources.sayRemarks(console)
      do {
        let transfer = try TransferExperiment(
          of: given.checkpoint, given.origin, recipe, on: sources, methods: chosenMethods(),
          perClass: counts(), draws: seeds, testPerClass: testPerClass)
        for remark in transfer.remarks { console.say(remark) }
        var experiment = try Experiment(
          transfer.runs, on: transfer.sources, into: folder, memory: memory)
        experiment.networks = keepNetworks || options.galleries ? .needed : .removed
        return (experiment, transfer.report)
      } catch let error as GraphError {
        throw FileError(.malformed, checkpoint.checkpoint, error.description)
      }
    }
  }

  private func chosenRecipe(side: Int?) throws -> Recipe {
    var chosen = TrainCommand.usualRecipe("", dataset, side: side)
    (chosen.epochs, chosen.batchSize) = (Self.usualEpochs, Self.usualBatchSize)
    chosen.layers.copiedRate = Self.usualCopiedRate
    if let recipe = options.recipe {
      chosen = try readRecipe(
        recipe, missing: MissingKeys(from: checkpoint.checkpoint, data: dataset), defaults: chosen)
      (chosen.architecture, chosen.data, chosen.changes) = ("", dataset, nil)
      chosen.layers = LayerSettings(copiedRate: chosen.layers.copiedRate)
    }
    chosen.layers.copiedRate = copiedRate ?? chosen.layers.copiedRate
    guard chosen.layers.copiedRate > 0 else {
      throw FileError(
        .malformed, options.recipe ?? "",
        "layers.copiedRate: expected a positive number, found 0")
    }
    chosen.from = checkpoint.checkpoint
    chosen.checkpointEpochs = []
    return try options.applied(to: chosen, dataName: "<dataset>")
  }
}
