import Analysis
import Datasets
import Drawing
import Exhibits
import Files
import Foundation
import TensorCore

/// What a network says of pictures, as text.
struct PredictionReport {
  private let predictions: Predictions
  private let model: Model
  private let top: Int
  private let hasLabels: Bool

  /// More classes have no room for a matrix, and only the worst are listed.
  private static let (mostMatrixClasses, mostListed) = (20, 20)

  init(_ predictions: Predictions, of model: Model, top: Int) {
    self.predictions = predictions
    self.model = model
    self.top = min(top, predictions.finding.classCount)
    hasLabels = predictions.pictures.contains { $0.labelName != nil }
  }

  private var finding: ClassificationFinding { predictions.finding }
  private var confusion: ConfusionMatrix { finding.confusion }

  private func shortName(_ index: Int) -> String { predictions.classNames.shortName(index) }

  // MARK: - Table

  var tableLines: [String] {
    let pictures = TextTable(
      heads: ["picture"] + (hasLabels ? ["label", ""] : [])
        + (1...max(top, 1)).flatMap { ["choice \($0)", "score", "probability"] },
      leading: 1 + (hasLabels ? 2 : 0),
      rows: predictions.pictures.map { picture in
        let choices = picture.classified.choices.flatMap { choice in
          [
            shortName(choice.index), measureText(Double(choice.score), decimals: 3),
            choice.probability.map(probabilityText) ?? "–",
          ]
        }
        let isWrong = picture.classified.isRight == false
        return [picture.name]
          + (hasLabels ? [shortLabel(picture), isWrong ? "✗" : ""] : []) + choices
      })
    return pictures.lines + leftOut + accuracyLines + precisionLines
  }

  private var precisionLines: [String] {
    model.precision == .float32
      ? [] : ["", "the network ran in \(model.precision.rawValue)"]
  }

  private var leftOut: [String] {
    let count = finding.leftOut.count
    return count == 0
      ? [] : ["", "\(countText(count)) left out: their class scores are not finite"]
  }

  private func shortLabel(_ picture: Predictions.Picture) -> String {
    picture.classified.label.map(shortName) ?? picture.labelName ?? ""
  }

  private var accuracyLines: [String] {
    guard let top1 = finding.top1 else { return [] }
    let five =
      finding.classCount > 5 ? finding.top5.map { ", top-5 \(percentText($0))" } ?? "" : ""
    let count = countText(finding.labelled)
    return [
      "",
      "top-1 accuracy \(percentText(top1)) (\(countText(confusion.right)) of \(count))\(five) "
        + "on \(predictions.source)", "",
    ] + classLines + [""] + confusionLines
  }

  private var classLines: [String] {
    var labels = confusion.labels
    let isPart = labels.count > 2 * Self.mostListed
    if isPart {
      let accuracies = labels.map { accuracy(of: $0) }
      labels = labels.indices.sorted { (accuracies[$0], $0) < (accuracies[$1], $1) }
        .prefix(Self.mostListed).map { labels[$0] }
    }
    let table = TextTable(
      heads: ["class", "pictures", "right", "accuracy", "chosen"], leading: 1,
      rows: labels.map { label in
        [
          shortName(label), countText(confusion.pictures(of: label)),
          countText(confusion[label, label]), percentText(accuracy(of: label)),
          countText(confusion.choices(of: label)),
        ]
      })
    let note = "the \(labels.count) least accurate of \(confusion.labels.count) classes:"
    return (isPart ? [note] : []) + table.lines
  }

  private func accuracy(of label: Int) -> Double {
    Double(confusion[label, label]) / Double(max(confusion.pictures(of: label), 1))
  }

  private var confusionLines: [String] {
    let classes = finding.classCount
    guard classes > Self.mostMatrixClasses else {
      let table = TextTable(
        heads: ["true class ╲ choice"] + (0..<classes).map(shortName), leading: 1,
        rows: (0..<classes).map { label in
          [shortName(label)]
            + (0..<classes).map { confusion[label, $0] > 0 ? countText(confusion[label, $0]) : "·" }
        })
      return table.lines
    }
    let confusions = confusion.confusions
    guard !confusions.isEmpty else { return ["no confusions"] }
    let shown = confusions.prefix(Self.mostListed)
    let table = TextTable(
      heads: ["true class", "choice", "pictures"], leading: 2,
      rows: shown.map { [shortName($0.label), shortName($0.choice), countText($0.count)] })
    let note = "the \(shown.count) most frequent of \(countText(confusions.count)) confusions:"
    return (shown.count < confusions.count ? [note] : ["confusions:"]) + table.lines
  }

  // MARK: - CSV

  /// A header, then one line per picture.
  var csvLines: [String] {
    let heads =
      ["file", "label", "right"]
      + (1...max(top, 1)).flatMap {
        ["class_\($0)", "index_\($0)", "score_\($0)", "probability_\($0)"]
      }
    let rows = predictions.pictures.map { picture in
      let choices = picture.classified.choices.flatMap { choice in
        [
          predictions.classNames[choice.index], "\(choice.index)", "\(choice.score)",
          choice.probability.map { "\($0)" } ?? "",
        ]
      }
      let isRight = picture.classified.isRight.map { $0 ? "1" : "0" } ?? ""
      return [picture.name, picture.labelName ?? "", isRight] + choices
    }
    return ([heads] + rows).map { $0.map { csvValue($0) }.joined(separator: ",") }
  }

  // MARK: - JSON

  /// - Parameter files: The paths written.
  func json(files: [String]) -> String {
    func orNull(_ value: (some Any)?) -> Any { value.map { $0 as Any } ?? NSNull() }
    let classes = (0..<finding.classCount).map { index -> [String: Any] in
      let pictures = confusion.pictures(of: index)
      return [
        "index": index, "name": predictions.classNames[index], "pictures": pictures,
        "right": confusion[index, index],
        "accuracy": pictures > 0 ? accuracy(of: index) : NSNull(),
        "chosen": finding.choices[index],
      ]
    }
    let pictures = predictions.pictures.map { picture -> [String: Any] in
      [
        "file": picture.name, "label": orNull(picture.labelName),
        "labelIndex": orNull(picture.classified.label),
        "right": orNull(picture.classified.isRight),
        "choices": picture.classified.choices.map { choice -> [String: Any] in
          [
            "index": choice.index, "class": predictions.classNames[choice.index],
            "score": choice.score, "probability": orNull(choice.probability),
          ]
        },
      ]
    }
    let normalization = predictions.normalization.map { fit -> [String: Any] in
      ["node": fit.node, "shift": fit.shift, "spread": fit.spread, "isFar": fit.isFar]
    }
    return jsonText([
      "checkpoint": model.name, "sha256": model.fingerprint,
      "precision": model.precision.rawValue, "source": predictions.source,
      "top1": orNull(finding.top1), "top5": orNull(finding.top5), "labelled": finding.labelled,
      "leftOut": finding.leftOut.count, "classes": classes, "pictures": pictures,
      "confusion": confusion.entries.map {
        ["label": $0.label, "choice": $0.choice, "count": $0.count]
      },
      "entropy": finding.entropy, "batchNorm": orNull(normalization),
      "preprocessing": model.preprocessingOrigin.name, "warnings": predictions.doubts,
      "files": files,
    ])
  }
}
