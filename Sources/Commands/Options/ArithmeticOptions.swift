import Analysis
import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries
import Images
import Kernels
import TensorCore

/// An operation and the numbers that it is worked out for, as they are typed.
struct ArithmeticOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The input: a matrix such as '1 0; 0 1', a picture (PNG or JPEG, as grey values from 0 to \
      255), or only a size, such as 5x5 or 4x6 for rows and columns.
      """, valueName: "matrix|picture|size"))
  var input = "5x5"

  @Option(
    help: ArgumentHelp(
      """
      The kernel: a matrix such as '1/9 1/9 1/9; …', mean:3 for the mean of 3×3 numbers, or only a \
      size; by default 3x3 for an input that is only a size, otherwise mean:3.
      """, valueName: "matrix|size"))
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "Pooling instead of a kernel: max:2, mean:2 or max:2x3; the stride is then the window's size.",
      valueName: "max:size|mean:size"))
  var pool: String?

  @Flag(help: "The transposed convolution, which adds the kernel to windows of the output.")
  var transposed = false

  @Option(help: "Stride, as 2 or, for rows and columns, 2x1.")
  var stride: String?

  @Option(
    help: """
      Padding with zeros at all edges, as 1 or 1x2; same for an output as large as the input \
      (divided by the stride), full for all windows with a number of the input.
      """)
  var padding = "0"

  @Option(help: "Distance between the numbers that neighbouring weights read.")
  var dilation = "1"

  @Option(help: "Rows and columns added to the output of a transposed convolution.")
  var outputPadding = "0"

  @Flag(help: "Turn the kernel by 180°, as in the convolution of mathematics.")
  var flip = false

  @Option(help: "The step that is highlighted, counted row by row from 1.")
  var step = 1

  @Flag(help: "Number the cells of inputs that are only a size.")
  var indices = false

  @Option(
    help: ArgumentHelp("Resize the picture to this many rows and columns.", valueName: "size"))
  var resize: String?

  @Option(
    help: "Add normally distributed noise of this standard deviation to the picture.")
  var noise = 0.0

  @Option(help: "Random seed of the noise.")
  var seed: UInt64 = 0

  @Option(help: "Rows down and columns to the right by which shift moves the input.")
  var shift = ArithmeticOptions.usualShift

  @Option(help: "Channels of the input in the table of parameters.")
  var channels = 1

  @Option(help: "Filters of the convolution in the table of parameters.")
  var filters = 1

  @Option(
    help: """
      Units of the fully connected and the locally connected layer in the table of parameters; by \
      default as many as the convolution has.
      """)
  var units: Int?

  @Option(help: "How long the animation shows each step, in seconds.")
  var seconds = 0.8

  @Option(
    help: """
      Draw only these parts, separated by commas: \
      \(ArithmeticPart.allCases.map(\.rawValue).joined(separator: ", ")). A file has one, grids by \
      default; a folder has grids, matrix and parameters, and of pictures shift and before-after.
      """)
  var only: String?

  private static let usualShift = "0,1"

  func validate() throws {
    guard step > 0 else { throw ValidationError("--step must be at least 1, not \(step)") }
    guard noise.isFinite, (0...1000).contains(noise) else {
      throw ValidationError("--noise must be from 0 to 1,000, not \(noise)")
    }
    guard seconds.isFinite, (0.02...60).contains(seconds) else {
      throw ValidationError("--seconds must be from 0.02 to 60, not \(seconds)")
    }
    guard pool == nil || kernel == nil && !transposed && !flip else {
      throw ValidationError("give either --pool or a kernel (--kernel, --transposed, --flip)")
    }
    guard transposed || outputPadding == "0" else {
      throw ValidationError("--output-padding needs --transposed")
    }
    // What does not depend on a file is checked before anything is read.
    do {
      _ = try source()
      _ = try (window(), shiftPair(), parts())
      for (name, text) in [("--dilation", dilation), ("--stride", stride ?? "1")] {
        _ = try pair(text, name)
      }
    } catch let error as UsageError {
      throw ValidationError(error.description)
    } catch let error as SelectionError {
      throw ValidationError(error.description)
    }
  }
}

/// What is drawn of an operation.
enum ArithmeticPart: String, CaseIterable {
  case grids, steps, frames, animation, matrix, parameters, shift
  case beforeAfter = "before-after"
}

extension ArithmeticOptions {
  /// The parts that are asked for, in the order of the list; nil if none are named.
  func parts() throws -> [ArithmeticPart]? {
    guard let only else { return nil }
    let known = ArithmeticPart.allCases.map(\.rawValue)
    let named = try namePatterns(only, of: "--only").map { name in
      guard let part = ArithmeticPart(rawValue: name) else {
        throw UsageError("--only: no part '\(name)'\(suggestion(for: name, among: known))")
      }
      return part
    }
    return ArithmeticPart.allCases.filter(named.contains)
  }

  func shiftPair() throws -> [Int] {
    let parts = shift.split(whereSeparator: { $0 == "," || $0 == " " })
      .compactMap { Int($0.replacing("−", with: "-")) }
    guard parts.count == 2, parts.allSatisfy({ (-10_000...10_000).contains($0) }) else {
      throw UsageError("--shift: expected rows and columns such as 0,1, found '\(shift)'")
    }
    return parts
  }

  /// Two numbers, or one for both directions.
  fileprivate func pair(_ text: String, _ option: String) throws -> [Int] {
    let parts = text.split(omittingEmptySubsequences: false) { "xX×,".contains($0) }
      .map { Int($0.trimmingCharacters(in: .whitespaces)) }
    let numbers = parts.compactMap(\.self)
    guard (1...2).contains(parts.count), numbers.count == parts.count else {
      throw UsageError(
        "\(option): expected a number, or rows and columns such as 2x1, found '\(text)'")
    }
    return numbers.count == 1 ? [numbers[0], numbers[0]] : numbers
  }

  /// What an input or a kernel is given as.
  private enum Source {
    case size([Int])
    case numbers(NumberGrid)
    case picture(String)
  }

  private func isSize(_ text: String) -> Bool {
    text.wholeMatch(of: /\s*[0-9]+\s*([xX×]\s*[0-9]+\s*)?/) != nil
  }

  /// - Throws: `UsageError` for a text that is as much a size as a row of two numbers.
  private func refuseAmbiguity(_ text: String, _ option: String) throws {
    guard let match = text.wholeMatch(of: /\s*([0-9]+)\s*,\s*([0-9]+)\s*/) else { return }
    let (rows, columns) = (match.output.1, match.output.2)
    throw UsageError(
      "\(option): '\(text)' may be a size or numbers; write \(rows)x\(columns) for a size, or "
        + "'\(rows) \(columns)' for a row of two numbers")
  }

  private func source() throws -> Source {
    if isSize(input) { return .size(try pair(input, "--input")) }
    if case .none = kindOfFile(input) {} else if !input.isEmpty { return .picture(input) }
    try refuseAmbiguity(input, "--input")
    let end = (input as NSString).pathExtension.lowercased()
    let isPicture = ["png", "jpg", "jpeg"].contains(end)
    if input.isEmpty || !isPicture && NumberGrid.isMeant(by: input) {
      return .numbers(try NumberGrid(parsing: input, of: "--input"))
    }
    // A name without an end is rather a mistyped size or matrix.
    guard isPicture || !end.isEmpty || input.contains("/") else {
      throw UsageError(
        "--input: expected a matrix such as '1 0; 0 1', a size such as 5x5, or a picture, and there "
          + "is no file '\(input)'")
    }
    return .picture(input)
  }

  /// The window, and its kernel if it has numbers.
  private func window() throws -> (size: [Int], kernel: NumberGrid?) {
    if let pool {
      guard let match = pool.wholeMatch(of: /(?:max|mean):(.+)/) else {
        throw UsageError("--pool: expected max:2, mean:2 or max:2x3, found '\(pool)'")
      }
      return (try pair(String(match.output.1), "--pool"), nil)
    }
    var kernel = self.kernel ?? "3x3"
    if self.kernel == nil, !isSize(input) { kernel = "mean:3" }
    if isSize(kernel) { return (try pair(kernel, "--kernel"), nil) }
    if let match = kernel.wholeMatch(of: /mean:(.+)/) {
      let size = try pair(String(match.output.1), "--kernel")
      let (count, overflow) = size[0].multipliedReportingOverflow(by: size[1])
      guard size.allSatisfy({ $0 > 0 }), !overflow, count <= 1_000_000 else {
        throw UsageError(
          "--kernel: expected a mean of at most 1,000,000 numbers, found '\(kernel)'")
      }
      return (
        size, NumberGrid(rows: size[0], columns: size[1], repeating: 1 / Double(count))
      )
    }
    try refuseAmbiguity(kernel, "--kernel")
    let matrix = try NumberGrid(parsing: kernel, of: "--kernel")
    return (matrix.size, flip ? matrix.turned : matrix)
  }

  /// Reads the input and works out the operation.
  ///
  /// - Throws: `FileError` for a picture that cannot be read, `SelectionError` and `UsageError` for
  ///   numbers that do not fit together.
  func worked(_ memory: MemoryBudget, remark: (String) -> Void) throws -> WorkedArithmetic {
    var (size, numbers, clean, file): ([Int], NumberGrid?, NumberGrid?, String?)
    switch try source() {
    case .size(let given): (size, numbers, clean, file) = (given, nil, nil, nil)
    case .numbers(let given): (size, numbers, clean, file) = (given.size, given, nil, nil)
    case .picture(let path):
      let picture = try grey(path, memory, remark: remark)
      (size, numbers, clean, file) = (picture.size, picture, nil, path)
      if noise > 0 { (numbers, clean) = (noisy(picture), picture) }
    }
    guard file != nil || noise == 0 && resize == nil else {
      throw UsageError("\(noise > 0 ? "--noise" : "--resize") needs a picture as --input")
    }
    let (window, kernel) = try window()
    let operation: WindowArithmetic.Operation =
      if let pool {
        pool.hasPrefix("max") ? .maxPooling : .meanPooling
      } else if transposed {
        .transposedConvolution(outputPadding: try pair(outputPadding, "--output-padding"))
      } else {
        .convolution
      }
    let arithmetic = try WindowArithmetic(
      operation, input: size, window: window, moves: try moves(over: size, window: window))
    if shift != Self.usualShift,
      let obstacle = ArithmeticExample.shiftObstacle(
        of: size, by: try shiftPair())
    {
      throw UsageError("--shift: \(obstacle)")
    }
    guard step <= arithmetic.stepCount else {
      throw UsageError("--step must be from 1 to \(arithmetic.stepCount), not \(step)")
    }
    if numbers != nil, kernel != nil || pool != nil {
      try check(arithmetic, memory)
    } else if numbers != nil {
      remark("--kernel has no numbers, so the output has none")
    }
    return WorkedArithmetic(
      example: ArithmeticExample(
        arithmetic, input: numbers, kernel: kernel, isPicture: file != nil, showsIndices: indices,
        isTurned: flip, source: file.map(baseNameWithExtension)),
      clean: clean,
      costs: operation == .convolution
        ? try ConnectionCost.all(
          arithmetic, channels: channels, filters: filters, units: units) : [])
  }

  private func moves(over size: [Int], window: [Int]) throws -> WindowGeometry {
    let stride = try stride.map { try pair($0, "--stride") } ?? (pool == nil ? [1, 1] : window)
    let dilation = try pair(dilation, "--dilation")
    var moves = WindowGeometry(
      stride: stride, dilation: dilation, paddingBefore: [0, 0], paddingAfter: [0, 0])
    let isInRange = (size + window + stride + dilation).allSatisfy {
      (1...WindowArithmetic.greatestSize).contains($0)
    }
    switch padding {
    case "valid": break
    case "same", "full":
      guard !transposed else {
        throw UsageError(
          "--padding: expected a number for a transposed convolution, found '\(padding)'")
      }
      // Otherwise the arithmetic says what is wrong.
      guard isInRange else { break }
      for axis in 0..<2 {
        let reach = dilation[axis] * (window[axis] - 1)
        if padding == "full" {
          (moves.paddingBefore[axis], moves.paddingAfter[axis]) = (reach, reach)
          continue
        }
        let outputs = (size[axis] + stride[axis] - 1) / stride[axis]
        let total = max((outputs - 1) * stride[axis] + reach + 1 - size[axis], 0)
        (moves.paddingBefore[axis], moves.paddingAfter[axis]) = (total / 2, total - total / 2)
      }
    default:
      let both = try pair(padding, "--padding")
      (moves.paddingBefore, moves.paddingAfter) = (both, both)
    }
    return moves
  }

  /// More take minutes.
  private static let mostProducts = 20_000_000_000.0

  private func check(_ arithmetic: WindowArithmetic, _ memory: MemoryBudget) throws {
    let window = Double(arithmetic.window[0]) * Double(arithmetic.window[1])
    guard Double(arithmetic.stepCount) * window <= Self.mostProducts else {
      throw UsageError(
        "the operation takes \(arithmetic.stepCount) windows of \(Int(window)) numbers, more than is "
          + "worked out number by number; give a smaller input or kernel")
    }
    let numbers =
      arithmetic.input[0] * arithmetic.input[1] + arithmetic.output[0] * arithmetic.output[1]
    try memory.check(3 * numbers * MemoryLayout<Double>.stride, input, "working out the numbers")
  }

  private func grey(
    _ path: String, _ memory: MemoryBudget, remark: (String) -> Void
  ) throws -> NumberGrid {
    let size = try resize.map { try pair($0, "--resize") }
    if let size, !size.allSatisfy({ (1...WindowArithmetic.greatestSize).contains($0) }) {
      throw UsageError(
        "--resize must be from 1 to \(WindowArithmetic.greatestSize), not '\(resize ?? "")'")
    }
    let file = try PictureFile(path, memory: memory).opened()
    let (rows, columns) = (size?[0] ?? file.height, size?[1] ?? file.width)
    if try !file.isGray() { remark("\(path): colours become grey values") }
    if let loss = file.depthRemark { remark(loss) }
    let image = try PictureFile(path, memory: memory).opened().resized(
      width: columns, height: rows, columns: 0..<columns, rows: 0..<rows, isGray: true)
    return NumberGrid(
      rows: rows, columns: columns, values: image.levels(channels: 1).map(Double.init))
  }

  private func noisy(_ picture: NumberGrid) -> NumberGrid {
    var generator = SeededGenerator(seed: seed, path: 0)
    return NumberGrid(
      rows: picture.rows, columns: picture.columns,
      values: picture.values.map {
        min(max(($0 + noise * Double(generator.normal())).rounded(), 0), 255)
      })
  }
}

/// An operation with its input read.
struct WorkedArithmetic {
  let example: ArithmeticExample
  /// The picture without the noise that was added; nil if none was.
  let clean: NumberGrid?
  /// Empty unless it is a convolution.
  let costs: [ConnectionCost]
}
