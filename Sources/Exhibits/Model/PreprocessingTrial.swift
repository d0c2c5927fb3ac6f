internal import Analysis
internal import Datasets
internal import Drawing
internal import Networks

/// One of the preprocessings that a trial compares.
struct TriedPreprocessing {
  /// The options that give it.
  let name: String
  let preprocessing: Preprocessing
  /// Nil for the usual order of channels; otherwise the preset with that order.
  var usual: Preprocessing?

  /// The presets in both orders of channels; the model's own preprocessing first, if no preset is
  /// the same but for how pictures are placed in the input.
  static func all(for model: Model) -> [TriedPreprocessing] {
    let own = model.preprocessing
    let input = own.input
    var found: [TriedPreprocessing] = []
    for preset in Preprocessing.Preset.allCases {
      var usual = Preprocessing(preset, input: input)
      usual.resize = model.triedResize ?? usual.resize
      usual.arrays = own.arrays
      if usual.hasSameValues(as: own) || usual.withOppositeChannels.hasSameValues(as: own) {
        (usual.resize, usual.centering) = (own.resize, own.centering)
      }
      let name = "--preprocess \(preset.rawValue)"
      found.append(TriedPreprocessing(name: name, preprocessing: usual))
      guard input[0] == 3 else { continue }
      let opposite = usual.withOppositeChannels
      found.append(
        TriedPreprocessing(
          name: "\(name) --channels \(opposite.channelOrder.rawValue)", preprocessing: opposite,
          usual: usual))
    }
    guard !found.contains(where: { $0.preprocessing == own }) else { return found }
    return [TriedPreprocessing(name: "the model's own", preprocessing: own)] + found
  }
}

extension Preprocessing {
  /// Whether the two differ at most in how a picture is placed in the input.
  fileprivate func hasSameValues(as other: Preprocessing) -> Bool {
    var copy = self
    (copy.resize, copy.centering) = (other.resize, other.centering)
    return copy == other
  }
}

/// What a trial found, and what follows from it.
struct PreprocessingTrial {
  let tried: [TriedPreprocessing]
  let evidence: [PreprocessingEvidence]
  let verdict: PreprocessingVerdict
  /// The position of the one that was assumed before.
  let current: Int

  init(
    _ tried: [TriedPreprocessing], _ evidence: [PreprocessingEvidence], current: Preprocessing
  ) {
    self.tried = tried
    self.evidence = evidence
    verdict = PreprocessingVerdict(evidence)
    self.current = tried.firstIndex { $0.preprocessing == current } ?? 0
  }

  /// The one to take without asking; nil if the evidence is not overwhelming.
  var taken: TriedPreprocessing? {
    guard verdict.isOverwhelming, let best = verdict.best else { return nil }
    return tried[best]
  }

  /// One line for each, as a table.
  var lines: [String] {
    let width = evidence.map { $0.name.count }.max() ?? 0
    return evidence.map { one in
      let name = one.name + String(repeating: " ", count: width - one.name.count)
      var facts: [String] = []
      if let accuracy = one.accuracy { facts.append("top-1 accuracy \(percentText(accuracy))") }
      if let fit = one.fit {
        facts.append(
          "batch norm shift \(numberText(fit.shift)), spread \(numberText(fit.spread))")
      }
      facts.append("entropy \(percentText(one.entropy))")
      return "  \(name)  \(facts.joined(separator: "; "))"
    }
  }

  /// What is done, and why.
  var conclusion: String {
    let kept = tried[current].name
    guard let best = verdict.best else {
      return "--preprocess auto: without labels and batch norm, nothing tells the presets apart; "
        + "\(kept) is kept"
    }
    let winner = tried[best].name
    if verdict.isOverwhelming { return "--preprocess auto takes \(winner): \(reason(best))" }
    if best == current {
      return "--preprocess auto keeps \(kept), which does best but not clearly: \(reason(best))"
    }
    return "--preprocess auto keeps \(kept) and suggests \(winner), which does better than the "
      + "others, but not by a clear margin: \(reason(best))"
  }

  /// What speaks for the best, as a clause.
  private func reason(_ best: Int) -> String {
    let pair = evidence[best].usualOrder ?? best
    let others = evidence.indices.filter { (evidence[$0].usualOrder ?? $0) != pair }
    if verdict.basis == .accuracy {
      let own = percentText(evidence[best].accuracy ?? 0)
      let count = countText(evidence[best].labelled)
      let next = percentText(others.compactMap { evidence[$0].accuracy }.max() ?? 0)
      return "top-1 accuracy is \(own) on \(count) pictures, and at most \(next) with any other "
        + "preset\(opposite(of: best, pair) { $0.accuracy.map { percentText($0) } })"
    }
    let own = numberText(evidence[best].fit?.distance ?? 0)
    let next = numberText(others.compactMap { evidence[$0].fit?.distance }.min() ?? 0)
    return "the input of the first batch norm is \(own) from its statistics, and at least \(next) "
      + "with any other preset"
      + opposite(of: best, pair) { $0.fit.map { numberText($0.distance) } }
  }

