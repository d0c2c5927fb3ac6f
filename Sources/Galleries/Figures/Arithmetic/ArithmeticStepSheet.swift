internal import Analysis
internal import Drawing

/// Between steps, in points: across and down.
private let (stepGap, stepLead) = (26.0, 20.0)

/// How the steps of an operation are arranged.
struct StepSheet {
  let example: ArithmeticExample
  /// The side of cells without numbers; nil with numbers.
  private let plainSide: Double?
  /// Of the grids of one step.
  private let size: Size
  /// Of both grids of a step beside each other, in cells.
  private let (cellColumns, cellRows): (Double, Double)
  /// From the first step on.
  let shown: Int

  /// Of all steps, in points, apart from the title and the caption.
  static let (widest, highest) = (1400.0, 3000.0)
  /// More steps would be too many for a page.
  private static let mostSteps = 64
  /// Without numbers, at least this many steps have room beside each other.
  private static let columnsWithoutNumbers = 3.0
  /// Cells without numbers are not larger.
  private static let greatestPlainSide = 14.0
  private static let insideGap = 10.0
  /// More lines of one row of the output each would make a long sheet.
  private static let mostAlignedLines = 8
  private static let headingHeight = TextStyle.heading.lineHeight + 5

  init(_ example: ArithmeticExample) {
    self.example = example
    let numbered = Self.grids(example, step: 0, plainSide: nil)
    cellColumns = ((numbered.row.size.width - Self.insideGap) / numbered.side).rounded()
    cellRows = (numbered.row.size.height / numbered.side).rounded()
    let height =
      Double(example.arithmetic.stepCount)
      * (numbered.row.size.height + Self.headingHeight + stepLead)
    // A single column is no higher than the sheet is wide.
    let fits =
      2 * numbered.row.size.width + stepGap <= Self.widest
      || numbered.row.size.width <= Self.widest && height <= Self.widest
    if numbered.showsNumbers, fits {
      (plainSide, size) = (nil, numbered.row.size)
    } else {
      let room = (Self.widest + stepGap) / Self.columnsWithoutNumbers - stepGap
      let side = min(
        (room - Self.insideGap) / cellColumns, room / cellRows, Self.greatestPlainSide)
      plainSide = max(1, side.rounded(.down))
      size = Self.grids(example, step: 0, plainSide: plainSide).row.size
    }
    let lines = Int((Self.highest + stepLead) / (size.height + Self.headingHeight + stepLead))
    let perLine = Self.columns(of: example, panel: size.width, in: Self.widest)
    shown = min(example.arithmetic.stepCount, Self.mostSteps, max(1, lines) * perLine)
  }

  private static func grids(
    _ example: ArithmeticExample, step: Int, plainSide: Double?
  ) -> (row: Row, side: Double, showsNumbers: Bool) {
    let grids = ArithmeticGrids(
      example, step: step, isPartial: true, isSmall: true, plainSide: plainSide)
    return (
      Row(alignment: .center, spacing: insideGap, [grids.bareInput, grids.bareOutput]),
      grids.side, grids.showsNumbers
    )
  }

  /// A line for each row of the output if these are few, otherwise as many panels as fit.
  private static func columns(
    of example: ArithmeticExample, panel: Double, in width: Double
  ) -> Int {
    let fitting = max(1, Int((width + stepGap) / (panel + stepGap)))
    let (rows, columns) = (example.arithmetic.steps[0], example.arithmetic.steps[1])
    guard columns <= fitting else { return fitting }
    return columns > 1 && rows <= mostAlignedLines ? columns : fitting / columns * columns
  }

  /// All steps, in a narrower place with smaller grids rather than in a long column.
  func laidOut(_ width: Double) -> any Drawable {
    let natural = Self.columns(of: example, panel: size.width, in: Self.widest)
    let perLine = min(natural, Self.columns(of: example, panel: size.width, in: width))
    let lines = (Double(shown) / Double(perLine)).rounded(.up)
    let height = lines * (size.height + Self.headingHeight + stepLead)
    if width >= Self.widest || perLine >= min(2, natural) && height <= Self.highest {
      return sheet(perLine, plainSide: plainSide, width)
    }
    let room = (width + stepGap) / Double(natural) - stepGap - Self.insideGap
    let side = min(max(room / cellColumns, 0.25), plainSide ?? Self.greatestPlainSide)
    return sheet(natural, plainSide: side > 4 ? side.rounded(.down) : side, width)
  }

  private func sheet(_ perLine: Int, plainSide: Double?, _ width: Double) -> Column {
    let panels = (0..<shown).map { step -> any Drawable in
      Column(
        spacing: 5,
        [
          Text("\(step + 1)", .heading),
          Self.grids(example, step: step, plainSide: plainSide).row,
        ])
    }
    let lines = stride(from: 0, to: panels.count, by: perLine).map { first -> any Drawable in
      Row(spacing: stepGap, Array(panels[first..<min(first + perLine, panels.count)]))
    }
    let hasNumbers = example.input != nil || example.showsIndices
    guard plainSide != nil, hasNumbers else { return Column(spacing: stepLead, lines) }
    let sheet = Column(spacing: stepLead, lines)
    let remark = Text(
      "Numbers are left out: grids with them are too large for a sheet.", .tick,
      width: max(sheet.size.width, 240))
    return Column(spacing: stepLead, [sheet, remark])
  }
}
