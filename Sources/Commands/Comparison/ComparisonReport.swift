import Drawing
import Exhibits
import Files
import Foundation
import Galleries

/// What a comparison found, as text.
struct ComparisonReport {
  private let record: ComparisonRecord

  init(_ record: ComparisonRecord) { self.record = record }

  /// Two tables: the checkpoints, and what moved in each layer.
  var lines: [String] {
    let similarity = record.differences.compactMap { difference -> String? in
      guard let procrustes = difference.procrustes else { return nil }
      return "embedding at '\(procrustes.layer)', \(difference.checkpoint) laid over "
        + "\(record.checkpoints[0].name): residual \(percentText(procrustes.residual))"
    }
    let remarks = record.remarks
    return checkpoints.lines + [""] + layers.lines
      + (similarity.isEmpty ? [] : [""] + similarity) + (remarks.isEmpty ? [] : [""] + remarks)
  }

  private var checkpoints: TextTable {
    let hasAccuracy = record.checkpoints.contains { $0.accuracy != nil }
    let hasChanges = record.differences.contains { $0.predictions != nil }
    let rows = record.checkpoints.enumerated().map { index, checkpoint -> [String] in
      let changes = index == 0 ? nil : record.differences[index - 1].predictions
      return [checkpoint.name, String(checkpoint.sha256.prefix(12))]
        + (hasAccuracy ? [checkpoint.accuracy.map { percentText($0.top1) } ?? "–"] : [])
        + (hasChanges ? columns(of: changes, isReference: index == 0) : [])
    }
    return TextTable(
      heads: ["checkpoint", "sha256"] + (hasAccuracy ? ["accuracy"] : [])
        + (hasChanges
          ? ["changed", "right → wrong", "wrong → right", "wrong → other"] : []),
      leading: 2, rows: rows)
  }

  private func columns(of changes: ComparisonRecord.Changes?, isReference: Bool) -> [String] {
    guard let changes else { return [isReference ? "" : "–", "", "", ""] }
    return [
      "\(countText(changes.pictures.count)) of \(countText(changes.compared))",
      countText(changes.rightToWrong), countText(changes.wrongToRight),
      countText(changes.wrongToOtherWrong),
    ]
  }

  private var layers: TextTable {
    let isSingle = record.differences.count == 1
    let heads = record.differences.flatMap { difference -> [String] in
      let name = isSingle ? "" : "\(difference.checkpoint): "
      return ["\(name)distance", "cosine"]
        + (difference.cka == nil ? [] : ["CKA"])
        + (hasTopPictures(difference) ? ["common of top 9"] : [])
    }
    let rows = (record.differences.first?.layers ?? []).indices.map { index -> [String] in
      let first = record.differences[0].layers[index]
      let cells = record.differences.flatMap { difference -> [String] in
        let layer = difference.layers[index]
        func text(_ value: Double?) -> String {
          value.map { String(format: "%.3f", $0).replacing("-", with: "−") } ?? "–"
        }
        return [text(layer.relativeDistance), text(layer.cosine)]
          + (difference.cka == nil ? [] : [text(layer.cka)])
          + (hasTopPictures(difference)
            ? [layer.commonTopPictures.map { String(format: "%.1f", $0) } ?? "–"] : [])
      }
      return [first.name, first.weights.map(String.init).joined(separator: "×")] + cells
    }
    return TextTable(heads: ["layer", "weights"] + heads, leading: 2, rows: rows)
  }

  private func hasTopPictures(_ difference: ComparisonRecord.Difference) -> Bool {
    difference.layers.contains { $0.commonTopPictures != nil }
  }

  /// - Parameter files: The paths written.
  func json(files: [String]) throws -> String {
    let data = try JSONEncoder().encode(record)
    var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    object["files"] = files
    return jsonText(object)
  }
}
