internal import Analysis
internal import Drawing
internal import TensorCore

/// The width that the tiles of a row may take, in points.
private let rowWidth = 960.0
/// The longest side of a tile, in points: a 3×3 window is legible at a glance.
private let longestSide = 84.0

extension FilterSheet {
  /// A deeper layer: one row per filter, one tile per input channel.
  var rows: CaptionedFigure {
    let shape = finding.filters.shape
    if shape[2] * shape[3] == 1 { return matrix }
    let (shown, choice) = chosen(
      most: shape[0] <= Self.mostWhole ? Self.mostWhole : Self.shownOfMany)
    let channelCount = shape[1]
    let columns = min(
      channelCount,
      inputChannels ?? (channelCount <= Self.mostWhole ? Self.mostWhole : Self.shownOfMany))
    let showsAll = columns == channelCount
    let slices = shown.map { filter in
      Raster.maps(
        of: finding.filters.rows(filter..<(filter + 1)).elements, width: shape[3],
        height: shape[2])
    }
    let channels = slices.map { slices in
      showsAll ? Array(0..<channelCount) : strongest(slices, count: columns)
    }
    let rasters = zip(slices, channels).map { slices, channels in channels.map { slices[$0] } }
    let signed = SignedScale(
      of: rasters.flatMap(\.self), isJoint: scale != .perFilter, unclipped: 0.995)
    let missing = NonFiniteCells(in: rasters.flatMap(\.self))
    let tiles = shown.indices.flatMap { row in
      zip(channels[row], rasters[row]).map { channel, raster in
        Tile(
          signed.image(of: raster), caption: showsAll ? "" : "\(channel)",
          mark: finding.dead.contains(shown[row]) ? .dead : nil)
      }
    }
    let side = min(longestSide, rowWidth / Double(columns) - TileGrid.tileGap)
    let grid = TileGrid(
      tiles,
      arrangement: TileArrangement(
        columns: columns,
        zoom: max(1, (side / Double(max(shape[2], shape[3]))).rounded(.down))),
      outline: Theme.outline, rowHeadings: shown.map { heading(of: $0) },
      columnHeadings: showsAll ? channels.first.map { $0.map(String.init) } ?? [] : [])
    let channelSentence =
      showsAll
      ? "Each row is a filter and each column one of its \(counted(channelCount, "input channel"))."
      : "Each row is a filter with the \(columns) of its \(countText(channelCount)) input "
        + "channels whose weights have the greatest norm, in that order; the number below a tile "
        + "is its channel number."
    return CaptionedFigure(
      title: "Filters of \(layer.title)",
      subtitle: layer.subtitle(
        "\(counted(shape[0], "filter")) of \(channelCount)×\(shape[2])×\(shape[3])"),
      caption: paragraph(
        channelSentence, choice,
        "Red weights are positive, blue negative, white is zero; \(enlargement(grid.zoom)).",
        signed.sentence(tile: "tile"), missing.sentence(of: "weight"),
        marksSentence(.numbers)),
      scale: signed.summary, layer: layer.name, units: shown,
      body: Column(spacing: 16, [grid, missing.legend(beside: signed.colorBar)]))
  }

  /// The channels whose weights have the greatest norm, greatest first.
  private func strongest(_ slices: [Raster], count: Int) -> [Int] {
    // What is not finite has no norm, and must be seen.
    let norms = slices.map { slice in
      slice.nonFiniteCount > 0
        ? .infinity : slice.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    let order = norms.indices.sorted { (-norms[$0], $0) < (-norms[$1], $1) }
    return Array(order.prefix(count))
  }

  func heading(of filter: Int) -> String {
    if finding.dead.contains(filter) { return "\(filter) dead" }
    if finding.nonFinite.contains(filter) { return "\(filter) not finite" }
    let double = finding.nearDuplicates.first { $0.first == filter || $0.second == filter }
    return double.map { pair in
      "\(filter) \(pair.sign) \(pair.first == filter ? pair.second : pair.first)"
    } ?? "\(filter)"
  }
}
