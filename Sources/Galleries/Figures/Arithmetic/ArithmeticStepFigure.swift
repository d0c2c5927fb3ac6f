internal import Analysis
internal import Drawing
internal import Files
internal import Foundation
internal import Kernels

/// A figure of one step, and the words that figures of steps share.
struct StepFigure {
  let example: ArithmeticExample
  /// From 0.
  let step: Int?
  let isFrame: Bool

  init(_ example: ArithmeticExample, step: Int?, isFrame: Bool) {
    (self.example, self.isFrame) = (example, isFrame)
    self.step = step.map { min(max($0, 0), example.arithmetic.stepCount - 1) }
  }

  private var arithmetic: WindowArithmetic { example.arithmetic }

  var figure: CaptionedFigure {
    CaptionedFigure(
      title: example.title, subtitle: subtitle,
      caption: paragraph(
        marks, numbersSentence, kernelSentence, warningSentence, source), scale: scale,
      method: example.title.lowercased(), body: body)
  }

  var subtitle: String {
    [example.source.map { abbreviated($0) } ?? "", example.summary].filter { !$0.isEmpty }
      .joined(separator: " · ")
  }

  var scale: String {
    example.isPicture ? "grey values from 0 (black) to 255 (white)" : "numbers as they are"
  }

  // MARK: Body

  private var body: any Drawable {
    let grids = ArithmeticGrids(example, step: step, isPartial: isFrame)
    var parts = [grids.input]
    if let kernel = grids.kernel {
      parts += [symbol("∗"), kernel, symbol("=")]
    } else {
      let name = arithmetic.operation == .maxPooling ? "maximum" : "mean"
      parts.append(
        Column(
          alignment: .center, spacing: 0,
          [
            // As high as the heading of a grid, so that the arrow is at the middle of grids.
            Text("\(name) of \(crossed(arithmetic.window))", .label), Text("→", .title),
          ]))
    }
    let row = Row(alignment: .center, spacing: 16, parts + [grids.output])
    let width = max(row.size.width, 380)
    let letters = OutputSizeFormula(arithmetic, axis: 0).letters
    var lines: [any Drawable] = [
      flowing("Output size: \(letters)", .label, width)
    ]
    lines += example.formulas.map { flowing($0, .label, width) }
    lines += example.warnings.map {
      flowing($0, TextStyle.label.colored(Theme.highlight), width)
    }
    return Column(
      spacing: 18, [row, Column(spacing: 3, stepLines(width)), Column(spacing: 3, lines)])
  }

  /// Below the room of a heading, as grids are.
  private func symbol(_ text: String) -> any Drawable {
    Column(
      alignment: .center, spacing: 8,
      [
        Reserved(Text("", .heading), size: Size(width: 0, height: TextStyle.heading.lineHeight)),
        Text(text, .title),
      ])
  }

  private func flowing(_ text: String, _ style: TextStyle, _ width: Double) -> Flowing {
    Flowing(Text(text, style, width: width)) { Text(text, style, width: $0) }
  }

  /// What happens at the step; of a frame, with room for what is longest among all steps.
  private func stepLines(_ width: Double) -> [any Drawable] {
    guard let step else { return [] }
    let equation = flowing(equation(of: step), .label, width)
    let lines: [any Drawable] = [Text(heading(of: step), .heading), equation]
    guard isFrame else { return lines }
    let tallest = (0..<arithmetic.stepCount).reduce(0.0) {
      max($0, Text(self.equation(of: $1), .label, width: width).size.height)
    }
    return [lines[0], Reserved(equation, size: Size(width: width, height: tallest))]
  }

  private func heading(of step: Int) -> String {
    let place = arithmetic.position(ofStep: step)
    return
      "Step \(countText(step + 1)) of \(countText(arithmetic.stepCount)): row \(place[0] + 1), "
      + "column \(place[1] + 1) of the \(arithmetic.isTransposed ? "input" : "output")"
  }

  /// More terms are not legible.
  private static let mostTerms = 25

  private func equation(of step: Int) -> String {
    let taps = arithmetic.taps(ofStep: step)
    guard let input = example.input, let result = example.result else { return places(of: taps) }
    func number(_ tap: WindowArithmetic.Tap) -> Double {
      tap.isInside ? input[tap.place[0], tap.place[1]] : 0
    }
    let count = taps.count
    switch arithmetic.operation {
    case .convolution:
      let value = cellText(result.values[step])
      guard count <= Self.mostTerms, let kernel = example.kernel else {
        return "the sum of \(countText(count)) products = \(value)"
      }
      return zip(taps, kernel.values).map { "\(termText(number($0)))·\(termText($1))" }
        .joined(separator: " + ") + " = \(value)"
    case .meanPooling:
      let value = cellText(result.values[step])
      guard count <= Self.mostTerms else {
        return "the mean of \(countText(count)) numbers = \(value)"
      }
      return "(\(taps.map { termText(number($0)) }.joined(separator: " + "))) / \(count) = \(value)"
    case .maxPooling:
      let numbers = taps.filter(\.isInside).map { cellText(number($0)) }
      let value = cellText(result.values[step])
      guard numbers.count <= Self.mostTerms else {
        return "the maximum of \(countText(numbers.count)) numbers = \(value)"
      }
      return "max(\(numbers.joined(separator: ", "))) = \(value)"
    case .transposedConvolution:
      return "\(cellText(input.values[step])) times the kernel is added to \(places(of: taps))"
    }
  }

