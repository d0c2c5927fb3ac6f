public import Analysis
internal import Drawing
internal import Foundation
internal import Kernels

/// An operation with the numbers that it is worked out for.
public struct ArithmeticExample: Sendable {
  public let arithmetic: WindowArithmetic
  /// Nil if only sizes are known.
  public let input: NumberGrid?
  /// As it is applied; nil if only sizes are known, and for pooling.
  public let kernel: NumberGrid?
  /// Whether the input has grey values from 0 to 255.
  public let isPicture: Bool
  /// Whether cells without numbers have their position, counted row by row from 1.
  public let showsIndices: Bool
  /// Whether the kernel was turned by 180°.
  public let isTurned: Bool
  /// The picture's file; nil for numbers.
  public let source: String?
  /// The output; nil if only sizes are known.
  public let result: NumberGrid?

  /// - Parameters:
  ///   - input: Nil if only its size is known.
  ///   - kernel: As it is applied; nil if only its size is known, and for pooling.
  ///   - isPicture: Whether the input has grey values from 0 to 255.
  ///   - showsIndices: Whether cells without numbers have their position.
  ///   - isTurned: Whether the kernel was turned by 180°.
  ///   - source: The picture's file; nil for numbers.
  public init(
    _ arithmetic: WindowArithmetic, input: NumberGrid?, kernel: NumberGrid?,
    isPicture: Bool = false, showsIndices: Bool = false, isTurned: Bool = false,
    source: String? = nil
  ) {
    (self.arithmetic, self.input, self.kernel) = (arithmetic, input, kernel)
    (self.isPicture, self.showsIndices) = (isPicture, showsIndices)
    (self.isTurned, self.source) = (isTurned, source)
    result = input.flatMap { input in
      arithmetic.hasWeights && kernel == nil ? nil : arithmetic.result(of: input, kernel: kernel)
    }
  }

  /// Whether outputs are shown as grey values, as those of the input are.
  var outputIsPicture: Bool {
    isPicture && result?.values.allSatisfy { (-0.5...255.5).contains($0) } == true
  }

  /// Such as `Max pooling`.
  public var title: String {
    switch arithmetic.operation {
    case .convolution: "Convolution"
    case .maxPooling: "Max pooling"
    case .meanPooling: "Mean pooling"
    case .transposedConvolution: "Transposed convolution"
    }
  }

  /// `5×5 → 3×3 · kernel 3×3 · stride 1 · no padding`.
  public var summary: String {
    let moves = arithmetic.moves
    let window = arithmetic.hasWeights ? "kernel" : "window"
    var parts = [
      "\(crossed(arithmetic.input)) → \(crossed(arithmetic.output))",
      "\(window) \(crossed(arithmetic.window))", "stride \(sameOrCrossed(moves.stride))",
      paddingText,
    ]
    if moves.dilation != [1, 1] { parts.append("dilation \(sameOrCrossed(moves.dilation))") }
    if case .transposedConvolution(let more) = arithmetic.operation, more != [0, 0] {
      parts.append("output padding \(sameOrCrossed(more))")
    }
    return parts.joined(separator: " · ")
  }

  private var paddingText: String {
    let (before, after) = (arithmetic.moves.paddingBefore, arithmetic.moves.paddingAfter)
    guard before == after else {
      return "padding \(sameOrCrossed(before)) at the top left, \(sameOrCrossed(after)) at the "
        + "bottom right"
    }
    return before == [0, 0] ? "no padding" : "padding \(sameOrCrossed(before))"
  }

  /// The most rows or columns of all its grids, with their padding.
  var longestSide: Int {
    let moves = arithmetic.moves
    return (0..<2).reduce(1) { longest, axis in
      let padded =
        arithmetic.field[axis] + moves.paddingBefore[axis] + moves.paddingAfter[axis]
      return max(longest, padded, arithmetic.steps[axis], arithmetic.window[axis])
    }
  }

  private func sameOrCrossed(_ pair: [Int]) -> String {
    pair[0] == pair[1] ? "\(pair[0])" : crossed(pair)
  }

  /// The output's size with the numbers put in: a line for both axes if they are alike, otherwise
  /// one for rows and one for columns.
  public var formulas: [String] {
    let (rows, columns) = (
      OutputSizeFormula(arithmetic, axis: 0), OutputSizeFormula(arithmetic, axis: 1)
    )
    return rows.numbers == columns.numbers
      ? ["rows and columns: \(rows.numbers)"]
      : ["rows: \(rows.numbers)", "columns: \(columns.numbers)"]
  }

  /// What is lost or uneven, in full sentences; empty if nothing is.
  public var warnings: [String] {
    var warnings: [String] = []
    if let result, case let lost = result.values.count(where: { !$0.isFinite }), lost > 0 {
      warnings.append(
        "\(countText(lost)) of \(counted(result.values.count, "number")) of the output "
          + "\(lost == 1 ? "is" : "are") not finite: sums left the range of 64-bit numbers.")
    }
    let (rows, columns) = (arithmetic.unused(0), arithmetic.unused(1))
    let count = arithmetic.unusedCount
    if count > 0 {
      let lines = [Self.named("row", rows), Self.named("column", columns)].filter { !$0.isEmpty }
      let isOne = rows.count + columns.count == 1
      warnings.append(
        arithmetic.isTransposed
          ? "Nothing is added to \(lines.joined(separator: " and to ")) of the output: "
            + "\(counted(count, "number")) of \(countText(arithmetic.output[0] * arithmetic.output[1])) stay 0."
          : "No window reads \(lines.joined(separator: " and ")) of the input: "
            + "\(counted(count, "pixel")) of "
            + "\(countText(arithmetic.input[0] * arithmetic.input[1])) \(isOne && count == 1 ? "is" : "are") unused."
      )
    } else if arithmetic.isTransposed, isUneven {
      warnings.append(
        "Windows overlap unevenly, because the kernel's size is no multiple of the stride: the "
          + "output can have a checkerboard pattern (Odena et al. 2016).")
    }
    return warnings
  }

  /// Whether the numbers in the middle of the output are sums of different numbers of products.
  private var isUneven: Bool {
    (0..<2).contains { axis in
      let reach = arithmetic.moves.dilation[axis] * (arithmetic.window[axis] - 1) + 1
      let counts = arithmetic.coverage(axis)
      let middle = counts.dropFirst(reach).dropLast(reach)
      return Set(middle).count > 1
    }
  }

  /// `rows 2 and 6`, counted from 1; empty for none.
  private static func named(_ noun: String, _ lines: [Int]) -> String {
    lines.isEmpty
      ? "" : "\(noun)\(lines.count == 1 ? "" : "s") \(listed(lines.map { $0 + 1 }, most: 8))"
  }
}

/// A number in a cell: three significant digits, or a fraction such as `1/9`.
func cellText(_ value: Double) -> String {
  if value > 0, value < 0.5 {
    let denominator = 1 / value
    if abs(denominator - denominator.rounded()) < 1e-9, denominator < 1000 {
      return "1/\(Int(denominator.rounded()))"
    }
  }
  return numberText(value)
}

/// A number as a factor or a term: negative ones in brackets.
func termText(_ value: Double) -> String {
  value < 0 ? "(\(cellText(value)))" : cellText(value)
}

/// `3`, or `3–5`, counted from 1.
func spanText(_ range: Range<Int>) -> String {
  range.count == 1 ? "\(range.lowerBound + 1)" : "\(range.lowerBound + 1)–\(range.upperBound)"
}
