internal import Analysis
internal import Drawing
internal import Images
internal import TensorCore

/// How many filters of one channel, or in colour, are shown.
private let mostSliced = 64
/// How many slices of a filter are shown, and how many in a row of a deeper layer's.
private let (mostSlices, mostInRow) = (16, 48)
/// The width of a sheet, and the height at which filters continue beside it, in points.
private let (sheetWidth, columnHeight) = (1060.0, 900.0)
/// The longest side of a slice, in points, and that of more than some filters.
private let (longestSlice, shortestSlice, manyFilters) = (56.0, 36.0, 24)

extension FilterSheet {
  /// Filters `[K, C, D, R, S]` of volumes as slices along the frames.
  var volumeFilters: CaptionedFigure {
    let shape = finding.filters.shape
    if shape.spatial.allSatisfy({ $0 == 1 }), shape[1] > 1 { return matrix }
    return finding.isColour || shape[1] == 1 ? slicedFilters : slicedChannels
  }

  private var depth: Int { finding.filters.shape[2] }
  private var height: Int { finding.filters.shape[3] }
  private var width: Int { finding.filters.shape[4] }

  /// The slices that are shown, evenly from all.
  private var slices: [Int] { Array(0..<depth).spreadToEnd(most: mostSlices) }

  /// `t−1`, `t`, `t+1` for the slices around the middle one, or from the first one on without a
  /// middle.
  private func frameName(_ slice: Int) -> String {
    let origin = depth.isMultiple(of: 2) ? 0 : depth / 2
    let distance = (slice - origin) * (finding.dilation.first ?? 1)
    return distance == 0 ? "t" : distance < 0 ? "t−\(-distance)" : "t+\(distance)"
  }

  private var frameSentence: String {
    let names = slices.map(frameName)
    let sides = depth.isMultiple(of: 2) ? "the first frame of the window" : "the middle frame"
    return "Slices are frames of the window, from left to right "
      + "\(listed(names, most: mostSlices)), where t is \(sides)"
      + (slices.count == depth
        ? "." : "; \(slices.count) of its \(countText(depth)) frames are shown, spread evenly.")
  }

  /// The weights of one channel at one frame.
  private func slice(_ slice: Int, _ channel: Int, of weights: [Float]) -> Raster {
    let area = height * width
    let start = (channel * depth + slice) * area
    return Raster(width: width, height: height, values: Array(weights[start..<(start + area)]))
  }

  private func weights(of filter: Int) -> [Float] {
    finding.filters.rows(filter..<(filter + 1)).elements
  }

  /// A whole factor with which a slice is no longer than `side`.
  private func zoom(_ side: Double) -> Double {
    max(1, (side / Double(max(height, width))).rounded(.down))
  }

  /// One row for each filter of one channel or in colour, one column for each frame.
  private var slicedFilters: CaptionedFigure {
    let (shown, choice) = chosen(most: mostSliced)
    let frames = slices
    let weights = shown.map(weights)
    let isColour = finding.isColour
    let isJoint = scale.map { $0 == .joint } ?? !isColour
    // A few great weights pale the rest only if all share a scale.
    let joint = Scaling.symmetric.range(ofAll: weights)
    func range(_ row: Int) -> ClosedRange<Float> {
      isJoint ? joint : Scaling.symmetric.range(of: weights[row])
    }
    func image(_ row: Int, _ frame: Int) -> Image {
      guard isColour else {
        return slice(frame, 0, of: weights[row]).image(.blueWhiteRed, range: range(row))
      }
      return ColorRaster(
        width: width, height: height,
        values: (0..<3).flatMap { slice(frame, $0, of: weights[row]).values }
      ).image(range: range(row))
    }
    let zoom = zoom(shown.count > manyFilters ? shortestSlice : longestSlice)
    func grid(_ rows: Range<Int>) -> TileGrid {
      TileGrid(
        rows.flatMap { row in
          frames.map { frame in Tile(image(row, frame), mark: mark(shown[row])) }
        }, arrangement: TileArrangement(columns: frames.count, zoom: zoom), outline: Theme.outline,
        rowHeadings: rows.map { row in
          let detail = isJoint ? "" : SignedScale.detail(of: weights[row], range(row))
          return heading(of: shown[row]) + (detail.isEmpty ? "" : " (\(detail))")
        }, columnHeadings: frames.map(frameName))
    }
    let rowHeight = zoom * Double(height) + 14
    let wide = grid(0..<min(1, shown.count)).size.width + 48
    let beside = max(1, Int(sheetWidth / max(wide, 1)))
    let perColumn = max(
      1, min(shown.count, max(Int(columnHeight / rowHeight), (shown.count - 1) / beside + 1)))
    let grids = stride(from: 0, to: shown.count, by: perColumn).map {
      grid($0..<min($0 + perColumn, shown.count))
    }
    let missing = NonFiniteCells(weights.joined().count { !$0.isFinite })
    let bar = ColorBar(
      .blueWhiteRed, range: isJoint ? joint : -1...1,
      label: isJoint ? "weight" : "weight over the filter's greatest magnitude")
    let end = "±\(numberText(Double(joint.upperBound)))"
    let meaning =
      isColour
      ? "The weights on red, green and blue as colours: mid-grey is zero, black and full colour "
        + "the ends of the scale."
      : "Red weights are positive, blue negative, white is zero."
    let legend = Legend(missing.count == 0 ? [] : [Legend.Entry("not finite", .hatching)])
    let key: any Drawable = isColour ? legend : missing.legend(beside: bar)
    return CaptionedFigure(
      title: "Filters of volumes" + (isColour ? " in colour" : ""),
      subtitle: layer.subtitle(sizeText),
      caption: paragraph(
        "Each row is a filter, with its number. \(frameSentence)", meaning,
        isJoint
          ? "All filters share one scale, \(end)."
          : "Each filter has one scale for all its slices, whose end is written beside its number.",
        "Weights are \(enlargement(zoom)).", choice, missing.sentence(of: "weight"),
        marksSentence(.tiles)),
      scale: isJoint ? "joint, symmetric, \(end)" : "per filter, symmetric about zero",
      layer: layer.name, units: shown,
      body: Column(
        spacing: 16,
        [Row(spacing: 40, grids)] + (isColour && missing.count == 0 ? [] : [key])))
  }

