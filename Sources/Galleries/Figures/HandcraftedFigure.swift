public import Analysis
internal import Drawing
internal import Images
internal import TensorCore

/// Learned filters, each beside the handcrafted kernel that is nearest to it and the Gabor function
/// that fits it.
///
/// - Parameters:
///   - finding: Of the layer.
///   - layer: The finding's.
///   - isBlueFirst: Whether a picture's channels stand as blue, green, red, as in Caffe's networks.
public func handcraftedFigure(
  of finding: HandcraftedFinding, layer: LayerDescription, isBlueFirst: Bool = false
) -> CaptionedFigure {
  let sheet = HandcraftedSheet(finding: finding, layer: layer, isBlueFirst: isBlueFirst)
  let isFitted = finding.fits != nil
  let grid = TileGrid(
    finding.compared.map(sheet.tile),
    arrangement: TileArrangement(maximumWidth: 1080, zoom: sheet.zoom),
    outline: finding.isColour ? nil : Theme.outline)
  let scale =
    finding.isColour
    ? "mid-grey is zero, black and full colour are the learned filter's greatest magnitude"
    : "red is positive, blue negative, white zero, and the darkest colours are the learned filter's "
      + "greatest magnitude"
  let bar = ColorBar(.blueWhiteRed, range: -1...1, label: "weight over the filter's greatest")
  return CaptionedFigure(
    title: "Learned filters beside handcrafted ones",
    subtitle: layer.subtitle(
      sheet.size, "learned, nearest kernel\(isFitted ? ", Gabor function" : "")"),
    caption: paragraph(
      handcraftedAnswer(of: finding), sheet.kernelSentence,
      "From left to right: the learned filter, the nearest handcrafted kernel"
        + (isFitted ? ", the Gabor function that fits best" : "")
        + (isFitted && !finding.points.isEmpty ? " (of a point, its pixel alone)" : "")
        + ", \(enlargement(grid.zoom)); \(scale).",
      sheet.channelSentence,
      "Below: the filter's number"
        + (isFitted
          ? ", the share of its sum of squares that the Gabor function explains," : "")
        + " and the kernel with its correlation, which is negative if dark and bright are exchanged.",
      sheet.pointSentence, sheet.symbolSentence, sheet.method, sheet.leftOutSentence),
    scale: "per filter, symmetric about zero", layer: layer.name,
    units: finding.compared.map(\.unit), method: sheet.methodName,
    body: finding.isColour ? grid : Column(spacing: 16, [grid, bar]))
}

/// Whether learned filters are like handcrafted ones, in a sentence with the shares explained.
package func handcraftedAnswer(of finding: HandcraftedFinding) -> String {
  let question = "Do the learned filters resemble handcrafted ones?"
  guard let verdict = finding.verdict else {
    let count = finding.points.count
    return count == 0
      ? "\(question) There is none to compare."
      : "\(question) There are only points: \(counted(count, "filter")) with nearly all of the sum of "
        + "squares in one pixel."
  }
  func shares(_ comparison: HandcraftedFinding.Comparison) -> String {
    "\(percentText(comparison.median)) of a filter's sum of squares in the median, and "
      + "\(percentText(comparison.randomMedian)) of a random one's"
  }
  func better(_ comparison: HandcraftedFinding.Comparison) -> String {
    let count = comparison.learned.count
    return "\(countText(comparison.aboveRandom)) of \(counted(count, "filter")) "
      + "\(comparison.aboveRandom == 1 ? "is" : "are") explained better than 95 % of random ones"
  }
  guard let fits = finding.fits else {
    let answer =
      switch verdict {
      case .mostly: "Mostly, as far as windows this small can tell"
      case .partly: "In part, as far as windows this small can tell"
      case .no: "No more than random ones"
      }
    return "\(question) \(answer): the nearest kernel explains \(shares(finding.matches)); "
      + "\(better(finding.matches))."
  }
  let answer =
    switch verdict {
    case .mostly: "Mostly"
    case .partly: "In part"
    case .no: "No more than random ones"
    }
  return "\(question) \(answer): a Gabor function explains \(shares(fits)); \(better(fits)). "
    + "The nearest kernel explains \(percentText(finding.matches.median)), and of random ones "
    + "\(percentText(finding.matches.randomMedian))."
}

