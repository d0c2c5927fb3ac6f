public import Analysis
internal import Drawing
internal import Files
internal import Foundation
public import Images

/// Which distance between features is drawn.
public enum FeatureDistance: String, Sendable, Hashable, CaseIterable {
  /// The Euclidean one, divided by the norm of the original's features.
  case euclidean
  /// 1 − cosine.
  case cosine
}

/// A picture of an invariance figure.
public struct SweptPicture: Sendable {
  public let name: String
  /// The class whose probability is drawn; nil if there are no probabilities.
  public let className: String?
  /// One for each amount, as the network sees it; none of pictures beyond ``mostStrips``.
  public let images: [Image]

  /// How many of a figure's pictures are drawn: more would say no more of what was done to them.
  public static let mostStrips = 5

  /// - Parameters:
  ///   - name: The picture's.
  ///   - className: The class whose probability is drawn.
  ///   - images: One for each amount.
  public init(name: String, className: String?, images: [Image]) {
    (self.name, self.className, self.images) = (name, className, images)
  }
}

/// How features of some layers, and the probabilities of classes, change while pictures are moved,
/// scaled or rotated: a thin curve for each picture and their mean, above the pictures themselves.
///
/// - Parameters:
///   - finding: Of one transformation.
///   - pictures: Those of the finding.
///   - layers: Those of the finding.
///   - measure: Which of the finding's distances is drawn.
///   - surround: What is seen outside the pictures, as the end of a sentence.
///   - labelled: How many of the classes are the pictures' own and not the network's choice.
public func invarianceFigure(
  of finding: InvarianceFinding, pictures: [SweptPicture], layers: [LayerDescription],
  measure: FeatureDistance, surround: String, labelled: Int
) -> CaptionedFigure {
  let curves = finding.layers.map {
    measure == .euclidean ? $0.distances : $0.cosineDistances
  }
  var panels = finding.layers.indices.map { index in
    panel(finding.layers[index], curves[index], of: finding, layers[index], measure)
  }
  if !finding.probabilities.isEmpty {
    panels.append(
      .init(
        "Class probability",
        series(finding.probabilities, in: finding) + [
          .init(
            "mean", points(InvarianceFinding.mean(of: finding.probabilities), in: finding),
            color: Theme.text)
        ],
        y: Axis("", range: 0...1, format: .percent)))
  }
  let strips = pictures.prefix(SweptPicture.mostStrips).enumerated().map { index, picture in
    SweepPlot.Strip(
      abbreviated(picture.name, to: 24), picture.className,
      picture.images, color: ClassStyle(index: index).color)
  }
  let transformation = finding.sweep.transformation
  return CaptionedFigure(
    title: transformation.title,
    subtitle: [
      layers.first.map { abbreviated($0.model) } ?? "", counted(pictures.count, "picture"),
    ]
    .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Thin curves are single pictures, in the colours of their frames"
        + (pictures.count > SweptPicture.mostStrips
          ? " (of which the first \(SweptPicture.mostStrips) are shown)" : "")
        + "; the thick one is their mean.",
      measure.sentence, movedSentence(finding, measure), spreadSentence(finding, measure),
      classSentence(finding, labelled),
      "Pictures are transformed at the size of the network's input, with bilinear interpolation "
        + "about the centre; outside them is \(surround).",
      gaps(curves),
      "After Zeiler and Fergus 2014 (arXiv:1311.2901, figure 5)."),
    scale: "linear axes, those of distances from 0",
    method: "\(transformation.rawValue), \(measure.rawValue) distance",
    body: SweepPlot(
      panels, x: transformation.axis, values: finding.sweep.amounts, strips: strips))
}

private func panel(
  _ layer: InvarianceFinding.Layer, _ curves: [[Double]], of finding: InvarianceFinding,
  _ description: LayerDescription, _ measure: FeatureDistance
) -> SweepPlot.Panel {
  var all = series(curves, in: finding)
  let mean = InvarianceFinding.mean(of: curves)
  all.append(.init("mean", points(mean, in: finding), color: Theme.text))
  if measure == .euclidean {
    if let moved = layer.movedDistances {
      all.append(
        .init(
          "map moved along", points(InvarianceFinding.mean(of: moved), in: finding),
          isDashed: true, color: Theme.text))
    }
    if let spread = layer.spread {
      all.append(
        .init(
          "other pictures", points(mean.map { _ in spread }, in: finding), isDashed: true,
          color: Theme.secondaryText))
    }
  }
  let greatest = all.flatMap(\.points).map(\.y).filter(\.isFinite).max() ?? 1
  return .init(
    "\(description.title) (\(description.extent))", all,
    y: Axis("distance", range: 0...max(1.08 * greatest, .leastNormalMagnitude)))
}

private func series(
  _ curves: [[Double]], in finding: InvarianceFinding
) -> [LinePlot.Series] {
  curves.enumerated().map { index, values in
    .init("", points(values, in: finding), isThin: true, color: ClassStyle(index: index).color)
  }
}

private func points(_ values: [Double], in finding: InvarianceFinding) -> [Point] {
  zip(finding.sweep.amounts, values).map { Point($0, $1) }
}

extension PictureTransformation {
  /// What was done, as the title of a figure.
  fileprivate var title: String {
    switch self {
    case .vertical: "Invariance to vertical translation"
    case .horizontal: "Invariance to horizontal translation"
    case .scale: "Invariance to scale"
    case .rotation: "Invariance to rotation"
    }
  }

