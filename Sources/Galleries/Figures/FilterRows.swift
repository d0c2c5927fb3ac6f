internal import Analysis
internal import Drawing
internal import TensorCore

/// How many filters get a row.
private let mostFilters = 24
/// How many input channels a row shows.
private let mostChannels = 24

extension FilterSheet {
  /// A deeper layer: one row per filter, one tile per input channel.
  var rows: CaptionedFigure {
    let (shown, choice) = chosen(most: mostFilters)
    let shape = finding.filters.shape
    if shape[2] * shape[3] == 1 { return matrix }
    let channelCount = shape[1]
    let showsAll = channelCount <= mostChannels
    let slices = shown.map { filter in
      Raster.maps(
        of: finding.filters.rows(filter..<(filter + 1)).elements, width: shape[3],
        height: shape[2])
    }
    let channels = slices.map { slices in
      showsAll ? Array(0..<channelCount) : strongest(slices, count: mostChannels)
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
    let columns = channels.first?.count ?? 1
    // Hundreds of tiles are small, lest the sheet be too tall to be seen at once.
    let side = tiles.count > 300 ? 34.0 : 56
    let grid = TileGrid(
      tiles,
      arrangement: TileArrangement(maximumWidth: 1080, columns: columns, preferredSide: side),
      outline: Theme.outline, rowHeadings: shown.map { heading(of: $0) },
      columnHeadings: showsAll ? channels.first.map { $0.map(String.init) } ?? [] : [])
    let channelSentence =
      showsAll
      ? "Each row is a filter and each column one of its \(counted(channelCount, "input channel"))."
      : "Each row is a filter with the \(mostChannels) of its \(countText(channelCount)) input "
        + "channels whose weights have the greatest norm, in that order; the number below a tile "
        + "is its channel number."
    return CaptionedFigure(
      title: "Filters of \(layer.title)",
      subtitle: layer.subtitle(
        "\(counted(shape[0], "filter")) of \(channelCount)×\(shape[2])×\(shape[3])"),
      caption: paragraph(
        channelSentence, choice,
        "Red weights are positive, blue negative, white is zero; enlarged "
          + "\(numberText(grid.zoom)) times without smoothing.",
        signed.sentence(tile: "tile"), missing.sentence(of: "weight"), rowMarksSentence),
      scale: signed.summary, layer: layer.name, units: shown,
      body: Column(spacing: 16, [grid, missing.legend(beside: signed.colorBar)]))
  }

  /// Windows of one weight: the whole layer is one matrix.
  private var matrix: CaptionedFigure {
    let (shown, choice) = chosen(most: 1024)
    let channels = finding.filters.shape[1]
    let values = shown.flatMap { finding.filters.rows($0..<($0 + 1)).elements }
    let raster = Raster(width: channels, height: shown.count, values: values)
    let missing = NonFiniteCells(in: [raster])
    let signed = SignedScale(of: [raster], isJoint: true)
    let zoom = Double(max(1, min(16, 900 / max(channels, shown.count, 1))))
    let picture = Picture(signed.image(of: raster), zoom: zoom, frame: Theme.outline)
    let body = Row(
      alignment: .center, spacing: 8,
      [
        Upwards(Text("filter, from the top", .label)),
        Column(alignment: .center, spacing: 6, [picture, Text("input channel", .label)]),
      ])
    return CaptionedFigure(
      title: "Filters of \(layer.title)",
      subtitle: layer.subtitle("\(counted(shown.count, "filter")) of \(channels)×1×1"),
      caption: paragraph(
        "Filters of a single pixel only mix channels, so the layer is drawn as one matrix: "
          + "each row is a filter, each column an input channel.", choice,
        "Red weights are positive, blue negative, white is zero.",
        signed.sentence(tile: "filter"), missing.sentence(of: "weight"),
        rowMarksSentence),
      scale: signed.summary, layer: layer.name, units: shown,
      body: Column(spacing: 16, [body, missing.legend(beside: signed.colorBar)]))
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

  private func heading(of filter: Int) -> String {
    if finding.dead.contains(filter) { return "\(filter) dead" }
    if finding.nonFinite.contains(filter) { return "\(filter) not finite" }
    let doubles = finding.nearDuplicates.compactMap { pair in
      pair.first == filter ? pair.second : pair.second == filter ? pair.first : nil
    }
    return doubles.first.map { "\(filter) ≈ \($0)" } ?? "\(filter)"
  }

  private var rowMarksSentence: String {
    marksSentence.replacing("orange corners mark", with: "≈ marks")
  }
}
