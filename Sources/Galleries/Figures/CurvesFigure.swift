internal import Drawing
internal import Files
internal import Foundation

/// What was measured after one epoch of training.
public struct CurvePoint: Sendable, Hashable {
  /// From 1; 0 for a measurement before any training.
  public var epoch: Int
  public var trainingLoss: Double?
  public var validationLoss: Double?
  /// In `0...1`, as all accuracies.
  public var trainingAccuracy: Double?
  public var validationAccuracy: Double?
  public var learningRate: Double?

  public init(
    epoch: Int, trainingLoss: Double? = nil, validationLoss: Double? = nil,
    trainingAccuracy: Double? = nil, validationAccuracy: Double? = nil,
    learningRate: Double? = nil
  ) {
    self.epoch = epoch
    self.trainingLoss = trainingLoss
    self.validationLoss = validationLoss
    self.trainingAccuracy = trainingAccuracy
    self.validationAccuracy = validationAccuracy
    self.learningRate = learningRate
  }
}

/// How well the last network knows the pictures it was trained on.
public struct TrainedPoint: Sendable, Hashable {
  public var loss: Double
  /// In `0...1`.
  public var accuracy: Double
  /// How many pictures it was measured on.
  public var pictures: Int

  public init(loss: Double, accuracy: Double, pictures: Int) {
    (self.loss, self.accuracy, self.pictures) = (loss, accuracy, pictures)
  }
}

/// How a network learned.
///
/// The loss has a logarithmic axis if it grew beyond what a linear one can show.
///
/// - Parameters:
///   - isTest: Whether the pictures that it was not trained on are the test set, on which no epoch
///     may be chosen.
///   - trained: The score of the last network on its training pictures, if it has no others.
///   - hasLayerRates: Whether some layers learned at a part of the learning rate.
public func curvesFigure(
  of points: [CurvePoint], model: String = "", isTest: Bool = false, trained: TrainedPoint? = nil,
  hasLayerRates: Bool = false
) -> CaptionedFigure {
  let tried = isTest ? "test" : "validation"
  let area = Size(width: 300, height: 220)
  let (from, to) = (points.map(\.epoch).min() ?? 0, points.map(\.epoch).max() ?? 0)
  // The same in all panels, though only some have a point before training.
  // Points at the ends are beside the axes, not on them.
  let margin = 0.01 * Double(to - from)
  let epochs = Axis(
    "epoch", range: from < to ? (Double(from) - margin)...(Double(to) + margin) : nil,
    format: .count)
  let last = Double(points.last?.epoch ?? 0)
  func end(_ value: Double?) -> [LinePlot.Series] {
    value.map { [LinePlot.Series("last network", [Point(last, $0)])] } ?? []
  }
  let losses =
    series(points, [("training", \.trainingLoss), (tried, \.validationLoss)])
    + end(trained?.loss)
  let lossScale = lossScale(losses.flatMap(\.points).map(\.y))
  let accuracies =
    series(points, [("training", \.trainingAccuracy), (tried, \.validationAccuracy)])
    + end(trained?.accuracy)
  let rates = series(points, [("", \.learningRate)])
  var panels: [any Drawable] = []
  if !losses.isEmpty {
    panels.append(
      LinePlot(
        title: "Loss", losses, x: epochs, y: Axis("cross-entropy", scale: lossScale), area: area))
  }
  if !accuracies.isEmpty {
    panels.append(
      LinePlot(
        title: "Accuracy", accuracies, x: epochs, y: .shares(), area: area))
  }
  if !rates.isEmpty {
    panels.append(
      LinePlot(
        title: "Learning rate", rates, x: epochs, y: Axis("", scale: rateScale(points)),
        area: Size(width: 200, height: 220), firstColor: 2))
  }
  if panels.isEmpty { panels.append(Text("Nothing was measured.", .label)) }
  return CaptionedFigure(
    title: "Training curves",
    subtitle: [abbreviated(model), counted(points.count { $0.epoch > 0 }, "epoch")].filter {
      !$0.isEmpty
    }
    .joined(separator: " · "),
    caption: paragraph(
      "Each point is an epoch.", training(points, trained),
      moments(points, tried, hasLayerRates: hasLayerRates),
      accuracy(points, isTest: isTest), gaps(points)),
    scale: scaleText([("loss", lossScale), ("learning rate", rateScale(points))]),
    body: Row(spacing: 28, panels))
}

