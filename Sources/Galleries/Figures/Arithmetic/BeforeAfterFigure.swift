public import Analysis
internal import Drawing
internal import Files
internal import Kernels
internal import TensorCore

extension ArithmeticExample {
  /// Why it cannot be drawn before and after; nil if it can.
  public var beforeAfterObstacle: String? {
    guard result != nil else { return "it needs numbers or a picture, and a kernel with numbers" }
    let longest = max(arithmetic.input.max() ?? 0, arithmetic.output.max() ?? 0)
    return longest <= 4096 ? nil : "pictures are drawn up to 4,096 pixels, and one has \(longest)"
  }
}

/// A picture before and after an operation, with pixels of one size; with noise, also as it was
/// without.
///
/// Results that are no picture, such as the signed ones of an edge filter, have a scale of their own.
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
  let errors = clean.flatMap { example.differences(from: $0) }
  func remark(_ error: Double?) -> String {
    error.map { "differs from the clean picture by \(numberText($0))" } ?? ""
  }
  var grids: [(name: String, grid: NumberGrid, remark: String)] = []
  if let clean { grids.append(("Clean", clean, "")) }
  grids.append((clean == nil ? "Before" : "With noise", input, remark(errors?.before)))
  grids.append(("After", result, remark(errors?.after)))
  let colors = grids.enumerated().map { index, part in
    FilteredColors(
      Tensor(shape: [1, part.grid.rows, part.grid.columns], part.grid.values.map(Float.init)),
      mapping(of: part.grid, isResult: index == grids.count - 1, example))
  }
  let panels = zip(grids, colors).map { part, colors -> any Drawable in
    let size = visibleSize(colors.image, zoom: zoom)
    let width = max(size.width, narrowestPanel)
    let lines = [
      Text("\(part.name) \(crossed(part.grid.size))", .heading, width: width),
      Text(colors.detail, .tick, width: width), Text(part.remark, .tick, width: width),
    ]
    return Column(
      spacing: 8,
      [
        Column(spacing: 1, lines.filter { $0.size.height > 0 }),
        Picture(
          colors.image, size: size, interpolation: zoom < 1 ? .smooth : .nearest,
          frame: Theme.outline),
      ]
        + [colors.wholeBar(length: width, label: part.name == "After" ? "result" : "number")]
        .compactMap(\.self))
  }
  let mappings = colors.map(\.mapping).reduce(into: [FilteredColors.Mapping]()) {
    if !$0.contains($1) { $0.append($1) }
  }
  return CaptionedFigure(
    title: "\(example.title), before and after",
    subtitle: [example.source.map { abbreviated($0) } ?? "", example.summary]
      .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "All pictures have pixels of the same size, \(enlargement(zoom)).",
      thinSentence(colors.map(\.image), zoom: zoom),
      mappings.map { sentence(of: $0) }.joined(separator: " "),
      NonFiniteCells(
        in: grids.map { part in
          Raster(
            width: part.grid.columns, height: part.grid.rows,
            values: part.grid.values.map(Float.init))
        }
      ).sentence(of: "number"),
      mappings == [.levels] ? "" : "Each picture has its scale below it.",
      clean == nil
        ? ""
        : "Noise: normally distributed with a standard deviation of \(numberText(noise)), cut off at "
          + "0 and 255."
          + (errors == nil
            ? "" : " Differences are root mean squares over the pixels at the middle of a window.")),
    scale: colors.map(\.summary).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }.joined(separator: "; "),
    method: example.title.lowercased(), body: Row(alignment: .top, spacing: 24, panels))
}

/// Panels of narrow pictures still have room for their headings.
private let narrowestPanel = 170.0

/// Of pictures, levels wherever results are levels again; of other numbers, a scale of their own.
private func mapping(
  of grid: NumberGrid, isResult: Bool, _ example: ArithmeticExample
) -> FilteredColors.Mapping {
  let isSigned = grid.values.contains { $0 < 0 }
  guard example.isPicture else { return isSigned ? .signed : .full }
  let areLevels = grid.values.allSatisfy { (-0.5...255.5).contains($0) }
  guard isResult, !areLevels else { return .levels }
  let weights = example.kernel?.values ?? []
  switch FilteredColors.mapping(weights: weights) {
  case .levels where !weights.isEmpty: return .levels
  default: return isSigned ? .signed : .fromZero
  }
}

private func sentence(of mapping: FilteredColors.Mapping) -> String {
  switch mapping {
  case .levels: "Levels are drawn from 0, black, to 255, white; others are clipped."
  case .full: "Numbers are drawn from the least, black, to the greatest, white."
  default: FilteredColors.sentence(mapping, isColored: false)
  }
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
