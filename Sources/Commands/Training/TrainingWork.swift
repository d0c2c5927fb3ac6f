import ArgumentParser
import Checkpoints
import Datasets
import Drawing
import Exhibits
import Files
import Foundation
import Networks
import Synchronization
import TensorCore
import Training

/// A training run from its recipe to its last figure: what `train` and `finetune` share.
struct TrainingWork {
  let recipe: Recipe
  /// Of what the recipe is made of, for errors.
  let names: RecipeNames
  let output: TrainingOutput
  let folder: String
  /// The recipe's file, for errors.
  let file: String?
  let memory: MemoryBudget
  /// Those with which the checkpoint that training starts from is read.
  var givenOptions: [String] = []

  private var console: Console { output.reporting.console }

  /// - Parameter open: Opens the pictures and the network to start with.
  func run(_ open: (Console) throws -> (TrainingSources, TrainingStart)) throws {
    let lock = try OutputLock(folder, .alone)
    defer { lock.release() }
    if !output.resume, !output.restart { try EarlierRun(in: folder)?.refuse(folder) }
    if output.resume, EarlierRun(in: folder) == nil {
      console.say("nothing to resume in \(folder): the run begins with its first epoch")
    }
    let (sources, start, remarks) = try names.blaming {
      let (sources, start) = try open(console)
      try recipe.checkAugmentation(ofInput: sources.preprocessing.input)
      return (sources, start, recipe.remarks + (try start.layerRemarks(recipe)))
    }
    let earlier = output.resume ? EarlierRun(in: folder)?.epoch : nil
    let kept = Mutex<Kept?>(earlier.map { Kept(epoch: $0) })
    var written: [String] = []
    var facts: [String: any Sendable] = [:]
    try Signals.saying({ Self.account(kept.withLock(\.self), of: recipe.epochs, in: folder) }) {
      do {
        (written, facts) = try train(start, sources, remarks) { epoch in
          kept.withLock { $0 = Kept(epoch: epoch) }
        }
      } catch let stop as TrainingStopped {
        if stop.isKept { kept.withLock { $0 = Kept(epoch: stop.epoch, step: stop.step) } }
        Signals.end(by: Signals.requested ?? SIGINT)
      }
    }
    if output.gallery { written += try drawGallery() }
    try output.reporting.report(written, facts)
  }

  /// From where a run could be resumed.
  private struct Kept {
    /// The number of complete epochs.
    let epoch: Int
    /// Steps of the next one that are done.
    var step = 0
  }

  /// What a run leaves behind if it ends after some epoch.
  private static func account(_ kept: Kept?, of epochs: Int, in folder: String) -> String {
    guard let kept else { return "no epoch is complete yet" }
    let steps = kept.step == 0 ? "" : " and \(kept.step) step\(kept.step == 1 ? "" : "s")"
    // The state needed to resume is removed once the final network is written.
    return kindOfFile("\(folder)/\(TrainingFileNames.resume)") == .regular
      ? "epoch \(kept.epoch) of \(epochs)\(steps) is kept in \(folder): go on with --resume"
      : "the run in \(folder) is complete"
  }

