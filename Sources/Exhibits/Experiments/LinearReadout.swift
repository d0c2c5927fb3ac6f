internal import Analysis
internal import Datasets
internal import Files
internal import Networks
internal import TensorCore
internal import Training

/// Linear support vector machines on the features of a network that does not learn, as the linear
/// probe fits them (`LinearProbe`).
struct LinearReadout: Sendable {
  let network: Network
  /// Whose output the features are.
  let layer: String
  /// The seed of the pictures that the regularisation is chosen on.
  let seed: UInt64

  /// The numbers of all layers, or the means over a grid if they are more than 4,096.
  private static let pooling = ProbePooling.grid

  private var featureCount: Int {
    Self.pooling.featureCount(of: network.shapes[layer] ?? [1, 1])
  }

  var remark: String {
    "linear support vector machines on the \(grouped(featureCount)) features of \(layer); no layer "
      + "of the network learns"
  }

  /// - Throws: `FileError` of kind `.tooLarge`.
  func checkMemory(for sources: TrainingSources, _ memory: MemoryBudget) throws(FileError) {
    let rows = sources.training.count + (sources.test?.count ?? 0)
    let held = ProbeFeatures.bytes(rows: rows, features: featureCount)
    let fit = LinearProbe.heldBytes(classes: sources.classNames.count, features: featureCount)
    let (needed, overflows) = held.addingReportingOverflow(fit)
    try memory.check(
      overflows ? .max / 2 : min(needed, .max / 2), layer,
      "\(featureCount) features for each of \(rows) pictures",
      advice: "fewer pictures with --per-class take less")
  }

  /// Runs the network on all pictures.
  ///
  /// - Throws: `TrainingStopped`; `FileError` if features are not finite.
  func features(
    of sources: TrainingSources, shouldStop: () -> Bool
  ) throws -> LabelledFeatures {
    let parts = [sources.training, sources.test].compactMap(\.self)
    let features = ProbeFeatures(
      network, layer: layer, pooling: Self.pooling, rows: parts.reduce(0) { $0 + $1.count })
    var labels: [Int] = []
    for part in parts {
      let first = labels.count
      labels += try (0..<part.count).map { try part.label(at: $0) ?? 0 }
      _ = try part.forEachBatch(
        of: 64, indices: Array(0..<part.count), preprocessing: sources.preprocessing
      ) { batch in
        guard !batch.indices.isEmpty else { return }
        let recording = network.record(batch.images, keeping: .only([layer]), through: layer)
        features.take(recording, rows: batch.indices.map { first + $0 })
        if shouldStop() { throw TrainingStopped(epoch: 0, step: 0, isKept: true) }
      }
    }
    let wrong = features.nonFinite.count
    guard wrong == 0 else {
      throw FileError(
        .malformed, layer,
        "expected finite features, found others for \(wrong) of \(features.rowCount) pictures")
    }
    return LabelledFeatures(
      features: features, labels: labels, testRows: sources.training.count..<labels.count)
  }

  /// Fits and tests the machines on a run's pictures.
  func measures(
    of run: ExperimentRun, on known: LabelledFeatures, _ memory: MemoryBudget
  ) -> RunMeasures {
    let missing = known.features.missing
    let rows = (run.pictures ?? Array(0..<known.testRows.lowerBound))
      .filter { !missing.contains($0) }
    let tested = known.testRows.filter { !missing.contains($0) }
    let probe = LinearProbe(seed: run.recipe.seed, memory: memory.bytes / 4)
    let classes = Set(rows.map { known.labels[$0] }).sorted()
    let fold = probe.fold(
      ProbeSplit(training: rows, test: tested), of: known.features, labels: known.labels,
      classes: classes, by: [.svm])[0]
    let cost = network.cost(upTo: layer)
    let learned = classes.count * (featureCount + 1)
    return RunMeasures(
      label: run.label, recipe: run.recipe.withoutFolders, trainingPictures: rows.count,
      testPictures: tested.count, classes: classes.count, parameters: cost.parameters + learned,
      learnedParameters: learned, multiplyAdds: cost.multiplyAdds + classes.count * featureCount,
      trainingError: .nan, testError: 1 - fold.share, history: TrainingHistory(), shifted: [],
      origin: run.origin)
  }
}

/// The features of all pictures of an experiment, first those to train on.
struct LabelledFeatures {
  let features: ProbeFeatures
  let labels: [Int]
  let testRows: Range<Int>
}
