public import Kernels

/// What a moving window does to a grid of one channel, number by number: a convolution, a pooling
/// layer, or a transposed convolution.
///
/// Convolution is that of neural networks, a correlation. Source: Dumoulin and Visin, "A guide to
/// convolution arithmetic for deep learning", 2016, with dilation as in its section 5.1.
public struct WindowArithmetic: Sendable, Hashable {
  public enum Operation: Sendable, Hashable {
    /// The sum of the window's numbers, each multiplied by one of the kernel.
    case convolution
    /// The greatest number of the window; padding does not count.
    case maxPooling
    /// The mean of the window; the zeros of the padding count.
    case meanPooling
    /// The kernel, multiplied by each number of the input, added to a window of the output. The
    /// last rows and columns of `outputPadding` are added at the bottom and right.
    case transposedConvolution(outputPadding: [Int])
  }

  public let operation: Operation
  /// `[rows, columns]`, as all sizes here.
  public let input: [Int]
  public let window: [Int]
  /// Over the input; over the output for a transposed convolution, whose padding is cut off.
  public let moves: WindowGeometry
  public let output: [Int]

  /// No size, stride, dilation or padding is greater, so that nothing overflows.
  public static let greatestSize = 10_000

  /// - Parameters:
  ///   - input: `[rows, columns]`, as the window's.
  ///   - moves: With two axes.
  /// - Throws: `SelectionError` if the window does not fit, or a number is out of range.
  public init(
    _ operation: Operation, input: [Int], window: [Int], moves: WindowGeometry
  ) throws(SelectionError) {
    (self.operation, self.input, self.window, self.moves) = (operation, input, window, moves)
    let sizes = [
      ("the input", input, 1), ("the window", window, 1), ("--stride", moves.stride, 1),
      ("--dilation", moves.dilation, 1), ("--padding", moves.paddingBefore, 0),
      ("--padding", moves.paddingAfter, 0),
    ]
    for (name, sizes, least) in sizes {
      guard sizes.count == 2, sizes.allSatisfy({ (least...Self.greatestSize).contains($0) }) else {
        throw SelectionError(
          "\(name) must be from \(least) to \(Self.greatestSize) in both directions, not "
            + Self.crossed(sizes))
      }
    }
    switch operation {
    case .convolution, .meanPooling, .maxPooling:
      guard let output = moves.outputExtents(input, window: window) else {
        throw SelectionError(Self.misfit(input, window, moves))
      }
      self.output = output
    case .transposedConvolution(let outputPadding):
      guard outputPadding.count == 2, outputPadding.allSatisfy({ $0 >= 0 }) else {
        throw SelectionError("--output-padding must be at least 0")
      }
      // Otherwise the input's size would not follow from the output's.
      guard (0..<2).allSatisfy({ outputPadding[$0] < max(moves.stride[$0], moves.dilation[$0]) })
      else {
        throw SelectionError(
          "--output-padding: expected less than the stride or the dilation, found "
            + Self.crossed(outputPadding))
      }
      output = (0..<2).map { axis in
        (input[axis] - 1) * moves.stride[axis] + moves.dilation[axis] * (window[axis] - 1) + 1
          + outputPadding[axis] - moves.paddingBefore[axis] - moves.paddingAfter[axis]
      }
      guard output.allSatisfy({ $0 > 0 }) else {
        throw SelectionError(
          "--padding: nothing is left of the output, whose size would be \(Self.crossed(output))")
      }
    }
    if operation == .maxPooling,
      !PoolingGeometry(window: window, moves: moves).leavesNoWindowEmpty(input)
    {
      throw SelectionError(
        "--padding: some windows would have no pixel, and the maximum of nothing is no number")
    }
  }

  private static func misfit(_ input: [Int], _ window: [Int], _ moves: WindowGeometry) -> String {
    func reach(_ axis: Int) -> Int { moves.dilation[axis] * (window[axis] - 1) + 1 }
    let padded = (0..<2).map { input[$0] + moves.paddingBefore[$0] + moves.paddingAfter[$0] }
    let isDilated = moves.dilation != [1, 1]
    return "a window of \(crossed(isDilated ? [reach(0), reach(1)] : window))"
      + (isDilated ? ", \(crossed(window)) dilated," : "")
      + " does not fit into an input of \(crossed(padded))"
      + (padded == input ? "" : ", \(crossed(input)) with its padding")
  }

  private static func crossed(_ size: [Int]) -> String {
    size.map(String.init).joined(separator: "×")
  }

  public var isTransposed: Bool {
    if case .transposedConvolution = operation { true } else { false }
  }

  /// Whether it has a kernel with weights.
  public var hasWeights: Bool { operation == .convolution || isTransposed }
  /// Weights of the kernel; 0 for pooling.
  public var weightCount: Int { hasWeights ? window[0] * window[1] : 0 }
  /// One product of a weight and a number each, those with padding included.
  public var multiplyAdds: Int { hasWeights ? stepCount * window[0] * window[1] : 0 }