private func series(
  _ points: [CurvePoint], _ kinds: [(String, any KeyPath<CurvePoint, Double?> & Sendable)]
) -> [LinePlot.Series] {
  kinds.compactMap { name, value in
    let measured = points.compactMap { point in
      point[keyPath: value].map { Point(Double(point.epoch), $0) }
    }
    return measured.isEmpty ? nil : LinePlot.Series(name, measured)
  }
}

/// Logarithmic if the rate falls by factors, such as in steps; a cosine stays linear.
private func rateScale(_ points: [CurvePoint]) -> Axis.Scale {
  let rates = points.compactMap(\.learningRate).filter { $0 > 0 }.sorted()
  guard let greatest = rates.last else { return .linear }
  return greatest > 10 * rates[rates.count / 2] ? .logarithmic : .linear
}

/// Logarithmic for a loss that exploded; that of a network that learns falls by less.
private func lossScale(_ losses: [Double]) -> Axis.Scale {
  let known = losses.filter(\.isFinite).sorted()
  guard let least = known.first, let greatest = known.last, least > 0 else { return .linear }
  return greatest > 1000 * max(least, 1) ? .logarithmic : .linear
}

private func scaleText(_ axes: [(name: String, scale: Axis.Scale)]) -> String {
  let names = axes.filter { $0.scale == .logarithmic }.map(\.name)
  return names.isEmpty
    ? "linear axes"
    : names.count == 1
      ? "linear axes, that of the \(names[0]) logarithmic"
      : "linear axes, those of the \(names.joined(separator: " and the ")) logarithmic"
}

/// When training values were measured.
private func training(_ points: [CurvePoint], _ trained: TrainedPoint?) -> String {
  guard points.contains(where: { $0.trainingLoss != nil }) else { return "" }
  let before =
    "Training values are means over an epoch, measured before each step, "
    + "with augmentation and dropout if the recipe has them"
  guard let trained else { return before + "." }
  return "\(before); the last network has a loss of \(numberText(trained.loss)) and an accuracy of "
    + "\(percentText(trained.accuracy)) on \(counted(trained.pictures, "training picture"))."
}

/// When the other values were measured.
private func moments(
  _ points: [CurvePoint], _ tried: String, hasLayerRates: Bool
) -> String {
  let isTried = points.contains { $0.validationLoss != nil || $0.validationAccuracy != nil }
  return paragraph(
    isTried ? "\(tried.capitalized) values are measured after it." : "",
    points.contains { $0.learningRate != nil }
      ? "The learning rate is that of the epoch's last step"
        + (hasLayerRates ? "; layers that began with given weights had a part of it." : ".") : "")
}

/// Which epochs have no points, since what was measured is not finite.
private func gaps(_ points: [CurvePoint]) -> String {
  let epochs = points.filter { point in
    [
      point.trainingLoss, point.validationLoss, point.trainingAccuracy,
      point.validationAccuracy, point.learningRate,
    ].contains { !($0?.isFinite ?? true) }
  }.map(\.epoch)
  return epochs.isEmpty
    ? ""
    : "Gaps are measurements that are not finite, in "
      + "\(epochs.count == 1 ? "epoch" : "epochs") \(listed(epochs))."
}

private func accuracy(_ points: [CurvePoint], isTest: Bool) -> String {
  let measured = points.compactMap { point in
    point.validationAccuracy.flatMap { $0.isFinite ? (point.epoch, $0) : nil }
  }
  guard let last = measured.last, let best = measured.max(by: { $0.1 < $1.1 }) else { return "" }
  guard !isTest else { return "Test accuracy ends at \(percentText(last.1))." }
  return "Validation accuracy ends at \(percentText(last.1)); its best is "
    + "\(percentText(best.1)) \(best.0 == 0 ? "before training" : "after epoch \(best.0)")."
}
