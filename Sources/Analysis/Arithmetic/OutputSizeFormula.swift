internal import Kernels

/// How the size of an output follows from that of its input, in letters and with the numbers put in.
///
/// N is the size of the input, F that of the kernel, P the padding at each end, S the stride and D
/// the dilation.
public struct OutputSizeFormula: Sendable, Hashable {
  /// `⌊(N − F + 2P) / S⌋ + 1`.
  public let letters: String
  /// `⌊(6 − 3 + 2·0) / 2⌋ + 1 = ⌊1.5⌋ + 1 = 2`.
  public let numbers: String
  public let result: Int

  /// - Parameter axis: 0 for rows, 1 for columns.
  public init(_ arithmetic: WindowArithmetic, axis: Int) {
    let moves = arithmetic.moves
    let (n, f) = (arithmetic.input[axis], arithmetic.window[axis])
    let (s, d) = (moves.stride[axis], moves.dilation[axis])
    let (before, after) = (moves.paddingBefore[axis], moves.paddingAfter[axis])
    result = arithmetic.output[axis]
    // Both axes have the same formula.
    let isDilated = moves.dilation != [1, 1]
    let isEven = moves.paddingBefore == moves.paddingAfter
    if case .transposedConvolution(let outputPadding) = arithmetic.operation {
      let hasMore = outputPadding != [0, 0]
      letters =
        "(N − 1)·S − \(isEven ? "2P" : "P − P′") + \(isDilated ? "D·(F − 1) + 1" : "F")"
        + (hasMore ? " + output padding" : "")
      numbers =
        "(\(n) − 1)·\(s) − \(isEven ? "2·\(before)" : "\(before) − \(after)") + "
        + (isDilated ? "\(d)·(\(f) − 1) + 1" : "\(f)")
        + (hasMore ? " + \(outputPadding[axis])" : "") + " = \(result)"
      return
    }
    let symbols = isEven ? "2P" : "P + P′"
    let padding = isEven ? "2·\(before)" : "\(before) + \(after)"
    letters =
      isDilated
      ? "⌊(N + \(symbols) − D·(F − 1) − 1) / S⌋ + 1" : "⌊(N − F + \(symbols)) / S⌋ + 1"
    let room = n + before + after - d * (f - 1) - 1
    let quotient =
      isDilated
      ? "(\(n) + \(padding) − \(d)·(\(f) − 1) − 1) / \(s)" : "(\(n) − \(f) + \(padding)) / \(s)"
    numbers =
      room.isMultiple(of: s)
      ? "\(quotient) + 1 = \(result)"
      : "⌊\(quotient)⌋ + 1 = ⌊\(Self.decimal(room, s))⌋ + 1 = \(result)"
  }

  /// With two decimals, cut off so that it is never rounded up to the next integer.
  private static func decimal(_ dividend: Int, _ divisor: Int) -> String {
    let hundredths = 100 * (dividend % divisor) / divisor
    let digits = hundredths.isMultiple(of: 10) ? "\(hundredths / 10)" : "\(hundredths)"
    return "\(dividend / divisor)."
      + (hundredths < 10 && hundredths > 0 ? "0\(hundredths)" : digits)
  }
}
