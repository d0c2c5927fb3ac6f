internal import Checkpoints
internal import Files
internal import Foundation
internal import Networks
internal import TensorCore

/// The files that a run writes to its folder, and reads when it is resumed.
extension TrainingRun {
  /// What `resume.safetensors` contains besides tensors.
  private struct Bookmark: Codable {
    static let key = "fovea.resume"

    /// The number of complete epochs.
    let epoch: Int
    /// What is done of the next one; nil at its beginning.
    var done: EpochProgress?
    let optimizerSteps: Int
    var lateStarts: [String: Int]?
    let plateau: Plateau
    let trainingPictures: Int
    let validationPictures: Int
  }

  /// Before the names of parameters in `resume.safetensors`, besides the optimizer's.
  private enum StatePrefix {
    static let average = "average."
    static let best = "best."
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
  private var resumePath: String { path(TrainingFileNames.resume) }
  private var finalPath: String { path(TrainingFileNames.final) }

  // MARK: Writing

  /// Saves the state after an epoch.
  ///
  /// The resume file is written last: if the run is interrupted before, it continues from the
  /// previous one and writes the same files again.
  func keep(_ state: TrainingState, _ onEvent: (TrainingEvent) throws -> Void) throws {
    if recipe.checkpointEpochs.contains(state.epoch) { try keepEpoch(state, onEvent) }
    try save(state)
  }

  /// Saves the state from which the run can be resumed.
  func save(_ state: TrainingState) throws {
    var checkpoint = described(state)
    // Steps go on from the weights themselves, not from their average.
    checkpoint.network = state.checkpoint.network
    checkpoint.state = state.optimizer.state
    for (name, tensor) in state.average?.tensors ?? [:] {
      checkpoint.state[StatePrefix.average + name] = tensor
    }
    for (name, tensor) in state.best { checkpoint.state[StatePrefix.best + name] = tensor }
    checkpoint.setMetadata(
      Bookmark(
        epoch: state.epoch, done: state.done.steps > 0 ? state.done : nil,
        optimizerSteps: state.optimizer.steps,
        lateStarts: state.optimizer.lateStarts.isEmpty ? nil : state.optimizer.lateStarts,
        plateau: state.plateau,
        trainingPictures: training.count, validationPictures: validation?.count ?? 0),
      for: Bookmark.key)
    try checkpoint.save(to: resumePath)
  }

  func keepEpoch(_ state: TrainingState, _ onEvent: (TrainingEvent) throws -> Void) throws {
    let digits = String(state.epoch)
    let number = String(repeating: "0", count: max(3 - digits.count, 0)) + digits
    let file = path("epoch-\(number).safetensors")
    try described(state).save(to: file, precision: epochPrecision)
    try onEvent(.wrote(file))
  }

  func finish(
    _ state: inout TrainingState, _ onEvent: (TrainingEvent) throws -> Void
  ) throws -> Checkpoint {
    if let best = recipe.earlyStopping.best(in: state.history) {
      state.history.bestEpoch = best
      state.history.stoppedEarly = state.epoch < recipe.epochs
      state.average = nil
      for (name, tensor) in state.best { state.checkpoint.network.parameters[name] = tensor }
    }
    if let test = data.test {
      let score = try state.evaluated.score(on: test)
      (state.history.testLoss, state.history.testAccuracy) = (score.loss, score.accuracy)
    }
    let checkpoint = described(state)
    try checkpoint.save(to: finalPath)
    try? FileManager.default.removeItem(atPath: resumePath)
    try onEvent(.wrote(finalPath))
    try onEvent(.wrote(path(TrainingFileNames.log)))
    return checkpoint
  }

  private func described(_ state: TrainingState) -> Checkpoint {
    var checkpoint = state.checkpoint
    checkpoint.network = state.evaluated
    checkpoint.state = [:]
    checkpoint.metadata[Bookmark.key] = nil
    checkpoint.setMetadata(recipe.withoutFolders, for: Checkpoint.Key.recipe)
    checkpoint.setMetadata(state.history, for: Checkpoint.Key.history)
    return checkpoint
  }

