public import Analysis
internal import Drawing
internal import Files
internal import Images
public import Networks
internal import TensorCore

/// How many units are shown unless some are given.
let usualBlockUnits = 6
/// The width of a row of maps, and the longest side of one, in points.
private let (rowWidth, longestSide) = (720.0, 120.0)

/// The maps of one layer of a block.
public struct FeatureBlockRow: Sendable {
  public let finding: FeatureMapFinding
  /// What the layer does, such as `ReLU`.
  public let kind: String
  /// Which part of the input a unit sees, by which the positions of series and volumes are placed.
  public let field: ReceptiveField?

  /// - Parameters:
  ///   - finding: The layer's maps.
  ///   - kind: What the layer does, such as `ReLU`.
  ///   - field: Which part of the input a unit sees; nil if it is not known.
  public init(_ finding: FeatureMapFinding, kind: String, field: ReceptiveField? = nil) {
    (self.finding, self.kind, self.field) = (finding, kind, field)
  }
}

/// The maps of a convolution, of its normalization and activation, and of its pooling: one row for
/// each layer, one column for each unit.
///
/// - Parameters:
///   - rows: From the convolution on; all with the same units.
///   - layer: The convolution.
///   - seen: What the network saw, of the findings' kind.
///   - source: The example's name.
///   - scale: One for each map, or one for each row.
///   - order: Of the units, unless they are given, by the last row before the pooling.
///   - units: The units to show; when empty the first by `order`.
public func featureBlockFigure(
  of rows: [FeatureBlockRow], layer: LayerDescription, seen: SeenExample, source: String,
  scale: FeatureMapScale = .perMap, order: FeatureMapOrder = .strongestFirst, units: [Int] = []
) -> CaptionedFigure {
  precondition(!rows.isEmpty, "a block has a convolution")
  let choice = MapChoice(source: source, scale: scale, order: order, units: units)
  switch seen {
  case .series(let values):
    return seriesBlockFigure(
      of: rows, layer: layer, series: values, choice)
  case .volume(let values):
    return volumeBlockFigure(
      of: rows, layer: layer, volume: values, choice)
  case .picture(let picture):
    return pictureBlockFigure(
      of: rows, layer: layer, picture: picture, choice)
  }
}

private func pictureBlockFigure(
  of rows: [FeatureBlockRow], layer: LayerDescription, picture: Image, _ choice: MapChoice
) -> CaptionedFigure {
  let deciding = rows.decidingRow.finding
  let shown = choice.units(of: deciding, most: usualBlockUnits)
  let maps = rows.map { row in shown.map(row.finding.map) }
  let colors = maps.map { MapColors(of: $0, choice.scale) }
  let missing = NonFiniteCells(in: maps.flatMap(\.self))
  let tiles = rows.indices.flatMap { row in
    shown.indices.map { column in
      colors[row].tile(
        maps[row][column], caption: "", isZero: rows[row].finding.zero.contains(shown[column]))
    }
  }
  let extent = Double(maps.joined().map { max($0.width, $0.height) }.max() ?? 1)
  let side = min(longestSide, rowWidth / Double(shown.count) - TileGrid.tileGap)
  let grid = TileGrid(
    tiles,
    arrangement: TileArrangement(
      columns: shown.count,
      zoom: side >= extent ? (side / extent).rounded(.down) : side / extent),
    outline: Theme.outline,
    rowHeadings: zip(rows, colors).map { row, colors in
      blockHeading(of: row) + (choice.scale == .shared ? ", \(rangeText(colors.shared))" : "")
    },
    columnHeadings: shown.map { "unit \($0)" })
  let blockColors = BlockColors(of: colors, place: "row")
  let count = deciding.maxima.count
  return CaptionedFigure(
    title: "From \(layer.title) to \(abbreviated(rows[rows.count - 1].finding.layer))",
    subtitle: layer.subtitle(counted(rows.count, "layer"), layer.extent),
    caption: paragraph(
      "Each row is a layer of one block, beginning with the convolution, and each column a unit. "
        + "The maps of all layers are drawn equally large, so those after pooling have larger "
        + "pixels; their size is written beside them.",
      shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown.",
      choice.orderSentence(inBlockBy: deciding),
      "Below each map: its greatest value, or in rows with negative values that of greatest "
        + "magnitude.",
      choice.scale == .shared
        ? "The maps of a row share one scale, whose range is written beside it: "
          + blockColors.meanings + "."
        : "Each map has its own scale, which ends at the value below it: "
          + blockColors.meanings + ".",
      missing.sentence(of: "value"),
      rows.contains { row in shown.contains(where: row.finding.zero.contains) }
        ? "Crossed out are maps that are zero everywhere." : ""),
    scale: choice.scale == .shared
      ? "one per row, about or from zero" : "per map, about or from zero",
    layer: layer.name, units: shown,
    body: Row(
      spacing: 32,
      [
        seenPicture(picture, choice.source),
        Column(spacing: 16, [grid, missing.legend(beside: blockColors.bars(choice.scale))]),
      ]))
}

extension [FeatureBlockRow] {
  /// The last row before the maps become smaller, by which units are ordered.
  public var decidingRow: FeatureBlockRow {
    let shape = self[0].finding.maps.shape
    return last { $0.finding.maps.shape == shape } ?? self[0]
  }
}

/// `relu1: ReLU, 112×112`.
func blockHeading(of row: FeatureBlockRow) -> String {
  let extents = Array(row.finding.maps.shape.extents.dropFirst())
  let size = extents.count == 1 ? counted(extents[0], "position") : crossed(extents)
  return "\(abbreviated(row.finding.layer, to: 24)): \(row.kind), \(size)"
}
