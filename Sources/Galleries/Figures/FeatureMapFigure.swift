public import Analysis
internal import Drawing
internal import Files
internal import Images
internal import TensorCore

/// How maps share their colours.
public enum FeatureMapScale: String, Sendable, Hashable, CaseIterable {
  case shared
  /// Each map reaches the end of the colours.
  case perMap = "per-map"
}

/// In which order maps are drawn.
public enum FeatureMapOrder: String, Sendable, Hashable, CaseIterable {
  /// By the 99th percentile of the map inside its border.
  case strongestFirst = "strongest"
  case byUnit = "unit"
}

/// How many maps are shown unless units are given.
let mostMaps = 64
/// Up to this number of chosen units are drawn large, each with the bar of its own scale.
private let mostLarge = 4
/// The width for large maps, and the longest side of one, in points.
private let (largeWidth, largestSide) = (872.0, 560.0)

/// An example and a layer's maps for it: tiles for a picture, curves for a series, frames for a
/// volume.
///
/// - Parameters:
///   - seen: What the network saw, of the finding's kind.
///   - source: The example's name.
///   - units: The units to show; when empty the first by `order`.
public func featureMapFigure(
  of finding: FeatureMapFinding, layer: LayerDescription, seen: SeenExample, source: String,
  scale: FeatureMapScale = .perMap, order: FeatureMapOrder = .strongestFirst, units: [Int] = []
) -> CaptionedFigure {
  let choice = MapChoice(source: source, scale: scale, order: order, units: units)
  switch seen {
  case .series(let values):
    return seriesMapFigure(
      of: finding, layer: layer, series: values, choice)
  case .volume(let values):
    return volumeMapFigure(
      of: finding, layer: layer, volume: values, choice)
  case .picture(let picture):
    return pictureMapFigure(
      of: finding, layer: layer, picture: picture, choice)
  }
}

private func pictureMapFigure(
  of finding: FeatureMapFinding, layer: LayerDescription, picture: Image, _ choice: MapChoice
) -> CaptionedFigure {
  let shown = choice.units(of: finding, most: mostMaps)
  let maps = shown.map(finding.map)
  let missing = NonFiniteCells(in: maps)
  let colors = MapColors(of: maps, choice.scale)
  let isSigned = colors.isSigned
  let tiles = zip(shown, maps).map { unit, map in
    colors.tile(map, caption: "\(unit)", isZero: finding.zero.contains(unit))
  }
  let isLarge = !choice.units.isEmpty && shown.count <= mostLarge
  let (grid, zoom): (any Drawable, Double) =
    isLarge
    ? largeMaps(tiles, maps, colors)
    : {
      let grid = TileGrid(
        tiles, arrangement: TileArrangement(maximumWidth: 960, preferredSide: 80),
        outline: isSigned ? Theme.outline : nil)
      return (grid, grid.zoom)
    }()
  // Large maps on scales of their own have bars of their own.
  let bar: any Drawable = isLarge && choice.scale == .perMap ? Column([]) : colors.bar
  let count = finding.maxima.count
  let shownSentence =
    shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown."
  let scaleSentence =
    choice.scale == .shared
    ? "All maps share one scale, \(rangeText(colors.shared)): \(colors.ends)."
    : "Each map has its own scale, which ends at the value below it: \(colors.ends)."
  return CaptionedFigure(
    title: "Feature maps of \(layer.title)",
    subtitle: layer.subtitle(layer.extent),
    caption: paragraph(
      "Below each map (\(enlargement(zoom))): its unit number and its \(isSigned ? "value of greatest magnitude" : "greatest value").",
      shownSentence, choice.orderSentence(finding), scaleSentence,
      missing.sentence(of: "value"), activitySentences(finding, shown: shown)),
    scale: choice.scale == .shared
      ? "shared, \(rangeText(colors.shared))" : "per map, \(isSigned ? "about" : "from") zero",
    layer: layer.name, units: shown,
    body: Row(
      spacing: 32,
      [
        seenPicture(picture, choice.source),
        Column(spacing: 16, [grid, missing.legend(beside: bar)]),
      ]))
}

