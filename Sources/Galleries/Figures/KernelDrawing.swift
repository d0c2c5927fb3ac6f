internal import Analysis
internal import Drawing
internal import TensorCore

/// A kernel as a matrix of numbers, or as a heat map if it has too many.
///
/// Red is positive, blue negative and white zero.
struct KernelDrawing {
  let content: any Drawable
  /// Below it: what all numbers are multiplied by, or what the colours mean.
  let key: (any Drawable)?

  /// The longest side, in points.
  static let side = 176.0
  /// The least side of a cell with a number in it.
  private static let leastCell = 24.0
  private static let mostCell = 30.0
  /// Kernels of a few rows are still seen.
  private static let thinnest = 10.0

  init(_ kernel: HandcraftedKernel) {
    let raster = Raster(kernel.weights)
    let range = Scaling.symmetric.range(of: raster.values)
    let longest = Double(max(kernel.rows, kernel.columns))
    let numbers = WholeNumbers(raster.values)
    let texts =
      numbers?.values.map { numberText(Double($0)) }
      ?? raster.values.map { numberText(Double($0), digits: 2) }
    // 4 points beside a number are free.
    let widest = texts.reduce(0) { max($0, TextStyle(size: 10).width(of: $1)) }
    let cell = max(Self.leastCell, (widest + 5).rounded(.up))
    if longest * cell <= Self.side {
      let roomy = max(cell, min(Self.mostCell, (Self.side / longest).rounded(.down)))
      content = Self.matrix(raster, texts: texts, .blueWhiteRed, range, cell: roomy)
      key = (numbers?.divisor).flatMap { $0 == 1 ? nil : Text("each divided by \($0)", .tick) }
      return
    }
    let zoom = Self.side / longest
    let size = Size(
      width: max(Self.thinnest, (zoom * Double(kernel.columns)).rounded()),
      height: max(Self.thinnest, (zoom * Double(kernel.rows)).rounded()))
    content = Picture(
      raster.image(.blueWhiteRed, range: range), size: size,
      interpolation: zoom >= 1 ? .nearest : .smooth, frame: Theme.outline)
    key = ColorBar(.blueWhiteRed, range: range, label: "weight", length: Self.side - 20)
  }

  /// The cells of a window: 1 where they count. They are no weights, so they have no weight's colour;
  /// the cell at the pixel of the result is outlined.
  init(cells: [[Int]]) {
    let (rows, columns) = (cells.count, cells[0].count)
    key = nil
    guard Self.isOutlined([rows, columns]) else {
      let raster = Raster(
        width: columns, height: rows,
        values: cells.joined().map { $0 == 0 ? 1 : Self.countedLevel })
      let zoom = Self.side / Double(max(rows, columns))
      content = Picture(
        raster.image(.grey, range: 0...1),
        size: Size(
          width: max(Self.thinnest, (zoom * Double(columns)).rounded()),
          height: max(Self.thinnest, (zoom * Double(rows)).rounded())),
        interpolation: zoom >= 1 ? .nearest : .smooth, frame: Theme.outline)
      return
    }
    // As everywhere, the cell after the middle of an even number.
    let (row, column) = (rows / 2, columns / 2)
    content = MarkedGrid(
      columns: columns,
      cells: cells.joined().map { .init(ground: $0 == 0 ? .plain : .tint(Self.counted)) },
      outlines: [
        .init(
          rows: row..<(row + 1), columns: column..<(column + 1), color: Theme.highlight, width: 2)
      ], side: min((Self.side / Double(max(rows, columns))).rounded(.down), Self.mostCell))
  }

  /// Of cells that count.
  private static let counted = Color(grey: 0.5, alpha: 0.3)
  /// The same on white.
  private static let countedLevel: Float = 0.85
  /// The least side of a cell with an outline around it.
  private static let leastOutlined = 8.0

  /// Whether windows of these numbers of rows and columns have an outlined cell.
  static func isOutlined(_ size: [Int]) -> Bool {
    side / Double(max(size.max() ?? 1, 1)) >= leastOutlined
  }

  private static func matrix(
    _ raster: Raster, texts: [String], _ colormap: Colormap, _ range: ClosedRange<Float>,
    cell: Double
  ) -> LabelledMatrix {
    LabelledMatrix(
      raster, texts: texts, rows: [String](repeating: "", count: raster.height),
      columns: [String](repeating: "", count: raster.width), colormap: colormap, range: range,
      cell: cell)
  }
}

/// Numbers as whole ones over a common divisor.
private struct WholeNumbers {
  let values: [Int]
  let divisor: Int

  private static let greatestDivisor = 1024
  private static let greatest: Float = 999

  /// Nil if there is no such divisor of at most 1024, or if a number would have four digits.
  init?(_ numbers: [Float]) {
    let most = numbers.reduce(0) { max($0, abs($1)) }
    guard most > 0 else {
      (values, divisor) = (numbers.map { _ in 0 }, 1)
      return
    }
    for divisor in 1...Self.greatestDivisor where most * Float(divisor) <= Self.greatest + 0.5 {
      let scaled = numbers.map { $0 * Float(divisor) }
      // The accuracy of the weights.
      let tolerance = 1e-6 * most * Float(divisor)
      guard scaled.allSatisfy({ abs($0 - $0.rounded()) <= tolerance }) else { continue }
      (values, self.divisor) = (scaled.map { Int($0.rounded()) }, divisor)
      return
    }
    return nil
  }
}
