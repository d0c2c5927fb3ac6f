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
///   - guesses: For the training and the test pictures, a line in each panel; nil for none.
public func errorBarsFigure(
  title: String, subtitle: String,
  networks: [(name: String, trainingError: RepeatedMeasure, testError: RepeatedMeasure)],
  guesses: (training: Guess, test: Guess)? = nil, caption: String
) -> CaptionedFigure {
  // Numbers of both panels are read beside each other.
  let all = networks.flatMap { [$0.trainingError, $0.testError] }
  let errors = all.map(\.mean)
  let ends = all.map { $0.mean + ($0.deviation.isFinite ? $0.deviation : 0) }
  let guessed = guesses.map { [$0.training.error, $0.test.error] } ?? []
  let greatest = (ends + guessed).filter(\.isFinite).max() ?? 1
  func panel(
    _ heading: String, _ guess: Guess?, _ error: (Int) -> RepeatedMeasure
  ) -> any Drawable {
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
          level: guess.map { RankedBars.Level($0.name, $0.error) }),
      ])
  }
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption,
    scale: "linear from zero, to \(percentText(greatest)) in both panels",
    body: Row(
      spacing: 36,
      [
        panel("Test error", guesses?.test) { networks[$0].testError },
        panel("Training error", guesses?.training) { networks[$0].trainingError },
      ]))
}

/// How an experiment's networks learned, each a curve of one colour in both panels, which have the
/// same axes.
///
/// - Parameters:
///   - guesses: For the training and the test pictures, a line in each panel.
///   - isRelative: Whether the first network is what the others are compared with, and has the
///     colour of ``errorBarsFigure(title:subtitle:networks:guesses:caption:)``.
public func experimentCurvesFigure(
  title: String, subtitle: String, networks: [(name: String, points: [CurvePoint])],
  guesses: (training: Guess, test: Guess), isRelative: Bool = false, caption: String
) -> CaptionedFigure {
  let area = Size(width: 340, height: 260)
  // Before the first epoch all networks guess, and an axis that has room for that has none for
  // their differences.
  let last = networks.flatMap(\.points).map(\.epoch).max() ?? 1
  let first = min(1, last)
  let points = networks.map { $0.points.filter { $0.epoch >= first } }
  // Points at the ends are beside the axes, not on them; a single epoch is in the middle.
  let margin = first < last ? 0.01 * Double(last - first) : 0.5
  let range = (Double(first) - margin)...(Double(last) + margin)
  let epochs = Axis(
    "epoch", range: range, format: .count, ticks: first < last ? nil : [Double(first)])
  let accuracies = Axis.shares().covering(
    points.joined().flatMap { [$0.trainingAccuracy, $0.validationAccuracy] }.compactMap(\.self)
      + [guesses.training.accuracy, guesses.test.accuracy], margin: 0.05)
  func panel(
    _ title: String, _ names: (String) -> String, _ guess: Guess, _ guessName: String,
    _ value: (CurvePoint) -> Double?
  ) -> LinePlot {
    let curves = zip(networks, points).enumerated().map { index, pair in
      LinePlot.Series(
        names(pair.0.name),
        pair.1.compactMap { point in value(point).map { Point(Double(point.epoch), $0) } },
        color: curveColor(index, isRelative: isRelative))
    }
    return LinePlot(
      title: title, curves + [level(guess, over: range, name: guessName)], x: epochs,
      y: accuracies, area: area, widestName: widestName)
  }
  return CaptionedFigure(
    title: title, subtitle: subtitle, caption: caption, scale: "linear axes",
    body: Row(
      spacing: 28,
      [
        // One key is enough: both panels have the same colours.
        panel(
          "Training accuracy", { _ in "" }, guesses.training,
          guesses.training == guesses.test ? "" : percentText(guesses.training.accuracy)
        ) { $0.trainingAccuracy },
        panel(
          "Test accuracy", { $0 }, guesses.test, guesses.test.label
        ) { $0.validationAccuracy },
      ]))
}

/// The colour of a network's curve.
///
/// The highlight colour is the second of the classes' colours, so if the first network has it, the
/// second one has the first colour.
private func curveColor(_ index: Int, isRelative: Bool) -> Color {
  guard isRelative, index < 2 else { return ClassStyle(index: index).color }
  return index == 0 ? Theme.highlight : ClassStyle(index: 0).color
}

/// A dashed line for the accuracy of guessing.
private func level(_ guess: Guess, over range: ClosedRange<Double>, name: String) -> LinePlot.Series
{
  LinePlot.Series(
    name, [range.lowerBound, range.upperBound].map { Point($0, guess.accuracy) }, isDashed: true,
    color: Theme.secondaryText)
}

/// The accuracy of an experiment's networks on test pictures that were shifted.
///
/// - Parameters:
///   - shifts: In pixels.
///   - networks: Accuracies in `0...1`, one for each shift.
public func shiftFigure(
  title: String, subtitle: String, shifts: [Int],
  networks: [(name: String, accuracies: [RepeatedMeasure])], guess: Guess, caption: String
) -> CaptionedFigure {
  let curves = networks.enumerated().map { index, network in
    LinePlot.Series(
      network.name, zip(shifts, network.accuracies).map { Point(Double($0), $1.mean) },
      deviations: network.accuracies.map(\.deviation), color: ClassStyle(index: index).color)
  }
  let (least, greatest) = (Double(shifts.min() ?? 0), Double(shifts.max() ?? 1))
  let level = level(guess, over: least...greatest, name: guess.label)
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
  methods: [(name: String, accuracies: [RepeatedMeasure])], guess: Guess, caption: String
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
  let level = level(guess, over: range, name: guess.label)
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
