public import Analysis
internal import Drawing

internal import TensorCore

/// Draws the weights of a convolution.
///
/// Filters of colour pictures become colour pictures, those of one channel signed tiles; of
/// deeper layers each row is a filter and each tile one of its input channels.
public struct FilterFigure: Sendable, Hashable {
  public enum Scale: String, Sendable, Hashable, CaseIterable {
    /// Each filter, or tile, reaches the ends of the colours.
    case perFilter = "per-filter"
    case joint
  }

  /// When missing: per filter for colour pictures, joint for signed tiles.
  public var scale: Scale?
  /// The filters to show; when empty all of a first layer, those of greatest norm of others.
  public var units: [Int] = []
  /// How many rows a deeper layer gets.
  public var mostFilters = 24
  /// How many input channels a row shows.
  public var mostChannels = 24
  /// How many filters a first layer shows.
  public var mostTiles = 256
  /// Whether a first layer's channels stand as blue, green, red, as in Caffe's networks.
  public var isBlueFirst = false

  public init() {}

  public func figure(
    of finding: FilterFinding, layer: LayerDescription
  ) -> CaptionedFigure {
    if finding.isColour { return colourTiles(finding, layer) }
    return finding.filters.shape[1] == 1 ? signedTiles(finding, layer) : rows(finding, layer)
  }

  /// The filters to show, in order, and the sentence that says why these.
  func chosen(_ finding: FilterFinding, most: Int) -> (filters: [Int], sentence: String) {
    let count = finding.filters.shape[0]
    let wanted = units.filter { (0..<count).contains($0) }
    if !wanted.isEmpty {
      let isAll = wanted.count >= count
      return (wanted, isAll ? "" : "\(wanted.count) of \(countText(count)) filters are shown.")
    }
    guard count > most else { return (Array(0..<count), "") }
    // What is not finite has no norm, and must be seen.
    var norms = finding.norms
    for filter in finding.nonFinite { norms[filter] = .infinity }
    let strongest = (0..<count).sorted { (-norms[$0], $0) < (-norms[$1], $1) }
    return (
      Array(strongest.prefix(most)),
      "The \(most) of \(countText(count)) filters with the greatest norm are shown, in that order."
    )
  }

  func mark(_ filter: Int, in finding: FilterFinding) -> Tile.Mark? {
    if finding.dead.contains(filter) { return .dead }
    let isDouble = finding.nearDuplicates.contains { $0.first == filter || $0.second == filter }
    return isDouble ? .duplicate : nil
  }

  /// What the marks mean, and which filters carry them.
  func marksSentence(_ finding: FilterFinding) -> String {
    if finding.norms.allSatisfy({ $0 == 0 }) { return "All weights of this layer are zero." }
    let dead =
      finding.dead.isEmpty
      ? "No filter is dead"
      : "Crossed out as dead, with a norm below "
        + "\(percentText(Double(FilterAnalysis.deadShare))) of the median: \(listed(finding.dead))"
    let pairs = finding.nearDuplicates.sorted { abs($0.cosine) > abs($1.cosine) }.map { pair in
      "\(pair.first) ≈ \(pair.second) (\(numberText(Double(pair.cosine))))"
    }
    let doubles =
      pairs.isEmpty
      ? "no two are nearly equal"
      : "orange corners mark near-duplicates by the cosine between them: "
        + listed(pairs, most: 8)
    let strays =
      finding.nonFinite.isEmpty
      ? ""
      : " Not all weights are finite in \(finding.nonFinite.count == 1 ? "filter" : "filters") "
        + "\(listed(finding.nonFinite)), which are left out of both comparisons."
    return "\(dead); \(doubles)." + strays
  }

  private func colourTiles(
    _ finding: FilterFinding, _ layer: LayerDescription
  ) -> CaptionedFigure {
    let (shown, choice) = chosen(finding, most: mostTiles)
    let (height, width) = (finding.filters.shape[2], finding.filters.shape[3])
    let area = width * height
    let rasters = shown.map { filter -> ColorRaster in
      var planes = finding.filters.rows(filter..<(filter + 1)).elements
      if isBlueFirst { for index in 0..<area { planes.swapAt(index, 2 * area + index) } }
      return ColorRaster(width: width, height: height, values: planes)
    }
    let missing = NonFiniteCells(
      rasters.reduce(0) { $0 + $1.nonFiniteCount })
    let isJoint = scale == .joint
    let joint = Scaling.symmetric.range(ofAll: rasters.map(\.values))
    let tiles = zip(shown, rasters).map { filter, raster in
      let range = isJoint ? joint : Scaling.symmetric.range(of: raster.values)
      return Tile(
        raster.image(range: range), caption: "\(filter)",
        detail: isJoint ? "" : SignedScale.detail(of: raster.values, range),
        mark: mark(filter, in: finding))
    }
    let grid = TileGrid(tiles, arrangement: TileArrangement(maximumWidth: 1080))
    let scaleSentence =
      isJoint
      ? "All filters share one scale: black and full colour are weights of "
        + "±\(numberText(Double(joint.upperBound))), mid-grey is zero."
      : "Each filter has its own scale: mid-grey is zero, black and full colour are the weights "
        + "written below it."
    return CaptionedFigure(
      title: "First-layer filters in colour",
      subtitle: layer.subtitle(
        "\(counted(layer.unitCount, "filter")) of \(width)×\(height) pixels"),
      caption: paragraph(
        "The weights on red, green and blue as colours"
          + (isBlueFirst ? " (the network's own order is blue, green, red)" : "")
          + ", enlarged \(numberText(grid.zoom)) times "
          + "without smoothing; the number below a tile is its filter number.",
        scaleSentence, choice, missing.sentence(of: "pixel"), marksSentence(finding)),
      scale: isJoint ? "joint, symmetric about zero" : "per filter, symmetric about zero",
      layer: layer.name, units: shown,
      body: missing.count == 0
        ? grid
        : Column(spacing: 16, [grid, Legend([Legend.Entry("not finite", .hatching)])]))
  }

  private func signedTiles(
    _ finding: FilterFinding, _ layer: LayerDescription
  ) -> CaptionedFigure {
    let (shown, choice) = chosen(finding, most: mostTiles)
    let (height, width) = (finding.filters.shape[2], finding.filters.shape[3])
    let rasters = shown.map { filter in
      Raster(
        width: width, height: height, values: finding.filters.rows(filter..<(filter + 1)).elements)
    }
    let missing = NonFiniteCells(in: rasters)
    let signed = SignedScale(of: rasters, isJoint: scale != .perFilter)
    let tiles = zip(shown, rasters).map { filter, raster in
      Tile(
        signed.image(of: raster), caption: "\(filter)", detail: signed.detail(of: raster),
        mark: mark(filter, in: finding))
    }
    let grid = TileGrid(
      tiles, arrangement: TileArrangement(maximumWidth: 1080), outline: Theme.outline)
    return CaptionedFigure(
      title: "Filters of one channel",
      subtitle: layer.subtitle(
        "\(counted(layer.unitCount, "filter")) of \(width)×\(height) pixels"),
      caption: paragraph(
        "Red weights are positive, blue negative, white is zero, enlarged "
          + "\(numberText(grid.zoom)) times without smoothing; the number below a tile is its filter number.",
        signed.sentence(tile: "filter"), choice, missing.sentence(of: "weight"),
        marksSentence(finding)),
      scale: signed.summary, layer: layer.name, units: shown,
      body: Column(spacing: 16, [grid, missing.legend(beside: signed.colorBar)]))
  }
}