  // MARK: Steps

  /// Where the window stands one after the other: at each number of the output, or of the input of a
  /// transposed convolution.
  public var steps: [Int] { isTransposed ? input : output }
  public var stepCount: Int { steps[0] * steps[1] }

  /// Where the window moves.
  public var field: [Int] { isTransposed ? output : input }

  /// One cell of a window at a step.
  public struct Tap: Sendable, Hashable {
    /// `[row, column]` in the window.
    public let cell: [Int]
    /// `[row, column]` in the field; outside of it for padding, or for what is cut off.
    public let place: [Int]
    public let isInside: Bool
  }

  /// The row and the column of a step, from 0.
  public func position(ofStep step: Int) -> [Int] { [step / steps[1], step % steps[1]] }

  /// The first row or column of the window, which is negative in the padding.
  public func start(_ axis: Int, at position: Int) -> Int {
    position * moves.stride[axis] - moves.paddingBefore[axis]
  }

  /// The cells of the window at a step, row by row.
  public func taps(ofStep step: Int) -> [Tap] {
    let position = position(ofStep: step)
    let start = [start(0, at: position[0]), start(1, at: position[1])]
    return (0..<window[0] * window[1]).map { index in
      let cell = [index / window[1], index % window[1]]
      let place = (0..<2).map { start[$0] + cell[$0] * moves.dilation[$0] }
      return Tap(
        cell: cell, place: place,
        isInside: (0..<2).allSatisfy { (0..<field[$0]).contains(place[$0]) })
    }
  }

  // MARK: Results

  /// The output.
  ///
  /// - Parameters:
  ///   - numbers: The input.
  ///   - kernel: Of the window's size; not read for pooling.
  ///   - steps: After how many steps; outputs that are not yet computed are NaN, or what was added
  ///     so far for a transposed convolution. Nil for all.
  /// - Complexity: O(steps · window).
  public func result(
    of numbers: NumberGrid, kernel: NumberGrid?, after steps: Int? = nil
  ) -> NumberGrid {
    precondition(numbers.size == input, "an input of \(numbers.size), not \(input)")
    precondition(!hasWeights || kernel?.size == window, "a kernel of another size than \(window)")
    let weights = hasWeights ? kernel?.values ?? [] : []
    let count = min(max(steps ?? stepCount, 0), stepCount)
    var values = [Double](
      repeating: isTransposed || count == stepCount ? 0 : .nan, count: output[0] * output[1])
    for step in 0..<count {
      let position = position(ofStep: step)
      var (sum, greatest) = (0.0, -Double.infinity)
      for row in 0..<window[0] {
        let y = start(0, at: position[0]) + row * moves.dilation[0]
        guard (0..<field[0]).contains(y) else { continue }
        for column in 0..<window[1] {
          let x = start(1, at: position[1]) + column * moves.dilation[1]
          guard (0..<field[1]).contains(x) else { continue }
          switch operation {
          case .convolution:
            sum += weights[row * window[1] + column] * numbers.values[y * input[1] + x]
          case .meanPooling: sum += numbers.values[y * input[1] + x]
          case .maxPooling: greatest = max(greatest, numbers.values[y * input[1] + x])
          case .transposedConvolution:
            values[y * output[1] + x] +=
              weights[row * window[1] + column] * numbers.values[step]
          }
        }
      }
      switch operation {
      case .convolution: values[step] = sum
      case .meanPooling: values[step] = sum / Double(window[0] * window[1])
      case .maxPooling: values[step] = greatest
      case .transposedConvolution: break
      }
    }
    return NumberGrid(rows: output[0], columns: output[1], values: values)
  }

  // MARK: Coverage

  /// For each row, or each column, of the field, how many positions of the window have a cell in it.
  ///
  /// - Parameter axis: 0 for rows, 1 for columns.
  public func coverage(_ axis: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: field[axis])
    for position in 0..<steps[axis] {
      for cell in 0..<window[axis] {
        let place = start(axis, at: position) + cell * moves.dilation[axis]
        if counts.indices.contains(place) { counts[place] += 1 }
      }
    }
    return counts
  }

  /// The rows, or columns, that no window reads; for a transposed convolution, those of the output
  /// that nothing is added to.
  ///
  /// - Parameter axis: 0 for rows, 1 for columns.
  public func unused(_ axis: Int) -> [Int] {
    coverage(axis).enumerated().filter { $0.element == 0 }.map(\.offset)
  }

  /// How many pixels of the field are in no window.
  public var unusedCount: Int {
    field[0] * field[1] - (field[0] - unused(0).count) * (field[1] - unused(1).count)
  }
}
