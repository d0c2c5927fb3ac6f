public import Checkpoints
internal import Datasets
public import Files
internal import Foundation
internal import Networks
internal import TensorCore

/// The data that a network is trained and tested on.
public struct TrainingData: Sendable {
  public let training: PreparedPictures
  /// Pictures that never change a weight.
  public let test: PreparedPictures?
  public let encoding: ColorEncoding

  public init(training: PreparedPictures, test: PreparedPictures?, encoding: ColorEncoding) {
    self.training = training
    self.test = test
    self.encoding = encoding
  }
}

/// What happens during a training run, for progress bars and messages.
public enum TrainingEvent: Sendable {
  case step(TrainingProgress)
  case epoch(TrainingHistory.Epoch, seconds: Double)
  /// A file is complete at this path.
  case wrote(String)
  /// An interrupted run can be resumed after this epoch.
  case kept(epoch: Int)
  /// A picture could not be read and is skipped.
  case skipped(FileError)
  /// What a user should know about the run, in one line.
  case remark(String)
}

public struct TrainingProgress: Sendable, Hashable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Within the epoch, counted from 1.
  public let step: Int
  public let steps: Int
  /// The means over the epoch so far.
  public let loss: Double
  public let accuracy: Double
  /// For the whole run, estimated from the steps so far.
  public let secondsLeft: Double
}

public struct TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// A run ended early because it was asked to.
public struct TrainingStopped: Error, Sendable, Hashable {
  /// The number of complete epochs.
  public let epoch: Int
  /// Steps of the next epoch that are done.
  public let step: Int
  /// Whether the run can be resumed from there: a run that replaces another one keeps nothing
  /// before its first epoch is complete.
  public let isKept: Bool

  package init(epoch: Int, step: Int, isKept: Bool) {
    (self.epoch, self.step, self.isKept) = (epoch, step, isKept)
  }
}

/// Trains a network by a recipe and saves it along the way.
///
/// It writes to its folder: `epoch-NNN.safetensors` after the recipe's epochs, `final.safetensors`,
/// `log.csv`, `data.json` (`DataLocations`), and until it is complete `resume.safetensors`, from
/// which an interrupted run continues, with results identical to those of an uninterrupted one.
public struct TrainingRun: Sendable {
  public let recipe: Recipe
  public let folder: String
  /// Asked after each step; the run then saves its state and ends with `TrainingStopped`.
  public var shouldStop: @Sendable () -> Bool = { false }
  /// The options with which the checkpoint that training starts from was read; they are kept for
  /// who continues the run.
  public var givenOptions: [String] = []
  /// For what frozen layers make of the pictures, in bytes: it is kept for the next epochs if that is
  /// enough, and pictures are neither changed nor mixed. The results are the same.
  public var featureMemory = PreparedPictures.usualMemory
  let threads = PartThreads()
  /// What training starts from.
  let given: TrainingStart
  /// The same with the first weights of a new classifier, once they are fitted to its features.
  var start: Checkpoint
  var layers: LayerPlan
  let training: PreparedPictures
  let validation: PreparedPictures?
  let validationKind: TrainingHistory.Validation
  let data: TrainingData
  let epochPrecision: SafeTensorsFile.Precision

  /// - Parameters:
  ///   - start: The network before the first step, with the metadata of the checkpoints to be
  ///     written.
  ///   - epochPrecision: The precision of `epoch-NNN.safetensors`, which are not used for training.
  /// - Throws: `RecipeError`; `FileError` if the data leaves nothing to train on.
  public init(
    _ recipe: Recipe, from start: Checkpoint, on data: TrainingData, into folder: String,
    epochPrecision: SafeTensorsFile.Precision = .single
  ) throws {
    try self.init(
      recipe, from: TrainingStart(fresh: start), on: data, into: folder,
      epochPrecision: epochPrecision)
  }

  /// - Parameters:
  ///   - start: Fresh or given weights, and which of them are which.
  ///   - epochPrecision: The precision of `epoch-NNN.safetensors`, which are not used for training.
  /// - Throws: `RecipeError`, also if a pattern of `recipe.layers` fits no layer, or the fraction that
  ///   is held out leaves a class without pictures; `FileError` if there is nothing to train on.
  public init(
    _ recipe: Recipe, from start: TrainingStart, on data: TrainingData, into folder: String,
    epochPrecision: SafeTensorsFile.Precision = .single
  ) throws {
    try recipe.check()
    layers = try LayerPlan(
      recipe.layers, of: start.checkpoint.network, fresh: start.freshParameters)
    self.epochPrecision = epochPrecision
    self.recipe = recipe
    self.folder = folder
    (given, self.start) = (start, start.checkpoint)
    self.data = data
    if recipe.validationFraction > 0 {
      let parts = try data.training.split(
        holdingOut: recipe.validationFraction, seed: recipe.seed)
      (training, validation) = (parts.rest, parts.heldOut)
      validationKind = .heldOut
      try Self.checkSplit(
        of: data.training, training, fraction: recipe.validationFraction,
        start.checkpoint.classNames)
    } else {
      training = data.training
      validation = data.test
      validationKind = data.test == nil ? .none : .test
    }
    guard training.count > 0 else {
      throw FileError(.malformed, recipe.data, "expected pictures to train on, found none")
    }
  }