  /// One row for each filter of a deeper layer; its slices side by side for each input channel.
  private var slicedChannels: CaptionedFigure {
    let (channelCount, frames) = (finding.filters.shape[1], slices)
    let isWhole = finding.filters.shape[0] <= FilterSheet.mostWhole
    let (shown, choice) = chosen(
      most: isWhole ? FilterSheet.mostWhole : FilterSheet.shownOfMany)
    let fitting = max(1, mostInRow / frames.count)
    let usual = min(
      channelCount <= FilterSheet.mostWhole ? FilterSheet.mostWhole : FilterSheet.shownOfMany,
      fitting)
    let columns = min(channelCount, inputChannels ?? usual)
    let showsAll = columns == channelCount
    let weights = shown.map(weights)
    let channels = weights.map { weights in
      showsAll ? Array(0..<channelCount) : strongestChannels(weights, count: columns)
    }
    let rasters = zip(weights, channels).map { weights, channels in
      channels.map { channel in frames.map { slice($0, channel, of: weights) } }
    }
    let all = rasters.joined().joined().map(\.self)
    let signed = SignedScale(of: all, isJoint: scale != .perFilter, unclipped: 0.995)
    let missing = NonFiniteCells(in: all)
    let tiles = shown.indices.flatMap { row in
      let own = Scaling.symmetric.range(ofAll: rasters[row].joined().map(\.values))
      return zip(channels[row], rasters[row]).map { channel, slices in
        Tile(
          block: slices.map { $0.image(signed.colormap, range: signed.joint ?? own) },
          columns: frames.count, groups: frames.count, caption: showsAll ? "" : "\(channel)",
          mark: finding.dead.contains(shown[row]) ? .dead : nil)
      }
    }
    let space = sheetWidth / Double(columns) - 14
    let zoom = zoom(min(longestSlice, space / Double(frames.count) - 8))
    let grid = TileGrid(
      tiles, arrangement: TileArrangement(columns: columns, zoom: zoom), outline: Theme.outline,
      rowHeadings: shown.map { heading(of: $0) },
      columnHeadings: showsAll ? (0..<channelCount).map(String.init) : [])
    let bar =
      signed.joint == nil
      ? ColorBar(
        signed.colormap, range: -1...1, label: "weight over the filter's greatest magnitude")
      : signed.colorBar
    return CaptionedFigure(
      title: "Filters of \(layer.title)", subtitle: layer.subtitle(sizeText),
      caption: paragraph(
        showsAll
          ? "Each row is a filter and each group of slices one of its "
            + "\(counted(channelCount, "input channel"))."
          : "Each row is a filter with the \(columns) of its \(countText(channelCount)) input "
            + "channels whose weights have the greatest norm, in that order; the number below a "
            + "group of slices is its channel number.",
        frameSentence, choice,
        "Red weights are positive, blue negative, white is zero; "
          + "\(enlargement(grid.zoom)).",
        signed.joint == nil
          ? "Each filter has one scale for all its slices, on which its greatest magnitude is darkest."
          : signed.sentence(tile: "filter"),
        missing.sentence(of: "weight"), marksSentence(.numbers)),
      scale: signed.joint == nil ? "per filter, symmetric about zero" : signed.summary,
      layer: layer.name, units: shown,
      body: Column(spacing: 16, [grid, missing.legend(beside: bar)]))
  }

  /// The channels whose weights have the greatest norm over all frames, greatest first.
  private func strongestChannels(_ weights: [Float], count: Int) -> [Int] {
    let window = depth * height * width
    let norms = (0..<finding.filters.shape[1]).map { channel -> Double in
      let own = weights[(channel * window)..<((channel + 1) * window)]
      // What is not finite has no norm, and must be seen.
      return own.allSatisfy(\.isFinite)
        ? own.reduce(0.0) { $0 + Double($1) * Double($1) } : .infinity
    }
    let order = norms.indices.sorted { (-norms[$0], $0) < (-norms[$1], $1) }
    return Array(order.prefix(count))
  }
}
