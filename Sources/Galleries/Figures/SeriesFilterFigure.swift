internal import Analysis
internal import Drawing
internal import TensorCore

/// The greatest number of channels that are curves in one plot; more are the rows of a heat map.
private let mostCurveChannels = 4
/// How many filters are shown as curves.
private let mostCurveFilters = 64
/// How many input channels of a heat map are legible.
private let mostHeatChannels = 32
/// How many columns a heat map has room for.
private let mostHeatColumns = 240
/// The width of a sheet, in points.
private let sheetWidth = 1060.0
/// The sizes of the areas for taps and for frequencies, in points.
private let (tapHeight, responseHeight) = (84.0, 56.0)
/// The width and height that the cells of a heat map may take, in points.
private let (heatWidth, heatHeight) = (200.0, 360.0)

extension FilterSheet {
  /// Filters `[K, C, R]` of series: curves of few input channels, heat maps of more, one matrix of
  /// single weights.
  var seriesFilters: CaptionedFigure {
    let shape = finding.filters.shape
    if shape[2] == 1 { return matrix }
    return shape[1] <= mostCurveChannels ? curves : heatMaps
  }

  /// Of a filter, one array for each channel.
  private func channels(of filter: Int) -> [[Float]] {
    let (count, taps) = (finding.filters.shape[1], finding.filters.shape[2])
    let weights = finding.filters.rows(filter..<(filter + 1)).elements
    return (0..<count).map { Array(weights[($0 * taps)..<(($0 + 1) * taps)]) }
  }

  private var tapSpacing: Int { finding.dilation.first ?? 1 }

  private var tapSentence: String {
    let origin = finding.isFirst ? "samples" : "positions"
    return tapSpacing == 1
      ? "" : "Neighbouring taps are \(countText(tapSpacing)) \(origin) apart."
  }

  /// Small multiples: the weights of a filter over its taps, one curve for each input channel.
  private var curves: CaptionedFigure {
    let (channelCount, taps) = (finding.filters.shape[1], finding.filters.shape[2])
    let (shown, choice) = chosen(most: mostCurveFilters)
    let weights = shown.map(channels)
    let isJoint = scale != .perFilter
    let joint = SeriesMaps.verticalRange(of: weights.flatMap(\.self))
    let found = finding.frequencyResponses(of: shown)
    let (hasResponses, responses) = (found != nil, found ?? shown.map { _ in [] })
    let loudest = responses.joined().flatMap(\.magnitudes).filter(\.isFinite).max() ?? 0
    let area = Size(width: min(300, max(132, 6 * Double(taps))), height: tapHeight)
    let cells = shown.indices.map { index -> [SignalPlot] in
      let own = SignalPlot(
        title: heading(of: shown[index]),
        weights[index].enumerated().map { Signal($1, color: ClassStyle(index: $0).color) },
        x: Axis("tap", format: .count),
        y: Axis(range: isJoint ? joint : SeriesMaps.verticalRange(of: weights[index])), area: area)
      guard hasResponses else { return [own] }
      let greatest =
        isJoint
        ? loudest : responses[index].flatMap(\.magnitudes).filter(\.isFinite).max() ?? 0
      return [own, responsePlot(responses[index], greatest: greatest, width: area.width)]
    }
    let grid = SignalPlotGrid(cells, maximumWidth: sheetWidth)
    let missing = NonFiniteCells(weights.joined().joined().count { !$0.isFinite })
    let entries =
      channelCount == 1
      ? []
      : (0..<channelCount).map {
        Legend.Entry("input channel \($0)", .line(ClassStyle(index: $0).color))
      }
    let hatching = missing.count == 0 ? [] : [Legend.Entry("not finite", .hatching)]
    let key = Legend(entries + hatching, width: sheetWidth)
    let steps = Signal.mostSteps(width: area.width)
    return CaptionedFigure(
      title: finding.isFirst ? "First-layer filters of series" : "Filters of \(layer.title)",
      subtitle: layer.subtitle(sizeText),
      caption: paragraph(
        "Each plot is a filter: its weights over its taps, numbered from 0"
          + (channelCount == 1 ? "." : ", one curve for each input channel.")
          + " The number above it is its filter number.",
        hasResponses
          ? "Below it: its frequency response, the magnitude |H(f)| over the frequency in cycles per "
            + "sample, up to 0.5, half the sampling rate."
          : "",
        tapSentence,
        isJoint
          ? "All filters share one vertical axis\(hasResponses ? " for weights and one for |H(f)|" : "")."
          : "Each filter has vertical axes of its own.",
        taps > steps
          ? "The curves are drawn as their envelope, from the least to the greatest of up to "
            + "\(countText((taps - 1) / steps + 1)) neighbouring weights."
          : "",
        choice, missing.sentence(of: "weight"), marksSentence(.headings)),
      scale: isJoint
        ? "joint, \(numberText(joint.lowerBound)) … \(numberText(joint.upperBound))"
        : "per filter, with zero",
      layer: layer.name, units: shown,
      body: Column(spacing: 16, [grid] + (entries.isEmpty && hatching.isEmpty ? [] : [key])))
  }

