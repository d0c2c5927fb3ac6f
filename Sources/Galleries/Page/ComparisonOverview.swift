internal import Drawing
internal import Files

/// What the page of a comparison says before its figures: the checkpoints with their accuracy, then
/// what moved, layer by layer.
func comparisonOverview(_ comparison: ComparisonRecord, _ manifest: Manifest) -> String {
  overview(
    """
    \(checkpointTable(comparison))
    \(comparison.differences.map { movedTable($0, from: comparison.checkpoints[0].name) }
      .joined(separator: "\n"))
    <p class="below"><span>Distance: ‖a − b‖ / ‖a‖ of the weights, without biases, from those of \
    \(escaped(abbreviatedName(comparison.checkpoints[0].name))). CKA and top pictures are those of \
    the layer's activations.</span></p>
    """, remarks: comparison.remarks, manifest)
}

/// What the page of an evolution says before its figures: the checkpoints with their accuracy, and
/// how far each layer moved since the one before.
func evolutionOverview(_ evolution: EvolutionRecord, _ manifest: Manifest) -> String {
  let hasAccuracy = evolution.checkpoints.contains { $0.accuracy != nil }
  let rows = evolution.checkpoints.enumerated().map { index, checkpoint in
    let cells =
      (hasAccuracy ? [accuracyCell(checkpoint)] : [])
      + evolution.layers.map { layer in
        let distance = index == 0 ? nil : layer.distances[safe: index - 1] ?? nil
        return cell(index == 0 ? "" : distance.map { decimals($0, 3) } ?? "–", layer.name)
      }
    return "<tr>\(checkpointCells(checkpoint, checkpoint.name))\(cells.joined())</tr>"
  }
  let heads =
    (hasAccuracy ? ["Top-1 accuracy"] : [])
    + evolution.layers.map { abbreviated($0.name) }
  return overview(
    """
    \(table("Checkpoints", ["Checkpoint", "File"], heads, rows))
    <p class="below"><span>\(escaped(accuracySource(evolution.checkpoints).map { $0 + " " } ?? ""))\
    Layers: 1 − CKA of their features from those at the checkpoint before.</span></p>
    """, remarks: evolution.remarks, manifest)
}

private func overview(_ tables: String, remarks own: [String], _ manifest: Manifest) -> String {
  let remarks = own + (manifest.warnings ?? [])
  let notes =
    remarks.isEmpty
    ? ""
    : "<aside class=\"notes\"><div class=\"warnings\"><h2>"
      + (remarks.count == 1 ? "Remark" : "Remarks") + "</h2><ul>"
      + remarks.map { "<li>\(escaped($0))</li>" }.joined(separator: "\n") + "</ul></div></aside>"
  return """
    <p class="network">\(escaped(manifest.checkpoint.network ?? ""))</p>
    <div class="overview\(notes.isEmpty ? "" : " noted")">
    <div>
    \(tables)
    </div>
    \(notes)
    </div>
    """
}

private func cell(_ text: String, _ unit: String = "") -> String {
  let attribute = unit.isEmpty ? "" : " data-unit=\" \(escaped(unit))\""
  return "<td class=\"number\"\(attribute)>\(escaped(text))</td>"
}

private func head(_ text: String) -> String {
  "<th scope=\"col\" class=\"number\">\(escaped(text))</th>"
}

