public import Analysis
internal import ArgumentParser
internal import Checkpoints
public import Datasets
package import Files
internal import Foundation
public import Networks
public import TensorCore
package import Training

/// A checkpoint, loaded and ready for exhibits.
public struct Model {
  public let path: String
  /// The file's name, for captions.
  public let name: String
  /// SHA-256 of all files that the weights were read from.
  public let fingerprint: String
  public let architecture: String
  public internal(set) var network: Network
  public internal(set) var classNames: ClassNames
  public internal(set) var preprocessing: Preprocessing
  /// How it is known.
  public internal(set) var preprocessingOrigin: PreprocessingOrigin
  /// Whether the preprocessing is only assumed until it is tried on pictures.
  package internal(set) var triesPreprocessing: Bool
  /// What all that are tried have in common; nil for that of each.
  let triedResize: Preprocessing.Resize?
  /// What `--constant` gives to other inputs, one line each: a number, or an array's fingerprint.
  package let constants: [String]
  /// The output where the network ends, if it was named.
  let head: String?
  /// What it was trained on, if the checkpoint says so.
  package let recipe: Recipe?
  package let history: TrainingHistory?
  /// Of the pictures that it was trained on; nil if the checkpoint does not say.
  let trainedPictures: PicturesIdentity?
  /// For everything done with the model, including the weights.
  package var memory: MemoryBudget
  /// What a user should know about how it was read, one line each.
  public let notes: [String]
  /// How the preprocessing was guessed, which matters to pictures but not to arrays; nil if it is
  /// known.
  public let assumption: String?
  /// What is wrong with the network although the file is sound, one line each.
  public let warnings: [String]

  /// With which numbers the network runs; set by `computing(with:)`.
  public var precision: Precision { network.precision }

  /// The same model whose network runs with other numbers. Whether the processor can is for the
  /// caller to find out.
  public func computing(with precision: Precision) -> Model {
    var copy = self
    copy.network.precision = precision
    return copy
  }

  /// One line for headers.
  package var summary: String {
    let shape = network.graph.inputShape.extents.map(String.init).joined(separator: "×")
    let count = classNames.count == 1 ? "1 class" : "\(classNames.count) classes"
    let classes = network.hasClassScores ? [count] : []
    return (["\(architecture)", "input \(shape)"] + classes).joined(separator: ", ")
  }
}

extension Model {
  /// Opens a checkpoint: Fovea's own, or another program's safetensors, PyTorch or ONNX.
  ///
  /// - Parameters:
  ///   - checkpoint: The path of its file.
  ///   - arguments: Options as commands have them: `"--preprocess", "imagenet"`.
  /// - Throws: `FileError`; `UsageError` or the parser's errors for bad options.
  public init(_ checkpoint: String, _ arguments: String...) throws {
    try self.init(CheckpointOptions.parse(arguments + ["--", checkpoint]))
  }

  /// - Throws: `FileError`; `UsageError` if the preprocessing is unknown.
  public init(_ options: CheckpointOptions) throws {
    try self.init(options, memory: options.memory)
  }

  /// - Parameter memory: Instead of what the options allow.
  package init(_ options: CheckpointOptions, memory: MemoryBudget) throws {
    let source = try options.openCheckpoint()
    let pendingFingerprint = PendingFingerprint(of: source)
    let constants = try options.inputConstants(memory: memory)
    let prepared = try options.prepared(source, constants, memory: memory)
    let checkpoint = prepared.checkpoint
    path = options.checkpoint
    name = URL(filePath: options.checkpoint).lastPathComponent
    // The fingerprint of what was read, even if the file has been replaced since.
    fingerprint = try pendingFingerprint.value()
    architecture = checkpoint.design?.architecture ?? "a graph of its own"
    network = checkpoint.network
    classNames = ClassNames(checkpoint.classNames, count: checkpoint.network.classCount)
    recipe = try checkpoint.metadata(Recipe.self, for: Checkpoint.Key.recipe)
    history = try checkpoint.metadata(TrainingHistory.self, for: Checkpoint.Key.history)
    trainedPictures = try .ofTraining(checkpoint)
    preprocessing = prepared.preprocessing
    preprocessingOrigin = prepared.origin
    assumption = prepared.assumption
    triesPreprocessing = options.preprocess == .auto
    triedResize = options.resize.map { .shorterSide($0) }
    head = options.head
    self.constants = constants.map { "\($0) \($1.fact)" }.sorted()
    self.memory = memory
    notes = checkpoint.notes
    warnings = prepared.warnings
  }
}
