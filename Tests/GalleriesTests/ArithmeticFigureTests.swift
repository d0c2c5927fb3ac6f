import Analysis
import Drawing
import Files
import Foundation
import Galleries
import Images
import Kernels
import TestSupport
import Testing

/// What is drawn of an operation on grids.
@Suite struct `Arithmetic figures` {
  private func grid(_ text: String) throws -> NumberGrid {
    try NumberGrid(parsing: text, of: "--input")
  }

  private func lecture() throws -> ArithmeticExample {
    ArithmeticExample(
      try WindowArithmetic(
        .convolution, input: [5, 5], window: [3, 3], moves: WindowGeometry()),
      input: try grid("1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0"),
      kernel: try grid("1 0 1; 0 1 0; 1 0 1"))
  }

  private func example(
    _ operation: WindowArithmetic.Operation, _ input: [Int], _ window: [Int],
    _ moves: WindowGeometry, numbers: Bool = true, isPicture: Bool = false
  ) throws -> ArithmeticExample {
    let arithmetic = try WindowArithmetic(operation, input: input, window: window, moves: moves)
    func numbered(_ size: [Int]) -> NumberGrid {
      NumberGrid(
        rows: size[0], columns: size[1],
        values: (0..<size[0] * size[1]).map { Double(($0 * 37) % 256) })
    }
    return ArithmeticExample(
      arithmetic, input: numbers ? numbered(input) : nil,
      kernel: numbers && arithmetic.hasWeights
        ? NumberGrid(
          rows: window[0], columns: window[1], repeating: 1 / Double(window[0] * window[1])) : nil,
      isPicture: isPicture, source: isPicture ? longName : nil)
  }

  private func grids(_ figure: CaptionedFigure) throws -> [MarkedGrid] {
    try SeenFigure(figure).parts(of: MarkedGrid.self).map(\.content)
  }

