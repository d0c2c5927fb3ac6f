internal import Analysis
internal import Drawing
internal import Kernels

/// The grids of an operation at one of its steps.
struct ArithmeticGrids {
  let example: ArithmeticExample
  /// From 0; nil for no step in particular.
  let step: Int?
  /// Whether outputs of later steps are still empty.
  let isPartial: Bool
  /// The side of a cell, in points.
  let side: Double
  let showsNumbers: Bool
  /// Whether the numbers of the window have factors beside them.
  let showsFactors: Bool

  private var arithmetic: WindowArithmetic { example.arithmetic }
  private var moves: WindowGeometry { arithmetic.moves }

  /// What belongs to the window, and to the number that it gives or is given (Okabe and Ito's
  /// vermilion and blue).
  static let windowColor = Theme.highlight
  static let numberColor = Theme.accent
  private static let tint = 0.26
  private static let padding = Color(grey: 0.5, alpha: 0.14)
  /// Grids with more rows or columns have no numbers.
  static let mostNumbered = 32
  /// Grids with more rows or columns, or windows with more cells, have no small factors.
  private static let mostNoted = (grid: 16, window: 49)

  /// - Parameters:
  ///   - step: From 0; nil for no step in particular.
  ///   - isPartial: Whether outputs of later steps are still empty.
  ///   - isSmall: Whether cells have no room for factors.
  ///   - plainSide: The side of cells without numbers; nil for numbers if there is room.
  init(
    _ example: ArithmeticExample, step: Int?, isPartial: Bool = false, isSmall: Bool = false,
    plainSide: Double? = nil
  ) {
    (self.example, self.step, self.isPartial) = (example, step, isPartial)
    let arithmetic = example.arithmetic
    let longest = example.longestSide
    showsNumbers = plainSide == nil && longest <= Self.mostNumbered
    guard showsNumbers else {
      side = plainSide ?? max(2, (720 / Double(longest)).rounded(.down))
      showsFactors = false
      return
    }
    let grids = [example.input, example.kernel, example.result].compactMap { $0?.values }
    var texts = grids.joined().map(cellText)
    if example.showsIndices { texts.append("\(longest * longest)") }
    let hasNotes =
      !isSmall && example.result != nil && longest <= Self.mostNoted.grid
      && arithmetic.window[0] * arithmetic.window[1] <= Self.mostNoted.window
      && arithmetic.hasWeights
    let notes =
      hasNotes ? (example.kernel?.values ?? []).map { Self.factor($0, example, step) } : []
    // What a transposed convolution adds is other numbers at each step, and frames have one size.
    side = MarkedGrid.side(
      for: texts, notes: arithmetic.isTransposed ? [] : notes,
      least: isSmall ? 18 : hasNotes ? 38 : 26)
    showsFactors = hasNotes && MarkedGrid.hasRoom(for: notes, side: side)
  }

  // MARK: Panels

  /// What the step reads, with its padding.
  var input: any Drawable {
    arithmetic.isTransposed
      ? panel("Input", arithmetic.input, "", plain(arithmetic.input, inputTexts, inputValues))
      : panel("Input", arithmetic.input, borderText("with padding"), fieldGrid)
  }

  /// What the step gives.
  var output: any Drawable {
    arithmetic.isTransposed
      ? panel("Output", arithmetic.output, borderText("before cutting"), fieldGrid)
      : panel("Output", arithmetic.output, "", plain(arithmetic.output, outputTexts, outputValues))
  }

  /// The grids alone, for panels that are drawn many times.
  var bareInput: any Drawable {
    arithmetic.isTransposed ? plain(arithmetic.input, inputTexts, inputValues) : fieldGrid
  }
  var bareOutput: any Drawable {
    arithmetic.isTransposed ? fieldGrid : plain(arithmetic.output, outputTexts, outputValues)
  }