  func keepLocations(_ onEvent: (TrainingEvent) throws -> Void) throws {
    let locations = DataLocations(of: recipe, in: folder, options: givenOptions)
    guard !locations.isEmpty else { return }
    try locations.write(to: folder)
    try onEvent(.wrote(path(TrainingFileNames.data)))
  }

  /// Whether the folder contains a run that is complete or can be continued.
  var holdsEarlierRun: Bool {
    [finalPath, resumePath].contains { FileManager.default.fileExists(atPath: $0) }
  }

  /// Saves the network before its first step, replacing an earlier run.
  func keepStart(
    _ state: TrainingState, _ log: TrainingLog, _ onEvent: (TrainingEvent) throws -> Void
  ) throws {
    try removeEarlierRun()
    try keepLocations(onEvent)
    try log.write()
    if recipe.checkpointEpochs.contains(0) { try keepEpoch(state, onEvent) }
  }

  /// Otherwise, the files of another run would be taken for this one's.
  ///
  /// The last network is removed first, because its existence marks a run as complete.
  private func removeEarlierRun() throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    // Without a log, the picture does not belong to a run.
    let curves = names.contains(TrainingFileNames.log) ? [TrainingFileNames.curves] : []
    let ours =
      ([TrainingFileNames.final, TrainingFileNames.resume, TrainingFileNames.data] + curves
      + [TrainingFileNames.log]).filter(names.contains)
      + names.filter { TrainingFileNames.epoch($0) != nil }.sorted()
    for name in ours {
      do {
        try FileManager.default.removeItem(atPath: path(name))
      } catch {
        throw FileError(.unwritable, path(name), "cannot be replaced")
      }
    }
  }

  // MARK: Reading

  /// The last state, if the folder's run is complete; the optimizer's part of it is not kept.
  func finishedRun(on identity: DataIdentity) throws(FileError) -> TrainingState? {
    guard !FileManager.default.fileExists(atPath: resumePath),
      FileManager.default.fileExists(atPath: finalPath)
    else { return nil }
    let checkpoint = try Checkpoint.load(finalPath)
    try checkRecipe(of: checkpoint)
    try checkData(of: checkpoint, identity)
    guard let history = try checkpoint.metadata(TrainingHistory.self, for: Checkpoint.Key.history),
      let epoch = history.epochs.last?.epoch, epoch >= 0
    else { throw FileError(.malformed, finalPath, "does not say after which epoch it is") }
    var state = TrainingState(
      checkpoint: checkpoint, optimizer: Optimizer(recipe.optimizer), average: noAverage,
      epoch: epoch, history: history)
    if recipe.earlyStopping.isOn {
      for name in layers.changing { state.best[name] = checkpoint.network.parameters[name] }
    }
    return state
  }

