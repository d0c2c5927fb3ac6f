public import Analysis
internal import Drawing
internal import Files
public import Images
internal import Networks
internal import TensorCore

/// A saliency map with the picture it is of.
public struct SaliencyExample: Sendable {
  public let finding: SaliencyFinding
  /// What the network saw.
  public let picture: Image
  /// The picture's name.
  public let source: String
  /// The class that the data set gives it, where it does.
  public let trueClass: Int?

  public init(
    _ finding: SaliencyFinding, picture: Image, source: String, trueClass: Int? = nil
  ) {
    self.finding = finding
    self.picture = picture
    self.source = source
    self.trueClass = trueClass
  }
}

/// How many of the network's answers are shown.
private let mostAnswers = 5

/// Which pixels a class score depends on: picture, map and overlay of one picture, beside the
/// network's answers.
///
/// - Parameter unclipped: The share of pixels, by magnitude, that is not clipped; 1 for the whole
///   range.
public func saliencyFigure(
  of example: SaliencyExample, classNames: ClassNames, model: String = "", unclipped: Double = 0.995
) -> CaptionedFigure {
  let scale = SaliencyScale(unclipped: unclipped)
  let panels = SaliencyPanels(example, scaling: scale.scaling, side: 208)
  let finding = example.finding
  let shownName = shortened(classNames, finding.classIndex, to: 300, in: .title)
  let words = Column(
    spacing: 8,
    [
      Text("The network's answers", .heading),
      answers(example, classNames, count: mostAnswers, length: 96),
      Text(truth(example, classNames), .tick, width: 300),
    ])
  let body = Flowing(Row(spacing: 20, panels.headed(finding) + [words])) { width in
    // The three panels stay side by side unless they would be tiny.
    let third = (width - 40) / 3
    let side = third >= 96 ? third : (width - 20) / 2
    let small = SaliencyPanels(example, scaling: scale.scaling, side: max(48, side))
    let (row, column) = (
      Row(spacing: 20, small.headed(finding)), Column(spacing: 20, small.headed(finding))
    )
    return Column(spacing: 14, [side == third && row.size.width <= width ? row : column, words])
  }
  return CaptionedFigure(
    title: "Saliency for “\(shownName)”",
    subtitle: [
      abbreviated(model), abbreviated(example.source), scoreText(finding),
      finding.method.name,
    ]
    .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      finding.isZero ? "The map is zero everywhere: \(zeroSentence(finding))" : "",
      caption(
        finding, scale, ranges: "The map's scale is \(rangeText(panels.range))", panels.missing),
      finding.remark, settings(finding.method), sentence(of: finding.check),
      sentence(of: finding.prediction)),
    scale: "\(rangeText(panels.range)), " + scale.summary, method: finding.method.name, body: body)
}

/// Which pixels the class scores of several pictures depend on, one row per picture.
///
/// - Parameter unclipped: As for one picture.
public func saliencySheet(
  of examples: [SaliencyExample], classNames: ClassNames, model: String = "",
  unclipped: Double = 0.995
) -> CaptionedFigure {
  let scale = SaliencyScale(unclipped: unclipped)
  var missing = 0
  let rows = examples.map { example in
    let panels = SaliencyPanels(example, scaling: scale.scaling, side: 128)
    missing += panels.missing.count
    let name = shortened(classNames, example.finding.classIndex, to: 240, in: .heading)
    let words = Column(
      spacing: 4,
      [
        Text(name, .heading), Text(scoreText(example.finding), .tick),
        Text("map from \(rangeText(panels.range).replacing(" … ", with: " to "))", .tick),
        answers(example, classNames, count: 3, length: 72),
        Text(truth(example, classNames), .tick, width: 280),
        Text(example.source, .tick, oneLineWithin: 280),
      ])
    return Row(
      alignment: .center, spacing: 10, [panels.picture, panels.map, panels.overlay, words])
  }
  let method = examples.first?.finding.method ?? GradientMethod()
  // Two columns of rows if there are many.
  let half = examples.count > 6 ? (examples.count + 1) / 2 : max(1, examples.count)
  let columns = stride(from: 0, to: rows.count, by: half).map { start in
    Column(spacing: 12, Array(rows[start..<min(start + half, rows.count)]))
  }
  let zeros = examples.count { $0.finding.isZero }
  return CaptionedFigure(
    title: "Class saliency of \(counted(examples.count, "picture"))",
    subtitle: [abbreviated(model), method.name].filter { !$0.isEmpty }.joined(
      separator: " · "),
    caption: paragraph(
      zeros > 0
        ? "\(zeros) of \(counted(examples.count, "map")) are zero everywhere: "
          + zeroSentence(examples[0].finding)
        : "",
      "From left to right: what the network saw, the map, and the map over the picture.",
      examples.isEmpty
        ? ""
        : caption(
          examples[0].finding, scale,
          ranges: method.isSigned
            ? "Each map has its own scale, symmetric about zero"
            : "Each map has its own scale from 0", NonFiniteCells(missing)),
      examples.first?.finding.remark ?? "", settings(method),
      examples.first.map { sentence(of: $0.finding.prediction) } ?? ""),
    scale: "per picture \(method.isSigned ? "symmetric about zero" : "from 0"), " + scale.summary,
    method: method.name,
    body: Row(spacing: 36, columns))
}