  /// Nil for pooling.
  var kernel: (any Drawable)? {
    guard arithmetic.hasWeights else { return nil }
    let texts = example.kernel?.values.map(cellText) ?? indices(arithmetic.window)
    let grid = MarkedGrid(
      columns: arithmetic.window[1],
      cells: texts.map {
        .init(
          showsNumbers ? $0 : "", ground: .tint(Self.windowColor.opacity(step == nil ? 0 : 0.12)))
      }, side: side)
    return panel("Kernel", arithmetic.window, example.isTurned ? "turned by 180°" : "", grid)
  }

  private func panel(
    _ name: String, _ size: [Int], _ remark: String, _ grid: any Drawable
  ) -> any Drawable {
    var lines: [any Drawable] = [Text("\(name) \(crossed(size))", .heading)]
    if !remark.isEmpty { lines.append(Text(remark, .tick)) }
    return Column(spacing: 8, [Column(spacing: 1, lines), grid])
  }

  private func borderText(_ words: String) -> String {
    let whole = (0..<2).map {
      arithmetic.field[$0] + moves.paddingBefore[$0] + moves.paddingAfter[$0]
    }
    return whole == arithmetic.field ? "" : "\(crossed(whole)) \(words)"
  }

  // MARK: Numbers

  private var inputValues: [Double?] {
    example.input?.values.map { $0 }
      ?? Array(repeating: nil, count: arithmetic.input[0] * arithmetic.input[1])
  }

  private var outputValues: [Double?] {
    let count = arithmetic.output[0] * arithmetic.output[1]
    guard let input = example.input, example.result != nil else {
      return Array(repeating: nil, count: count)
    }
    guard isPartial, let step else { return example.result?.values.map { $0 } ?? [] }
    return arithmetic.result(of: input, kernel: example.kernel, after: step + 1).values.map {
      $0.isNaN ? nil : $0
    }
  }

  private var inputTexts: [String] {
    guard showsNumbers else { return blanks(arithmetic.input) }
    return example.input?.values.map(cellText) ?? indices(arithmetic.input)
  }

  private var outputTexts: [String] {
    guard showsNumbers else { return blanks(arithmetic.output) }
    guard example.result == nil else {
      return outputValues.map { value in
        value.map { cellText(example.outputIsPicture ? $0.rounded() : $0) } ?? ""
      }
    }
    return indices(arithmetic.output).enumerated().map { index, text in
      isPartial && !arithmetic.isTransposed && index > step ?? 0 ? "" : text
    }
  }

  /// Numbers are costly to write: a sheet has many grids, each laid out several times.
  private func blanks(_ size: [Int]) -> [String] {
    Array(repeating: "", count: size[0] * size[1])
  }

  /// The positions, counted row by row from 1, if they are asked for.
  private func indices(_ size: [Int]) -> [String] {
    (1...(size[0] * size[1])).map { example.showsIndices ? "\($0)" : "" }
  }

  private func ground(_ value: Double?, isPicture: Bool) -> MarkedGrid.Ground {
    guard isPicture, let value else { return .plain }
    return .value(Color(grey: min(max(value / 255, 0), 1)))
  }

  // MARK: Grids

  /// The grid with a cell for each step.
  private func plain(_ size: [Int], _ texts: [String], _ values: [Double?]) -> MarkedGrid {
    let isPicture = arithmetic.isTransposed ? example.isPicture : example.outputIsPicture
    let cells = zip(texts, values).enumerated().map { index, entry in
      let ground = ground(entry.1, isPicture: isPicture)
      return MarkedGrid.Cell(entry.0, ground: ground == .plain ? mark(index) : ground)
    }
    let outlines = step.map { step -> [MarkedGrid.Outline] in
      let place = arithmetic.position(ofStep: step)
      return [
        .init(
          rows: place[0]..<(place[0] + 1), columns: place[1]..<(place[1] + 1),
          color: Self.numberColor, width: outlineWidth)
      ]
    }
    return MarkedGrid(columns: size[1], cells: cells, outlines: outlines ?? [], side: side)
  }

