internal import Analysis
internal import Checkpoints
internal import Datasets
package import Files
internal import Foundation
internal import Networks
internal import TensorCore
package import Training

/// What happens during an experiment, for progress bars and messages.
package enum ExperimentEvent {
  /// A run begins: its number, from 1, and how its network differs from the architecture.
  case began(ExperimentRun, number: Int, changes: [String])
  /// - Parameter secondsLeft: For all that is left of the experiment.
  case training(TrainingEvent, ExperimentRun, number: Int, secondsLeft: Double)
  /// A run was finished earlier, and is kept.
  case kept(RunMeasures, number: Int)
  case measured(RunMeasures, number: Int)
}

/// Trains several networks, one after the other, and measures each on the same test pictures.
///
/// Those that see all training pictures are tested after each epoch, too; those that see some of
/// them, often a few out of many, only in the end.
///
/// Each run has a folder of its own, `FOLDER/runs/NAME`, with what `train` writes, and
/// `measures.json` once it is finished; from these, and from the pictures' labels for what guessing
/// reaches, tables and figures are made. Its network is only kept if ``networks`` says so. When an
/// experiment is continued, runs that are finished are kept and an interrupted one goes on where it
/// was, with results identical to those of an experiment that was not interrupted.
package struct Experiment: Sendable {
  package let folder: String
  package let runs: [ExperimentRun]
  package let sources: TrainingSources
  /// Asked after each step; the experiment then ends with `TrainingStopped`.
  package var shouldStop: @Sendable () -> Bool = { false }
  /// The shifts of test pictures to measure the networks with, in pixels; none for no such
  /// measurement.
  package var shifts: [Int] = []
  /// What becomes of the runs' networks, `final.safetensors`, once they are measured.
  package enum KeptNetworks: Sendable, Hashable {
    case kept
    /// Kept, and those of finished runs must be there.
    case needed
    /// Removed: many runs of a large network take much space, and finished runs need none.
    case removed
  }

  package var networks = KeptNetworks.kept
  private let memory: MemoryBudget
  private let plans: [Plan]

  /// What is known of a run beforehand. The networks themselves would take too much memory together.
  private struct Plan {
    let remarks: [String]
    /// For estimates of time, in any unit.
    let cost: Double
  }

  /// Makes all networks, so that whatever is wrong with one is known before any is trained.
  ///
  /// - Parameter sources: The pictures of all runs.
  /// - Throws: `RecipeError`, `GraphError` if a network cannot be made; `FileError` if one needs too
  ///   much memory.
  package init(
    _ runs: [ExperimentRun], on sources: TrainingSources, into folder: String,
    memory: MemoryBudget
  ) throws {
    (self.runs, self.sources, self.folder, self.memory) = (runs, sources, folder, memory)
    guard sources.test != nil else {
      throw FileError(
        .malformed, runs.first?.recipe.data ?? "",
        "expected pictures to test on, too, found "
          + counted(sources.training.count))
    }
    var seen: Set<String> = []
    for run in runs {
      guard seen.insert(run.name).inserted else {
        throw UsageError("two runs are called '\(run.name)'; give each network once")
      }
    }
    plans = try runs.map { run in
      do {
        return try Self.plan(run, sources, memory)
      } catch let error as RecipeError {
        throw RecipeError(error.key, "\(error.reason) (in the run '\(run.label)')")
      }
    }
  }

  private static func plan(
    _ run: ExperimentRun, _ sources: TrainingSources, _ memory: MemoryBudget
  ) throws -> Plan {
    switch run.making {
    case .training(let make):
      let (start, remarks) = try make(sources)
      let network = start.checkpoint.network
      try run.recipe.checkAugmentation(ofInput: sources.preprocessing.input)
      try memory.checkTraining(network, run.recipe, beside: sources.heldBytes, name: run.label)
      let pictures = run.pictures?.count ?? sources.training.count
      return Plan(
        remarks: remarks + run.recipe.remarks + (try start.layerRemarks(run.recipe)),
        cost: Double(run.recipe.epochs) * Double(max(pictures, 1))
          * network.stepCost(learning: try start.learning(run.recipe)))
    case .readout(let readout):
      try readout.checkMemory(for: sources, memory)
      return Plan(remarks: [readout.remark], cost: 0)
    }
  }

  package func folder(of run: ExperimentRun) -> String { "\(folder)/runs/\(run.name)" }

  /// Whether the folder contains runs of an experiment, finished or not.
  package static func exists(in folder: String) -> Bool {
    !((try? namesInFolder("\(folder)/runs")) ?? []).isEmpty
  }

  /// - Parameter resuming: Whether to keep what is finished and continue what is not; otherwise
  ///   each run replaces an earlier one in its folder.
  /// - Returns: The measurements, in the order of the runs.
  /// - Throws: `TrainingStopped`; `TrainingError`; `FileError` if a file cannot be written, or if
  ///   what is in the folder was made with another recipe or other pictures.
  package func run(
    resuming: Bool, onEvent: (ExperimentEvent) throws -> Void = { _ in }
  ) throws -> [RunMeasures] {
    // All of them before any is trained: an experiment is not mixed of different recipes.
    let finished = try runs.map { resuming ? try finishedMeasures(of: $0) : nil }
    if !resuming { try removeMeasures() }
    var clock = ExperimentClock(costs: plans.map(\.cost))
    for (index, measures) in finished.enumerated() where measures != nil { clock.skip(index) }
    let data = try finished.contains(nil) ? sources.prepare() : nil
    var results: [RunMeasures] = []
    var features: LabelledFeatures?
    var said: [String] = []
    var skipped: Set<FileError> = []
    for (index, run) in runs.enumerated() {
      if let measures = finished[index] {
        try onEvent(.kept(measures, number: index + 1))
        results.append(measures)
        continue
      }
      guard let data else { continue }
      // Runs of one kind have the same remarks.
      let remarks = plans[index].remarks == said ? [] : plans[index].remarks
      said = plans[index].remarks
      try onEvent(.began(run, number: index + 1, changes: remarks))
      let measures: RunMeasures
      switch run.making {
      case .training(let make):
        measures = try self.measures(
          of: run, make(sources).0, on: data, resuming: resuming, number: index + 1, &clock
        ) { event in
          // All runs have the same pictures.
          if case .training(.skipped(let error), _, _, _) = event,
            !skipped.insert(error).inserted
          {
            return
          }
          try onEvent(event)
        }
      case .readout(let readout):
        clock.begin(index)
        let known = try features ?? readout.features(of: sources, shouldStop: shouldStop)
        features = known
        measures = try readout.measures(of: run, on: known, memory)
        try makeFolder(folder(of: run))
      }
      // Measuring is a part of the run's time.
      clock.note(1)
      try measures.write(to: folder(of: run))
      if networks == .removed, run.hasNetwork { try removeNetwork(of: run) }
      try onEvent(.measured(measures, number: index + 1))
      results.append(measures)
    }
    return results
  }

  private func measures(
    of run: ExperimentRun, _ start: TrainingStart, on data: TrainingData, resuming: Bool,
    number: Int, _ clock: inout ExperimentClock, _ onEvent: (ExperimentEvent) throws -> Void
  ) throws -> RunMeasures {
    var start = start
    start.checkpoint.setMetadata(sources.preprocessing, for: Checkpoint.Key.preprocessing)
    let own = run.pictures.map {
      TrainingData(training: data.training.only($0), test: nil, encoding: data.encoding)
    }
    var training = try TrainingRun(
      run.recipe, from: start, on: own ?? data, into: folder(of: run))
    training.shouldStop = shouldStop
    training.featureMemory = try memory.checkTraining(
      start.checkpoint.network, run.recipe, beside: sources.heldBytes, name: run.label)
    clock.begin(number - 1)
    let final = try training.run(resuming: resuming) { event in
      if case .step(let progress) = event {
        clock.note(
          Double((progress.epoch - 1) * progress.steps + progress.step)
            / Double(progress.epochs * progress.steps))
      }
      try onEvent(
        .training(event, run, number: number, secondsLeft: clock.secondsLeft))
    }
    let network = final.network
    let history =
      try final.metadata(TrainingHistory.self, for: Checkpoint.Key.history) ?? TrainingHistory()
    try writeFile(
      history.picture(of: run.label), to: "\(folder(of: run))/\(TrainingFileNames.curves)")
    let cost = network.cost(of: network.graph.nodes)
    let test = try data.test.map { try network.score(on: $0) }
    return RunMeasures(
      label: run.network, recipe: run.recipe.withoutFolders,
      trainingPictures: (own ?? data).training.count,
      testPictures: data.test?.count ?? 0, classes: network.classCount, parameters: cost.parameters,
      learnedParameters: try start.learnedCount(run.recipe),
      multiplyAdds: cost.multiplyAdds,
      trainingError: 1 - (try network.score(on: (own ?? data).training).accuracy),
      testError: test.map { 1 - $0.accuracy } ?? .nan, history: history,
      shifted: try shiftedAccuracies(of: network), origin: run.origin)
  }

  private func networkPath(of run: ExperimentRun) -> String {
    "\(folder(of: run))/\(TrainingFileNames.final)"
  }

  private func removeNetwork(of run: ExperimentRun) throws(FileError) {
    do {
      try FileManager.default.removeItem(atPath: networkPath(of: run))
    } catch {
      throw FileError(.unwritable, networkPath(of: run), "cannot be removed")
    }
  }

  private func shiftedAccuracies(of network: Network) throws -> [RunMeasures.Shifted] {
    guard !shifts.isEmpty, let test = sources.test else { return [] }
    let pictures = try ShiftedPictures(test, sources.preprocessing, seed: runs[0].recipe.seed)
    return try shifts.map {
      RunMeasures.Shifted(pixels: $0, accuracy: try pictures.accuracy(of: network, shiftedBy: $0))
    }
  }

  /// - Throws: `FileError` if they are of another recipe or of other pictures.
  private func finishedMeasures(of run: ExperimentRun) throws(FileError) -> RunMeasures? {
    let place = folder(of: run)
    guard let measures = try RunMeasures.read(from: place) else { return nil }
    let path = "\(place)/\(RunMeasures.fileName)"
    let pairs = zip(
      Mirror(reflecting: measures.recipe).children,
      Mirror(reflecting: run.recipe.withoutFolders).children)
    for (theirs, mine) in pairs where comparable(theirs.value) != comparable(mine.value) {
      throw FileError(
        .unwritable, path,
        "the run was made with \(mine.label ?? "recipe") \(plain(theirs.value)), not "
          + "\(plain(mine.value)); use "
          + "--restart to make all anew, or another --output")
    }
    guard measures.origin == run.origin else {
      throw FileError(
        .unwritable, path,
        "the run was made with other weights to begin with; use --restart to make all anew, or "
          + "another --output")
    }
    let counts = (measures.trainingPictures, measures.testPictures)
    let found = (run.pictures?.count ?? sources.training.count, sources.test?.count ?? 0)
    // Pictures that cannot be read are not counted.
    guard counts.0 <= found.0, counts.1 <= found.1, counts.0 * 2 > found.0 else {
      throw FileError(
        .unwritable, path,
        "the run was made with \(counts.0) training and \(counts.1) test pictures, not "
          + "\(found.0) and \(found.1); use --restart to make all anew, or another --output")
    }
    guard shifts.isEmpty || measures.shifted.map(\.pixels) == shifts else {
      throw FileError(
        .unwritable, path,
        "the run was measured with other shifts; use --restart to make all anew, or another "
          + "--output")
    }
    guard networks != .needed || !run.hasNetwork || kindOfFile(networkPath(of: run)) == .regular
    else {
      throw FileError(
        .missing, networkPath(of: run),
        "the run is finished, but its network was not kept; use --restart to make all anew, or "
          + "leave out --galleries and --keep-networks")
    }
    return measures
  }

  /// Otherwise, an experiment that replaces another one and is interrupted would keep that one's
  /// results.
  private func removeMeasures() throws(FileError) {
    for name in (try? namesInFolder("\(folder)/runs")) ?? [] {
      let path = "\(folder)/runs/\(name)/\(RunMeasures.fileName)"
      guard case .regular = kindOfFile(path) else { continue }
      do {
        try FileManager.default.removeItem(atPath: path)
      } catch {
        throw FileError(.unwritable, path, "cannot be replaced")
      }
    }
  }
}

