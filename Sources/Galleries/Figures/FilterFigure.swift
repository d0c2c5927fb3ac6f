public import Analysis
internal import Drawing
internal import TensorCore

/// How filters share their colours.
public enum FilterScale: String, Sendable, Hashable, CaseIterable {
  /// Each filter, or tile, reaches the ends of the colours.
  case perFilter = "per-filter"
  case joint
}

/// The weights of a convolution.
///
/// Filters of colour pictures become colour pictures, those of one channel signed tiles; of
/// deeper layers each row is a filter and each tile one of its input channels; windows of a single
/// weight become one matrix. Filters of series become curves, or heat maps of many channels; those
/// of volumes become slices.
///
/// - Parameters:
///   - scale: Nil for one per filter of colour pictures, and a joint one for signed tiles.
///   - units: The filters to show; when empty all of a first layer, those of greatest norm of
///     others.
///   - inputChannels: How many input channels of each filter of a deeper layer are shown; nil for
///     as many as are legible.
///   - isClustered: Whether similar rows, and similar columns, of a layer of 1×1 windows are
///     neighbours.
///   - isBlueFirst: Whether a first layer's channels stand as blue, green, red, as in Caffe's
///     networks.
public func filterFigure(
  of finding: FilterFinding, layer: LayerDescription, scale: FilterScale? = nil, units: [Int] = [],
  inputChannels: Int? = nil, isClustered: Bool = false, isBlueFirst: Bool = false
) -> CaptionedFigure {
  let sheet = FilterSheet(
    finding: finding, layer: layer, scale: scale, units: units, inputChannels: inputChannels,
    isClustered: isClustered, isBlueFirst: isBlueFirst)
  switch finding.filters.shape.rank {
  case 3: return sheet.seriesFilters
  case 5: return sheet.volumeFilters
  default: break
  }
  if finding.isColour { return sheet.colourTiles }
  return finding.filters.shape[1] == 1 ? sheet.signedTiles : sheet.rows
}

/// What a sheet of filters shows, and how.
struct FilterSheet {
  let finding: FilterFinding
  let layer: LayerDescription
  let scale: FilterScale?
  let units: [Int]
  let inputChannels: Int?
  let isClustered: Bool
  let isBlueFirst: Bool

  /// How many filters of one or three channels are shown.
  private static let mostTiles = 256
  /// A layer with no more filters, or input channels, is shown whole.
  static let mostWhole = 16
  /// How many filters, or input channels, are shown of more.
  static let shownOfMany = 12

