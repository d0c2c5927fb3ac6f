internal import Drawing
internal import Foundation

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
/// - Parameters:
///   - networks: Errors in `0...1`, with the network that the others differ from first.
///   - chance: The error of guessing, a line in both panels; nil for none.
public func errorBarsFigure(
  title: String, subtitle: String,
  networks: [(name: String, trainingError: RepeatedMeasure, testError: RepeatedMeasure)],
  chance: Double? = nil, caption: String
) -> CaptionedFigure {
  // Numbers of both panels are read beside each other.
  let all = networks.flatMap { [$0.trainingError, $0.testError] }
  let errors = all.map(\.mean)
  let ends = all.map { $0.mean + ($0.deviation.isFinite ? $0.deviation : 0) }
  let greatest = (ends + [chance ?? 0]).filter(\.isFinite).max() ?? 1
  func panel(_ heading: String, _ error: (Int) -> RepeatedMeasure) -> any Drawable {
    Column(
      spacing: 8,
      [
        Text(heading, .heading),
        RankedBars(
          networks.indices.map {
            RankedBars.Entry(
              networks[$0].name, error($0).mean, deviation: error($0).deviation,
              isHighlighted: $0 == 0)
          }, greatest: max(greatest, .leastNormalMagnitude), length: 240,
          widestName: widestName, beside: errors,
          level: chance.map { RankedBars.Level("chance", $0) }),
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
  // Before the first epoch all networks guess, and an axis that has room for that has none for
  // their differences.
  let last = networks.flatMap(\.points).map(\.epoch).max() ?? 1
  let first = min(1, last)
  let end = Double(max(last, first + 1))
  // Points at the ends are beside the axes, not on them.
  let margin = 0.01 * (end - Double(first))
  let epochs = Axis(
    "epoch", range: (Double(first) - margin)...(end + margin), format: .count)
  func panel(
    _ title: String, _ names: (String) -> String, _ value: (CurvePoint) -> Double?
  ) -> LinePlot {
    LinePlot(
      title: title,
      networks.enumerated().map { index, network in
        LinePlot.Series(
          names(network.name),
          network.points.filter { $0.epoch >= first }.compactMap { point in
            value(point).map { Point(Double(point.epoch), $0) }
          }, color: ClassStyle(index: index).color)
      }, x: epochs, y: .shares(), area: area,
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
  networks: [(name: String, accuracies: [RepeatedMeasure])], chance: Double, caption: String
) -> CaptionedFigure {
  let curves = networks.enumerated().map { index, network in
    LinePlot.Series(
      network.name, zip(shifts, network.accuracies).map { Point(Double($0), $1.mean) },
      deviations: network.accuracies.map(\.deviation), color: ClassStyle(index: index).color)
  }
  let ends = [shifts.first ?? 0, shifts.last ?? 1]
  let level = LinePlot.Series(
    "chance", ends.map { Point(Double($0), chance) }, isDashed: true, color: Theme.secondaryText)
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption, scale: "linear axes",
    body: LinePlot(
      curves + [level], x: Axis("shift in pixels", format: .count),
      y: .shares("test accuracy"), area: Size(width: 460, height: 320),
      widestName: widestName))
}

/// Several measurements of the same thing, such as the accuracies of networks that differ only in
/// their random numbers.
public struct RepeatedMeasure: Sendable, Hashable {
  public let values: [Double]

  public init(_ values: [Double]) { self.values = values }

  /// NaN of none.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The sample standard deviation; NaN of fewer than two.
  public var deviation: Double {
    guard values.count > 1 else { return .nan }
    let mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// `61.3 ± 0.8` in percent, of shares in `0...1`.
  public var percentText: String {
    guard mean.isFinite else { return "–" }
    let text = String(format: "%.1f", 100 * mean)
    return deviation.isFinite ? text + String(format: " ± %.1f", 100 * deviation) : text
  }
}

/// The accuracy by the number of training pictures of each class, a curve for each way of training,
/// with bars of a standard deviation.
///
/// - Parameters:
///   - perClass: Ascending.
///   - methods: Accuracies in `0...1`, one for each number of pictures.
public func transferFigure(
  title: String, subtitle: String, perClass: [Int],
  methods: [(name: String, accuracies: [RepeatedMeasure])], chance: Double, caption: String
) -> CaptionedFigure {
  // Bars of one number stand side by side, so that each is seen.
  let step = 1.018
  let curves = methods.enumerated().map { index, method in
    let shift = Double(index) - Double(methods.count - 1) / 2
    return LinePlot.Series(
      method.name,
      zip(perClass, method.accuracies).map { count, accuracy in
        Point(Double(count) * pow(step, shift), accuracy.mean)
      }, deviations: method.accuracies.map(\.deviation), color: ClassStyle(index: index).color)
  }
  let (least, greatest) = (Double(perClass.first ?? 1), Double(perClass.last ?? 1))
  let range = least / 1.2...greatest * 1.2
  let level = LinePlot.Series(
    "chance", [range.lowerBound, range.upperBound].map { Point($0, chance) }, isDashed: true,
    color: Theme.secondaryText)
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption,
    scale: "logarithmic pictures per class, linear accuracy",
    body: LinePlot(
      curves + [level],
      x: Axis(
        "training pictures per class", range: range, scale: .logarithmic, format: .count,
        ticks: perClass.map(Double.init)),
      y: .shares("test accuracy"), area: Size(width: 460, height: 340),
      widestName: widestName))
}