  /// The cell of the step; and those of earlier ones, which would look empty without numbers.
  private func mark(_ index: Int) -> MarkedGrid.Ground {
    guard let step else { return .plain }
    if index == step { return .tint(Self.numberColor.opacity(Self.tint)) }
    let isDone = isPartial && !showsNumbers && !arithmetic.isTransposed && index < step
    return isDone ? .tint(Self.numberColor.opacity(Self.tint / 2)) : .plain
  }

  private var outlineWidth: Double { side >= 16 ? 2.5 : side >= 6 ? 1.5 : 1 }

  /// The grid that the window moves over, with its border.
  private var fieldGrid: MarkedGrid {
    let texts = arithmetic.isTransposed ? outputTexts : inputTexts
    let values = arithmetic.isTransposed ? outputValues : inputValues
    let isPicture = arithmetic.isTransposed ? example.outputIsPicture : example.isPicture
    let unused = (0..<2).map { Set(arithmetic.unused($0)) }
    let (before, after, field) = (moves.paddingBefore, moves.paddingAfter, arithmetic.field)
    let taps = step.map { arithmetic.taps(ofStep: $0) } ?? []
    var tapped: [[Int]: Int] = [:]
    for (index, tap) in taps.enumerated() { tapped[tap.place] = index }
    let isZeroPadded = !arithmetic.isTransposed && arithmetic.operation != .maxPooling
    var cells: [MarkedGrid.Cell] = []
    for row in -before[0]..<(field[0] + after[0]) {
      for column in -before[1]..<(field[1] + after[1]) {
        let isInside = (0..<field[0]).contains(row) && (0..<field[1]).contains(column)
        let tap = tapped[[row, column]]
        guard isInside else {
          let ground = tap == nil ? Self.padding : Self.windowColor.opacity(Self.tint / 2)
          cells.append(
            .init(
              showsNumbers && isZeroPadded && example.input != nil ? "0" : "",
              note: tap.map(factor) ?? "", ground: .tint(ground), isFaint: true))
          continue
        }
        let index = row * field[1] + column
        var ground = ground(values[index], isPicture: isPicture)
        if ground == .plain, tap != nil { ground = .tint(Self.windowColor.opacity(Self.tint)) }
        if unused[0].contains(row) || unused[1].contains(column) { ground = .hatched }
        cells.append(
          .init(texts[index], note: tap.map(factor) ?? "", ground: ground))
      }
    }
    return MarkedGrid(
      columns: before[1] + field[1] + after[1], cells: cells,
      outlines: outlines(of: taps, isPicture: isPicture), side: side)
  }

  /// Around the window; in pictures, which are not tinted, around each cell of a dilated one.
  private func outlines(of taps: [WindowArithmetic.Tap], isPicture: Bool) -> [MarkedGrid.Outline] {
    guard let first = taps.first, let last = taps.last else { return [] }
    let before = moves.paddingBefore
    func outline(_ from: [Int], _ to: [Int], _ width: Double) -> MarkedGrid.Outline {
      .init(
        rows: (from[0] + before[0])..<(to[0] + before[0] + 1),
        columns: (from[1] + before[1])..<(to[1] + before[1] + 1), color: Self.windowColor,
        width: width)
    }
    let own =
      isPicture && moves.dilation != [1, 1]
      ? taps.map { outline($0.place, $0.place, outlineWidth / 2) } : []
    return own + [outline(first.place, last.place, outlineWidth)]
  }

  private func factor(_ tap: Int) -> String {
    guard showsFactors, let kernel = example.kernel else { return "" }
    return Self.factor(kernel.values[tap], example, step)
  }

  /// `×2` in a window that is read, `+6` in one that is added to.
  private static func factor(
    _ weight: Double, _ example: ArithmeticExample, _ step: Int?
  ) -> String {
    guard example.arithmetic.isTransposed else { return "×\(cellText(weight))" }
    let product = weight * (step.flatMap { example.input?.values[$0] } ?? 0)
    return product < 0 ? cellText(product) : "+\(cellText(product))"
  }
}