/// A picture as the network saw it, with its name.
func seenPicture(_ picture: Image, _ source: String) -> Column {
  let seen = Picture(picture, fitting: 176, frame: Theme.outline)
  return Column(
    spacing: 6,
    [
      Text("What the network saw", .heading), seen,
      Text(source, .tick, width: max(seen.size.width, 130), maximumLines: 3),
    ])
}

/// A few maps in a row that fills the sheet, those on scales of their own with bars.
private func largeMaps(
  _ tiles: [Tile], _ maps: [Raster], _ colors: MapColors
) -> (body: Row, zoom: Double) {
  let space = largeWidth - Theme.panelSpacing * Double(tiles.count - 1)
  let side = min(largestSide, space / Double(tiles.count))
  let extent = Double(maps.map { max($0.width, $0.height) }.max() ?? 1)
  // A little too wide is better than half as large.
  let zoom =
    side >= extent
    ? (side / extent).rounded(.down) : extent <= 1.25 * side ? 1 : 1 / (extent / side).rounded(.up)
  let columns = zip(tiles, maps).map { tile, map in
    let grid = TileGrid(
      [tile], arrangement: TileArrangement(columns: 1, zoom: zoom),
      outline: colors.isSigned ? Theme.outline : nil)
    let bar = colors.bar(of: map, length: min(max(grid.size.width, 120), 320))
    return Column(alignment: .center, spacing: 10, [grid] + (bar.map { [$0] } ?? []))
  }
  return (Row(columns), zoom)
}

/// Which maps a figure shows, of which example, and how they share their colours.
struct MapChoice {
  /// The example's name.
  let source: String
  let scale: FeatureMapScale
  let order: FeatureMapOrder
  /// Empty for the first ones by `order`.
  let units: [Int]

  /// The units that were asked for, otherwise the first ones by the order.
  func units(of finding: FeatureMapFinding, most: Int) -> [Int] {
    let count = finding.maxima.count
    let wanted = units.filter { (0..<count).contains($0) }
    if !wanted.isEmpty { return wanted }
    return Array((order == .strongestFirst ? finding.strongest : Array(0..<count)).prefix(most))
  }

  /// What a caption says of the order; empty if the units were asked for.
  func orderSentence(_ finding: FeatureMapFinding) -> String {
    guard units.isEmpty else { return "" }
    guard order == .strongestFirst else { return "Units are in the order of their numbers." }
    return "The strongest unit comes first, by the 99th percentile of its map inside the border"
      + (finding.rankedBy.map { "; ties are broken by the values of \($0)." } ?? ".")
  }

  /// What a caption of a block says of the order; empty if the units were asked for.
  ///
  /// - Parameter deciding: The maps by which units are ordered.
  func orderSentence(inBlockBy deciding: FeatureMapFinding) -> String {
    guard units.isEmpty, order == .strongestFirst else { return "" }
    return "The strongest unit comes first, by the 99th percentile of its map inside the border in "
      + "\(abbreviated(deciding.layer))."
  }
}

/// Which units are not finite, constant or zero in this picture.
///
/// - Parameter noun: What the maps are of.
func activitySentences(
  _ finding: FeatureMapFinding, shown: [Int], in noun: String = "picture"
) -> String {
  let count = finding.maxima.count
  let strays = finding.nonFinite.count { $0 > 0 }
  let active = finding.isRectified && strays == 0 ? "Every unit is active in this \(noun)." : ""
  let isAre = finding.zero.count == 1 ? "is" : "are"
  let zero =
    finding.zero.isEmpty
    ? active
    : "\(finding.zero.count) of \(counted(count, "unit")) \(isAre) "
      + (finding.isRectified ? "dead in this \(noun), zero everywhere: " : "zero everywhere: ")
      + "\(listed(finding.zero))."
  let constant = shown.filter { unit in
    let map = finding.maps.rows(unit..<(unit + 1)).elements
    return map[0] != 0 && map.allSatisfy { $0 == map[0] }
  }
  let constantSentence =
    constant.isEmpty || finding.maps.count == count
    ? ""
    : "\(counted(constant.count, "map")) shown \(constant.count == 1 ? "has" : "have") one value "
      + "everywhere in this \(noun): \(listed(constant))."
  return paragraph(
    strays > 0
      ? "Values of \(counted(strays, "unit")) of \(countText(count)) are not finite." : "",
    constantSentence, zero)
}
