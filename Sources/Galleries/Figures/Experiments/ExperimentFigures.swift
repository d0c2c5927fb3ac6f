public import Drawing

/// Names of networks say how they differ, so they are not cut off early.
private let widestName = 280.0

/// The table of an experiment's networks.
///
/// - Parameters:
///   - subtitle: On which data, for how long.
///   - heads: One for each column; the first is the network's.
///   - rows: One cell for each column.
///   - isRelative: Whether the first network is what the others are compared with.
///   - caption: What the columns mean, and the source.
public func experimentTableFigure(
  title: String, subtitle: String, heads: [String], rows: [[String]], isRelative: Bool = false,
  caption: String
) -> CaptionedFigure {
  CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption, scale: "none",
    body: ResultTable(heads: heads, rows: rows, bold: isRelative ? [0] : []))
}

/// The errors of an experiment's networks, as bars of one scale.
///
/// - Parameter networks: Errors in `0...1`, with the network that the others differ from first.
public func errorBarsFigure(
  title: String, subtitle: String,
  networks: [(name: String, trainingError: Double, testError: Double)], caption: String
) -> CaptionedFigure {
  let greatest =
    networks.flatMap { [$0.trainingError, $0.testError] }.filter(\.isFinite).max() ?? 1
  func panel(_ heading: String, _ error: (Int) -> Double) -> any Drawable {
    Column(
      spacing: 8,
      [
        Text(heading, .heading),
        RankedBars(
          networks.indices.map {
            RankedBars.Entry(networks[$0].name, error($0), isHighlighted: $0 == 0)
          }, greatest: max(greatest, .leastNormalMagnitude), length: 200,
          widestName: widestName),
      ])
  }
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption,
    scale: "linear from zero, to \(percentText(greatest)) in both panels",
    body: Row(
      spacing: 36,
      [
        panel("Test error") { networks[$0].testError },
        panel("Training error") { networks[$0].trainingError },
      ]))
}

/// How an experiment's networks learned, each a curve of one colour in both panels.
public func experimentCurvesFigure(
  title: String, subtitle: String, networks: [(name: String, points: [CurvePoint])],
  caption: String
) -> CaptionedFigure {
  let area = Size(width: 340, height: 260)
  // Test accuracy may be known before the first epoch.
  let last = networks.flatMap(\.points).map(\.epoch).max() ?? 1
  let epochs = Axis("epoch", range: 0...Double(max(last, 1)), format: .count)
  func panel(
    _ title: String, _ names: (String) -> String, _ value: (CurvePoint) -> Double?
  ) -> LinePlot {
    LinePlot(
      title: title,
      networks.enumerated().map { index, network in
        LinePlot.Series(
          names(network.name),
          network.points.compactMap { point in
            value(point).map { Point(Double(point.epoch), $0) }
          }, color: ClassStyle(index: index).color)
      }, x: epochs, y: Axis("", format: .percent), area: area,
      widestName: widestName)
  }
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption, scale: "linear axes",
    body: Row(
      spacing: 28,
      [
        // One key is enough: both panels have the same colours.
        panel("Training accuracy", { _ in "" }, { $0.trainingAccuracy }),
        panel("Test accuracy", { $0 }, { $0.validationAccuracy }),
      ]))
}

/// The accuracy of an experiment's networks on test pictures that were shifted.
///
/// - Parameters:
///   - shifts: In pixels.
///   - networks: Accuracies in `0...1`, one for each shift.
public func shiftFigure(
  title: String, subtitle: String, shifts: [Int],
  networks: [(name: String, accuracies: [Double])], chance: Double, caption: String
) -> CaptionedFigure {
  let curves = networks.enumerated().map { index, network in
    LinePlot.Series(
      network.name, zip(shifts, network.accuracies).map { Point(Double($0), $1) },
      color: ClassStyle(index: index).color)
  }
  let ends = [shifts.first ?? 0, shifts.last ?? 1]
  let level = LinePlot.Series(
    "chance", ends.map { Point(Double($0), chance) }, isDashed: true, color: Theme.secondaryText)
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption, scale: "linear axes",
    body: LinePlot(
      curves + [level], x: Axis("shift in pixels", format: .count),
      y: Axis("test accuracy", format: .percent), area: Size(width: 460, height: 320),
      widestName: widestName))
}