  /// The filters to show, in order, and the sentence that says why these.
  ///
  /// - Parameter isRearranged: Whether they are shown in another order.
  func chosen(
    most: Int, isRearranged: Bool = false
  ) -> (filters: [Int], sentence: String) {
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
      "The \(most) of \(countText(count)) filters with the greatest norm are shown"
        + (isRearranged ? "." : ", in that order.")
    )
  }

  func mark(_ filter: Int) -> Tile.Mark? {
    if finding.dead.contains(filter) { return .dead }
    let isDouble = finding.nearDuplicates.contains { $0.first == filter || $0.second == filter }
    return isDouble ? .duplicate : nil
  }

  /// What a tile of a locally connected layer is; empty for other layers.
  var placesSentence: String {
    guard !finding.places.isEmpty else { return "" }
    return "The layer shares no filters: each tile has the \(crossed(finding.placeWindow)) filters "
      + "of one unit at its \(crossed(finding.places)) places, side by side, with a gap of zero."
  }

  /// How a sheet marks filters.
  enum Marking {
    /// Tiles are crossed out, or have orange corners.
    case tiles
    /// Tiles are crossed out; signs between the numbers of rows pair them.
    case numbers
    /// Words and signs between the numbers of filters.
    case headings
    /// Not at all.
    case none
  }

  /// What the marks mean, and which filters carry them.
  func marksSentence(_ marking: Marking) -> String {
    if finding.norms.allSatisfy({ $0 == 0 }) { return "All weights of this layer are zero." }
    let isCrossedOut = marking == .tiles || marking == .numbers
    let dead =
      finding.dead.isEmpty
      ? "No filter is dead"
      : "\(isCrossedOut ? "Crossed out as dead" : "Dead"), with a norm below "
        + "\(percentText(Double(FilterAnalysis.deadShare))) of the median: \(listed(finding.dead))"
    let pairs = finding.nearDuplicates.sorted { abs($0.cosine) > abs($1.cosine) }
    func listing(_ pairs: [FilterFinding.Pair]) -> String {
      listed(
        pairs.map {
          "\($0.first) \($0.sign) \($0.second) (\(numberText(Double($0.cosine))))"
        }, most: 8)
    }
    let equal = listing(pairs.filter { $0.cosine > 0 })
    let opposite = listing(pairs.filter { $0.cosine < 0 })
    let kinds = [
      equal.isEmpty ? nil : "nearly equal filters: \(equal)",
      opposite.isEmpty ? nil : "nearly opposite ones: \(opposite)",
    ].compactMap(\.self)
    let pairing =
      switch marking {
      case .tiles: "orange corners, with the cosine between each two, mark "
      case .numbers, .headings:
        "signs beside their numbers, with the cosine between each two, mark "
      case .none: "with the cosine between each two, there are "
      }
    let doubles =
      pairs.isEmpty
      ? "no two are nearly equal or opposite" : pairing + kinds.joined(separator: "; and ")
    let strays =
      finding.nonFinite.isEmpty
      ? ""
      : " Not all weights are finite in \(finding.nonFinite.count == 1 ? "filter" : "filters") "
        + "\(listed(finding.nonFinite)), which are left out of both comparisons."
    return "\(dead); \(doubles)." + strays
  }

  var colourTiles: CaptionedFigure {
    let (shown, choice) = chosen(most: Self.mostTiles)
    let (height, width) = (finding.filters.shape[2], finding.filters.shape[3])
    let rasters = shown.map { filter in
      ColorRaster(
        width: width, height: height,
        values: finding.filters.rows(filter..<(filter + 1)).elements, isBlueFirst: isBlueFirst)
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
        mark: mark(filter))
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
          + ", \(enlargement(grid.zoom)); the number below a tile is its filter number.",
        placesSentence, scaleSentence, choice, missing.sentence(of: "pixel"), marksSentence(.tiles)),
      scale: isJoint ? "joint, symmetric about zero" : "per filter, symmetric about zero",
      layer: layer.name, units: shown,
      body: missing.count == 0
        ? grid
        : Column(spacing: 16, [grid, Legend([Legend.Entry("not finite", .hatching)])]))
  }

  var signedTiles: CaptionedFigure {
    let (shown, choice) = chosen(most: Self.mostTiles)
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
        mark: mark(filter))
    }
    let grid = TileGrid(
      tiles, arrangement: TileArrangement(maximumWidth: 1080), outline: Theme.outline)
    return CaptionedFigure(
      title: "Filters of one channel",
      subtitle: layer.subtitle(
        "\(counted(layer.unitCount, "filter")) of \(width)×\(height) pixels"),
      caption: paragraph(
        "Red weights are positive, blue negative, white is zero, \(enlargement(grid.zoom)); the "
          + "number below a tile is its filter number.",
        placesSentence, signed.sentence(tile: "filter"), choice, missing.sentence(of: "weight"),
        marksSentence(.tiles)),
      scale: signed.summary, layer: layer.name, units: shown,
      body: Column(spacing: 16, [grid, missing.legend(beside: signed.colorBar)]))
  }
}

extension FilterFinding.Pair {
  /// Between the numbers of two filters: whether they are nearly equal or opposite.
  var sign: String { cosine > 0 ? "≈" : "↔" }
}