  /// The number of training pictures that a network is judged by: enough to know an accuracy to 1.6 %.
  private static let mostScored = 1000

  var stepsPerEpoch: Int { (training.count + recipe.batchSize - 1) / recipe.batchSize }

  /// Trains to the last epoch.
  ///
  /// - Parameters:
  ///   - resuming: Whether to continue an interrupted run in the folder, or to prolong a complete
  ///     one of fewer epochs, whose optimizer starts anew; if there is none, the run starts from
  ///     the beginning.
  ///   - onEvent: May throw to interrupt the run.
  /// - Returns: The checkpoint in `final.safetensors`.
  /// - Throws: `TrainingStopped`; `TrainingError` if the loss, a gradient or a weight is not finite:
  ///   what was saved before stays; `FileError` if a file cannot be written or does not belong to
  ///   this run.
  public func run(
    resuming: Bool = false, onEvent: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> Checkpoint {
    try makeFolder(folder)
    removePartialFiles(in: folder)
    let identity = try DataIdentity(data)
    let finished = resuming ? try finishedRun(on: identity) : nil
    if let finished, finished.epoch >= recipe.epochs || stops(finished) {
      return finished.checkpoint
    }
    var fitted = self
    if let remark = try fitted.fitClassifier() { try onEvent(.remark(remark)) }
    return try fitted.run(resuming: resuming, after: finished, identity, onEvent)
  }

  /// - Parameter finished: The last state of a complete run that is to be prolonged.
  private func run(
    resuming: Bool, after finished: TrainingState?, _ identity: DataIdentity,
    _ onEvent: (TrainingEvent) throws -> Void
  ) throws -> Checkpoint {
    for failure in data.training.failures + (data.test?.failures ?? []) {
      try onEvent(.skipped(failure))
    }
    let resumed = resuming ? try resumedState(on: identity) ?? finished : nil
    var state =
      resumed
      ?? TrainingState(
        checkpoint: start, optimizer: Optimizer(recipe.optimizer), average: noAverage,
        history: TrainingHistory(validation: validationKind))
    state.checkpoint.setMetadata(identity, for: DataIdentity.key)
    state.history.examples = data.training.count
    state.history.skipped = data.training.failures.isEmpty ? nil : data.training.failures.count
    state.history.areArrays = data.training.areArrays ? true : nil
    var log = try TrainingLog(folder: folder, validation: validationKind, until: state.epoch)
    // The initial state is not written as long as an earlier run is worth more.
    var heldBack: TrainingState?
    if resumed != nil {
      try onEvent(.kept(epoch: state.epoch))
      try keepLocations(onEvent)
    } else {
      try beginHistory(&state, &log, onEvent)
      if holdsEarlierRun { heldBack = state } else { try keepStart(state, log, onEvent) }
    }

    let clock = TrainingClock(
      stepsBefore: state.epoch * stepsPerEpoch, steps: recipe.epochs * stepsPerEpoch)
    var features: FrozenFeatures?
    while state.epoch < recipe.epochs, !stops(state) {
      let began = ContinuousClock.now
      let epoch = try train(&state, &features, clock: clock, keeps: heldBack == nil, onEvent)
      state.history.epochs.append(epoch)
      state.epoch += 1
      noteBest(&state)
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      log.append(epoch, seconds: seconds)
      try onEvent(.epoch(epoch, seconds: seconds))
      if let start = heldBack.take() { try keepStart(start, log, onEvent) }
      try log.write()
      try keep(state, onEvent)
      try onEvent(.kept(epoch: state.epoch))
    }
    return try finish(&state, onEvent)
  }

  /// The network's score before training.
  private func beginHistory(
    _ state: inout TrainingState, _ log: inout TrainingLog,
    _ onEvent: (TrainingEvent) throws -> Void
  ) throws {
    if let validation {
      let score = try state.evaluated.score(on: validation)
      let epoch = TrainingHistory.Epoch(
        epoch: 0, loss: nil, accuracy: nil, validationLoss: score.loss,
        validationAccuracy: score.accuracy, learningRate: nil)
      state.history.epochs.append(epoch)
      log.append(epoch, seconds: 0)
      try onEvent(.epoch(epoch, seconds: 0))
    }
  }

  /// The rest of an epoch.
  ///
  /// - Parameters:
  ///   - features: Those that frozen layers have made of the pictures so far.
  ///   - keeps: Whether the state may be saved when the run is to stop.
  private func train(
    _ state: inout TrainingState, _ features: inout FrozenFeatures?, clock: TrainingClock,
    keeps: Bool, _ onEvent: (TrainingEvent) throws -> Void
  ) throws -> TrainingHistory.Epoch {
    let epoch = state.epoch + 1
    let order = try training.order(recipe.sampling, epoch: epoch, seed: recipe.seed)
    let rates = layers.rates(inEpoch: epoch)
    let boundary = keptBoundary(rates)
    if features?.boundary != boundary {
      features = boundary.flatMap {
        FrozenFeatures(
          $0, of: state.checkpoint.network, batchSize: recipe.batchSize, pictures: training.count,
          memory: featureMemory)
      }
    }
    let alteration =
      recipe.augmentation.isIdentity
      ? nil
      : PreparedPictures.Alteration(
        augmentation: recipe.augmentation, encoding: data.encoding, seed: recipe.seed,
        epoch: epoch)
    let rest = Array(order.dropFirst(state.done.steps * recipe.batchSize))
    try training.forEachBatch(of: recipe.batchSize, rest, altered: alteration) {
      batch in
      for failure in batch.failures { try onEvent(.skipped(failure)) }
      let step = state.done.steps
      state.done.steps += 1
      guard !batch.labels.isEmpty else { return }
      let labels = try batch.labels(below: state.checkpoint.network.classCount)

      let number = state.epoch * stepsPerEpoch + step
      let rate = recipe.schedule.learningRate(
        step: number, stepsPerEpoch: stepsPerEpoch, epochs: recipe.epochs,
        peak: recipe.optimizer.learningRate, plateau: state.plateau)
      let score = try self.step(
        number, on: batch, labels, &state, learningRate: rate, rates, &features,
        place: "step \(step + 1) of epoch \(epoch)")
      state.done.add(score, learningRate: rate)
      try onEvent(
        .step(
          TrainingProgress(
            epoch: epoch, epochs: recipe.epochs, step: step + 1, steps: stepsPerEpoch,
            loss: state.done.loss, accuracy: state.done.accuracy,
            secondsLeft: clock.secondsLeft(after: number + 1))))
      if shouldStop() {
        if keeps {
          try checkWeights(state, "step \(step + 1) of epoch \(epoch)")
          try save(state)
        }
        throw TrainingStopped(epoch: state.epoch, step: state.done.steps, isKept: keeps)
      }
    }
    let done = state.done
    state.done = EpochProgress()
    guard done.pictures > 0 else {
      throw FileError(.malformed, recipe.data, "expected pictures to train on, found none")
    }
    try checkWeights(state, "epoch \(epoch)")
    let tried = try validation.map { try state.evaluated.score(on: $0) }
    if let tried, !tried.loss.isFinite {
      throw TrainingError(
        "the validation loss became NaN or infinite after epoch \(epoch)\(aftermath(of: state))")
    }
    state.history.trainedScore = nil
    if validation == nil, epoch == recipe.epochs {
      let score = try state.evaluated.score(on: training.spread(most: Self.mostScored))
      guard score.loss.isFinite else {
        throw TrainingError(
          "the training loss became NaN or infinite after epoch \(epoch)\(aftermath(of: state))")
      }
      state.history.trainedScore = TrainingHistory.TrainedScore(
        loss: score.loss, accuracy: score.accuracy, pictures: score.count)
    }
    state.plateau.observe(
      tried?.loss ?? done.loss, patience: recipe.schedule.patience)
    return TrainingHistory.Epoch(
      epoch: epoch, loss: done.loss, accuracy: done.accuracy, validationLoss: tried?.loss,
      validationAccuracy: tried?.accuracy, learningRate: done.learningRate)
  }
}

extension TrainingRun {
  /// The nodes after which layers learn in an epoch; nil if what is before them has to run anyway.
  private func keptBoundary(_ rates: LayerRates) -> [String]? {
    guard featureMemory > 0, recipe.epochs > 1, recipe.augmentation.isIdentity, recipe.mixup == 0
    else { return nil }
    return rates.frozenBoundary
  }
}

/// Estimates the time left from the time that this run's steps have taken.
private struct TrainingClock {
  let began = ContinuousClock.now
  let stepsBefore: Int
  let steps: Int

  func secondsLeft(after step: Int) -> Double {
    let elapsed = (ContinuousClock.now - began) / .seconds(1)
    return elapsed / Double(max(step - stepsBefore, 1)) * Double(steps - step)
  }
}