private func zeroSentence(_ finding: SaliencyFinding) -> String {
  finding.layerMap == nil
    ? "no pixel changes the score, \(usualCausesOfZeroGradients)."
    : "the weighted sum of the layer's maps is positive nowhere."
}

/// How the greatest magnitudes become colours.
private struct SaliencyScale {
  /// The share of pixels, by magnitude, that is not clipped.
  let unclipped: Double

  var scaling: Scaling { .clipped(above: unclipped) }

  var summary: String {
    unclipped < 1 ? "clipped above the \(percentileText(unclipped))" : "up to the maximum"
  }

  /// As a clause for the caption.
  func clipping(isSigned: Bool) -> String {
    let clipped = percentText(1 - unclipped)
    return switch (isSigned, unclipped < 1) {
    case (true, true):
      "beyond which the \(clipped) of pixels of greatest magnitude keep the darkest colours"
    case (true, false): "up to the greatest magnitude"
    case (false, true): "the greatest \(clipped) of pixels clipped to the brightest colour"
    case (false, false): "up to the greatest pixel"
    }
  }
}

private func hatched(_ map: any Drawable) -> any Drawable {
  Column(spacing: 8, [map, Legend([Legend.Entry("not finite", .hatching)])])
}

private func caption(
  _ finding: SaliencyFinding, _ scale: SaliencyScale, ranges: String, _ missing: NonFiniteCells
) -> String {
  let method = finding.method
  let hasChannels = finding.attribution.shape[1] > 1
  let clipping = scale.clipping(isSigned: method.isSigned)
  let map =
    method.isSigned
    ? "; the map is \(hasChannels ? "its sum over the channels, " : "")red for positive and blue for "
      + "negative contributions to the score"
    : hasChannels ? "; the map is its greatest magnitude over the channels" : ""
  return paragraph(
    "\(method.explanation(of: finding.prediction.function.scoreName)) (\(method.citation))\(map).",
    "\(ranges), \(clipping).",
    method.isSigned
      ? "In the overlay the picture, in grey, is lit in the map's colours; it stays grey where the "
        + "map is 0."
      : "In the overlay the picture, in grey, is lit in the map's colours: dim where the map is 0, "
        + "and brightest where it is greatest.",
    missing.sentence(of: "pixel"))
}

/// `0 … 1.5`, `−1.5 … 1.5`.
private func rangeText(_ range: ClosedRange<Float>) -> String {
  "\(numberText(Double(range.lowerBound))) … \(numberText(Double(range.upperBound)))"
}

private func settings(_ method: any AttributionMethod) -> String {
  // The layer is among what the method says.
  let settings = method.settings.filter { $0.name != "layer" }
  guard !settings.isEmpty else { return "" }
  return "Parameters: \(settings.map { "\($0.name) \($0.value)" }.joined(separator: ", "))."
}

private func sentence(of check: AttributionCheck?) -> String {
  guard let check else { return "" }
  let (sum, expected) = (numberText(check.sum), numberText(check.expected))
  return switch check.kind {
  case .completeness:
    "The attributions add up to \(sum), and the score minus that of the baseline is "
      + "\(expected) (gap \(numberText(check.gap)))."
  case .conservation:
    "The relevance of all pixels adds up to \(sum), and the score is \(expected)."
  }
}

