internal import Analysis
internal import Drawing

/// The largest grids that are drawn, in rows or columns.
private let greatestGrid = 256
/// More steps would be too many for somebody who watches.
private let mostFrames = 1000

extension ArithmeticExample {
  /// Why its grids cannot be drawn; nil if they can.
  public var gridsObstacle: String? {
    let longest = longestSide
    return longest <= greatestGrid
      ? nil : "grids are drawn up to \(greatestGrid) rows and columns, and one has \(longest)"
  }

  /// Why its steps cannot be drawn as frames; nil if they can.
  public var framesObstacle: String? {
    gridsObstacle
      ?? (arithmetic.stepCount <= mostFrames
        ? nil
        : "at most \(mostFrames) steps are drawn as frames, and there are "
          + countText(arithmetic.stepCount))
  }
}

/// The padded input, the kernel and the output of an operation at one of its steps.
///
/// - Parameters:
///   - example: With no ``ArithmeticExample/gridsObstacle``.
///   - step: From 0.
public func arithmeticFigure(of example: ArithmeticExample, step: Int) -> CaptionedFigure {
  StepFigure(example, step: step, isFrame: false).figure
}

/// A step as one of several that are shown one after the other, all of one size: outputs of later
/// steps are empty.
///
/// - Parameters:
///   - example: With no ``ArithmeticExample/framesObstacle``.
///   - step: From 0.
public func arithmeticFrame(of example: ArithmeticExample, step: Int) -> CaptionedFigure {
  StepFigure(example, step: step, isFrame: true).figure
}

extension ArithmeticExample {
  /// How many steps a sheet of them has room for.
  public var shownStepCount: Int { StepSheet(self).shown }
}

/// All steps of an operation on one sheet, numbered, or as many as it has room for.
///
/// - Parameter example: With no ``ArithmeticExample/gridsObstacle``.
public func arithmeticSteps(of example: ArithmeticExample) -> CaptionedFigure {
  let sheet = StepSheet(example)
  let words = StepFigure(example, step: nil, isFrame: true)
  let (shown, count) = (sheet.shown, example.arithmetic.stepCount)
  return CaptionedFigure(
    title: "\(example.title), step by step", subtitle: words.subtitle,
    caption: paragraph(
      words.marks, "Each panel: the input and the output after that step.",
      shown < count
        ? "Shown are the first \(shown) of \(countText(count)) steps; "
          + "\(countText(count - shown)) are left out." : "",
      words.kernelSentence, words.warningSentence, words.source),
    scale: words.scale, method: example.title.lowercased(),
    body: Flowing(sheet.laidOut(StepSheet.widest)) { sheet.laidOut($0) })
}
