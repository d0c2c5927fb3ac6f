public import Analysis
internal import Drawing
internal import Files

/// How far the features of layers moved between successive checkpoints, and how accurate the network
/// was at each.
///
/// - Parameters:
///   - layers: With a distance for each checkpoint but the first.
///   - names: Of the checkpoints, in order.
///   - epochs: After which epoch each was kept; nil if it is not known of all.
///   - accuracies: In `0...1`, one for each checkpoint; nil without labels.
///   - pictureCount: On how many pictures features are compared.
///   - model: What the network is called.
public func movementFigure(
  of layers: [LayerMovement], names: [String], epochs: [Int]?, accuracies: [Double?],
  pictureCount: Int, model: String
) -> CaptionedFigure {
  let places = epochs.map { $0.map(Double.init) } ?? names.indices.map { Double($0 + 1) }
  let (first, last) = (places.min() ?? 0, places.max() ?? 0)
  let isLogarithmic = epochs != nil && first > 0 && last > 8 * first
  // Both panels have one axis, with room for whole dots at its ends.
  let room = 0.02 * (last - first)
  let range = isLogarithmic ? first / 1.05...last * 1.05 : (first - room)...(last + room)
  let across = Axis(
    epochs == nil ? "checkpoint (1 is \(names.first.map(abbreviatedName) ?? ""))" : "epoch",
    range: range,
    scale: isLogarithmic ? .logarithmic : .linear, format: .count)
  let area = Size(width: 360, height: 260)
  let moved = layers.map { layer in
    LinePlot.Series(
      abbreviated(layer.layer),
      zip(places.dropFirst(), layer.distances).map { Point($0, $1 ?? .nan) })
  }
  let known = zip(places, accuracies).compactMap { place, accuracy in
    accuracy.map { Point(place, $0) }
  }
  var panels: [any Drawable] = [
    LinePlot(
      title: "Movement of features", moved, x: across,
      y: Axis("1 − CKA from the checkpoint before"), area: area)
  ]
  if !known.isEmpty {
    panels.append(
      LinePlot(
        title: "Accuracy", [LinePlot.Series("", known)], x: across,
        y: .shares(), area: Size(width: 260, height: area.height)))
  }
  let ends = zip(names, accuracies).compactMap { name, accuracy in
    accuracy.map { "\(percentText($0)) at \(abbreviatedName(name))" }
  }
  let hasGaps = layers.contains { $0.distances.contains { $0 == nil } }
  return CaptionedFigure(
    title: "How far features moved",
    subtitle: [
      abbreviated(model), counted(names.count, "checkpoint"), counted(layers.count, "layer"),
    ]
    .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Each point is a checkpoint (\(listed(names.map { abbreviatedName($0) }, most: 8))) and says "
        + "how far a layer's features moved from the checkpoint before: 1 − linear CKA (Kornblith "
        + "et al. 2019) on the same \(counted(pictureCount, "picture")), of maps their means; 0 for "
        + "the same features up to scale, rotation and permutation.",
      "Checkpoints are not equally far apart: a point is the movement since the one before, not per "
        + "epoch.",
      hasGaps ? "Gaps: features that are the same for every picture, or not finite." : "",
      ends.count > 1 ? "Top-1 accuracy on labelled pictures: \(listed(ends, most: 8))." : ""),
    scale: isLogarithmic ? "linear in the distance, logarithmic in the epoch" : "linear axes",
    body: Row(spacing: 28, panels))
}