private func checkpointTable(_ comparison: ComparisonRecord) -> String {
  let hasAccuracy = comparison.checkpoints.contains { $0.accuracy != nil }
  let hasChanges = comparison.differences.contains { $0.predictions != nil }
  let heads =
    (hasAccuracy ? ["Top-1 accuracy"] : [])
    + (hasChanges ? ["Changed", "Right to wrong", "Wrong to right", "Wrong to other"] : [])
  let rows = comparison.checkpoints.enumerated().map { index, checkpoint in
    let changes = index == 0 ? nil : comparison.differences[safe: index - 1]?.predictions
    let cells =
      (hasAccuracy ? [accuracyCell(checkpoint)] : [])
      + (hasChanges
        ? [
          cell(changes.map { countText($0.pictures.count) } ?? "", "changed"),
          cell(changes.map { countText($0.rightToWrong) } ?? "", "right to wrong"),
          cell(changes.map { countText($0.wrongToRight) } ?? "", "wrong to right"),
          cell(changes.map { countText($0.wrongToOtherWrong) } ?? "", "wrong to another"),
        ] : [])
    let name = abbreviated(checkpoint.name) + (index == 0 ? " (reference)" : "")
    return "<tr>\(checkpointCells(checkpoint, name))\(cells.joined())</tr>"
  }
  let source = accuracySource(comparison.checkpoints)
  let changed =
    hasChanges ? "Changed: pictures whose first choice is not that of the reference." : nil
  let notes = [source, changed].compactMap(\.self).joined(separator: " ")
  return table("Checkpoints", ["Checkpoint", "File"], heads, rows)
    + (notes.isEmpty ? "" : "\n<p class=\"below\"><span>\(escaped(notes))</span></p>")
}

private func checkpointCells(_ checkpoint: ComparisonRecord.Checkpoint, _ name: String) -> String {
  """
  <td>\(escaped(name))</td>\
  <td class="type"><button type="button" class="chip copy" \
  data-copy="\(escaped(checkpoint.sha256))" \
  title="SHA-256: \(escaped(checkpoint.sha256)). Click to copy.">\
  SHA-256 \(escaped(String(checkpoint.sha256.prefix(12))))…</button></td>
  """
}

private func accuracyCell(_ checkpoint: ComparisonRecord.Checkpoint) -> String {
  cell(checkpoint.accuracy.map { percentText($0.top1) } ?? "–", "accuracy")
}

/// Nil if no pictures are labelled.
private func accuracySource(_ checkpoints: [ComparisonRecord.Checkpoint]) -> String? {
  checkpoints.compactMap(\.accuracy).first.map {
    "Accuracy on \(counted($0.pictures, "labelled picture")) of \($0.source)."
  }
}

/// - Parameters:
///   - names: Heads of the columns of text.
///   - numbers: Heads of those of numbers, which follow.
private func table(
  _ label: String, caption: String? = nil, _ names: [String], _ numbers: [String],
  _ rows: [String]
) -> String {
  """
  <div class="structure all" tabindex="0" role="region" aria-label="\(escaped(label))">
  <table>
  \(caption.map { "<caption>\(escaped($0))</caption>" } ?? "")
  <thead><tr>\(names.map { "<th scope=\"col\">\($0)</th>" }.joined())\
  \(numbers.map(head).joined())</tr></thead>
  <tbody>
  \(rows.joined(separator: "\n"))
  </tbody>
  </table>
  </div>
  """
}

/// - Parameter reference: The name of the first checkpoint.
private func movedTable(
  _ difference: ComparisonRecord.Difference, from reference: String
) -> String {
  guard !difference.layers.isEmpty else { return "" }
  let heads =
    ["Distance", "Cosine"] + (difference.cka == nil ? [] : ["CKA"])
    + (difference.hasTopPictures ? ["Common of top 9"] : [])
  let rows = difference.layers.map { layer in
    let cells =
      [
        cell(layer.relativeDistance.map { distanceText($0) } ?? "–", "moved"),
        cell(layer.cosine.map { decimals($0, 3) } ?? "–", "cosine"),
      ]
      + (difference.cka == nil
        ? [] : [cell(layer.cka.map { decimals($0, 3) } ?? "–", "CKA")])
      + (difference.hasTopPictures
        ? [cell(layer.commonTopPictures.map { decimals($0, 1) } ?? "–", "in common")] : [])
    return """
      <tr><td>\(escaped(abbreviated(layer.name)))</td>\
      <td class="type">\(escaped(crossed(layer.weights)))</td>\(cells.joined())</tr>
      """
  }
  let title = "From \(abbreviatedName(reference)) to \(abbreviatedName(difference.checkpoint))"
  return table(title, caption: title, ["Layer", "Weights"], heads, rows)
}

extension ComparisonRecord.Difference {
  var hasTopPictures: Bool { layers.contains { $0.commonTopPictures != nil } }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