  /// The state of an interrupted run, or nil if there is none.
  func resumedState(on identity: DataIdentity) throws(FileError) -> TrainingState? {
    guard FileManager.default.fileExists(atPath: resumePath) else { return nil }
    var checkpoint = try Checkpoint.load(resumePath)
    try checkRecipe(of: checkpoint)
    try checkData(of: checkpoint, identity)
    guard let bookmark = try checkpoint.metadata(Bookmark.self, for: Bookmark.key),
      let history = try checkpoint.metadata(TrainingHistory.self, for: Checkpoint.Key.history),
      bookmark.epoch >= 0, bookmark.epoch <= recipe.epochs
    else { throw FileError(.malformed, resumePath, "does not say where the run stopped") }
    try checkPictures(training.count, bookmark.trainingPictures, "train")
    try checkPictures(validation?.count ?? 0, bookmark.validationPictures, "validate")
    guard (0...stepsPerEpoch).contains(bookmark.done?.steps ?? 0) else {
      throw FileError(.malformed, resumePath, "does not say where the run stopped")
    }
    try checkState(of: checkpoint)
    func tensors(_ prefix: String) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: checkpoint.state.filter { $0.key.hasPrefix(prefix) }
          .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
    }
    let (average, best) = (tensors(StatePrefix.average), tensors(StatePrefix.best))
    let moments = checkpoint.state.filter {
      !$0.key.hasPrefix(StatePrefix.average) && !$0.key.hasPrefix(StatePrefix.best)
    }
    checkpoint.state = [:]
    return TrainingState(
      checkpoint: checkpoint,
      optimizer: Optimizer(
        recipe.optimizer, after: bookmark.optimizerSteps, with: moments,
        lateStarts: bookmark.lateStarts ?? [:]),
      plateau: bookmark.plateau,
      average: noAverage.map { WeightAverage(decay: $0.decay, average) }, best: best,
      epoch: bookmark.epoch, done: bookmark.done ?? EpochProgress(),
      history: history)
  }

  private func checkPictures(
    _ found: Int, _ expected: Int, _ purpose: String
  ) throws(FileError) {
    guard found == expected else {
      throw FileError(
        .malformed, resumePath,
        "expected \(expected) pictures to \(purpose) on, as before the interruption; "
          + "found \(found)")
    }
  }

  /// Moments and averages whose shapes differ from their parameters' were written by another
  /// program.
  private func checkState(of checkpoint: Checkpoint) throws(FileError) {
    let parameters = checkpoint.network.parameters
    for (key, tensor) in checkpoint.state.sorted(by: { $0.key < $1.key }) {
      let name = key.drop { $0 != "." }.dropFirst()
      guard parameters[String(name)]?.shape == tensor.shape else {
        throw FileError(
          .malformed, resumePath,
          "'\(key)' of \(tensor.shape) matches no parameter")
      }
    }
  }

  private func checkRecipe(of checkpoint: Checkpoint) throws(FileError) {
    guard let other = try checkpoint.metadata(Recipe.self, for: Checkpoint.Key.recipe) else {
      throw FileError(.malformed, checkpoint.path, "contains no recipe to continue with")
    }
    let (origin, earlier) = (
      start.metadata[TrainingStart.originKey], checkpoint.metadata[TrainingStart.originKey]
    )
    guard origin == earlier else {
      throw FileError(
        .malformed, checkpoint.path,
        "was trained from other weights, or with another classifier, than those that are given")
    }
    // Files may have been moved while the run was interrupted.
    let movable = ["data", "testData", "from", "labels"]
    let pairs = zip(Mirror(reflecting: recipe).children, Mirror(reflecting: other).children)
    for (mine, theirs) in pairs where !movable.contains(mine.label ?? "") {
      // More epochs prolong a run.
      if mine.label == "epochs", recipe.epochs > other.epochs { continue }
      guard mine.value as? AnyHashable == theirs.value as? AnyHashable else {
        throw FileError(
          .malformed, checkpoint.path,
          "was trained with \(difference(theirs.value, mine.value, called: mine.label ?? "recipe"))"
        )
      }
    }
  }
}

/// Says how two values of a recipe's key differ: `learning rate 0.02, not 0.001`, for the first
/// setting that does if they have several.
private func difference(_ theirs: Any, _ mine: Any, called name: String) -> String {
  let (first, second) = (Mirror(reflecting: theirs), Mirror(reflecting: mine))
  if first.displayStyle == .struct, second.displayStyle == .struct {
    for (one, other) in zip(first.children, second.children)
    where one.value as? AnyHashable != other.value as? AnyHashable {
      // `optimizer adam` rather than `name adam`.
      let own = one.label.flatMap { $0 == "name" ? nil : $0 } ?? name
      return difference(one.value, other.value, called: own)
    }
  }
  func text(_ value: Any, _ mirror: Mirror) -> String {
    guard mirror.displayStyle == .optional else { return "\(value)" }
    return mirror.children.first.map { "\($0.value)" } ?? "none"
  }
  let words = name.map { $0.isUppercase ? " \($0.lowercased())" : "\($0)" }.joined()
  return "\(words) \(text(theirs, first)), not \(text(mine, second))"
}
