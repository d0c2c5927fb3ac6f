internal import Analysis
internal import Datasets
internal import Drawing
internal import Foundation
internal import Galleries
internal import Networks
internal import Training

/// Whether a network is set up as it was trained, checked on pictures that pass through it anyway.
struct SetupCheck {
  let pictures: Pictures
  private let classification: ClassificationScan?
  private let normalization: NormalizationScan?

  /// How many pictures are run for the check alone if no exhibit looks through them.
  static let sampleCount = 64

  init(_ pictures: Pictures, in studio: Studio) {
    self.pictures = pictures
    normalization = NormalizationScan(studio.network)
    classification =
      studio.network.hasClassScores
      ? ClassificationScan(studio.network, label: pictures.labels(in: studio.model)) : nil
  }

  var observers: [any ScanObserver] {
    let all: [(any ScanObserver)?] = [classification, normalization]
    return all.compactMap { $0 }
  }

  /// Of the labelled pictures; nil if there are none.
  var accuracy: Manifest.Accuracy? {
    classification.flatMap { Manifest.Accuracy(of: $0.finding, on: pictures.name) }
  }

  func report(in studio: Studio) {
    if let accuracy { studio.reporter.say(accuracy.summary) }
    for doubt in doubts(about: studio.model) { studio.reporter.warn(doubt) }
  }

  func doubts(about model: Model) -> [String] {
    setupDoubts(classification?.finding, normalization?.finding, on: pictures, about: model)
  }
}

/// What a user should know, with the likely cause: one line each.
func setupDoubts(
  _ finding: ClassificationFinding?, _ fit: NormalizationFit?, on pictures: Pictures,
  about model: Model
) -> [String] {
  let doubts =
    finding.map { SetupDoubt.all(in: $0, fit) }
    ?? fit.flatMap { $0.isFar ? [.statistics($0)] : nil } ?? []
  // Arrays are not preprocessed, so there is nothing to compare.
  let advice =
    pictures.dataset.holdsArrays
    ? "check how the arrays were made" : "'--preprocess auto' compares the presets"
  let causes = Causes(model, advice)
  let sentences = doubts.map { $0.sentence(about: model, causes) }
  // A network that knows nothing often has one choice for all, too.
  return causes.areTraining(doubts) ? Array(sentences.prefix(1)) : sentences
}

/// Why a network may not know what pictures show.
private struct Causes {
  /// Nil if the network is not set up by its own checkpoint.
  private let training: KnownTraining?
  private let accuracy: String
  private let advice: String

  /// - Parameter advice: How to find the preprocessing, if it is not the checkpoint's.
  init(_ model: Model, _ advice: String) {
    training = model.knownTraining
    self.advice = advice
    accuracy =
      training == nil
      ? ""
      : model.history?.lastAccuracy.map {
        "; its accuracy was \(percentText($0.value)) on its \($0.part) "
          + model.preprocessing.kind.plural
      } ?? ""
  }

  /// Whether hardly any training explains all of some doubts.
  func areTraining(_ doubts: [SetupDoubt]) -> Bool {
    training.map { doubts.allSatisfy($0.explains) } ?? false
  }

  /// - Parameter wrong: What may be wrong with the setup.
  func text(_ doubt: SetupDoubt, wrong: String) -> String {
    guard let training else { return "\(wrong) is probably wrong; \(advice)" }
    guard training.explains(doubt) else {
      return "the preprocessing is that of the training, so these pictures or their labels are "
        + "probably unlike those of the training\(accuracy)"
    }
    return training.epochs == 0
      ? "the network is not trained yet"
      : "the network is hardly trained, for \(training.epochs) epoch"
        + (training.epochs == 1 ? "" : "s") + accuracy
  }
}

extension SetupDoubt {
  fileprivate func sentence(about model: Model, _ causes: Causes) -> String {
    switch self {
    case .chance(let accuracy, let expected, let pictures):
      "top-1 accuracy is \(percentText(accuracy)) on \(countText(pictures)) pictures, and guessing "
        + "gives \(percentText(expected)): "
        + causes.text(self, wrong: "the preprocessing or the order of the classes")
    case .oneChoice(let classIndex, let share, let pictures):
      "'\(model.classNames.shortName(classIndex))' is the first choice for \(percentText(share)) of "
        + "\(countText(pictures)) pictures: unless they are all of that class, "
        + causes.text(self, wrong: "the preprocessing")
    case .statistics(let fit):
      "the input of '\(fit.node)' is not what it was in training: its means are "
        + "\(numberText(fit.shift)) standard deviations away, its variances differ by a factor of "
        + "\(numberText(exp(fit.spread))); " + causes.text(self, wrong: "the preprocessing")
    }
  }
}

extension Model {
  /// What a network that Fovea trained, and that is set up as then, learned from; nil for others.
  var knownTraining: KnownTraining? {
    guard preprocessingOrigin == .checkpoint, let history, let recipe else { return nil }
    let epochs = history.epochs.last?.epoch ?? 0
    let steps = (Double(history.examples ?? 0) / Double(max(recipe.batchSize, 1))).rounded(.up)
    return KnownTraining(
      epochs: epochs, steps: Int(min(max(Double(epochs) * steps, 0), 1e15)),
      accuracy: history.lastAccuracy?.value, classes: classNames.count)
  }
}

extension TrainingHistory {
  /// The accuracy of the last network, if possible on pictures that no step saw, and what they were:
  /// `test`, `validation` or `training`; nil if it was not measured.
  fileprivate var lastAccuracy: (value: Double, part: String)? {
    let best = bestEpoch.flatMap { best in epochs.first { $0.epoch == best } }
    let last = best ?? epochs.last
    if let testAccuracy { return (testAccuracy, "test") }
    if let tried = last?.validationAccuracy {
      return (tried, validation == .test ? "test" : "validation")
    }
    return (trainedScore?.accuracy ?? last?.accuracy).map { ($0, "training") }
  }
}

extension Manifest.Accuracy {
  init?(of finding: ClassificationFinding, on source: String) {
    guard let top1 = finding.top1 else { return nil }
    self.init(
      source: source, pictures: finding.labelled, top1: top1,
      // Always right for five classes or fewer.
      top5: finding.classCount > 5 ? finding.top5 : nil)
  }
}