  /// As the heading of a column.
  fileprivate var heading: String {
    switch self {
    case .vertical: "vertical translation"
    case .horizontal: "horizontal translation"
    case .scale: "scale"
    case .rotation: "rotation"
    }
  }

  fileprivate var axis: Axis {
    switch self {
    case .vertical: Axis("pixels down")
    case .horizontal: Axis("pixels to the right")
    case .scale: Axis("factor")
    case .rotation: Axis("angle, counterclockwise", format: .degrees)
    }
  }

  /// `−60 … 60 pixels`.
  fileprivate func range(_ amounts: [Double]) -> String {
    let ends = [amounts.first ?? 0, amounts.last ?? 0].map { numberText($0) }
    let range = "\(ends[0]) … \(ends[1])"
    switch self {
    case .vertical, .horizontal: return range + " pixels"
    case .scale: return "factors \(range)"
    case .rotation: return range + "°"
    }
  }
}

extension FeatureDistance {
  fileprivate var sentence: String {
    switch self {
    case .euclidean:
      "Distances are Euclidean, between the features of the original and of the transformed "
        + "picture, divided by the norm of the original's: 0 for no change."
    case .cosine:
      "Distances are 1 − cosine between the features of the original and of the transformed "
        + "picture: 0 for no change of direction."
    }
  }
}

private func movedSentence(_ finding: InvarianceFinding, _ measure: FeatureDistance) -> String {
  guard measure == .euclidean, finding.layers.contains(where: { $0.movedDistances != nil }) else {
    return ""
  }
  return
    "Dashed black: the mean distance that remains if the original's maps are moved as the picture "
    + "is and compared where both exist, relative to the moved maps' norm; near 0, the maps are "
    + "equivariant (Lenc and Vedaldi 2015)."
}

private func spreadSentence(_ finding: InvarianceFinding, _ measure: FeatureDistance) -> String {
  guard measure == .euclidean, finding.layers.contains(where: { $0.spread != nil }) else {
    return ""
  }
  return "Dashed grey: how far apart different pictures are (root mean square)."
}

private func classSentence(_ finding: InvarianceFinding, _ labelled: Int) -> String {
  guard !finding.classes.isEmpty else { return "" }
  return switch labelled {
  case finding.classes.count: "Probabilities are those of the true classes."
  case 0: "Probabilities are those of the network's first choice for the original."
  default:
    "Probabilities are those of the true classes where they are known, otherwise of the network's "
      + "first choice for the original."
  }
}

private func gaps(_ curves: [[[Double]]]) -> String {
  curves.joined().joined().allSatisfy(\.isFinite)
    ? "" : "Gaps are distances that are not finite: features are not, or are all zero."
}

/// Whether layers withstand each transformation, in words and numbers.
///
/// - Parameters:
///   - findings: One for each transformation, of the same pictures and layers.
///   - layers: Those of the findings.
public func invarianceTable(
  of findings: [InvarianceFinding], layers: [LayerDescription]
) -> CaptionedFigure {
  let cells = layers.indices.map { layer in
    findings.map { cell($0.layers[layer], in: $0) }
  }
  let count = findings.first?.pictures.count ?? 0
  var ranges: [String] = []
  for finding in findings {
    let range = finding.sweep.transformation.range(finding.sweep.amounts)
    if !ranges.contains(range) { ranges.append(range) }
  }
  let hasSpread = findings.contains { $0.layers.contains { $0.spread != nil } }
  return CaptionedFigure(
    title: "Invariant or equivariant?",
    subtitle: [layers.first.map { abbreviated($0.model) } ?? "", counted(count, "picture")]
      .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Numbers are mean relative distances of features over "
        + listed(ranges) + ":"
        + " first between original and transformed picture (invariance), then after the original's "
        + "maps are moved as the picture is (equivariance).",
      hasSpread
        ? "Percentages are of the root mean square distance between different pictures, which each "
          + "layer has its own of: “yes” is up to "
          + "\(percentText(InvarianceVerdict.greatestOfYes)) of it, “no” from "
          + "\(percentText(InvarianceVerdict.leastOfNo)) on, and “in part” is between. Cells are "
          + "tinted by the share for invariance."
        : "There is no verdict: it needs two pictures or more, whose distance is the measure."),
    scale: "shares of the distance between different pictures, 0 … 1",
    method: "mean over the sweep",
    body: WordTable(
      rows: layers.map { "\($0.title) (\($0.extent))" },
      columns: findings.map(\.sweep.transformation.heading), cells: cells))
}

private func cell(
  _ layer: InvarianceFinding.Layer, in finding: InvarianceFinding
) -> WordTable.Cell {
  func line(_ name: String, _ distance: Double) -> String {
    let verdict = InvarianceVerdict(distance, spread: layer.spread)
    let number = distance.isFinite ? measureText(distance, decimals: 2) : "–"
    guard let verdict, let spread = layer.spread else { return "\(name): \(number)" }
    return "\(name): \(verdict.rawValue) (\(number) = \(percentText(distance / spread)))"
  }
  let distance = finding.overall(layer.distances)
  let tint = layer.spread.flatMap { $0 > 0 && distance.isFinite ? distance / $0 : nil }
  return WordTable.Cell(
    [line("invariant", distance)]
      + (layer.movedDistances.map { [line("equivariant", finding.overall($0))] } ?? []),
    tint: tint)
}
