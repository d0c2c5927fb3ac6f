import Analysis
import Kernels
import TensorCore
import TestSupport
import Testing

/// What windows do to grids, number by number.
@Suite struct `Convolution arithmetic` {
  private func grid(_ text: String) throws -> NumberGrid {
    try NumberGrid(parsing: text, of: "--input")
  }

  // MARK: The lectures' numbers

  @Test func `a kernel of five ones over a picture of 5×5`() throws {
    let arithmetic = try WindowArithmetic(
      .convolution, input: [5, 5], window: [3, 3], moves: WindowGeometry())
    let result = arithmetic.result(
      of: try grid("1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0"),
      kernel: try grid("1 0 1; 0 1 0; 1 0 1"))
    #expect(result.lists == [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
  }

  /// The 10×10 grey values of the lecture.
  private static let greyValues = """
    113 122 130 128 126 125 121 121 115 127 / 115 112 110 111 114 119 122 117 120 117 /
    105 106 105 106 108 111 113 117 118 114 / 94 98 101 103 105 108 110 114 114 111 /
    106 109 111 112 113 114 115 113 112 111 / 114 113 111 110 109 0 0 0 111 113 /
    110 106 106 108 111 0 0 0 107 110 / 109 106 108 116 124 0 0 0 106 109 /
    102 97 100 109 116 117 114 118 111 114 / 100 108 97 100 107 90 93 97 102 110
    """

  @Test func `the mean of 3×3 over grey values, as a kernel and as pooling`() throws {
    let input = try grid(Self.greyValues.replacing("\n", with: " "))
    #expect(input.size == [10, 10])
    let convolution = try WindowArithmetic(
      .convolution, input: [10, 10], window: [3, 3], moves: WindowGeometry())
    let pooling = try WindowArithmetic(
      .meanPooling, input: [10, 10], window: [3, 3], moves: WindowGeometry())
    let kernel = try #require(pooling.meanKernel)
    let results = [
      convolution.result(of: input, kernel: kernel), pooling.result(of: input, kernel: nil),
    ]
    for result in results {
      let rounded = result.lists.map { $0.map { Int($0.rounded()) } }
      #expect(rounded[0] == [113, 114, 115, 116, 118, 118, 118, 118])
      #expect(rounded[5] == [109, 109, 111, 75, 38, 0, 36, 73])
    }
  }

