internal import Analysis
internal import Drawing
internal import Kernels
internal import TensorCore

/// The largest matrices that are drawn, in rows or columns.
private let greatestMatrix = 2000
/// Cells of larger matrices have no numbers and are drawn as a picture.
private let greatestNumbered = 64

extension ArithmeticExample {
  /// Why its matrix cannot be drawn; nil if it can.
  public var matrixObstacle: String? {
    let size = arithmetic.matrixSize
    if arithmetic.operation == .maxPooling { return "the maximum is not linear and has no matrix" }
    return size.allSatisfy { $0 <= greatestMatrix }
      ? nil
      : "matrices are drawn up to \(countText(greatestMatrix)) rows and columns, and this one is "
        + "\(countText(size[0]))×\(countText(size[1]))"
  }
}

/// The sparse matrix of a linear operation, beside the full one of a linear layer between the same
/// numbers.
///
/// - Parameter example: With no ``ArithmeticExample/matrixObstacle``.
public func arithmeticMatrixFigure(of example: ArithmeticExample) -> CaptionedFigure {
  MatrixFigure(example).figure
}

private struct MatrixFigure {
  let example: ArithmeticExample
  let matrix: ArithmeticMatrix
  let kernel: NumberGrid?

  init(_ example: ArithmeticExample) {
    guard let matrix = example.arithmetic.matrix() else {
      preconditionFailure("a matrix of \(example.title.lowercased())")
    }
    (self.example, self.matrix) = (example, matrix)
    kernel = example.kernel ?? example.arithmetic.meanKernel
  }

  private var arithmetic: WindowArithmetic { example.arithmetic }
  private var cellCount: Int { matrix.rows * matrix.columns }
  private var isNumbered: Bool { max(matrix.rows, matrix.columns) <= greatestNumbered }

  /// In points; both matrices have the same.
  private var side: Double {
    let longest = Double(max(matrix.rows, matrix.columns))
    return min(max((560 / longest).rounded(.down), longest <= 560 ? 1 : 560 / longest), 22)
  }

  var figure: CaptionedFigure {
    let weights = arithmetic.window[0] * arithmetic.window[1]
    let different =
      arithmetic.hasWeights
      ? counted(weights, "weight") : "no weights, as all are 1/\(countText(weights))"
    let operation = panel(
      example.title,
      "\(different), in \(countText(matrix.entryCount)) of \(counted(cellCount, "element")); others are 0",
      drawing { matrix.weights[$0] < 0 ? nil : bandColor(Int(matrix.weights[$0])) })
    let linear = panel(
      "Linear layer", "\(counted(cellCount, "weight")), one for each element",
      drawing { Self.ownColor($0) })
    var panels: [any Drawable] = [operation, linear]
    if arithmetic.hasWeights { panels.insert(legend, at: 0) }
    return CaptionedFigure(
      title: "\(example.title) as a matrix",
      subtitle: [example.summary, "matrix \(crossed([matrix.rows, matrix.columns]))"]
        .joined(separator: " · "),
      caption: paragraph(
        "A row for each number of the output and a column for each of the input, both row by row: "
          + "the matrix, multiplied by the input as one column of numbers, gives the output.",
        bandSentence,
        "Linear layer: one between as many numbers, in which no two elements are the same "
          + "weight; its colours are random. Biases are not counted.",
        "After Goodfellow, Bengio and Courville 2016, section 9.1."),
      scale: "one colour for each weight", method: example.title.lowercased(),
      body: Row(spacing: 32, panels))
  }

  private var bandSentence: String {
    guard arithmetic.hasWeights else {
      return "Coloured: elements that are not 0, all of which are the same."
    }
    let isToeplitz = arithmetic.moves.stride == [1, 1]
    return "Each colour is a weight of the kernel, which comes back in a band along the diagonals"
      + (isToeplitz ? " (a block Toeplitz matrix)" : ", shifted by the stride from row to row")
      + "; empty elements are 0 and stay 0."
  }

  private func panel(_ name: String, _ words: String, _ drawing: any Drawable) -> any Drawable {
    let width = max(drawing.size.width, 250)
    return Column(
      spacing: 8,
      [Column(spacing: 2, [Text(name, .heading), Text(words, .tick, width: width)]), drawing])
  }

  /// The kernel in the colours of its weights.
  private var legend: any Drawable {
    let texts = kernel?.values.map(cellText)
    let cells = (0..<arithmetic.window[0] * arithmetic.window[1]).map { index in
      MarkedGrid.Cell(texts?[index] ?? "\(index + 1)", ground: .mark(bandColor(index)))
    }
    let side = MarkedGrid.side(for: cells.map(\.text), least: 22)
    let longest = arithmetic.window.max() ?? 1
    let grid = MarkedGrid(
      columns: arithmetic.window[1], cells: cells, side: longest > 16 ? 6 : side)
    return Column(spacing: 8, [Text("Kernel \(crossed(arithmetic.window))", .heading), grid])
  }

  /// - Parameter color: Of an element, counted row by row; nil for zeros.
  private func drawing(_ color: (Int) -> Color?) -> any Drawable {
    guard isNumbered else {
      let size = Size(
        width: side * Double(matrix.columns), height: side * Double(matrix.rows))
      let cells = CellMap(
        marks: (0..<cellCount).map { color($0) ?? Theme.background }, columns: matrix.columns,
        cells: Rectangle(origin: Point(0, 0), size: size), size: size)
      // Without it, a sparse matrix seems to end with its last weight.
      return Layers([cells, Edge(size: size)])
    }
    return MarkedGrid(
      columns: matrix.columns,
      cells: (0..<cellCount).map { index in
        color(index).map { MarkedGrid.Cell(ground: .mark($0)) } ?? MarkedGrid.Cell()
      }, outlines: [], side: side)
  }

  /// Colours that can be told apart if there are few, otherwise neighbours of one scale.
  ///
  /// All are so light that dark figures need not replace them: P. Tol, "Colour Schemes",
  /// SRON/EPS/TN/09-002, 2021, light, with Okabe and Ito's purple in place of its grey; and the
  /// upper half of viridis.
  private func bandColor(_ weight: Int) -> Color {
    let count = arithmetic.window[0] * arithmetic.window[1]
    if !arithmetic.hasWeights { return Self.colors[0] }
    if count <= Self.colors.count { return Self.colors[weight] }
    return Colormap.viridis(0.5 + 0.5 * Double(weight) / Double(count - 1))
  }

  private static let colors = [
    0x77AADD, 0xEE8866, 0x44BB99, 0xEEDD88, 0xCC79A7, 0xAAAA00, 0x99DDFF, 0xFFAABB, 0xBBCC33,
  ].map { Color(hex: $0) }

  /// At random, as any rule would look like a structure of the weights.
  private static func ownColor(_ index: Int) -> Color {
    var generator = SeededGenerator(seed: 0, path: index)
    return Colormap.viridis(0.5 + 0.5 * Double(generator.uniform()))
  }
}

/// A line around something.
private struct Edge: Drawable {
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.stroke(Rectangle(origin: frame.origin, size: size).inset(by: 0.5), with: Theme.outline)
  }
}