/// What the probabilities are, if they are not those of classes that exclude each other.
private func sentence(of prediction: Prediction) -> String {
  switch (prediction.function, prediction.candidates.count) {
  case (.softmax, _): ""
  case (.sigmoid, 1): "The probability is the sigmoid of the score."
  case (.sigmoid, _):
    "Each class has a probability of its own, the sigmoid of its score; together they need not add "
      + "up to 100 %."
  case (.none, _): "The network gives one score and no probability."
  }
}

/// A panel below its heading.
func headed(_ heading: String, _ content: any Drawable) -> any Drawable {
  Column(spacing: 6, [Text(heading, .heading), content])
}

/// The network's first choices with their probabilities, or with their scores if it has none.
private func answers(
  _ example: SaliencyExample, _ classNames: ClassNames, count: Int, length: Double
) -> any Drawable {
  let shown = example.finding.classIndex
  var candidates = Array(example.finding.prediction.candidates.prefix(count))
  if !candidates.contains(where: { $0.index == shown }),
    let own = example.finding.prediction[shown]
  {
    candidates.append(own)
  }
  let entries = candidates.compactMap { candidate in
    candidate.probability.map {
      RankedBars.Entry(
        shortened(classNames, candidate.index, to: 150), unroundedProbability($0),
        isHighlighted: candidate.index == shown)
    }
  }
  guard entries.isEmpty else { return RankedBars(entries, greatest: 1, length: length) }
  return Column(
    spacing: 3,
    candidates.map {
      let name = shortened(classNames, $0.index, to: 150)
      return Text("\(name): score \(numberText(Double($0.score)))", .label)
    })
}

private func scoreText(_ finding: SaliencyFinding) -> String {
  guard let candidate = finding.prediction[finding.classIndex] else { return "" }
  let probability = candidate.probability.map { ", probability \(probabilityText($0))" }
  return "score \(numberText(Double(candidate.score)))" + (probability ?? "")
}

private func truth(_ example: SaliencyExample, _ classNames: ClassNames) -> String {
  example.trueClass.map { "The picture is labelled “\(abbreviated(classNames[$0]))”." } ?? ""
}

/// Picture, map and overlay in one size.
private struct SaliencyPanels {
  let picture: Picture
  let map: Heatmap
  let overlay: Overlay
  let range: ClosedRange<Float>
  let size: Size
  let missing: NonFiniteCells
  let colormap: Colormap

  init(_ example: SaliencyExample, scaling: Scaling, side: Double) {
    let shape = example.finding.map.shape
    let raster = Raster(
      width: shape[1], height: shape[0], values: example.finding.map.elements)
    let magnitudes = scaling.range(of: raster.values)
    let isSigned = example.finding.method.isSigned
    range = isSigned ? -magnitudes.upperBound...magnitudes.upperBound : magnitudes
    colormap = isSigned ? .blueWhiteRed : .inferno
    missing = NonFiniteCells(in: [raster])
    let zoom = pixelZoom(toward: side, width: raster.width, height: raster.height)
    size = Size(
      width: max(1, (zoom * Double(raster.width)).rounded()),
      height: max(1, (zoom * Double(raster.height)).rounded()))
    picture = Picture(
      example.picture, size: size, interpolation: zoom >= 2 ? .nearest : .smooth,
      frame: Theme.outline)
    map = Heatmap(
      raster, colormap: colormap, range: range, size: size,
      interpolation: zoom >= 1 ? .nearest : .smooth)
    overlay = Overlay(
      raster, over: example.picture, colormap: colormap, range: range, size: size)
  }

  /// Picture, map and overlay under their headings, the last two with a colour bar.
  func headed(_ finding: SaliencyFinding) -> [any Drawable] {
    let map = Column(
      spacing: 8,
      [
        map,
        ColorBar(
          colormap, range: range,
          label: finding.method.isSigned ? "against / for the class" : "saliency",
          length: size.width),
      ])
    let overlay = Column(
      spacing: 8,
      [
        overlay,
        ColorBar(
          Overlay.light(of: colormap), range: range, label: "the same over white",
          length: size.width),
      ])
    let heading = finding.isZero ? "Saliency: zero everywhere" : "Saliency"
    return [
      Galleries.headed("What the network saw", picture),
      Galleries.headed(heading, missing.count == 0 ? map : hatched(map)),
      Galleries.headed("Overlay", overlay),
    ]
  }
}