  /// `rows 1–3, columns 2–4 of the input`.
  private func places(of taps: [WindowArithmetic.Tap]) -> String {
    let inside = taps.filter(\.isInside)
    guard let first = inside.first, let last = inside.last else {
      return arithmetic.isTransposed ? "what is cut off" : "padding only"
    }
    func span(_ axis: Int, _ noun: String) -> String {
      let range = first.place[axis]..<(last.place[axis] + 1)
      let step = arithmetic.moves.dilation[axis]
      return "\(noun)\(range.count == 1 ? "" : "s") \(spanText(range))"
        + (step > 1 && range.count > 1 ? ", every \(ordinal(step))" : "")
    }
    let isCut = inside.count < taps.count
    return "\(span(0, "row")) and \(span(1, "column")) of the "
      + "\(arithmetic.isTransposed ? "output" : "input")"
      + (isCut ? arithmetic.isTransposed ? ", the rest is cut off" : ", and padding" : "")
  }

  private func ordinal(_ number: Int) -> String {
    switch (number % 10, number / 10 % 10) {
    case (_, 1): "\(number)th"
    case (1, _): "\(number)st"
    case (2, _): "\(number)nd"
    case (3, _): "\(number)rd"
    default: "\(number)th"
    }
  }

  // MARK: Caption

  var marks: String {
    let moves = arithmetic.moves
    let hasBorder = moves.paddingBefore != [0, 0] || moves.paddingAfter != [0, 0]
    var sentences = [
      arithmetic.isTransposed
        ? "Blue: a number of the input. Orange: the window of the output to which the kernel is "
          + "added, multiplied by that number."
        : "Orange: the window. Blue: the number of the output that it gives."
    ]
    if hasBorder {
      sentences.append(
        arithmetic.isTransposed
          ? "Grey: the border that the padding cuts off."
          : arithmetic.operation == .maxPooling
            ? "Grey: padding, which is never the maximum." : "Grey: padding with zeros.")
    }
    if arithmetic.unusedCount > 0 {
      sentences.append(
        arithmetic.isTransposed ? "Hatched: never added to." : "Hatched: in no window.")
    }
    return sentences.joined(separator: " ")
  }

  private var numbersSentence: String {
    let grids = ArithmeticGrids(example, step: step, isPartial: isFrame)
    guard grids.showsNumbers else {
      return "Numbers are left out of grids with more than \(ArithmeticGrids.mostNumbered) rows or "
        + "columns."
    }
    guard let result = example.result else {
      return example.showsIndices ? "Numbers are positions, row by row." : ""
    }
    let all = result.values + (example.input?.values ?? []) + (example.kernel?.values ?? [])
    // Integers and fractions are written exactly.
    let isRounded = all.contains {
      Double(String(format: "%.3g", $0)) != $0 && $0 != $0.rounded() && !cellText($0).contains("/")
    }
    return paragraph(
      grids.showsFactors && arithmetic.operation == .convolution
        ? "Small: the weights by which the window is multiplied." : "",
      isRounded
        ? "Numbers are rounded to three significant digits"
          + (example.outputIsPicture ? ", those of the output to grey values." : ".") : "",
      arithmetic.operation == .meanPooling && arithmetic.moves.paddingBefore != [0, 0]
        ? "Zeros of the padding count in the mean." : "")
  }

  var kernelSentence: String {
    guard arithmetic.operation == .convolution else { return "" }
    return example.isTurned
      ? "The kernel was turned by 180°, as in the convolution of mathematics."
      : "As in neural networks, the kernel is not turned: this is a correlation."
  }

  /// In the body of a single figure, so only for others.
  var warningSentence: String { step == nil ? example.warnings.joined(separator: " ") : "" }

  var source: String { "After Dumoulin and Visin 2016." }
}

/// A drawable with room around it on the right and below, so that others of other sizes can take its
/// place.
private struct Reserved: Composite {
  let parts: [Part]
  let size: Size

  init(_ content: any Drawable, size: Size) {
    parts = [Part(content, at: Point(0, 0))]
    let own = content.size
    self.size = Size(width: max(own.width, size.width), height: max(own.height, size.height))
  }
}
