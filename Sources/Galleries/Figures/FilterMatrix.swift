internal import Analysis
internal import Drawing
internal import TensorCore

/// The width of a sheet's matrix, in points.
private let matrixWidth = 1060.0
/// The height of a sheet's matrix, in points: it can be looked over at once.
private let matrixHeight = 1650.0
/// The sides of cells, in points: the largest that fits is taken.
private let cellSides: [Double] = [16, 14, 12, 10, 8, 7, 6, 5, 4, 3]
/// A matrix is folded no more often than cells of this side need.
private let legibleSide = 5.0
/// The height of a matrix with filters that were asked for, in points, above which cells shrink.
private let tallestMatrix = 6000.0
/// The share of weights below the ends of the colours: a few great ones would pale the rest.
private let unclippedShare = 0.995

extension FilterSheet {
  /// Windows of one weight: the whole layer is one matrix.
  var matrix: CaptionedFigure {
    let channelCount = finding.filters.shape[1]
    let (listed, choice) = chosen(most: mostRows, isRearranged: isClustered)
    let clustering = isClustered ? FilterClustering(of: finding, shown: listed) : nil
    let shown = clustering.map { $0.filters.indices.map { listed[$0] } } ?? listed
    let channels = clustering?.channels.indices ?? Array(0..<channelCount)
    let values = shown.flatMap { filter in
      let weights = finding.filters.rows(filter..<(filter + 1)).elements
      return channels.map { weights[$0] }
    }
    let raster = Raster(width: channelCount, height: shown.count, values: values)
    let missing = NonFiniteCells(in: [raster])
    let signed = SignedScale(of: [raster], isJoint: true, unclipped: unclippedShare)
    let cell = cellSide(rows: shown.count) ?? smallestSide(rows: shown.count)
    let cells = NumberedMatrix(
      raster, rows: .init("filter", shown), columns: .init("input channel", channels),
      colormap: signed.colormap, range: signed.joint ?? -1...1, cell: cell,
      maximumWidth: matrixWidth)
    let folding =
      cells.bands.count == 1
      ? ""
      : "The matrix is folded into \(cells.bands.count) bands of \(cells.bands.columns) columns, "
        + "which continue each other from the top down."
    return CaptionedFigure(
      title: "Filters of \(layer.title)",
      subtitle: layer.subtitle(sizeText),
      caption: paragraph(
        "Filters of a single \(finding.filters.shape.rank == 4 ? "pixel" : "position") only mix channels, so the layer is drawn as one matrix: "
          + "each row is a filter, each column an input channel.", folding, choice,
        clustering.map(clusteringSentence) ?? "",
        "Red weights are positive, blue negative, white is zero.",
        signed.sentence(tile: "filter"), missing.sentence(of: "weight"),
        marksSentence(.none)),
      scale: signed.summary, layer: layer.name, units: shown,
      method: clustering == nil ? nil : "average linkage on cosine distance",
      body: Column(spacing: 16, [cells, missing.legend(beside: signed.colorBar)]))
  }

  private func clusteringSentence(_ clustering: FilterClustering) -> String {
    func rest(_ order: SimilarityOrder, _ noun: String) -> String {
      order.directionless == 0
        ? ""
        : order.directionless == 1
          ? "The last \(noun) is zero or not finite and is like no other."
          : "The last \(counted(order.directionless, noun)) are zero or not finite and are like no "
            + "other."
    }
    return paragraph(
      "Similar rows, and similar columns, are neighbours: they are in the order of a clustering by "
        + "average linkage (Sokal and Michener 1958) on cosine distance, whose branches are turned "
        + "so that neighbours are near (Gruvaeus and Wainer 1972). Their numbers are their own; "
        + "every one with room is written.",
      rest(clustering.filters, "row"), rest(clustering.channels, "column"))
  }

  /// How many filters have room if each of their cells is to be visible.
  private var mostRows: Int {
    let count = finding.filters.shape[0]
    guard cellSide(rows: count) == nil else { return count }
    return (1..<count).last { cellSide(rows: $0) != nil } ?? 1
  }

  /// The side of cells with which a matrix fits: that of the fewest bands if they are legible, the
  /// largest otherwise; nil if it does not fit.
  private func cellSide(rows: Int) -> Double? {
    let fitting = cellSides.map { (side: $0, matrix: measures(rows: rows, cell: $0)) }
      .filter { $0.matrix.height <= matrixHeight }
    let legible = fitting.filter { $0.side >= legibleSide }
      .min { ($0.matrix.bands, -$0.side) < ($1.matrix.bands, -$1.side) }
    return (legible ?? fitting.first)?.side
  }

  /// The side of cells of more rows than fit, which were asked for.
  private func smallestSide(rows: Int) -> Double {
    [3, 2].first { measures(rows: rows, cell: $0).height <= tallestMatrix } ?? 1
  }

  private func measures(rows: Int, cell: Double) -> (bands: Int, height: Double) {
    NumberedMatrix.measures(
      rows: rows, columns: finding.filters.shape[1], greatestRow: finding.filters.shape[0] - 1,
      cell: cell, maximumWidth: matrixWidth)
  }
}
