internal import Analysis
internal import Datasets
internal import Drawing
internal import Foundation
internal import Galleries
internal import Networks

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
  return doubts.map { $0.sentence(about: model, advice) }
}

extension SetupDoubt {
  fileprivate func sentence(about model: Model, _ advice: String) -> String {
    switch self {
    case .chance(let accuracy, let expected, let pictures):
      "top-1 accuracy is \(percentText(accuracy)) on \(countText(pictures)) pictures, and guessing "
        + "gives \(percentText(expected)): the preprocessing or the order of the classes is "
        + "probably wrong; \(advice)"
    case .oneChoice(let classIndex, let share, let pictures):
      "'\(model.classNames.shortName(classIndex))' is the first choice for \(percentText(share)) of "
        + "\(countText(pictures)) pictures: unless they are all of that class, the preprocessing is "
        + "probably wrong; \(advice)"
    case .statistics(let fit):
      "the input of '\(fit.node)' is not what it was in training: its means are "
        + "\(numberText(fit.shift)) standard deviations away, its variances differ by a factor of "
        + "\(numberText(exp(fit.spread))); the preprocessing is probably wrong; \(advice)"
    }
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
