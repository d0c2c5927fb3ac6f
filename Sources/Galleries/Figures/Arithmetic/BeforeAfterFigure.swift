public import Analysis
internal import Drawing
internal import Files
internal import Kernels

extension ArithmeticExample {
  /// Why it cannot be drawn before and after; nil if it can.
  public var beforeAfterObstacle: String? {
    guard result != nil else { return "it needs numbers or a picture, and a kernel with numbers" }
    let longest = max(arithmetic.input.max() ?? 0, arithmetic.output.max() ?? 0)
    return longest <= 4096 ? nil : "pictures are drawn up to 4,096 pixels, and one has \(longest)"
  }
}

/// A picture before and after an operation, on one scale; with noise, also as it was without.
///
/// - Parameters:
///   - example: With no ``ArithmeticExample/beforeAfterObstacle``.
///   - clean: The input without the noise that was added; nil if none was.
///   - noise: Standard deviation of that noise.
public func beforeAfterFigure(
  of example: ArithmeticExample, clean: NumberGrid? = nil, noise: Double = 0
) -> CaptionedFigure {
  guard let input = example.input, let result = example.result else {
    preconditionFailure("before and after without numbers")
  }
  let longest = max(input.rows, input.columns, result.rows, result.columns)
  let zoom = longest <= 170 ? (340 / Double(longest)).rounded(.down) : min(1, 800 / Double(longest))
  let range: ClosedRange<Float> =
    example.isPicture
    ? 0...255 : Scaling.full.range(ofAll: [input, result].map { $0.values.map(Float.init) })
  func panel(_ name: String, _ grid: NumberGrid, _ remark: String) -> any Drawable {
    let raster = Raster(
      width: grid.columns, height: grid.rows, values: grid.values.map(Float.init))
    return Column(
      spacing: 8,
      [
        Text("\(name) \(crossed(grid.size))", .heading),
        Picture(raster.image(.grey, range: range), zoom: zoom, frame: Theme.outline),
        Text(remark, .tick),
      ].filter { $0.size.height > 0 })
  }
  let errors = clean.flatMap { example.differences(from: $0) }
  func remark(_ error: Double?) -> String {
    error.map { "differs from the clean picture by \(numberText($0))" } ?? ""
  }
  var panels: [any Drawable] = []
  if let clean { panels.append(panel("Clean", clean, "")) }
  panels.append(panel(clean == nil ? "Before" : "With noise", input, remark(errors?.before)))
  panels.append(panel("After", result, remark(errors?.after)))
  panels.append(ColorBar(.grey, range: range, orientation: .vertical, length: 160))
  let isCut = result.values.contains {
    $0 < Double(range.lowerBound) - 0.5 || $0 > Double(range.upperBound) + 0.5
  }
  return CaptionedFigure(
    title: "\(example.title), before and after",
    subtitle: [example.source.map { abbreviated($0) } ?? "", example.summary]
      .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "All pictures have the same scale, \(enlargement(zoom)).",
      isCut ? "Numbers beyond the scale are drawn as its ends." : "",
      clean == nil
        ? ""
        : "Noise: normally distributed with a standard deviation of \(numberText(noise)), cut off at "
          + "0 and 255."
          + (errors == nil
            ? "" : " Differences are root mean squares over the pixels at the middle of a window.")),
    scale: "\(numberText(Double(range.lowerBound))) (black) to "
      + "\(numberText(Double(range.upperBound))) (white)",
    method: example.title.lowercased(), body: Row(alignment: .top, spacing: 24, panels))
}

extension ArithmeticExample {
  /// How far the input and the output are from the input without noise: root mean square
  /// differences over the pixels at the middle of a window; nil if outputs are not at pixels of the
  /// input.
  public func differences(from clean: NumberGrid) -> (before: Double, after: Double)? {
    let moves = arithmetic.moves
    let reach = (0..<2).map { moves.dilation[$0] * (arithmetic.window[$0] - 1) }
    guard let input, let result, clean.size == input.size, !arithmetic.isTransposed,
      moves.stride == [1, 1], reach.allSatisfy({ $0.isMultiple(of: 2) })
    else { return nil }
    var (before, after, count) = (0.0, 0.0, 0)
    for row in 0..<result.rows {
      for column in 0..<result.columns {
        let (y, x) = (
          row - moves.paddingBefore[0] + reach[0] / 2,
          column - moves.paddingBefore[1] + reach[1] / 2
        )
        guard (0..<clean.rows).contains(y), (0..<clean.columns).contains(x) else { continue }
        let (own, filtered) = (input[y, x] - clean[y, x], result[row, column] - clean[y, x])
        before += own * own
        after += filtered * filtered
        count += 1
      }
    }
    return count > 0
      ? ((before / Double(count)).squareRoot(), (after / Double(count)).squareRoot()) : nil
  }
}
