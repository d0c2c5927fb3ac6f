public import Analysis
internal import Drawing
public import Images
internal import Networks
internal import TensorCore

/// One picture, and which of its pixels the same class score depends on in several networks.
public struct ComparedSaliency: Sendable {
  /// One for each network, all of the same class.
  public let findings: [SaliencyFinding]
  /// What the networks saw.
  public let picture: Image
  public let source: String
  public let trueClass: Int?

  public init(
    _ findings: [SaliencyFinding], picture: Image, source: String, trueClass: Int? = nil
  ) {
    (self.findings, self.picture) = (findings, picture)
    (self.source, self.trueClass) = (source, trueClass)
  }
}

/// Which pixels the same class scores depend on in several networks: a row for each picture.
public func saliencyComparisonFigure(
  of examples: [ComparedSaliency], names: [String], classNames: ClassNames,
  unclipped: Double = 0.995
) -> CaptionedFigure {
  let method = examples.first?.findings.first?.method ?? .gradient
  let isSigned = method.isSigned
  let colormap = isSigned ? Colormap.blueWhiteRed : .inferno
  var missing = 0
  let rows = examples.map { example -> ComparedRow in
    let maps = example.findings.map { finding in
      Raster(
        width: finding.map.shape[1], height: finding.map.shape[0], values: finding.map.elements)
    }
    missing += NonFiniteCells(in: maps).count
    let end = Scaling.clipped(above: unclipped).range(ofAll: maps.map(\.values)).upperBound
    let range = isSigned ? -end...end : 0...end
    let zoom = pixelZoom(toward: 112, width: maps[0].width, height: maps[0].height)
    let size = Size(
      width: (zoom * Double(maps[0].width)).rounded(),
      height: (zoom * Double(maps[0].height)).rounded())
    func short(_ index: Int) -> String { shortened(classNames, index, to: 96, in: .tick) }
    let seen = Picture(
      example.picture, size: size, interpolation: zoom >= 2 ? .nearest : .smooth,
      frame: Theme.outline)
    let explained = example.findings[0].classIndex
    let cells: [any Drawable] = zip(maps, example.findings).map { map, finding in
      let heat = Heatmap(
        map, colormap: colormap, range: range, size: size,
        interpolation: zoom >= 1 ? .nearest : .smooth)
      let choice = finding.prediction.candidates.first
      return captioned(
        heat, choice.map { "says \(short($0.index)): \($0.strength)" } ?? "",
        choice?.index == explained
          ? "" : finding.prediction[explained].map { "\(short($0.index)): \($0.strength)" } ?? "")
    }
    return ComparedRow(
      heading: "for “\(short(explained))”",
      details: [
        example.trueClass == nil || example.trueClass == explained
          ? "" : "labelled \(short(example.trueClass ?? 0))",
        "scale " + rangeText(range).replacing(" … ", with: " to "),
      ],
      cells: [captioned(seen, abbreviatedSource(example.source))] + cells)
  }
  let clipped = percentText(1 - unclipped)
  return CaptionedFigure(
    title: "Class saliency, side by side",
    subtitle: "\(comparedTitle(names)) · \(method.name)",
    caption: paragraph(
      "Each row is a picture; every checkpoint explains the same class, which is named at the left: "
        + "the true class if it is known, otherwise the first choice of "
        + "\(abbreviatedName(names[0])). Below each map: the checkpoint's first choice and, if that "
        + "is another class, the probability of the explained one.",
      examples.first.map {
        "\(method.explanation(of: $0.findings[0].prediction.function.scoreName)) "
          + "(\(method.citation))"
          + (isSigned
            ? "; red is for positive and blue for negative contributions, summed over the channels."
            : "; shown is the greatest magnitude over the channels.")
      } ?? "",
      "The maps of a row share one scale, written at its left, beyond which the \(clipped) of "
        + "pixels of greatest magnitude are clipped.",
      NonFiniteCells(missing).sentence(of: "pixel")),
    scale: "per picture, the same for all checkpoints, clipped above the "
      + percentileText(unclipped),
    method: method.name,
    body: SideBySide.flowing(rows, columns: ["picture"] + names))
}

/// A picture's name in the width of a picture.
private func abbreviatedSource(_ source: String) -> String {
  // Of pictures in one file, their numbers differ; of files, their names.
  let name = source.wholeMatch(of: /.* (#\d+)/).map { String($0.output.1) } ?? source
  return Text(name, .tick, oneLineWithin: 112).lines.first ?? ""
}