/// The amplitude spectra of learned filters: to which frequencies and orientations they respond.
///
/// - Parameters:
///   - finding: Of the layer.
///   - layer: The finding's.
public func handcraftedSpectrumFigure(
  of finding: HandcraftedFinding, layer: LayerDescription
) -> CaptionedFigure {
  let sheet = HandcraftedSheet(finding: finding, layer: layer, isBlueFirst: false)
  let side = HandcraftedFinding.Filter.spectrumSide
  let tiles = finding.compared.map { filter in
    let raster = Raster(width: side, height: side, values: filter.spectrum.elements)
    return Tile(
      raster.image(.viridis, scaling: .zeroBased), caption: "\(filter.unit)",
      detail: filter.fit.map { fit in
        fit.preferredFrequency > 0
          ? "\(numberText(fit.preferredFrequency, digits: 2)), "
            + "\(Int(fit.function.orientation.rounded()) % 180)°" : "low-pass"
      } ?? (filter.isPoint ? "point" : ""))
  }
  let grid = TileGrid(tiles, arrangement: TileArrangement(maximumWidth: 1080))
  return CaptionedFigure(
    title: "Frequency responses of the filters", subtitle: layer.subtitle(sheet.size),
    caption: paragraph(
      "The amplitude spectrum of each filter"
        + (finding.filters.shape[1] == 1
          ? "" : ": the root of the summed power of its channels")
        + ". Frequency 0 is in the middle; the edges are \(side / 2)/\(side) cycles per pixel, just "
        + "below the shortest wave that pixels hold. Bright spots lie in the direction across the "
        + "stripes to which a filter responds, so those of vertical ones (90°) are left and right; every spectrum is symmetric about its middle.",
      "Each has its own scale, from 0 to its greatest amplitude.",
      finding.fits == nil
        ? "The number below is the filter's."
        : "Below: the filter's number, then the frequency to which its fitted Gabor function "
          + "responds most, in cycles per pixel, and the orientation of its stripes "
          + "(\(orientationConvention)); a low-pass one responds most below half a cycle in the "
          + "window.",
      sheet.pointSentence, sheet.leftOutSentence),
    scale: "per filter, from zero", layer: layer.name, units: finding.compared.map(\.unit),
    method: "discrete Fourier transform, surrounded by zeros",
    body: Column(
      spacing: 16,
      [grid, ColorBar(.viridis, range: 0...1, label: "amplitude over the filter's greatest")]))
}

/// How well filters, and random ones, are explained: the share of filters that are explained at
/// least so well.
///
/// - Parameters:
///   - finding: Of the layer.
///   - layer: The finding's.
public func handcraftedShareFigure(
  of finding: HandcraftedFinding, layer: LayerDescription
) -> CaptionedFigure {
  let sheet = HandcraftedSheet(finding: finding, layer: layer, isBlueFirst: false)
  let (blue, orange) = (ClassStyle(index: 0).color, ClassStyle(index: 1).color)
  func curves(
    _ comparison: HandcraftedFinding.Comparison, _ name: String, _ color: Color
  ) -> [LinePlot.Series] {
    [
      .init(name, survival(of: comparison.learned), color: color),
      .init("\(name), random", survival(of: comparison.random), isDashed: true, color: color),
    ]
  }
  let series =
    (finding.fits.map { curves($0, "Gabor function", blue) } ?? [])
    + curves(finding.matches, "nearest kernel", orange)
  return CaptionedFigure(
    title: "How much of the filters handcrafted ones explain", subtitle: layer.subtitle(sheet.size),
    caption: paragraph(
      handcraftedAnswer(of: finding),
      "The height of a curve is the share of filters of which at least this much is explained; dashed "
        + "are \(countText(finding.matches.random.count)) random filters: the learned ones with "
        + "their pixels in random order.",
      sheet.method),
    scale: "linear axes from 0 to 100 %", layer: layer.name, method: sheet.methodName,
    body: LinePlot(
      series, x: Axis("share of the sum of squares explained", range: 0...1, format: .percent),
      y: Axis("filters", range: 0...1, format: .percent), area: Size(width: 480, height: 340),
      hasKey: true))
}

