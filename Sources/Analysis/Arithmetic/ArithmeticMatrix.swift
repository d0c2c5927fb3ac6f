/// The matrix that a linear operation multiplies its input by, flattened row by row: sparse, with
/// few different weights, each along a diagonal band.
///
/// For a convolution it is a doubly block Toeplitz matrix (if the stride is 1). Source: Goodfellow,
/// Bengio and Courville, "Deep Learning", 2016, section 9.1.
public struct ArithmeticMatrix: Sendable, Hashable {
  /// One for each number of the output.
  public let rows: Int
  /// One for each number of the input.
  public let columns: Int
  /// For each element, row by row, the position in the kernel of its weight; −1 for zeros.
  public let weights: [Int32]

  /// The number of elements that are a weight.
  public var entryCount: Int { weights.count { $0 >= 0 } }

  /// The elements with the numbers of a kernel.
  public func values(kernel: NumberGrid) -> NumberGrid {
    NumberGrid(
      rows: rows, columns: columns, values: weights.map { $0 < 0 ? 0 : kernel.values[Int($0)] })
  }
}

extension WindowArithmetic {
  /// The number of rows and columns of the operation's matrix.
  public var matrixSize: [Int] { [output[0] * output[1], input[0] * input[1]] }

  /// The matrix of the operation; nil for the maximum, which is not linear.
  ///
  /// - Complexity: Time and memory are in proportion to its elements.
  public func matrix() -> ArithmeticMatrix? {
    guard operation != .maxPooling else { return nil }
    let (rows, columns) = (matrixSize[0], matrixSize[1])
    var weights = [Int32](repeating: -1, count: rows * columns)
    for step in 0..<stepCount {
      for (weight, tap) in taps(ofStep: step).enumerated() where tap.isInside {
        let place = tap.place[0] * field[1] + tap.place[1]
        let (row, column) = isTransposed ? (place, step) : (step, place)
        weights[row * columns + column] = Int32(weight)
      }
    }
    return ArithmeticMatrix(rows: rows, columns: columns, weights: weights)
  }

  /// The kernel of a mean, each number of which is the same; nil for the maximum.
  public var meanKernel: NumberGrid? {
    operation == .meanPooling
      ? NumberGrid(
        rows: window[0], columns: window[1], repeating: 1 / Double(window[0] * window[1])) : nil
  }
}
