public import Analysis
internal import Drawing
public import Images
internal import TensorCore

/// The maps of some units of one layer for a picture, in several networks.
///
/// - Parameters:
///   - findings: The same layer in each network, the reference first.
///   - picture: What the networks saw.
///   - units: The units to show; when empty those with the greatest value in any network.
public func featureComparisonFigure(
  of findings: [FeatureMapFinding], names: [String], layer: LayerDescription, picture: Image,
  source: String, units: [Int] = []
) -> CaptionedFigure {
  let shape = findings[0].maps.shape
  let shown = units.isEmpty ? strongest(findings, count: mostUnits) : units
  func map(_ unit: Int, _ finding: FeatureMapFinding) -> Raster {
    Raster(
      width: shape[2], height: shape[1], values: finding.maps.rows(unit..<(unit + 1)).elements)
  }
  let maps = shown.map { unit in findings.map { map(unit, $0) } }
  let all = maps.flatMap(\.self)
  let scaling = Scaling.aboutOrFromZero(of: all.map(\.values))
  let isSigned = scaling == .symmetric
  let missing = NonFiniteCells(in: all)
  let colormap = isSigned ? Colormap.blueWhiteRed : .viridis
  let range = scaling.range(ofAll: all.map(\.values))
  let factor = 72 / Double(max(shape[1], shape[2], 1))
  let zoom = factor >= 1.5 ? factor.rounded(.down) : factor > 0.85 ? 1 : factor
  let rows = zip(shown, maps).map { unit, maps in
    ComparedRow(
      heading: "unit \(unit)", details: [],
      cells: zip(maps, findings).map { map, finding in
        TileGrid(
          [
            Drawing.Tile(
              map.image(colormap, range: range),
              detail: finding.maxima[unit].isFinite
                ? numberText(Double(finding.maxima[unit]), digits: 2) : "not finite",
              mark: finding.zero.contains(unit) ? .dead : nil)
          ],
          arrangement: TileArrangement(columns: 1, zoom: zoom),
          outline: isSigned ? Theme.outline : nil)
      })
  }
  let seen = Picture(picture, fitting: 150, frame: Theme.outline)
  let left = Column(
    spacing: 6,
    [
      Text("What the networks saw", .heading), seen,
      Text(source, .tick, width: max(seen.size.width, 130), maximumLines: 3),
    ])
  let bar = ColorBar(colormap, range: range, label: "activation")
  return CaptionedFigure(
    title: "Feature maps of \(layer.title), side by side", subtitle: layer.subtitle(layer.extent),
    caption: paragraph(
      "Each row is a unit, each column a checkpoint; below each map: its greatest value.",
      units.isEmpty && shown.count < shape[0]
        ? "The \(shown.count) of \(countText(shape[0])) units with the greatest value in any of the "
          + "checkpoints are shown, the greatest first." : "",
      "All maps share one scale, \(rangeText(range)): "
        + (isSigned
          ? "red is positive, blue negative and white zero." : "the darkest colour is zero."),
      shown.contains { unit in findings.contains { $0.zero.contains(unit) } }
        ? "Crossed out: zero everywhere in this picture." : "",
      missing.sentence(of: "value")),
    scale: "shared by all checkpoints, \(rangeText(range))", layer: layer.name, units: shown,
    body: Row(
      spacing: 32,
      [
        left,
        Column(
          spacing: 16, [SideBySide.flowing(rows, columns: names), missing.legend(beside: bar)]),
      ]))
}

private let mostUnits = 12

private func strongest(_ findings: [FeatureMapFinding], count: Int) -> [Int] {
  func greatest(_ unit: Int) -> Float {
    findings.map { $0.maxima[unit] }.filter { !$0.isNaN }.max() ?? -.infinity
  }
  let units = findings[0].maxima.indices
  return Array(units.sorted { (-greatest($0), $0) < (-greatest($1), $1) }.prefix(count))
}
