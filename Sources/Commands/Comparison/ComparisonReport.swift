import Drawing
import Exhibits
import Files
import Galleries

/// What a comparison found, as text.
struct ComparisonReport: FoundReport {
  let record: ComparisonRecord

  init(_ record: ComparisonRecord) { self.record = record }

  /// A table of the checkpoints, and for each but the first one of what moved in each layer.
  var lines: [String] {
    let similarity = record.differences.compactMap { difference -> String? in
      guard let procrustes = difference.procrustes else { return nil }
      return "embedding at '\(procrustes.layer)', \(difference.checkpoint) laid over "
        + "\(record.checkpoints[0].name): residual \(percentText(procrustes.residual))"
    }
    let remarks = record.remarks
    let moved = record.differences.flatMap { difference in
      ["", "from \(record.checkpoints[0].name) to \(difference.checkpoint):"]
        + layers(difference).lines
    }
    return checkpoints.lines + moved
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

  private func layers(_ difference: ComparisonRecord.Difference) -> TextTable {
    let hasTop = hasTopPictures(difference)
    func text(_ value: Double?, _ digits: Int = 3) -> String {
      value.map { fixedText($0, decimals: digits) } ?? "–"
    }
    return TextTable(
      heads: ["layer", "weights", "distance", "cosine"]
        + (difference.cka == nil ? [] : ["CKA"]) + (hasTop ? ["common of top 9"] : []),
      leading: 2,
      rows: difference.layers.map { layer in
        [layer.name, layer.weights.map(String.init).joined(separator: "×")]
          + [text(layer.relativeDistance), text(layer.cosine)]
          + (difference.cka == nil ? [] : [text(layer.cka)])
          + (hasTop ? [text(layer.commonTopPictures, 1)] : [])
      })
  }

  private func hasTopPictures(_ difference: ComparisonRecord.Difference) -> Bool {
    difference.layers.contains { $0.commonTopPictures != nil }
  }
}
