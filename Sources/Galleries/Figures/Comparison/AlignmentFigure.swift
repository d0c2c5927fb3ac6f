public import Analysis
internal import Drawing

/// How alike the representations of two networks' layers are, as a matrix.
///
/// - Parameters:
///   - names: Of the first network, whose layers are the rows, and of the second.
///   - layerCount: Of how many layers these are some.
public func alignmentFigure(
  of finding: AlignmentFinding, names: (first: String, second: String), layerCount: Int = 0
) -> CaptionedFigure {
  let count = max(finding.rows.count, finding.columns.count)
  let cell: Double = count <= 12 ? 40 : count <= 20 ? 32 : count <= 32 ? 22 : 14
  let grid = LabelledMatrix(
    Raster(
      width: finding.columns.count, height: finding.rows.count,
      values: finding.values.map { Float($0) }),
    texts: finding.values.map { $0.isFinite ? decimals($0) : "" },
    rows: finding.rows, columns: finding.columns,
    rowTitle: "layer of \(abbreviatedName(names.first))",
    columnTitle: "layer of \(abbreviatedName(names.second))", range: 0...1, cell: cell)
  let bar = ColorBar(
    .blues, range: 0...1, label: "linear CKA", orientation: .vertical,
    length: min(220, max(90, Double(finding.rows.count) * cell)))
  let missing = finding.values.contains { !$0.isFinite }
  return CaptionedFigure(
    title: "How alike the layers are: \(comparedTitle([names.first, names.second]))",
    subtitle: "linear CKA of their features on \(counted(finding.pictures, "picture"))",
    caption: paragraph(
      alignmentSentence(finding), biasSentence(finding),
      finding.rows.count < layerCount
        ? "Of \(countText(layerCount)) layers, \(finding.rows.count) are shown, spread evenly."
        : "",
      missing
        ? "Hatched cells are layers whose features are the same for every picture." : ""),
    scale: "0 … 1, linear CKA", method: "linear CKA", body: Row(spacing: 28, [grid, bar]))
}

/// How alike the representations of several networks are, one matrix for each layer.
///
/// - Parameters:
///   - values: For each layer, a square matrix row by row; NaN where it is not known.
///   - sample: One of the comparisons, for the numbers of pictures and features.
public func alignmentsFigure(
  of values: [(layer: String, matrix: [Double])], names: [String], sample: AlignmentFinding
) -> CaptionedFigure {
  let side = names.count
  let panels: [any Drawable] = values.enumerated().map { index, layer in
    let matrix = LabelledMatrix(
      Raster(width: side, height: side, values: layer.matrix.map { Float($0) }),
      texts: layer.matrix.map { $0.isFinite ? decimals($0) : "" },
      rows: names, columns: names, range: 0...1, cell: 38)
    return Column(spacing: 8, [Text(layer.layer, .heading, oneLineWithin: 260), matrix])
  }
  let widest = panels.reduce(1) { max($0, $1.size.width) }
  let columns = max(1, min(panels.count, Int(1100 / (widest + 36))))
  let rows = stride(from: 0, to: panels.count, by: columns).map {
    Row(spacing: 36, Array(panels[$0..<min($0 + columns, panels.count)]))
  }
  let bar = ColorBar(.blues, range: 0...1, label: "linear CKA")
  return CaptionedFigure(
    title: "How alike the checkpoints are, layer by layer",
    subtitle: "\(comparedTitle(names)) · \(counted(sample.pictures, "picture"))",
    caption: paragraph(
      "One matrix for each layer; rows and columns are the checkpoints.",
      alignmentSentence(sample, isOfLayers: false), biasSentence(sample)),
    scale: "0 … 1, linear CKA", method: "linear CKA",
    body: Column(spacing: 24, rows + [bar]))
}

private func alignmentSentence(_ finding: AlignmentFinding, isOfLayers: Bool = true) -> String {
  (isOfLayers
    ? "Each row is a layer of the first network and each column one of the second; on the diagonal "
      + "are equal layers. " : "")
    + "Linear centred kernel alignment (Kornblith et al. 2019) on "
    + "\(counted(finding.pictures, "picture")), whose features are the mean of each map: 1 if the "
    + "features are the same up to rotation, reflection and scale, 0 if they are uncorrelated."
}

private func biasSentence(_ finding: AlignmentFinding) -> String {
  guard finding.pictures < 2 * finding.mostFeatures else { return "" }
  return "With \(counted(finding.pictures, "picture")) for up to "
    + "\(counted(finding.mostFeatures, "feature")), values are biased upwards: more pictures make "
    + "them more certain."
}