  private func responsePlot(
    _ responses: [FrequencyResponse], greatest: Double, width: Double
  ) -> SignalPlot {
    let signals = responses.enumerated().map { index, response in
      let step = response.frequencies.count > 1 ? response.frequencies[1] : 0.5
      return Signal(
        response.magnitudes.map { Float($0) }, step: step, color: ClassStyle(index: index).color)
    }
    let end = greatest > 0 && greatest.isFinite ? 1.06 * greatest : 1
    return SignalPlot(
      signals, x: Axis("cycles per sample", range: 0...0.5), y: Axis("|H(f)|", range: 0...end),
      area: Size(width: width, height: responseHeight))
  }

  /// One heat map for each filter: a row for each input channel, a column for each tap.
  private var heatMaps: CaptionedFigure {
    let (channelCount, taps) = (finding.filters.shape[1], finding.filters.shape[2])
    let isWhole = finding.filters.shape[0] <= FilterSheet.mostWhole
    let (shown, choice) = chosen(
      most: isWhole ? FilterSheet.mostWhole : FilterSheet.shownOfMany)
    let rowCount = min(channelCount, inputChannels ?? mostHeatChannels)
    let showsAll = rowCount == channelCount
    let weights = shown.map(channels)
    let every = (taps - 1) / mostHeatColumns + 1
    let channels = weights.map { channels in
      showsAll
        ? Array(0..<channelCount) : channelsByNorm(channels, count: rowCount)
    }
    let rasters = zip(weights, channels).map { weights, channels in
      let rows = channels.map { Envelope(of: weights[$0], every: every).extremes }
      return Raster(width: rows.first?.count ?? 0, height: rows.count, values: rows.flatMap(\.self))
    }
    let columns = Array(stride(from: 0, to: taps, by: every))
    let signed = SignedScale(of: rasters, isJoint: scale != .perFilter, unclipped: 0.995)
    let missing = NonFiniteCells(in: rasters)
    let side = max(
      1, min(14, heatWidth / Double(columns.count), heatHeight / Double(rowCount)).rounded(.down))
    let matrices = zip(shown, zip(channels, rasters)).map { filter, map -> any Drawable in
      let (channels, raster) = map
      let detail = signed.detail(of: raster)
      return Column(
        spacing: 4,
        [
          Text(heading(of: filter), .heading),
          NumberedMatrix(
            raster, rows: .init("input channel", channels), columns: .init("tap", columns),
            colormap: signed.colormap,
            range: signed.joint ?? Scaling.symmetric.range(of: raster.values), cell: side,
            maximumWidth: sheetWidth),
        ] + (detail.isEmpty ? [] : [Text(detail, .tick)]))
    }
    return CaptionedFigure(
      title: "Filters of \(layer.title)", subtitle: layer.subtitle(sizeText),
      caption: paragraph(
        "Each heat map is a filter: its rows are input channels and its columns taps, numbered from "
          + "0; the number above it is its filter number.",
        showsAll
          ? ""
          : "The \(rowCount) of \(countText(channelCount)) input channels whose weights have the "
            + "greatest norm are shown of each filter, in that order.",
        every > 1
          ? "Each column is the weight of greatest magnitude of \(countText(every)) neighbouring taps, "
            + "with the number of the first."
          : "",
        tapSentence, choice, "Red weights are positive, blue negative, white is zero.",
        signed.sentence(tile: "filter"), missing.sentence(of: "weight"), marksSentence(.headings)),
      scale: signed.summary, layer: layer.name, units: shown,
      body: Column(
        spacing: 16, [wrapped(matrices), missing.legend(beside: signed.colorBar)]))
  }

  /// The channels whose weights have the greatest norm, greatest first.
  private func channelsByNorm(_ channels: [[Float]], count: Int) -> [Int] {
    // What is not finite has no norm, and must be seen.
    let norms = channels.map { taps in
      taps.allSatisfy(\.isFinite)
        ? taps.reduce(0.0) { $0 + Double($1) * Double($1) } : .infinity
    }
    let order = norms.indices.sorted { (-norms[$0], $0) < (-norms[$1], $1) }
    return Array(order.prefix(count))
  }

  /// Such as `16 filters of 3×5×5`, or `16 filters of 9 taps on 4 channels`.
  var sizeText: String {
    let extents = Array(finding.filters.shape.extents.dropFirst())
    let size =
      extents.count == 2
      ? counted(extents[1], "tap") + " on " + counted(extents[0], "channel") : crossed(extents)
    return "\(counted(layer.unitCount, "filter")) of \(size)"
  }

  /// Items in rows no wider than a sheet.
  func wrapped(_ items: [any Drawable]) -> any Drawable {
    @Sendable func lines(_ width: Double) -> Column {
      let gap = 20.0
      var rows: [[any Drawable]] = []
      var used = 0.0
      for item in items {
        if rows.isEmpty || used + gap + item.size.width > width {
          rows.append([item])
          used = item.size.width
        } else {
          rows[rows.count - 1].append(item)
          used += gap + item.size.width
        }
      }
      return Column(spacing: 20, rows.map { Row(spacing: gap, $0) })
    }
    return Flowing(lines(sheetWidth)) { lines($0) }
  }
}