private func counted(_ pictures: Int) -> String {
  pictures == 1 ? "1 picture" : "\(pictures) pictures"
}

/// An optional value without its wrapping.
private func plain(_ value: Any) -> String {
  let mirror = Mirror(reflecting: value)
  guard mirror.displayStyle == .optional else { return "\(value)" }
  return mirror.children.first.map { "\($0.value)" } ?? "nothing"
}

extension Network {
  /// What training takes for one picture, for estimates of time: multiplications in both directions,
  /// of which the one back is twice as much and ends where nothing learns, and a part of each
  /// picture's share in moving the weights.
  fileprivate func stepCost(learning: Set<String>) -> Double {
    let first = graph.nodes.firstIndex { !learning.isDisjoint(with: $0.parameters) }
    let (forward, back) = (cost(of: graph.nodes), cost(of: Array(graph.nodes[(first ?? 0)...])))
    return Double(forward.multiplyAdds) + 2 * Double(back.multiplyAdds)
      + 0.3 * Double(back.parameters) + 3e4
  }
}

/// Estimates the time left from the time that this process's steps have taken.
private struct ExperimentClock {
  /// Of whole runs.
  private let costs: [Double]
  /// The share of each run that is done.
  private var done: [Double]
  private var measured = 0.0
  private var seconds = 0.0
  private var current = 0
  private var last = ContinuousClock.now
  /// Whether the current run's first step is known: before it, there may be earlier work.
  private var hasStarted = false

  init(costs: [Double]) {
    self.costs = costs
    done = costs.map { _ in 0 }
  }

  mutating func begin(_ run: Int) { (current, last, hasStarted) = (run, .now, false) }

  mutating func skip(_ run: Int) { done[run] = 1 }

  mutating func note(_ share: Double) {
    let now = ContinuousClock.now
    if hasStarted {
      measured += costs[current] * max(share - done[current], 0)
      seconds += (now - last) / .seconds(1)
    }
    (done[current], last, hasStarted) = (share, now, true)
  }

  /// NaN as long as nothing is known.
  var secondsLeft: Double {
    guard measured > 0 else { return .nan }
    let left = zip(costs, done).reduce(0) { $0 + $1.0 * (1 - $1.1) }
    return left * seconds / measured
  }
}

/// A value as text that is the same for equal values, in whatever order they hold their parts.
private func comparable(_ value: Any) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  guard let value = value as? any Encodable, let data = try? encoder.encode(value) else {
    return "\(value)"
  }
  return String(decoding: data, as: UTF8.self)
}
