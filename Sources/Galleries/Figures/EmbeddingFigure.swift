public import Analysis
internal import Drawing
public import Images
internal import TensorCore

/// Pictures as points along the first two principal components of a layer's features, in colours,
/// beside the variance that each component explains.
///
/// - Parameter colors: Of each of the finding's rows.
public func embeddingFigure(
  of finding: EmbeddingFinding, layer: LayerDescription, colors: EmbeddingColors
) -> CaptionedFigure {
  let colors = DrawnColors(colors, count: finding.pictures.count)
  let points = points(of: finding)
  let plot = ScatterPlot(
    points, colors: colors.points, x: axis(finding, 0), y: axis(finding, 1), aspect: .equal,
    area: Size(width: 560, height: 460))
  return CaptionedFigure(
    title: "Pictures by their features",
    subtitle: layer.subtitle(features(of: finding, layer)),
    caption: paragraph(
      "Each point is one of \(counted(finding.pictures.count, "picture")).", method(of: finding),
      "Both axes use the same scale.", colors.sentence, coincidence(of: points, in: finding),
      finding.neighbors == nil
        ? "Bars show the share of the variance along each component; the line shows their sum." : ""
    ),
    scale: "both axes use the same scale", layer: layer.name, method: methodName(of: finding),
    body: finding.neighbors == nil ? Row(spacing: 40, [plot, scree(of: finding)]) : plot)
}

/// The variance along each component.
private func scree(of finding: EmbeddingFinding) -> BarPlot {
  let explained = Array(finding.explained.prefix(10))
  var sum = 0.0
  let sums = explained.map { share in
    sum += share
    return sum
  }
  return BarPlot(
    title: "Explained variance", explained, x: "component",
    y: Axis("share", range: 0...1, format: .percent),
    line: sums, lineName: "sum", area: Size(width: 220, height: 180))
}

private func methodName(of finding: EmbeddingFinding) -> String {
  finding.neighbors == nil ? "PCA" : "t-SNE"
}

/// The same, with pictures where they have room.
///
/// - Parameters:
///   - colors: Of each of the finding's rows.
///   - side: The longer side of a picture with its frame, in points.
///   - picture: Called with the data set's indices of the pictures that are shown.
public func embeddingThumbnailFigure(
  of finding: EmbeddingFinding, layer: LayerDescription, colors: EmbeddingColors,
  side: Double = 32, picture: (Int) throws -> Image
) rethrows -> CaptionedFigure {
  let colors = DrawnColors(colors, count: finding.pictures.count)
  let points = points(of: finding)
  let plot = try ThumbnailPlot(
    points, colors: colors.points, x: axis(finding, 0), y: axis(finding, 1), aspect: .equal,
    area: Size(width: 900, height: 700), side: side
  ) { row in
    .picture(
      try thumbnail(picture(finding.pictures[row]), side: side - 2 * ThumbnailPlot.frameWidth))
  }
  return CaptionedFigure(
    title: "Pictures at their features",
    subtitle: layer.subtitle(features(of: finding, layer)),
    caption: paragraph(
      "Each of \(counted(finding.pictures.count, "picture")) is placed by its features: "
        + shares(of: plot, among: finding.pictures.count),
      method(of: finding), "Both axes use the same scale.", colors.sentence,
      coincidence(of: points, in: finding)),
    scale: "both axes use the same scale", layer: layer.name, method: methodName(of: finding),
    body: plot)
}

private func points(of finding: EmbeddingFinding) -> [Point] {
  let width = finding.coordinates.shape[1]
  let values = finding.coordinates.elements
  return (0..<finding.coordinates.shape[0]).map { row in
    Point(
      width > 0 ? Double(values[row * width]) : 0,
      width > 1 ? Double(values[row * width + 1]) : 0)
  }
}

/// How many points have a picture, and what became of the others.
private func shares(of plot: ThumbnailPlot, among count: Int) -> String {
  let (shown, others) = (plot.shown.count, count - plot.shown.count)
  guard others > 0 else { return "all are shown." }
  let start = "\(countText(shown)) \(shown == 1 ? "is" : "are") shown, and the other "
  if others == 1 {
    return start + "one, which would cover one of these, as a dot"
      + (plot.hidden > 0 ? " behind the pictures." : ".")
  }
  return start + "\(countText(others)), which would cover one of these, as dots"
    + (plot.hidden > 0 ? " (\(countText(plot.hidden)) of them behind pictures)." : ".")
}

/// How many points cannot be told apart at any size; empty if all can.
private func coincidence(of points: [Point], in finding: EmbeddingFinding) -> String {
  // That all coincide is said of the features.
  guard finding.neighbors != nil || !finding.explained.allSatisfy({ $0 == 0 }) else { return "" }
  var sizes: [SIMD2<Double>: Int] = [:]
  for point in points { sizes[SIMD2(point.x, point.y), default: 0] += 1 }
  let shared = sizes.values.filter { $0 > 1 }
  guard !shared.isEmpty else { return "" }
  return "\(counted(shared.reduce(0, +), "picture")) coincide exactly with others, at "
    + "\(counted(shared.count, "point"))."
}

private func axis(_ finding: EmbeddingFinding, _ component: Int) -> Axis {
  guard finding.neighbors == nil else { return Axis("t-SNE \(component + 1)") }
  let share = component < finding.explained.count ? finding.explained[component] : 0
  return Axis("component \(component + 1) (\(percentText(share)) of variance)")
}

private func features(of finding: EmbeddingFinding, _ layer: LayerDescription) -> String {
  finding.pooling == .mean && !layer.mapSize.isEmpty
    ? "\(countText(finding.featureCount)) features, the mean of each map"
    : "\(countText(finding.featureCount)) features"
}

private func method(of finding: EmbeddingFinding) -> String {
  let projection =
    finding.projectedTo.map {
      " The features, too many for memory, were first projected at random to \(countText($0)) "
        + "(Achlioptas 2003), so distances are approximate."
    } ?? ""
  if finding.neighbors == nil, finding.explained.allSatisfy({ $0 == 0 }) {
    return "All pictures have the same features, so all points coincide." + projection
  }
  let leftOut =
    finding.leftOut.isEmpty
    ? ""
    : " \(counted(finding.leftOut.count, "picture")) with features that are not finite "
      + "\(finding.leftOut.count == 1 ? "is" : "are") left out."
  if let fit = finding.neighbors {
    return "Points are placed so that neighbours are those of the features: t-SNE of the first "
      + "\(counted(fit.componentCount, "principal component")) with a perplexity of "
      + "\(numberText(fit.perplexity)), from the first two components, "
      + (fit.isExact
        ? "with the exact gradient (van der Maaten and Hinton 2008)"
        : "with Barnes and Hut's approximation of the gradient (van der Maaten 2014)")
      + "; the Kullback–Leibler divergence is \(numberText(fit.divergence)). Distances between "
      + "clusters, and their sizes, mean little." + projection + leftOut
  }
  return "Axes are the first two principal components of the layer's features, as in Aubry and "
    + "Russell 2015." + projection + leftOut
}

/// A picture in the size at which it is drawn.
func thumbnail(_ image: Image, side: Double) -> Image {
  let longest = Double(max(image.width, image.height))
  guard longest > 0, side >= 1 else { return image }
  func extent(_ own: Int) -> Int { max(1, Int((side * Double(own) / longest).rounded())) }
  return image.resized(width: extent(image.width), height: extent(image.height))
}