  @Test func `sizes with the numbers put in, and what 6×6 leaves unused`() throws {
    let arithmetic = try WindowArithmetic(
      .convolution, input: [6, 6], window: [3, 3], moves: WindowGeometry(stride: 2))
    #expect(arithmetic.output == [2, 2])
    #expect(arithmetic.unused(0) == [5] && arithmetic.unused(1) == [5])
    #expect(arithmetic.unusedCount == 11)
    let formula = OutputSizeFormula(arithmetic, axis: 0)
    #expect(formula.letters == "⌊(N − F + 2P) / S⌋ + 1")
    #expect(formula.numbers == "⌊(6 − 3 + 2·0) / 2⌋ + 1 = ⌊1.5⌋ + 1 = 2")
    let fitting = try WindowArithmetic(
      .convolution, input: [7, 7], window: [3, 3], moves: WindowGeometry(stride: 2, padding: 1))
    #expect(fitting.unusedCount == 0)
    #expect(OutputSizeFormula(fitting, axis: 1).numbers == "(7 − 3 + 2·1) / 2 + 1 = 4")
    let dilated = try WindowArithmetic(
      .convolution, input: [7, 9], window: [3, 3], moves: WindowGeometry(stride: 3, dilation: 2))
    #expect(
      OutputSizeFormula(dilated, axis: 1).numbers
        == "⌊(9 + 2·0 − 2·(3 − 1) − 1) / 3⌋ + 1 = ⌊1.33⌋ + 1 = 2")
    let transposed = try WindowArithmetic(
      .transposedConvolution(outputPadding: [0, 0]), input: [3, 3], window: [3, 3],
      moves: WindowGeometry(stride: 2, padding: 1))
    #expect(OutputSizeFormula(transposed, axis: 0).numbers == "(3 − 1)·2 − 2·1 + 3 = 5")
  }

  @Test func `weights of three kinds of layers`() throws {
    // Ranzato: 200×200 pixels, 40,000 hidden units, windows of 10×10, 100 filters.
    let large = try WindowArithmetic(
      .convolution, input: [200, 200], window: [10, 10], moves: WindowGeometry())
    let costs = try ConnectionCost.all(large, channels: 1, filters: 100, units: 40_000)
    #expect(costs.map(\.weights) == [1_600_000_000, 4_000_000, 10_000])
    // CS231n: 30×30×3, 7×7, 24×24 places, depth 5.
    let small = try WindowArithmetic(
      .convolution, input: [30, 30], window: [7, 7], moves: WindowGeometry())
    #expect(small.output == [24, 24])
    let layers = try ConnectionCost.all(small, channels: 3, filters: 5)
    #expect(layers[1].weights == 423_360 && layers[2].weights == 735)
    #expect(layers[0].weights == 2880 * 2700 && layers[2].multiplyAdds == 423_360)
    #expect(
      errorText { try ConnectionCost.all(large, channels: .max, filters: 2) }
        == "a layer with more than \(Int.max) weights or multiply-adds")
  }

  // MARK: Other implementations

  private static let picture = """
    0 5 -1 -4 -1 5 3; -1 3 -1 -3 2 2 5; 4 2 2 4 0 -1 2; 5 -3 0 0 -3 5 5; 5 -4 -3 -2 -1 -4 1; \
    1 -2 5 -3 4 4 -1
    """

  /// PyTorch 2.15, in double precision: `conv2d`, `max_pool2d` and `avg_pool2d`.
  @Test func `dilated, padded and pooled as in PyTorch`() throws {
    let (input, kernel) = (try grid(Self.picture), try grid("-3 2; 3 1; 2 1"))
    let dilated = try WindowArithmetic(
      .convolution, input: [6, 7], window: [3, 2],
      moves: WindowGeometry(
        stride: [2, 1], dilation: [2, 3], paddingBefore: [2, 1], paddingAfter: [2, 1]))
    #expect(
      dilated.result(of: input, kernel: kernel).lists == [
        [1, 8, 18, 5, 1, -3], [-3, 16, -20, 8, 29, 1], [1, 9, -19, -21, -13, -3],
      ])
    let moves = WindowGeometry(
      stride: [2, 2], dilation: [1, 1], paddingBefore: [1, 1], paddingAfter: [1, 1])
    let greatest = try WindowArithmetic(
      .maxPooling, input: [6, 7], window: [3, 2], moves: moves)
    #expect(
      greatest.result(of: input, kernel: nil).lists == [
        [0, 5, 2, 5], [5, 3, 4, 5], [5, 5, 4, 5],
      ])
    let mean = try WindowArithmetic(.meanPooling, input: [6, 7], window: [3, 2], moves: moves)
    #expect(
      mean.result(of: input, kernel: nil).lists.map { $0.map { (6 * $0).rounded() } }
        == [[-1, 6, -6, 15], [8, 3, 0, 18], [11, -7, -5, 10]])
  }

  /// PyTorch 2.15, in double precision: `conv_transpose2d`.
  @Test func `transposed as in PyTorch`() throws {
    let input = try grid("-2 -3 -4 5; -1 -3 -3 -4; -1 2 2 3")
    let kernel = try grid("-3 2; 3 1; 2 1")
    let strided = try WindowArithmetic(
      .transposedConvolution(outputPadding: [1, 2]), input: [3, 4], window: [3, 2],
      moves: WindowGeometry(
        stride: [2, 3], dilation: [1, 1], paddingBefore: [1, 0], paddingAfter: [1, 0]))
    #expect(
      strided.result(of: input, kernel: kernel).lists == [
        [-6, -2, 0, -9, -3, 0, -12, -4, 0, 15, 5, 0, 0],
        [-1, -4, 0, 3, -9, 0, 1, -10, 0, 22, -3, 0, 0],
        [-3, -1, 0, -9, -3, 0, -9, -3, 0, -12, -4, 0, 0],
        [1, -3, 0, -12, 1, 0, -12, 1, 0, -17, 2, 0, 0],
        [-3, -1, 0, 6, 2, 0, 6, 2, 0, 9, 3, 0, 0],
        [-2, -1, 0, 4, 2, 0, 4, 2, 0, 6, 3, 0, 0],
      ])
    // Every third column of the output, and the last of its padding, gets nothing.
    #expect(strided.unused(1) == [2, 5, 8, 11, 12] && strided.unused(0) == [])
    let dilated = try WindowArithmetic(
      .transposedConvolution(outputPadding: [0, 0]), input: [3, 4], window: [3, 2],
      moves: WindowGeometry(
        stride: [2, 1], dilation: [2, 2], paddingBefore: [0, 1], paddingAfter: [0, 1]))
    #expect(
      dilated.result(of: input, kernel: kernel).lists == [
        [9, 8, -21, -8], [0, 0, 0, 0], [0, -7, 18, -10], [0, 0, 0, 0], [-21, -28, -13, -3],
        [0, 0, 0, 0], [0, -2, 0, -1], [0, 0, 0, 0], [4, 3, 8, 2],
      ])
  }

  /// Any size, stride, dilation and padding that fits.
  private func random(_ seed: Int) -> (input: NumberGrid, kernel: NumberGrid, WindowGeometry) {
    var generator = SeededGenerator(seed: UInt64(seed), path: 11)
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func grid(_ size: [Int]) -> NumberGrid {
      NumberGrid(
        rows: size[0], columns: size[1],
        values: (0..<size[0] * size[1]).map { _ in Double(number(-9...9)) })
    }
    let window = [number(1...4), number(1...4)]
    let dilation = [number(1...3), number(1...3)]
    let size = (0..<2).map { dilation[$0] * (window[$0] - 1) + 1 + number(0...5) }
    return (
      grid(size), grid(window),
      WindowGeometry(
        stride: [number(1...3), number(1...3)], dilation: dilation,
        paddingBefore: [number(0...3), number(0...3)], paddingAfter: [number(0...3), number(0...3)])
    )
  }

  private func tensor(_ grid: NumberGrid) -> Tensor {
    Tensor(shape: [1, 1, grid.rows, grid.columns], grid.values.map(Float.init))
  }

  @Test(arguments: 0..<60)
  func `the same as loops over the definition`(seed: Int) throws {
    let (input, kernel, moves) = random(seed)
    let convolution = try WindowArithmetic(
      .convolution, input: input.size, window: kernel.size, moves: moves)
    let result = convolution.result(of: input, kernel: kernel)
    #expect(
      result.values
        == Slow.convolve(tensor(input), tensor(kernel), bias: nil, moves, groups: 1))
    let mean = try WindowArithmetic(
      .meanPooling, input: input.size, window: kernel.size, moves: moves)
    let windows = Slow.windows(
      tensor(input), PoolingGeometry(window: kernel.size, moves: moves))
    expectClose(
      mean.result(of: input, kernel: nil).values.map(Float.init),
      windows.map { window in
        window.reduce(0) { $0 + ($1 ?? 0) } / Double(window.count)
      }, absolute: 1e-5)
    if !windows.contains(where: { $0.allSatisfy { $0 == nil } }) {
      let greatest = try WindowArithmetic(
        .maxPooling, input: input.size, window: kernel.size, moves: moves)
      #expect(
        greatest.result(of: input, kernel: nil).values
          == windows.map { $0.compactMap(\.self).max() ?? .nan })
    }
    // The transpose takes what the convolution gives back to the size it came from.
    let back = (0..<2).map { axis -> Int in
      let reach = moves.dilation[axis] * (kernel.size[axis] - 1) + 1
      let cut = moves.paddingBefore[axis] + moves.paddingAfter[axis]
      return (convolution.output[axis] - 1) * moves.stride[axis] + reach - cut
    }
    guard back.allSatisfy({ $0 > 0 }) else { return }
    let transposed = try WindowArithmetic(
      .transposedConvolution(outputPadding: [0, 0]), input: convolution.output,
      window: kernel.size, moves: moves)
    #expect(transposed.output == back)
    #expect(
      transposed.result(of: result, kernel: kernel).values
        == Slow.convolveTransposed(
          tensor(result), tensor(kernel), bias: nil, moves, groups: 1, to: back))
  }

  @Test(arguments: 0..<30)
  func `a matrix times the flat input is the output`(seed: Int) throws {
    let (input, kernel, moves) = random(seed)
    var operations = [
      try WindowArithmetic(.convolution, input: input.size, window: kernel.size, moves: moves)
    ]
    operations += [
      try? WindowArithmetic(
        .transposedConvolution(outputPadding: [0, 0]), input: input.size, window: kernel.size,
        moves: moves)
    ].compactMap(\.self)
    for operation in operations {
      let matrix = try #require(operation.matrix())
      #expect([matrix.rows, matrix.columns] == operation.matrixSize)
      let values = matrix.values(kernel: kernel)
      let product = values.lists.map { zip($0, input.values).reduce(0) { $0 + $1.0 * $1.1 } }
      #expect(product == operation.result(of: input, kernel: kernel).values)
      #expect(matrix.entryCount <= operation.stepCount * operation.weightCount)
    }
  }

  @Test func `the matrix of a transposed convolution is the transpose`() throws {
    let moves = WindowGeometry(stride: 2, padding: 1)
    let forth = try #require(
      try WindowArithmetic(.convolution, input: [5, 7], window: [3, 3], moves: moves).matrix())
    let back = try #require(
      try WindowArithmetic(
        .transposedConvolution(outputPadding: [0, 0]), input: [3, 4], window: [3, 3], moves: moves
      ).matrix())
    #expect(back.rows == forth.columns && back.columns == forth.rows)
    for row in 0..<forth.rows {
      for column in 0..<forth.columns {
        #expect(
          forth.weights[row * forth.columns + column] == back.weights[column * back.columns + row])
      }
    }
    let pooling = try WindowArithmetic(
      .maxPooling, input: [4, 4], window: [2, 2], moves: WindowGeometry(stride: 2))
    #expect(pooling.matrix() == nil)
  }

  @Test(arguments: 0..<30)
  func `unused pixels change nothing, and all others something`(seed: Int) throws {
    let (input, kernel, moves) = random(seed)
    let operation = try WindowArithmetic(
      .convolution, input: input.size, window: kernel.size, moves: moves)
    let ones = NumberGrid(rows: kernel.rows, columns: kernel.columns, repeating: 1)
    let unused = [Set(operation.unused(0)), Set(operation.unused(1))]
    let result = operation.result(of: input, kernel: ones)
    var count = 0
    for place in input.values.indices {
      var values = input.values
      values[place] += 1
      let changed = operation.result(
        of: NumberGrid(rows: input.rows, columns: input.columns, values: values), kernel: ones)
      let isUnused =
        unused[0].contains(place / input.columns) || unused[1].contains(place % input.columns)
      #expect((changed == result) == isUnused)
      count += isUnused ? 1 : 0
    }
    #expect(count == operation.unusedCount)
  }

  @Test func `steps fill the output one after the other`() throws {
    let (input, kernel) = (try grid("1 2 3; 4 5 6; 7 8 9"), try grid("1 0; 0 1"))
    let operation = try WindowArithmetic(
      .convolution, input: [3, 3], window: [2, 2], moves: WindowGeometry())
    let partial = operation.result(of: input, kernel: kernel, after: 3).values
    #expect(partial.prefix(3) == [6, 8, 12] && partial[3].isNaN)
    let taps = operation.taps(ofStep: 3)
    #expect(taps.map(\.place) == [[1, 1], [1, 2], [2, 1], [2, 2]])
    #expect(taps.map(\.cell) == [[0, 0], [0, 1], [1, 0], [1, 1]])
    let transposed = try WindowArithmetic(
      .transposedConvolution(outputPadding: [0, 0]), input: [2, 2], window: [2, 2],
      moves: WindowGeometry(stride: 2))
    #expect(
      transposed.result(of: try grid("1 2; 3 4"), kernel: kernel, after: 2).lists
        == [[1, 0, 2, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0]])
  }

  @Test func `turned and shifted`() throws {
    let numbers = try grid("1 2 3; 4 5 6")
    #expect(numbers.turned.lists == [[6, 5, 4], [3, 2, 1]])
    #expect(numbers.shifted(rows: 0, columns: 1).lists == [[1, 1, 2], [4, 4, 5]])
    #expect(numbers.shifted(rows: -1, columns: 0).lists == [[4, 5, 6], [4, 5, 6]])
    #expect(numbers.shifted(rows: .min, columns: .max).lists == [[4, 4, 4], [4, 4, 4]])
  }

  // MARK: What is typed

  @Test(arguments: [
    "1 2; 3 4", "1,2;3,4", "[1 2; 3 4]", "[[1, 2], [3, 4]]", "1 2\n3 4\n", " 2/2  2 ; 6/2 4;; ",
    "1 2 / 3 4", "1/2 * [2 4; 6 8]", "(1 2)(3 4)", "0.5*2 4; 6 8",
  ])
  func `matrices are read in many forms`(text: String) throws {
    #expect(try grid(text).lists == [[1, 2], [3, 4]])
  }

  @Test(arguments: [
    ("", "--input: expected a matrix such as '1 0; 0 1', found ''"),
    ("; ;", "--input: expected a matrix such as '1 0; 0 1', found '; ;'"),
    ("1 2; 3", "--input: expected rows of 2 numbers, found 1 in row 2"),
    ("1 x", "--input: expected numbers, found 'x'"),
    ("nan", "--input: expected numbers, found 'nan'"),
    ("inf 1", "--input: expected numbers, found 'inf'"),
    ("1e999", "--input: expected numbers, found '1e999'"),
    ("1/0", "--input: expected numbers, found '1/0'"),
    ("1/2/3", "--input: expected numbers, found '1/2/3'"),
    ("1e308 * 1e308", "--input: expected numbers, found '1e308'"),
    ("2 * 3 * 4", "--input: expected a number, * and a matrix, found more than one *"),
  ])
  func `what is no matrix is refused`(text: String, message: String) {
    #expect(errorText { try grid(text) } == message)
  }

  @Test(arguments: ["1/9 * [1 2; 3 4]", "[[1, 2], [3, 4]]", "−1 .5; 1/4 2e3", "(1 2; 3 4)"])
  func `kernels are read as inputs are`(text: String) throws {
    let kernel = try HandcraftedKernel(text)
    #expect(kernel.weights.elements == (try grid(text)).values.map { Float($0) })
  }

  @Test func `numbers are told from names of files`() {
    for text in ["1 2 a;3 4 5", "1 2; 3 inf", "[x, 1]", "1 2", "1,2", "[1]", "5;"] {
      #expect(NumberGrid.isMeant(by: text), "\(text)")
    }
    for text in ["digit.png", "5X5", "a b", "7.png", "x/1.png", ""] {
      #expect(!NumberGrid.isMeant(by: text), "\(text)")
    }
  }

  @Test func `what does not fit is refused, and nothing overflows`() {
    func error(
      _ operation: WindowArithmetic.Operation = .convolution, _ input: [Int] = [5, 5],
      _ window: [Int] = [3, 3], _ moves: WindowGeometry = WindowGeometry()
    ) -> String? {
      errorText { try WindowArithmetic(operation, input: input, window: window, moves: moves) }
    }
    #expect(
      error(.convolution, [2, 5]) == "a window of 3×3 does not fit into an input of 2×5")
    #expect(
      error(.convolution, [3, 3], [3, 3], WindowGeometry(padding: 1, dilation: 3))
        == "a window of 7×7, 3×3 dilated, does not fit into an input of 5×5, 3×3 with its padding")
    #expect(
      error(.convolution, [0, 5]) == "the input must be from 1 to 10000 in both directions, not 0×5"
    )
    #expect(
      error(.convolution, [5, 5], [3, 3], WindowGeometry(stride: .max))
        == "--stride must be from 1 to 10000 in both directions, not \(Int.max)×\(Int.max)")
    #expect(
      error(.convolution, [5, 5], [3, 3], WindowGeometry(padding: -1))
        == "--padding must be from 0 to 10000 in both directions, not -1×-1")
    #expect(
      error(.maxPooling, [2, 2], [2, 2], WindowGeometry(stride: 2, padding: 2))
        == "--padding: some windows would have no pixel, and the maximum of nothing is no number")
    #expect(
      error(.transposedConvolution(outputPadding: [2, 0]))
        == "--output-padding: expected less than the stride or the dilation, found 2×0")
    #expect(
      error(
        .transposedConvolution(outputPadding: [0, 0]), [1, 1], [3, 3], WindowGeometry(padding: 2))
        == "--padding: nothing is left of the output, whose size would be -1×-1")
    #expect(error(.convolution, [1, 1], [1, 1]) == nil)
  }
}