  /// How the other order of channels does, as the end of a clause; empty if there is none.
  private func opposite(
    of best: Int, _ pair: Int, _ text: (PreprocessingEvidence) -> String?
  ) -> String {
    let other = evidence.indices.first { $0 != best && (evidence[$0].usualOrder ?? $0) == pair }
    guard let other, let value = text(evidence[other]) else { return "" }
    return " (\(value) with the channels in the other order)"
  }
}

extension Studio {
  /// Small pictures are quick to run, and there are many of them.
  private static let triedSmallSide = 64
  private static let triedSmallCount = 512
  private static let triedCount = 128

  /// The studio for the preprocessing that the pictures speak for: taken if that is overwhelming,
  /// proposed if it is not.
  func tryingPreprocessings(
    on dataset: any Dataset, called name: String, limit: Int?
  ) throws -> Studio {
    guard !dataset.holdsArrays else {
      reporter.warn("--preprocess auto: the arrays of \(name) are used exactly as they are")
      return with(model.settled(by: nil))
    }
    let tried = TriedPreprocessing.all(for: model)
    let evidence = try self.evidence(for: tried, on: dataset, called: name, limit: limit)
    let trial = PreprocessingTrial(tried, evidence, current: model.preprocessing)
    reporter.say("--preprocess auto on \(name):")
    for line in trial.lines { reporter.say(line) }
    reporter.warn(trial.conclusion)
    return with(model.settled(by: trial))
  }

  /// Runs the network on the same pictures with each.
  private func evidence(
    for tried: [TriedPreprocessing], on dataset: any Dataset, called name: String, limit: Int?
  ) throws -> [PreprocessingEvidence] {
    let side = model.preprocessing.input.dropFirst().max() ?? 0
    let most = side <= Self.triedSmallSide ? Self.triedSmallCount : Self.triedCount
    // Resized once for all that place pictures in the same way.
    var placed: [Pictures] = []
    var places: [Preprocessing] = []
    var evidence: [PreprocessingEvidence] = []
    for candidate in tried {
      let own = candidate.preprocessing
      let same = places.firstIndex { $0.resize == own.resize && $0.centering == own.centering }
      if same == nil {
        let all = Pictures(
          dataset, name: name, preprocessing: own, limit: limit, memory: model.memory)
        placed.append(all.only(try all.sample(most)))
        places.append(own)
      }
      let pictures = placed[same ?? placed.count - 1].encoded(as: own)
      let usual = tried.firstIndex { $0.preprocessing == candidate.usual }
      evidence.append(try self.evidence(for: candidate, on: pictures, usualOrder: usual))
    }
    return evidence
  }

  private func evidence(
    for candidate: TriedPreprocessing, on pictures: Pictures, usualOrder: Int?
  ) throws -> PreprocessingEvidence {
    let label = pictures.labels(in: model)
    var observers: [any ScanObserver] = []
    let normalization = NormalizationScan(network)
    if let normalization { observers.append(normalization) }
    var classification: ClassificationScan?
    if network.hasClassScores {
      let scan = ClassificationScan(network, top: 1, label: label)
      classification = scan
      observers.append(scan)
    }
    try scan(pictures, observers, task: "trying \(candidate.name)")
    let finding = classification?.finding
    var right: [Int: Bool] = [:]
    for picture in finding?.each ?? [] { right[picture.picture] = picture.isRight }
    var isRight: [Bool?] = []
    for index in pictures.indices {
      // Scores that are not finite are wrong.
      isRight.append(label(index) == nil ? nil : right[index] ?? false)
    }
    return PreprocessingEvidence(
      name: candidate.name, isRight: isRight, fit: normalization?.finding,
      entropy: finding?.entropy ?? 0, usualOrder: usualOrder)
  }
}

extension Model {
  /// - Parameter trial: Nil if there was none.
  fileprivate func settled(by trial: PreprocessingTrial?) -> Model {
    var copy = self
    copy.triesPreprocessing = false
    if let taken = trial?.taken {
      copy.preprocessing = taken.preprocessing
      copy.preprocessingOrigin = .trial(taken.name)
    }
    return copy
  }
}
