public import Analysis
internal import Drawing
public import Images
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
private let mostMaps = 64

/// A picture and a layer's maps for it.
///
/// - Parameters:
///   - picture: What the network saw.
///   - source: The picture's name.
///   - units: The units to show; when empty the first by `order`.
public func featureMapFigure(
  of finding: FeatureMapFinding, layer: LayerDescription, picture: Image, source: String,
  scale: FeatureMapScale = .perMap, order: FeatureMapOrder = .strongestFirst, units: [Int] = []
) -> CaptionedFigure {
  let shape = finding.maps.shape
  let shown = chosen(units, from: finding, by: order)
  let maps = shown.map { unit in
    Raster(
      width: shape[2], height: shape[1],
      values: finding.maps.rows(unit..<(unit + 1)).elements)
  }
  let isSigned = maps.contains { $0.values.contains { $0 < 0 && $0.isFinite } }
  let missing = NonFiniteCells(in: maps)
  let scaling = isSigned ? Scaling.symmetric : .zeroBased
  let colormap = isSigned ? Colormap.blueWhiteRed : .viridis
  let shared = scaling.range(ofAll: maps.map(\.values))
  let tiles = zip(shown, maps).map { unit, map in
    Tile(
      map.image(colormap, range: scale == .shared ? shared : scaling.range(of: map.values)),
      caption: "\(unit)",
      detail: extreme(of: map.values, isSigned: isSigned)
        .map { numberText(Double($0), digits: 2) } ?? "not finite",
      mark: finding.zero.contains(unit) ? .dead : nil)
  }
  let grid = TileGrid(
    tiles, arrangement: TileArrangement(maximumWidth: 960, preferredSide: 80),
    outline: isSigned ? Theme.outline : nil)
  let bar =
    scale == .shared
    ? ColorBar(colormap, range: shared, label: "activation")
    : ColorBar(
      colormap, range: isSigned ? -1...1 : 0...1,
      label: "activation over the map's greatest\(isSigned ? " magnitude" : "")")
  let seen = Picture(picture, fitting: 176, frame: Theme.outline)
  let left = Column(
    spacing: 6,
    [
      Text("What the network saw", .heading), seen,
      Text(source, .tick, width: max(seen.size.width, 130), maximumLines: 3),
    ])
  let count = finding.maxima.count
  let choice = shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown. "
  let size =
    grid.zoom == 1
    ? "one pixel for each value"
    : grid.zoom > 1 ? "enlarged \(numberText(grid.zoom)) times without smoothing" : "reduced"
  let ends =
    isSigned
    ? "red is positive, blue negative and white zero" : "the darkest colour is zero"
  let scaleSentence =
    scale == .shared
    ? "All maps share one scale, \(rangeText(shared)): \(ends)."
    : "Each map has its own scale, which ends at the value below it: \(ends)."
  return CaptionedFigure(
    title: "Feature maps of \(layer.title)",
    subtitle: layer.subtitle(layer.extent),
    caption: paragraph(
      "Below each map (\(size)): its unit number and its \(isSigned ? "value of greatest magnitude" : "greatest value").",
      choice + (units.isEmpty ? orderSentence(finding, order) : ""), scaleSentence,
      missing.sentence(of: "value"), activitySentences(finding, shown: shown)),
    scale: scale == .shared
      ? "shared, \(rangeText(shared))" : "per map, \(isSigned ? "about" : "from") zero",
    layer: layer.name, units: shown,
    body: Row(spacing: 32, [left, Column(spacing: 16, [grid, missing.legend(beside: bar)])]))
}

/// The finite value at which the colours of a map end; nil without one.
private func extreme(of values: [Float], isSigned: Bool) -> Float? {
  values.filter(\.isFinite).max { isSigned ? abs($0) < abs($1) : $0 < $1 }
}

private func chosen(
  _ units: [Int], from finding: FeatureMapFinding, by order: FeatureMapOrder
) -> [Int] {
  let count = finding.maxima.count
  let wanted = units.filter { (0..<count).contains($0) }
  if !wanted.isEmpty { return wanted }
  return Array((order == .strongestFirst ? finding.strongest : Array(0..<count)).prefix(mostMaps))
}

private func orderSentence(_ finding: FeatureMapFinding, _ order: FeatureMapOrder) -> String {
  guard order == .strongestFirst else { return "Units are in the order of their numbers." }
  return "The strongest unit comes first, by the 99th percentile of its map inside the border"
    + (finding.rankedBy.map { "; ties are broken by the values of \($0)." } ?? ".")
}

/// Which units are not finite, constant or zero in this picture.
private func activitySentences(_ finding: FeatureMapFinding, shown: [Int]) -> String {
  let count = finding.maxima.count
  let strays = finding.nonFinite.count { $0 > 0 }
  let active = finding.isRectified && strays == 0 ? "Every unit is active in this picture." : ""
  let isAre = finding.zero.count == 1 ? "is" : "are"
  let zero =
    finding.zero.isEmpty
    ? active
    : "\(finding.zero.count) of \(counted(count, "unit")) \(isAre) "
      + (finding.isRectified ? "dead in this picture, zero everywhere: " : "zero everywhere: ")
      + "\(listed(finding.zero))."
  let constant = shown.filter { unit in
    let map = finding.maps.rows(unit..<(unit + 1)).elements
    return map[0] != 0 && map.allSatisfy { $0 == map[0] }
  }
  let constantSentence =
    constant.isEmpty || finding.maps.shape[1] * finding.maps.shape[2] == 1
    ? ""
    : "\(counted(constant.count, "map")) shown \(constant.count == 1 ? "has" : "have") one value "
      + "everywhere in this picture: \(listed(constant))."
  return paragraph(
    strays > 0
      ? "Values of \(counted(strays, "unit")) of \(countText(count)) are not finite." : "",
    constantSentence, zero)
}