/// The share of numbers that are at least as great, as steps.
///
/// - Parameter numbers: In ascending order.
private func survival(of numbers: [Double]) -> [Point] {
  guard !numbers.isEmpty else { return [] }
  let count = Double(numbers.count)
  var points = [Point(0, 1)]
  for (index, number) in numbers.enumerated() {
    points.append(Point(number, 1 - Double(index) / count))
    points.append(Point(number, 1 - Double(index + 1) / count))
  }
  return points + [Point(1, 0)]
}

/// How orientations are counted in all figures of handcrafted filters.
let orientationConvention = "0° horizontal, 90° vertical, anticlockwise"

/// What a figure of learned and handcrafted filters shows, and says.
struct HandcraftedSheet {
  let finding: HandcraftedFinding
  let layer: LayerDescription
  let isBlueFirst: Bool

  private var channelCount: Int { finding.filters.shape[1] }
  private var height: Int { finding.filters.shape[2] }
  private var width: Int { finding.filters.shape[3] }

  var size: String {
    "\(counted(finding.compared.count, "filter")) of \(width)×\(height) pixels"
  }

  /// A block of three pictures is about as wide as the text below it.
  var zoom: Double { max(1, (56 / Double(max(height, width))).rounded()) }

  func tile(_ filter: HandcraftedFinding.Filter) -> Tile {
    let learned = finding.filters.rows(filter.unit..<(filter.unit + 1)).elements
    let range = Scaling.symmetric.range(of: seen(learned, filter))
    let pictures = [learned, filter.nearest.elements, filter.fitted?.elements].compactMap(\.self)
      .map { image(of: seen($0, filter), range) }
    let share =
      filter.fit.map { " · Gabor \(percentText($0.share))" } ?? (filter.isPoint ? " · point" : "")
    return Tile(
      block: pictures, columns: pictures.count, caption: "\(filter.unit)\(share)",
      detail: "\(finding.bank[filter.match.kernel].orientedLabel): "
        + numberText(filter.match.correlation, digits: 2))
  }

  /// What is drawn of a filter: colours, one channel, or the weights along its own colour axis.
  private func seen(_ values: [Float], _ filter: HandcraftedFinding.Filter) -> [Float] {
    guard !finding.isColour, let color = filter.color else { return values }
    let area = height * width
    return (0..<area).map { place in
      Float(
        color.axis.indices.reduce(0.0) {
          $0 + color.axis[$1] * Double(values[$1 * area + place])
        })
    }
  }

  private func image(of values: [Float], _ range: ClosedRange<Float>) -> Image {
    finding.isColour
      ? ColorRaster(width: width, height: height, values: values, isBlueFirst: isBlueFirst)
        .image(range: range)
      : Raster(width: width, height: height, values: values).image(.blueWhiteRed, range: range)
  }

  var channelSentence: String {
    switch (finding.isColour, channelCount) {
    case (true, _):
      "The weights on red, green and blue are shown as colours"
        + (isBlueFirst ? " (the network's own order is blue, green, red)." : ".")
    case (false, 1): ""
    case (false, let count):
      "Of \(count) channels, the weighted sum is shown that holds most of the filter."
    }
  }

  /// Which handcrafted kernels are nearest.
  var kernelSentence: String {
    guard !finding.compared.isEmpty else { return "" }
    var counts: [(family: String, count: Int)] = []
    for (kernel, count) in finding.kernelCounts {
      let family = firstSynonym(finding.bank[kernel].label)
      if let index = counts.firstIndex(where: { $0.family == family }) {
        counts[index].count += count
      } else {
        counts.append((family, count))
      }
    }
    let order = counts.indices.sorted { (-counts[$0].count, $0) < (-counts[$1].count, $1) }
    return "Nearest of \(counted(finding.bank.count, "handcrafted kernel")): "
      + listed(order.map { "\(counts[$0].family) (\(counts[$0].count))" }, most: 8) + "."
  }

