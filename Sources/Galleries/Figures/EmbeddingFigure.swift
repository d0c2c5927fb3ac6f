public import Analysis
internal import Drawing
public import Images
internal import TensorCore

/// Pictures as points along the first two principal components of a layer's features, by class,
/// beside the variance that each component explains.
///
/// - Parameters:
///   - labels: The class of each of the finding's rows, nil where unknown.
///   - classNames: Empty if there are no classes.
public func embeddingFigure(
  of finding: EmbeddingFinding, layer: LayerDescription, labels: [Int?], classNames: [String]
) -> CaptionedFigure {
  let classes = PlottedClasses(labels: labels, names: classNames, count: finding.pictures.count)
  let plot = ScatterPlot(
    points(of: finding), classes: classes.indices, names: classes.names,
    x: axis(finding, 0), y: axis(finding, 1), aspect: .equal,
    area: Size(width: 560, height: 460))
  let explained = Array(finding.explained.prefix(10))
  var sum = 0.0
  let sums = explained.map { share in
    sum += share
    return sum
  }
  let scree = BarPlot(
    title: "Explained variance", explained, x: "component",
    y: Axis("share", range: 0...1, format: .percent),
    line: sums, lineName: "sum", area: Size(width: 220, height: 180))
  return CaptionedFigure(
    title: "Pictures by their features",
    subtitle: layer.subtitle(features(of: finding, layer)),
    caption: paragraph(
      "Each point is one of \(counted(finding.pictures.count, "picture")).", method(of: finding),
      "Both axes use the same scale.", classes.sentence,
      "Bars show the share of the variance along each component; the line shows their sum."),
    scale: "both axes use the same scale", layer: layer.name, method: "PCA",
    body: Row(spacing: 40, [plot, scree]))
}

/// The same, with pictures where they have room.
///
/// - Parameters:
///   - side: Of a picture, in points.
///   - picture: Called with the data set's indices of the pictures that are shown.
public func embeddingThumbnailFigure(
  of finding: EmbeddingFinding, layer: LayerDescription, labels: [Int?], classNames: [String],
  side: Double = 32, picture: (Int) throws -> Image
) rethrows -> CaptionedFigure {
  let classes = PlottedClasses(labels: labels, names: classNames, count: finding.pictures.count)
  let plot = try ThumbnailPlot(
    points(of: finding), classes: classes.indices, names: classes.names,
    x: axis(finding, 0), y: axis(finding, 1), aspect: .equal,
    area: Size(width: 900, height: 700), side: side
  ) { row in
    try thumbnail(picture(finding.pictures[row]), side: Int(side) - 3)
  }
  return CaptionedFigure(
    title: "Pictures at their features",
    subtitle: layer.subtitle(features(of: finding, layer)),
    caption: paragraph(
      "Each of \(counted(finding.pictures.count, "picture")) is placed by its features; "
        + "\(countText(plot.shown.count)) are shown as pictures, those that would cover an earlier "
        + "one as dots.",
      method(of: finding), "Both axes use the same scale.", classes.sentence),
    scale: "both axes use the same scale", layer: layer.name, method: "PCA", body: plot)
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

private func axis(_ finding: EmbeddingFinding, _ component: Int) -> Axis {
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
  if finding.explained.allSatisfy({ $0 == 0 }) {
    return "All pictures have the same features, so all points coincide." + projection
  }
  let leftOut =
    finding.leftOut.isEmpty
    ? ""
    : " \(counted(finding.leftOut.count, "picture")) with features that are not finite "
      + "\(finding.leftOut.count == 1 ? "is" : "are") left out."
  return "Axes are the first two principal components of the layer's features, as in Aubry and "
    + "Russell 2015." + projection + leftOut
}

/// The square middle of a picture in the size at which it is drawn.
private func thumbnail(_ image: Image, side: Int) -> Image {
  let square = min(image.width, image.height)
  guard square > 0, side > 0 else { return image }
  return image.centerCropped(width: square, height: square).resized(width: side, height: side)
}

/// Which points get which colour and name.
struct PlottedClasses {
  /// With more classes than this, the commonest get colours and the others are grey.
  private static let most = 12

  let indices: [Int]
  let names: [String]
  let sentence: String

  init(labels: [Int?], names: [String], count: Int) {
    let labels = (0..<count).map { $0 < labels.count ? labels[$0] : nil }
    var sizes: [Int: Int] = [:]
    for label in labels.compactMap(\.self) { sizes[label, default: 0] += 1 }
    func name(_ label: Int) -> String { label < names.count ? names[label] : "class \(label)" }
    guard !sizes.isEmpty else {
      (indices, self.names) = (Array(repeating: 0, count: count), [])
      sentence = "The pictures have no classes."
      return
    }
    // The last of the colours is grey.
    let most = Self.most - 1
    let isComplete = !labels.contains(nil)
    if sizes.count <= most || isComplete && sizes.count == most + 1 {
      let order = sizes.keys.sorted()
      let rest = isComplete ? [] : ["without a class"]
      let places = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
      indices = labels.map { label in label.flatMap { places[$0] } ?? order.count }
      self.names = order.map(name) + rest
      sentence = "Colours are classes."
      return
    }
    let commonest = sizes.keys.sorted { (-(sizes[$0] ?? 0), $0) < (-(sizes[$1] ?? 0), $1) }
      .prefix(most)
    let places = Dictionary(uniqueKeysWithValues: zip(commonest, commonest.indices))
    indices = labels.map { label in label.flatMap { places[$0] } ?? most }
    self.names = commonest.map(name) + ["\(countText(sizes.count - most)) others"]
    sentence =
      "Of \(countText(sizes.count)) classes the \(most) most common have colours; the others are grey."
  }
}
