public import Analysis
internal import Drawing

/// The same pictures in several networks' embeddings, each laid over the reference's.
///
/// - Parameters:
///   - embeddings: For each network but the reference, all of the same pictures.
///   - labels: The class of each picture, nil where unknown.
///   - classNames: Empty if there are no classes.
public func embeddingComparisonFigure(
  of embeddings: [AlignedEmbedding], names: [String], layer: LayerDescription,
  labels: [Int?], classNames: [String], pooling: FeaturePooling
) -> CaptionedFigure {
  let pictures = embeddings[0].pictures
  let classes = PlottedClasses(labels: labels, names: classNames, count: pictures.count)
  let sets = [embeddings[0].fixed] + embeddings.map(\.aligned)
  func range(_ values: [Double]) -> ClosedRange<Double> {
    let finite = values.filter(\.isFinite)
    let (least, greatest) = (finite.min() ?? 0, finite.max() ?? 1)
    let margin = max(0.04 * (greatest - least), 1e-9)
    return (least - margin)...(greatest + margin)
  }
  let (x, y) = (range(sets.flatMap { $0.map(\.x) }), range(sets.flatMap { $0.map(\.y) }))
  let width = sets.count > 2 ? 300.0 : 400
  // One unit is as long along both axes.
  let height = min(
    max(width * (y.upperBound - y.lowerBound) / (x.upperBound - x.lowerBound), 0.6 * width),
    1.2 * width)
  let plots: [any Drawable] = sets.enumerated().map { index, points in
    ScatterPlot(
      title: index == 0
        ? names[0]
        : "\(names[index]): residual \(percentText(embeddings[index - 1].residual))",
      points.map { Point($0.x, $0.y) },
      colors: .classes(classes.indices, names: classes.names),
      x: Axis("component 1 of \(abbreviatedName(names[0]))", range: x),
      y: Axis(index == 0 ? "component 2 of \(abbreviatedName(names[0]))" : "", range: y),
      aspect: .equal, area: Size(width: width, height: height),
      showsLegend: index == sets.count - 1)
  }
  let rows = stride(from: 0, to: plots.count, by: 3).map {
    Row(spacing: 28, Array(plots[$0..<min($0 + 3, plots.count)]))
  }
  let shares = embeddings.map { percentText($0.explained.second) }
  return CaptionedFigure(
    title: "The same pictures in each checkpoint's features",
    subtitle: layer.subtitle(counted(pictures.count, "picture")),
    caption: paragraph(
      "Each point is one of \(counted(pictures.count, "picture")), placed by its features at "
        + "\(layer.title)"
        + (layer.mapSize.isEmpty ? "" : pooling == .mean ? " (the mean of each map)" : "") + ".",
      "The axes are the first two principal components of \(abbreviatedName(names[0])). The others "
        + "are laid over it by a shift, a rotation or reflection, and a scale: orthogonal Procrustes "
        + "analysis (Schönemann 1966; both scaled to norm 1 as in Gower 1975) of the first "
        + "\(counted(embeddings[0].components, "component")), which hold "
        + "\(percentText(embeddings[0].explained.first)) of the variance of "
        + "\(abbreviatedName(names[0])) and \(listed(shares)) of the other\(shares.count > 1 ? "s" : "").",
      "The residual is the share of the squared distances that no such move removes: 0 for the same "
        + "arrangement of the pictures, 100 % for unrelated ones.",
      "All axes use the same scale.", classes.sentence),
    scale: "all axes use the same scale", layer: layer.name, method: "PCA, Procrustes",
    body: Column(spacing: 24, rows))
}