  /// - Parameter onKept: Called after each epoch from which an interrupted run could resume.
  /// - Returns: The paths written, and what to report besides.
  private func train(
    _ start: TrainingStart, _ sources: TrainingSources, _ remarks: [String],
    onKept: @escaping (Int) -> Void
  ) throws -> (written: [String], facts: [String: any Sendable]) {
    sources.sayRemarks(console)
    for remark in remarks { console.say(remark) }
    var start = start
    let featureMemory = try memory.checkTraining(
      start.checkpoint.network, recipe, beside: sources.heldBytes,
      name: file ?? recipe.from ?? recipe.architecture)
    let kind = sources.preprocessing.kind
    console.say("preparing \(sources.training.count) \(kind.plural)")
    let prepared = try sources.prepare()
    start.checkpoint.setMetadata(sources.preprocessing, for: Checkpoint.Key.preprocessing)
    var run = try names.blaming {
      try TrainingRun(
        recipe, from: start, on: prepared, into: folder,
        epochPrecision: output.halfPrecision ? .half : .single)
    }
    for remark in run.remarks { console.say(remark) }
    let tried = recipe.validationFraction == 0 ? "test" : "held out"
    var written: [String] = []
    var skipped: Set<FileError> = []
    run.featureMemory = featureMemory
    run.givenOptions = givenOptions
    run.shouldStop = { Signals.requested != nil }
    let finished = try run.run(resuming: output.resume) { event in
      switch event {
      case .step(let progress):
        Signals.deferToWork()
        console.bar(
          "epoch \(progress.epoch)/\(progress.epochs)", progress.step, of: progress.steps,
          detail: "loss \(measureText(progress.loss, decimals: 3)), "
            + String(
              format: "%.1f %%, %@ left", 100 * progress.accuracy,
              durationText(progress.secondsLeft)))
      case .epoch(let epoch, let seconds):
        console.say(
          Self.line(epoch, of: recipe.epochs, seconds, tried: tried))
      case .remark(let remark): console.say(remark)
      case .kept(let epoch): onKept(epoch)
      case .wrote(let path): if !written.contains(path) { written.append(path) }
      case .skipped(let error):
        // Pictures that are not kept in memory are read again in each epoch.
        if skipped.insert(error).inserted { console.warn("skipped \(error)") }
      }
    }
    if skipped.count > 1 {
      let what = sources.training is ArrayDataset ? kind.plural : "files"
      console.warn("skipped \(skipped.count) \(what) in all")
    }
    let history = try finished.metadata(TrainingHistory.self, for: Checkpoint.Key.history)
    if let history {
      let curves = "\(folder)/\(TrainingFileNames.curves)"
      try writeFile(history.picture(of: baseName(folder), trainedBy: recipe), to: curves)
      written.append(curves)
    }
    if let score = history?.trainedScore {
      console.say(
        "the last network: loss \(measureText(score.loss, decimals: 4)), "
          + String(format: "%.2f %%", 100 * score.accuracy)
          + " on \(score.pictures) training picture\(score.pictures == 1 ? "" : "s")")
    }
    if let history, history.endsFar(classes: finished.network.classCount) {
      console.warn(
        "the last network is far worse than the training loss, which is measured before each step: "
          + "it diverged at the end, or its batch norms have seen too few pictures; a lower "
          + "learning rate or more epochs may help")
    }
    if let history, let best = history.bestEpoch { console.say(Self.line(history, best: best)) }
    if let accuracy = history?.testAccuracy {
      console.say(String(format: "test accuracy %.2f %%", 100 * accuracy))
    }
    console.say(
      "see what it has learned: \(Release.name) visualize \(shellWord(finalPath))")
    var facts: [String: any Sendable] = ["epochs": history?.epochs.last?.epoch ?? recipe.epochs]
    facts["trainingAccuracy"] = history?.trainedScore?.accuracy
    facts["trainingLoss"] = history?.trainedScore?.loss
    facts["testAccuracy"] = history?.testAccuracy
    facts["testLoss"] = history?.testLoss
    facts["bestEpoch"] = history?.bestEpoch
    return (written, facts)
  }

  private var finalPath: String { "\(folder)/\(TrainingFileNames.final)" }

  private static func line(_ history: TrainingHistory, best: Int) -> String {
    let last = history.epochs.last?.epoch ?? best
    let network = "the network is that of epoch \(best), the best "
    return history.stoppedEarly == true
      ? network + "one; training stopped early after epoch \(last)" : network + "of \(last)"
  }

  /// - Returns: The paths written.
  private func drawGallery() throws -> [String] {
    let studio = try Studio(
      CheckpointOptions.parse(["--", finalPath]).load(console),
      command: commandText(Array(CommandLine.arguments.dropFirst())), memo: StudioMemo(),
      reporter: console)
    let pictures = try PictureOptions.parse([])
    do {
      return try studio.adapted(to: pictures).drawAnswers(
        to: pictures, after: [TrainingCurves.self], into: "\(folder)/gallery", force: false,
        console)
    } catch let reason as ExhibitUnavailable {
      console.warn("no gallery: \(reason)")
      return []
    }
  }

  static func line(
    _ epoch: TrainingHistory.Epoch, of epochs: Int, _ seconds: Double, tried: String
  ) -> String {
    var line = "epoch \(epoch.epoch)/\(epochs)"
    if let loss = epoch.loss { line += "  loss \(measureText(loss, decimals: 4))" }
    if let accuracy = epoch.accuracy {
      line += String(format: "  training %.2f %%", 100 * accuracy)
    }
    if let accuracy = epoch.validationAccuracy {
      line += String(format: "  \(tried) %.2f %%", 100 * accuracy)
    }
    return line + String(format: "  %.1f s", seconds)
  }
}
