import Drawing
import Exhibits
import Files
import Foundation
import Galleries

/// How features evolved, as text.
struct EvolutionReport: FoundReport {
  let record: EvolutionRecord

  init(_ record: EvolutionRecord) { self.record = record }

  /// A table of the checkpoints: accuracy, and how far each layer moved since the one before.
  var lines: [String] {
    let hasAccuracy = record.checkpoints.contains { $0.accuracy != nil }
    let table = TextTable(
      heads: ["checkpoint", "sha256"] + (hasAccuracy ? ["accuracy"] : [])
        + record.layers.map(\.name),
      leading: 2,
      rows: record.checkpoints.enumerated().map { index, checkpoint in
        [checkpoint.name, String(checkpoint.sha256.prefix(12))]
          + (hasAccuracy ? [checkpoint.accuracy.map { percentText($0.top1) } ?? "–"] : [])
          + record.layers.map { layer in
            guard index > 0 else { return "" }
            return layer.distances[index - 1].map { String(format: "%.3f", $0) } ?? "–"
          }
      })
    let remarks = record.remarks
    return table.lines
      + ["", "layers: 1 − CKA of their features from those at the checkpoint before"]
      + (remarks.isEmpty ? [] : [""] + remarks)
  }
}
