import Analysis
import ArgumentParser
import Checkpoints
import Datasets
import Exhibits
import Files
import Networks
import TensorCore
import Training

/// A checkpoint that training starts from.
struct GivenWeights {
  let checkpoint: Checkpoint
  let preprocessing: Preprocessing
  let origin: TrainingStart.Origin
  private let path: String

  /// - Parameter architecture: For a file that does not name its own and whose tensors do not
  ///   determine it; empty if it is not known either.
  init(
    _ options: CheckpointOptions, architecture: String, memory: MemoryBudget, _ console: Console
  ) throws {
    let source = try options.openCheckpoint()
    let fingerprint = PendingFingerprint(of: source)
    let constants = try options.inputConstants(memory: memory)
    var prepared: PreparedCheckpoint
    do {
      prepared = try options.prepared(source, constants, memory: memory)
    } catch let error as FileError {
      guard options.architecture == nil, !architecture.isEmpty else { throw error }
      var named = options
      named.architecture = architecture
      guard let other = try? named.prepared(source, constants, memory: memory) else { throw error }
      prepared = other
    }
    options.say(
      prepared.checkpoint.notes + [prepared.assumption].compactMap(\.self),
      warnings: prepared.warnings, to: console)
    (checkpoint, preprocessing) = (prepared.checkpoint, prepared.preprocessing)
    path = options.checkpoint
    origin = TrainingStart.Origin(
      checkpoint: baseNameWithExtension(options.checkpoint), sha256: try fingerprint.value())
  }

  /// Its network, for the classes of the recipe's data; if the recipe changes it, a fresh one with
  /// those of its weights that fit.
  ///
  /// - Throws: `FileError` if its classifier cannot be replaced, or its architecture not be changed.
  func start(
    _ recipe: Recipe, on sources: TrainingSources, _ console: Console
  ) throws -> TrainingStart {
    guard recipe.changes == nil else {
      guard let design = checkpoint.design,
        let architecture = Architecture(rawValue: design.architecture)
      else {
        throw FileError(
          .malformed, path,
          "expected a network of a known architecture to change, found one that is described by "
            + "its graph")
      }
      var recipe = recipe
      recipe.dropout = recipe.dropout ?? design.dropout.map(Double.init)
      let fresh = try FreshNetwork(recipe, architecture, for: sources)
      for line in fresh.changes { console.say(line) }
      return try start(recipe, filling: fresh.checkpoint, console)
    }
    let classNames = sources.classNames
    return try naming(path) {
      try say(
        TrainingStart(
          from: checkpoint, origin, classNames: classNames, rows: rows(classNames),
          newClassifier: recipe.layers.newClassifier, dropout: recipe.dropout,
          initialization: recipe.initialization, seed: recipe.seed), classNames, console)
    }
  }

  /// A fresh network with those of its weights that fit.
  ///
  /// - Throws: `FileError` if none does.
  func start(
    _ recipe: Recipe, filling fresh: Checkpoint, _ console: Console
  ) throws -> TrainingStart {
    try naming(path) {
      try say(
        TrainingStart(
          fresh, copying: checkpoint, origin, rows: rows(fresh.classNames),
          newClassifier: recipe.layers.newClassifier), fresh.classNames, console)
    }
  }

  /// For each class of the data the one of the network that has the same name. If the data only
  /// numbers its classes and the network does not name its own, numbers are compared.
  private func rows(_ names: [String]) -> [Int?] {
    let count = checkpoint.network.classCount
    if checkpoint.classNames.isEmpty, names.count == count, areNumbers(names) {
      return Array(names.indices)
    }
    return ClassNames(checkpoint.classNames, count: count).indices(of: names)
  }

  private func say(
    _ start: TrainingStart, _ classNames: [String], _ console: Console
  ) -> TrainingStart {
    for remark in start.remarks { console.say(remark) }
    if areNumbers(classNames), start.freshParameters.isEmpty {
      console.say(
        "the classes have no names, only numbers; --new-classifier if the same number means "
          + "another class")
    }
    return start
  }

  private func naming<Result>(
    _ path: String, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as GraphError {
      throw FileError(.malformed, path, error.description)
    } catch let error as FileError {
      throw FileError(error.kind, path, error.reason)
    }
  }
}
