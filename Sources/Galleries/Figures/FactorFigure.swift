public import Analysis
internal import Drawing
internal import Files
internal import TensorCore

/// One factor in the features of some layers: pictures along the principal components of all
/// features, and the factor's marginal means along their own, one column for each layer.
///
/// - Parameters:
///   - factor: The name of one of the findings' factors.
///   - findings: Of the same pictures, one for each layer.
///   - layers: Those of the findings.
///   - colors: Of each of the findings' pictures.
///   - examples: One of the findings' pictures for each value of the factor, by its place among
///     them.
///   - example: What stands at a place, as the network sees it: a picture, a series as its curves, or
///     a volume as its middle frame. Called for those that are drawn, and for all series.
public func factorFigure(
  of factor: String, in findings: [FactorFinding], layers: [LayerDescription],
  colors: EmbeddingColors, examples: [Int], example: (Int) throws -> SeenExample
) throws -> CaptionedFigure {
  let parts = findings.compactMap { finding in
    finding.parts.first { $0.factor.name == factor }
  }
  let count = findings.first?.pictures.count ?? 0
  let drawn = DrawnColors(colors, count: count)
  let ofExamples = drawn.points.only(examples)
  let area = Size(width: 220, height: 200)
  let last = findings.count - 1
  let all = findings.indices.map { index in
    ScatterPlot(
      title: shortened(layers[index].title, to: area.width, in: .heading),
      points(findings[index].coordinates), colors: drawn.points,
      x: Axis("component 1 (\(percentText(share(0, of: findings[index]))))"),
      y: Axis("component 2 (\(percentText(share(1, of: findings[index]))))"), aspect: .equal,
      area: area, showsLegend: index == last)
  }
  // The same few examples stand in the plots of all layers.
  func read(_ index: Int) throws -> SeenExample { try example(examples[index]) }
  let marks = try ExampleThumbnails(
    count: examples.count, side: 30 - 2 * ThumbnailPlot.frameWidth, example: read)
  var thumbnails: [Int: Thumbnail] = [:]
  func drawnExample(_ index: Int) throws -> Thumbnail {
    if let known = thumbnails[index] { return known }
    let own = try marks.thumbnail(index, example: read)
    thumbnails[index] = own
    return own
  }
  let means = try zip(findings, parts).map { finding, part in
    try ThumbnailPlot(
      title: "\(percentText(finding.normalized(part.variance.share))) of the variance",
      points(part.means),
      colors: ofExamples, x: Axis("component 1 of the means"), y: Axis("component 2 of the means"),
      aspect: .equal, area: area, side: 30, showsLegend: false, thumbnail: drawnExample)
  }
  let columns = findings.indices.map { Column(spacing: 20, [all[$0], means[$0]]) }
  return CaptionedFigure(
    title: "Features by “\(factor)”",
    subtitle: [
      layers.first.map { abbreviated($0.model) } ?? "", counted(count, marks.noun),
      counted(examples.count, "value"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Above: each point is one \(marks.noun), along the first two principal components of the "
        + "layer's features. Below: each \(marks.mark) is an example of a value of the factor, at the "
        + "mean of the features of all \(marks.noun)s with that value (the marginal mean), along the "
        + "components of these means; a mean that would cover another is a dot.",
      marks.sentence,
      drawn.sentence, binSentence(parts.first?.factor),
      findings.allSatisfy { abs($0.sum - 1) < 1e-3 }
        ? "" : "Shares are divided by the sum of all parts' shares, which are not orthogonal.",
      "Both axes of a plot use the same scale. After Aubry and Russell 2015."),
    scale: "both axes of a plot use the same scale", method: "PCA of features and marginal means",
    body: Row(spacing: 28, columns))
}

/// How much of the variance of features each factor explains, by layer.
///
/// - Parameters:
///   - findings: Of the same pictures and factors, one for each layer.
///   - layers: Those of the findings.
///   - leftOut: What is not among the factors, and why, in sentences; empty if nothing is.
public func factorTable(
  of findings: [FactorFinding], layers: [LayerDescription], leftOut: String = ""
) -> CaptionedFigure {
  let parts = findings.first?.parts ?? []
  func cell(
    _ variance: VarianceShare, _ finding: FactorFinding, chance: Double? = nil
  ) -> WordTable.Cell {
    let share = finding.normalized(variance.share)
    return WordTable.Cell(
      [percentText(share), counted(variance.componentCount, "component")]
        + (chance.map { ["chance: \(percentText(finding.normalized($0)))"] } ?? []), tint: share)
  }
  var rows = parts.indices.map { index in
    findings.map { cell($0.parts[index].variance, $0, chance: $0.parts[index].chance) }
  }
  rows.append(findings.map { cell($0.residual, $0) })
  let sums = findings.map { percentText($0.sum) }
  let isComplete = findings.allSatisfy { abs($0.sum - 1) < 1e-3 }
  return CaptionedFigure(
    title: "Variance of features by factor",
    subtitle: [
      layers.first.map { abbreviated($0.model) } ?? "",
      counted(findings.first?.pictures.count ?? 0, "picture"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Shares of the variance of each layer's features that belong to the means by value of a "
        + "factor, and to the residual, which is left after these means are subtracted; below, the "
        + "number of principal components with \(percentText(sufficientVariance)) of that part's variance "
        + "(of all features: \(listed(findings.map { countText($0.componentCount) }))).",
      isComplete
        ? "The parts are orthogonal: every combination of values occurs equally often."
        : "Not every combination of values occurs equally often, so the parts are not orthogonal: "
          + "together they are \(listed(sums)) of the variance, by which they are divided.",
      parts.isEmpty
        ? ""
        : "Chance: what a factor with as many values would have on average if it said nothing of the "
          + "pictures.", binned(parts), leftOut, "After Aubry and Russell 2015."),
    scale: "0 … 100 % of the variance of a layer", method: "marginal means",
    body: WordTable(
      rows: parts.map { "\($0.factor.name) (\(counted($0.factor.values.count, "value")))" } + [
        "residual"
      ],
      columns: layers.map(\.title), cells: rows))
}

/// The rows of `[N, 2]`.
private func points(_ plane: Tensor) -> [Point] {
  let values = plane.elements
  return (0..<plane.shape[0]).map { Point(Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
}

private func share(_ component: Int, of finding: FactorFinding) -> Double {
  component < finding.explained.count ? finding.explained[component] : 0
}

private func binSentence(_ factor: FactorLevels?) -> String {
  guard let factor, factor.isBinned else { return "" }
  return "Values are \(factor.values.count) ranges of equal width."
}

/// Which factors are ranges.
private func binned(_ parts: [FactorFinding.Part]) -> String {
  let names = parts.filter(\.factor.isBinned).map { "“\($0.factor.name)”" }
  return names.isEmpty
    ? "" : "The values of \(listed(names)) are ranges of equal width."
}
