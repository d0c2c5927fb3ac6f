public import Analysis
internal import Drawing
internal import Files
public import Images
internal import Networks

/// The picture that maximizes a class score, ready to be looked at.
public struct ClassModel: Sendable {
  public let finding: ClassModelFinding
  /// With the training mean added.
  public let image: Image
  /// What the network says of the image; nil if it is not shown by its own pixels.
  public let shown: ShownPicture?

  public init(_ finding: ClassModelFinding, image: Image, shown: ShownPicture? = nil) {
    self.finding = finding
    self.image = image
    self.shown = shown
  }
}

/// Class models side by side.
///
/// - Parameters:
///   - leftOut: Classes without a picture, since their score or its gradient was not finite.
///   - analysis: What made them.
///   - scale: How numbers became pixels, as a clause for the caption.
public func classModelFigure(
  of models: [ClassModel], classNames: ClassNames, analysis: ClassModelAnalysis,
  model: String = "", leftOut: [Int] = [],
  scale: String = "shown as pixels, clipped to black and white"
) -> CaptionedFigure {
  let single = models.count == 1 ? models.first : nil
  let names = models.map { shortened(classNames, $0.finding.classIndex, to: 190) }
  let title =
    single.map { _ in "What “\(names.first ?? "")” looks like to the network" }
    ?? "What classes look like to the network"
  let shift =
    (analysis.shift ?? 0) > 0
    ? " The picture was moved by up to \(counted(analysis.shift ?? 0, "pixel")) before each step "
      + "(Mordvintsev et al. 2015)." : ""
  let function = models.first?.finding.function ?? .softmax
  let isShown = models.contains { $0.shown != nil }
  let probability = function == .none ? "" : " and its probability"
  let scores =
    single != nil
    ? ""
    : "Below each picture: its \(isShown ? "" : "final ")\(function.scoreName)\(probability)"
      + (isShown ? " as it is shown, and the share of its values that are clipped." : ".")
  let independent =
    function == .sigmoid && models.count > 1
    ? "Each class has a probability of its own, the sigmoid of its score." : ""
  let unguided = models.filter(\.finding.isUnguided).map {
    "“\(abbreviated(classNames.shortName($0.finding.classIndex), to: 40))”"
  }
  let warning =
    unguided.isEmpty
    ? ""
    : "The gradient of \(listed(unguided)) was zero in every step: no pixel changes the score, "
      + "\(usualCausesOfZeroGradients), and the picture is random."
  let unit =
    analysis.contrast == 1
    ? "" : ", I in units of \(numberText(Double(analysis.contrast))) grey levels"
  return CaptionedFigure(
    title: title,
    subtitle: [
      abbreviated(model),
      single.map { summary(of: $0) } ?? counted(models.count, "class"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      warning,
      "From the zero picture, \(counted(analysis.steps, "step")) of gradient ascent (root mean "
        + "square of the first \(numberText(Double(analysis.rate))), then decreasing linearly) on the "
        + "\(function.scoreName) minus λ‖I‖², λ = \(numberText(Double(analysis.penalty))) "
        + "(Simonyan et al. 2014, section 2)\(unit)." + shift,
      "Each is \(scale).", scores, beforeClipping(models), independent,
      leftOut.isEmpty
        ? ""
        : "Left out, because their scores or gradients are not finite: "
          + listed(leftOut.map { shortened(classNames, $0, to: 190) }) + "."),
    scale: scale, units: models.map(\.finding.classIndex), method: "gradient ascent",
    body: single.map { pictureWithCurve($0) } ?? grid(models, names))
}

private func grid(_ models: [ClassModel], _ names: [String]) -> TileGrid {
  TileGrid(
    zip(models, names).map { model, name in
      Tile(
        model.image, caption: cutOff(name, to: 150, in: TextStyle(size: 10)),
        detail: summary(of: model))
    },
    arrangement: TileArrangement(maximumWidth: 1080, preferredSide: 224))
}

private func pictureWithCurve(_ model: ClassModel) -> any Drawable {
  let points = model.finding.scores.enumerated().map { step, score in
    Point(Double(step), Double(score))
  }
  return Row(
    spacing: 32,
    [
      Picture(model.image, fitting: 320, frame: Theme.outline),
      LinePlot(
        title: "Class score", [LinePlot.Series("", points)], x: Axis("step", format: .count),
        y: Axis(model.finding.function.axisLabel), area: Size(width: 280, height: 200)),
    ])
}

private func summary(of model: ClassModel) -> String {
  let (finding, shown) = (model.finding, model.shown)
  let score = (shown?.score ?? finding.scores.last).map { "score \(numberText(Double($0)))" }
  let probability = (shown.map(\.probability) ?? finding.probability)
    .map(probabilityText)
  let clipped = shown.map { "\(percentText($0.clippedShare)) clipped" }
  return [score, probability, clipped].compactMap(\.self).joined(separator: ", ")
}

/// What the ascent reached with values that no picture has.
private func beforeClipping(_ models: [ClassModel]) -> String {
  let clipped = models.filter { ($0.shown?.clippedShare ?? 0) > 0 }
  let scores = clipped.compactMap { $0.finding.scores.last.map { Double($0) } }
  guard let least = scores.min(), let most = scores.max() else { return "" }
  return models.count == 1
    ? "Before clipping, the score is \(numberText(most)), as in the plot."
    : "Before clipping, the scores are from \(numberText(least)) to \(numberText(most))."
}

extension ProbabilityFunction {
  /// Where the scores of a plot are taken.
  fileprivate var axisLabel: String {
    switch self {
    case .softmax: "before softmax"
    case .sigmoid: "before the sigmoid"
    case .none: "score"
    }
  }
}
