import Analysis
import Checkpoints
import Datasets
import Files
import Foundation
import Networks
import TensorCore
import Training

/// A checkpoint, ready to be looked at.
struct Model {
  let path: String
  /// The file's name, for captions.
  let name: String
  /// SHA-256, of all files that the weights were read from.
  let fingerprint: String
  let architecture: String
  let network: Network
  let classNames: ClassNames
  let preprocessing: Preprocessing
  /// What `--constant` gives other inputs, a line each: a number, or an array's fingerprint.
  let constants: [String]
  /// What it was trained on, where the checkpoint says so.
  let recipe: Recipe?
  let history: TrainingHistory?
  /// For all that is done with it, the weights among it.
  let memory: MemoryBudget
  /// What a user should know about the way it was read, a line each.
  let notes: [String]
  /// What is wrong with the network though the file is sound, a line each.
  let warnings: [String]

  /// One line for headers.
  var summary: String {
    let shape = network.graph.inputShape.extents.map(String.init).joined(separator: "×")
    return "\(architecture), input \(shape), \(classNames.count) classes"
  }
}

extension Model {
  /// - Throws: `FileError`; `UsageError` where the preprocessing is unknown.
  init(_ options: CheckpointOptions) throws {
    let source = try options.openCheckpoint()
    let constants = try options.inputConstants()
    let (checkpoint, preprocessing) = try options.prepared(source, constants)
    path = options.checkpoint
    name = URL(filePath: options.checkpoint).lastPathComponent
    // Of what was read, whatever bears the name by now.
    fingerprint = try Files.fingerprint(of: source)
    architecture = checkpoint.design?.architecture ?? "a graph of its own"
    network = checkpoint.network
    classNames = ClassNames(checkpoint.classNames, count: checkpoint.network.classCount)
    recipe = try checkpoint.metadata(Recipe.self, for: Checkpoint.Key.recipe)
    history = try checkpoint.metadata(TrainingHistory.self, for: Checkpoint.Key.history)
    self.preprocessing = preprocessing
    self.constants = constants.map { "\($0) \($1.fact)" }.sorted()
    memory = options.memory
    notes = checkpoint.notes
    warnings = checkpoint.warnings
  }
}