  /// Which filters are points.
  var pointSentence: String {
    let points = finding.points
    guard !points.isEmpty else { return "" }
    let isOne = points.count == 1
    return
      "\(counted(points.count, "filter")) \(isOne ? "is a point" : "are points"): one pixel holds "
      + "at least \(percentText(HandcraftedAnalysis.pointShare)) of the sum of squares, so "
      + "\(isOne ? "it copies" : "they copy") the picture, as the identity does"
      + (finding.fits == nil ? "" : ", and no Gabor function is fitted")
      + ": \(listed(points))."
  }

  /// What the numbers in kernels' names mean, of those that are shown.
  var symbolSentence: String {
    let shown = finding.compared.map { finding.bank[$0.match.kernel].orientedLabel }
    func isShown(_ text: String) -> Bool { shown.contains { $0.contains(text) } }
    let hasGabors = isShown("λ")
    let meanings = [
      isShown("°")
        ? "an angle without a letter is the orientation of the stripes or of the edge "
          + "(\(orientationConvention)), as in the other figures of these filters" : "",
      isShown(", x") || isShown(", y") ? "x and y are the directions of the derivative" : "",
      hasGabors ? "λ is the wavelength in pixels" : "",
      isShown("ψ") || hasGabors
        ? "ψ the phase in the middle (none or 0° for a bar, 90° for an edge)" : "",
      isShown("σ") ? "σ the Gaussian's standard deviation in pixels" : "",
      hasGabors
        ? "the Gaussian of Gabor kernels has σ = 0.2 of the window across the stripes and, with "
          + "γ = 0.5, σ/γ along them" : "",
    ].filter { !$0.isEmpty }
    return meanings.isEmpty ? "" : "In the kernels' names, \(meanings.joined(separator: "; "))."
  }

  var method: String {
    let colour =
      channelCount == 1 ? "" : ", each with the weight in each channel that explains most"
    let shift =
      finding.greatestShift == 0
      ? "" : ", moved by up to \(counted(finding.greatestShift, "pixel"))"
    return paragraph(
      "Kernels are compared by the cosine\(shift)\(colour).",
      finding.fits == nil
        ? "Gabor functions have nearly as many parameters as windows below "
          + "\(HandcraftedAnalysis.leastFittedSide)×\(HandcraftedAnalysis.leastFittedSide) have "
          + "weights, so none is fitted; and small random filters are near some kernel, too."
        : "Gabor functions (Daugman 1985, Jones and Palmer 1987) are fitted by least squares"
          + (channelCount == 1 ? "," : ", with a weight for each channel,")
          + " centred in the middle half of the window and with standard deviations from "
          + "\(numberText(GaborFit.leastDeviation)) pixels on, so that a single weight, or a spot in "
          + "a corner, does not count as explained.",
      "Random filters are the learned ones with their pixels in random order.")
  }

  var methodName: String {
    finding.fits == nil ? "cosine" : "cosine, and Gabor functions by Levenberg–Marquardt"
  }

  var leftOutSentence: String {
    let most = HandcraftedAnalysis.mostFilters
    return paragraph(
      finding.dead.isEmpty
        ? ""
        : "Left out as dead, with a norm below "
          + "\(percentText(Double(FilterAnalysis.deadShare))) of the median: "
          + "\(listed(finding.dead)).",
      finding.nonFinite.isEmpty
        ? ""
        : "Left out because not all weights are finite: \(listed(finding.nonFinite)).",
      finding.leftOut == 0
        ? ""
        : "Of more filters, the \(most) with the greatest norm are compared; "
          + "\(countText(finding.leftOut)) are left out.")
  }
}