  @Test func `the grids of the lecture at their fifth step`() throws {
    let figure = arithmeticFigure(of: try lecture(), step: 4)
    let grids = try grids(figure)
    try #require(grids.count == 3)
    #expect(
      grids[0].cells.map(\.text).joined()
        == "1110001110001110011001100")
    #expect(grids[1].cells.map(\.text).joined() == "101010101")
    #expect(grids[2].cells.map(\.text).joined() == "434243234")
    #expect(grids.map(\.outlines.count) == [1, 0, 1])
    let window = try #require(grids[0].outlines.first)
    #expect(window.rows == 1..<4 && window.columns == 1..<4)
    let output = try #require(grids[2].outlines.first)
    #expect(output.rows == 1..<2 && output.columns == 1..<2)
    // The weights are beside the numbers that they multiply.
    #expect(
      grids[0].cells.map(\.note).filter { !$0.isEmpty }.joined() == "×1×0×1×0×1×0×1×0×1")
    let labels = figure.body.labels
    #expect(labels.contains("rows and columns: (5 − 3 + 2·0) / 1 + 1 = 3"))
    #expect(labels.contains("Step 5 of 9: row 2, column 2 of the output"))
    #expect(
      labels.contains("1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 1·0 + 1·1 = 4"), "\(labels)")
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "arithmetic-grids")
  }

  @Test func `unused pixels are hatched, and said`() throws {
    let example = try example(
      .convolution, [6, 6], [3, 3], WindowGeometry(stride: 2), numbers: false)
    let figure = arithmeticFigure(of: example, step: 0)
    let cells = try grids(figure)[0].cells
    for (index, cell) in cells.enumerated() {
      #expect((cell.ground == .hatched) == (index % 6 == 5 || index / 6 == 5))
    }
    #expect(
      example.warnings
        == ["No window reads row 6 and column 6 of the input: 11 pixels of 36 are unused."])
    #expect(figure.caption.contains("Hatched: in no window."))
    try expectSound(figure)
  }

  @Test func `padding is grey zeros, or what is cut off`() throws {
    let padded = try example(.convolution, [3, 4], [3, 3], WindowGeometry(padding: 1))
    let cells = try grids(arithmeticFigure(of: padded, step: 11))[0].cells
    #expect(cells.count == 5 * 6)
    #expect(cells.prefix(6).allSatisfy { $0.text == "0" && $0.isFaint })
    let transposed = try example(
      .transposedConvolution(outputPadding: [0, 0]), [3, 3], [3, 3],
      WindowGeometry(stride: 2, padding: 1))
    let grids = try grids(arithmeticFigure(of: transposed, step: 4))
    #expect(grids[2].cells.count == 49)
    #expect(grids[2].cells.prefix(7).allSatisfy { $0.text.isEmpty && $0.isFaint })
    #expect(grids[2].outlines.first?.rows == 2..<5)
    let window = try #require(transposed.result?.values.first)
    #expect(grids[2].cells[8].text == numberText(window))
  }

  @Test func `frames have one size, and outputs appear one after the other`() throws {
    let example = try lecture()
    let frames = (0..<9).map { arithmeticFrame(of: example, step: $0) }
    #expect(Set(frames.map(\.sheet.size)).count == 1)
    for (step, frame) in frames.enumerated() {
      let output = try grids(frame)[2]
      #expect(output.cells.count { !$0.text.isEmpty } == step + 1)
      try expectSound(frame)
    }
    let steps = arithmeticSteps(of: example)
    #expect(steps.body.labels.filter { Int($0) != nil } == (1...9).map(String.init))
    try expectSound(steps)
    try expectSnapshot(graphics(of: steps), named: "arithmetic-steps")
  }

  @Test func `an operation's matrix has a colour for each weight`() throws {
    let figure = arithmeticMatrixFigure(of: try lecture())
    let grids = try grids(figure)
    try #require(grids.count == 3)
    let kernel = grids[0].cells.map(\.ground)
    #expect(Set(kernel).count == 9)
    let matrix = grids[1]
    #expect(matrix.columns == 25 && matrix.cells.count == 225)
    #expect(matrix.cells.count { $0.ground != .plain } == 81)
    // The first row: three weights, two zeros, three weights, …
    let first = matrix.cells.prefix(25).map(\.ground)
    #expect(Array(first[0..<3]) == Array(kernel[0..<3]) && first[3] == .plain)
    #expect(Array(first[5..<8]) == Array(kernel[3..<6]))
    #expect(Array(matrix.cells[26..<29].map(\.ground)) == Array(kernel[0..<3]))
    #expect(Set(grids[2].cells.map(\.ground)).count > 60)
    #expect(figure.body.labels.contains("9 weights, in 81 of 225 elements; others are 0"))
    #expect(figure.body.labels.contains("225 weights, one for each element"))
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "arithmetic-matrix")
  }

  @Test func `no matrix of a maximum, none that is too large`() throws {
    let pooling = try example(.maxPooling, [4, 4], [2, 2], WindowGeometry(stride: 2))
    #expect(pooling.matrixObstacle == "the maximum is not linear and has no matrix")
    let large = try example(
      .convolution, [200, 200], [10, 10], WindowGeometry(), numbers: false)
    #expect(
      large.matrixObstacle
        == "matrices are drawn up to 2,000 rows and columns, and this one is 36,481×40,000")
    #expect(large.gridsObstacle == nil && large.framesObstacle != nil)
    #expect(large.shiftObstacle(by: [0, 1]) == "it needs numbers or a picture, not only a size")
  }

  @Test func `a shifted picture is other numbers at the same places`() throws {
    let example = ArithmeticExample(
      try WindowArithmetic(
        .convolution, input: [3, 3], window: [3, 3], moves: WindowGeometry()),
      input: try grid("0 255 0; 0 255 0; 0 255 0"), kernel: nil, isPicture: true, source: "i.png")
    let figure = shiftedPictureFigure(of: example, by: [0, 1])
    let grids = try grids(figure)
    try #require(grids.count == 3)
    #expect(grids[1].cells.map(\.text) == ["0", "0", "255", "0", "0", "255", "0", "0", "255"])
    #expect(
      grids[2].cells.map(\.text)
        == grids[0].cells.map(\.text) + grids[1].cells.map(\.text))
    #expect(
      grids[2].columns == 9 && grids[2].outlines.map(\.columns.lowerBound) == [1, 2, 4, 5, 7, 8])
    #expect(figure.caption.contains("whose number differs, 6 of 9."))
    try expectSound(figure)
  }

  @Test func `averaging takes noise away, and the figure says how much`() throws {
    let size = 40
    let clean = NumberGrid(rows: size, columns: size, repeating: 100)
    // A chessboard of ±8: of nine neighbours, five have one sign and four the other.
    let noisy = NumberGrid(
      rows: size, columns: size,
      values: (0..<size * size).map { ($0 / size + $0 % size).isMultiple(of: 2) ? 108.0 : 92 })
    let example = ArithmeticExample(
      try WindowArithmetic(
        .convolution, input: [size, size], window: [3, 3], moves: WindowGeometry()),
      input: noisy, kernel: NumberGrid(rows: 3, columns: 3, repeating: 1 / 9), isPicture: true,
      source: "flat.png")
    let errors = try #require(example.differences(from: clean))
    #expect(abs(errors.before - 8) < 1e-9 && abs(errors.after - 8.0 / 9) < 1e-9)
    let figure = beforeAfterFigure(of: example, clean: clean, noise: 8)
    #expect(figure.body.labels.contains("differs from the clean picture by 0.889"))
    #expect(try SeenFigure(figure).parts(of: Picture.self).count == 3)
    try expectSound(figure)
  }

  private func picture(_ rows: Int, _ columns: Int, kernel: String) throws -> ArithmeticExample {
    let kernel = try grid(kernel)
    return ArithmeticExample(
      try WindowArithmetic(
        .convolution, input: [rows, columns], window: kernel.size, moves: WindowGeometry()),
      input: NumberGrid(
        rows: rows, columns: columns,
        values: (0..<rows * columns).map { Double(($0 * 37) % 256) }),
      kernel: kernel, isPicture: true, source: "p.png")
  }

  @Test func `negative results have a signed scale, which is said`() throws {
    let figure = beforeAfterFigure(of: try picture(30, 40, kernel: "1 0 -1; 2 0 -2; 1 0 -1"))
    let labels = figure.body.labels
    #expect(labels.contains("values 0 … 255"))
    #expect(labels.contains { $0.hasPrefix("values −") }, "\(labels)")
    #expect(figure.caption.contains("blue is negative, white zero and red positive"))
    #expect(figure.scale.contains("levels 0 … 255") && figure.scale.contains("symmetric, ±"))
    let seen = try SeenFigure(figure)
    let (pictures, bars) = (seen.parts(of: Picture.self), seen.parts(of: ColorBar.self))
    try #require(pictures.count == 2 && bars.count == 2)
    for (picture, bar) in zip(pictures, bars) {
      #expect(bar.frame.x == picture.frame.x && bar.frame.y > picture.frame.maxY)
      #expect(abs(bar.content.size.width - picture.frame.width) < 2)
    }
    try expectSound(figure)
  }

  @Test func `results beyond white have a scale of their own, pictures that of levels`() throws {
    let sum = beforeAfterFigure(of: try picture(20, 20, kernel: "1 1; 1 1"))
    #expect(sum.scale.hasPrefix("levels 0 … 255, clipped; 0 … "))
    // Sharpened pictures are pictures, and what is clipped is counted.
    let sharp = beforeAfterFigure(of: try picture(20, 20, kernel: "0 -1 0; -1 5 -1; 0 -1 0"))
    #expect(sharp.scale == "levels 0 … 255, clipped")
    #expect(sharp.body.labels.contains { $0.hasSuffix(" % clipped") })
    let numbers = beforeAfterFigure(of: try lecture())
    #expect(numbers.scale == "0 … 1; 2 … 4")
    for figure in [sum, sharp, numbers] { try expectSound(figure) }
  }

  @Test func `results of one row are seen`() throws {
    let figure = beforeAfterFigure(of: try picture(1, 170, kernel: "1 -1"))
    for part in try SeenFigure(figure).parts(of: Picture.self) {
      #expect(part.frame.height >= 10)
    }
    #expect(figure.caption.contains("What would be too low to be seen is drawn higher."))
    try expectSound(figure)
  }

  @Test(.slow) func `sheets of steps have several columns, and say what is left out`() throws {
    for (size, columns) in [(10, 4), (32, 3), (200, 3)] {
      let example = try picture(size, size, kernel: "1 0 -1; 2 0 -2; 1 0 -1")
      let figure = arithmeticSteps(of: example)
      let sheet = figure.sheet.size
      #expect(sheet.height < 2.8 * sheet.width, "\(size): \(sheet)")
      let seen = try SeenFigure(figure)
      let places = seen.parts(of: Text.self).filter { Int($0.content.lines.joined()) != nil }
      #expect(places.count == example.shownStepCount)
      #expect(Set(places.map(\.frame.x)).count == columns, "\(size)")
      let left = example.arithmetic.stepCount - example.shownStepCount
      #expect(figure.caption.contains("are left out.") == (left > 0))
      if left > 0 { #expect(figure.caption.contains("; \(countText(left)) are left out.")) }
      #expect(figure.body.labels.contains { $0.hasPrefix("Numbers are left out") })
      try expectSound(figure)
      let printed = PrintedFigure(title: figure.title, figure.body, width: 85 / 25.4 * 72)
      #expect(printed.size.height < 1200, "\(size): \(printed.size)")
    }
    // Columns of one number, and rows of many.
    let tall = try example(.convolution, [12, 3], [3, 3], WindowGeometry())
    #expect(Set(try grids(arithmeticSteps(of: tall)).map(\.columns)) == [3, 1])
    let seen = try SeenFigure(arithmeticSteps(of: tall)).parts(of: MarkedGrid.self)
    #expect(Set(seen.map(\.frame.x)).count > 4)
  }

  @Test func `factors are small, and in no cell if one has no room`() throws {
    let example = try picture(6, 6, kernel: "1/9 -2; 3 0.123")
    let drawn = try grids(arithmeticFigure(of: example, step: 0))
    #expect(
      drawn[0].cells.map(\.note).filter { !$0.isEmpty } == ["×1/9", "×−2", "×3", "×0.123"])
    #expect(MarkedGrid.hasRoom(for: drawn[0].cells.map(\.note), side: drawn[0].side))
    let steps = try grids(arithmeticSteps(of: example))
    #expect(steps.allSatisfy { $0.cells.allSatisfy(\.note.isEmpty) })
  }

  @Test func `a shift that leaves nothing is refused`() {
    #expect(ArithmeticExample.shiftObstacle(of: [3, 4], by: [2, -3]) == nil)
    #expect(
      ArithmeticExample.shiftObstacle(of: [3, 4], by: [10, 0])
        == "a shift by 10 rows down leaves nothing of an input of 3×4")
    #expect(ArithmeticExample.shiftObstacle(of: [3, 1], by: [0, -1]) != nil)
    #expect(ArithmeticExample.shiftObstacle(of: [1, 1], by: [.min, 0]) != nil)
  }

  @Test func `results that are not finite are a warning`() throws {
    let operation = try WindowArithmetic(
      .convolution, input: [1, 3], window: [1, 2], moves: WindowGeometry())
    let example = ArithmeticExample(
      operation, input: NumberGrid(rows: 1, columns: 3, values: [1e308, 1e308, 0]),
      kernel: NumberGrid(rows: 1, columns: 2, values: [10, 1]))
    #expect(
      example.warnings == [
        "2 of 2 numbers of the output are not finite: sums left the range of 64-bit numbers."
      ])
    for figure in [arithmeticFigure(of: example, step: 0), beforeAfterFigure(of: example)] {
      try expectSound(figure)
    }
  }

  @Test func `the table of weights`() throws {
    let arithmetic = try WindowArithmetic(
      .convolution, input: [200, 200], window: [10, 10], moves: WindowGeometry())
    let figure = connectionTable(
      of: try ConnectionCost.all(arithmetic, channels: 1, filters: 100, units: 40_000),
      arithmetic: arithmetic, channels: 1)
    let table = try #require(try SeenFigure(figure).parts(of: WordTable.self).first?.content)
    #expect(
      table.cells.map { $0[2].lines } == [
        ["1,600,000,000", "100 %"], ["4,000,000", "0.25 %"], ["10,000", "< 0.001 %"],
      ])
    #expect(figure.caption.contains("do not have equally many units"))
    try expectSound(figure)
    // In a column of a journal, its text is legible, too.
    let printed = PrintedFigure(title: figure.title, figure.body, width: 85 / 25.4 * 72)
    #expect(try #require(printed.smallestText) >= PrintedFigure.smallestReadable)
  }

  @Test(.slow, arguments: [[1, 1], [1, 9], [13, 4], [28, 28], [40, 3], [256, 256]])
  func `fit any input`(size: [Int]) throws {
    let window = size.map { min($0, 3) }
    let operations: [WindowArithmetic.Operation] = [
      .convolution, .meanPooling, .maxPooling, .transposedConvolution(outputPadding: [0, 0]),
    ]
    for operation in operations {
      for (numbers, isPicture) in [(true, false), (true, true), (false, false)] {
        let example = try example(
          operation, size, window,
          WindowGeometry(
            stride: [2, 1], dilation: [1, 1],
            paddingBefore: window.map { ($0 - 1) / 2 }, paddingAfter: window.map { ($0 - 1) / 2 }),
          numbers: numbers, isPicture: isPicture)
        var figures: [CaptionedFigure] = []
        if example.gridsObstacle == nil {
          figures.append(
            arithmeticFigure(of: example, step: example.arithmetic.stepCount - 1))
          figures.append(arithmeticSteps(of: example))
        }
        if example.matrixObstacle == nil { figures.append(arithmeticMatrixFigure(of: example)) }
        if example.shiftObstacle(by: [1, -1]) == nil {
          figures.append(shiftedPictureFigure(of: example, by: [1, -1]))
        }
        if example.beforeAfterObstacle == nil { figures.append(beforeAfterFigure(of: example)) }
        for figure in figures { try expectSound(figure) }
      }
    }
  }

  @Test func `an animated file has the record and all frames`() throws {
    let folder = try TemporaryFolder()
    let example = try lecture()
    let file = try FigureFile(
      folder["/a.png"], format: .png, checkpoint: .init(name: "", sha256: ""), version: "1",
      force: false, pixelsPerPoint: 1, appearance: .light, style: FigureStyle(),
      arraysExtension: nil)
    file.add(
      .curves, name: "animation", facts: FigureFacts(command: "fovea arithmetic"), arrays: nil,
      animation: FigureAnimation(
        frames: (0..<9).map { step in { arithmeticFrame(of: example, step: step) } }, seconds: 1)
    ) { arithmeticFrame(of: example, step: 8) }
    #expect(try file.finish() == [folder["/a.png"]])
    let data = try folder.data("a.png")
    #expect(data.firstRange(of: Data("acTL".utf8)) != nil)
    let first = try arithmeticFrame(of: example, step: 0).sheet.render()
    #expect(try Image(decoding: data, file: "a.png") == first)
    let text = try Image.textChunks(in: data, file: "a.png")
    #expect(text.contains { $0.key == "command" && $0.value == "fovea arithmetic" })
    #expect(!text.contains { $0.key == "checkpoint" || $0.key == "sha256" })
  }
}
