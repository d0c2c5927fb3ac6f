internal import Kernels
internal import TensorCore

extension HandcraftedKernel {
  /// One column times one row that make the kernel; nil if there are none.
  ///
  /// - Complexity: O(rows · columns).
  package var factors: (column: [Float], row: [Float])? {
    let values = weights.elements.map(Double.init)
    guard let pivot = values.indices.max(by: { abs(values[$0]) < abs(values[$1]) }),
      values[pivot] != 0
    else { return nil }
    let row = Array(values[(pivot / columns * columns)..<((pivot / columns + 1) * columns)])
    let column = (0..<rows).map { values[$0 * columns + pivot % columns] / values[pivot] }
    let tolerance = 1e-6 * abs(values[pivot])
    let isProduct = values.indices.allSatisfy {
      abs(values[$0] - column[$0 / columns] * row[$0 % columns]) <= tolerance
    }
    return isProduct ? (column.map { Float($0) }, row.map { Float($0) }) : nil
  }

  /// Kernels of fewer weights are not worth two passes.
  private static let fewestForPasses = 49

  /// Whether filtering takes a pass along the columns and one along the rows.
  package var takesTwoPasses: Bool {
    rows > 1 && columns > 1 && rows * columns >= Self.fewestForPasses && factors != nil
  }

  func reach(_ geometry: FilterGeometry) -> WindowReach {
    geometry.reach(rows: rows, columns: columns, isTurned: geometry.isConvolution)
  }

  /// Filters each channel of a `[C, H, W]` picture in which at least one window fits.
  func filtered(
    _ picture: Tensor, _ geometry: FilterGeometry, progress: (Double) throws -> Void
  ) throws -> Tensor {
    let kernel = geometry.isConvolution ? turned : self
    let padded =
      geometry.padding == .none ? picture : geometry.padding.padded(picture, by: reach(geometry))
    guard kernel.takesTwoPasses, let (column, row) = kernel.factors else {
      return try correlated(
        padded, kernel.weights, stride: (geometry.stride, geometry.stride), geometry.dilation,
        progress)
    }
    let narrow = try correlated(
      padded, Tensor(shape: [column.count, 1], column), stride: (geometry.stride, 1),
      geometry.dilation
    ) { try progress($0 / 2) }
    return try correlated(
      narrow, Tensor(shape: [1, row.count], row), stride: (1, geometry.stride), geometry.dilation
    ) { try progress((1 + $0) / 2) }
  }
}

/// The products of a strip of rows, of which memory and time before the next report depend.
private let productsOfStrip = 1 << 27

/// Correlates each channel of `[C, H, W]` with `[R, S]` weights where they lie in it, in strips.
private func correlated(
  _ picture: Tensor, _ weights: Tensor, stride: (rows: Int, columns: Int), _ dilation: Int,
  _ progress: (Double) throws -> Void
) throws -> Tensor {
  let (channels, height, width) = (picture.shape[0], picture.shape[1], picture.shape[2])
  let reach = (weights.shape[0] - 1) * dilation
  let count = (height - reach - 1) / stride.rows + 1
  let columns = (width - (weights.shape[1] - 1) * dilation - 1) / stride.columns + 1
  precondition(height > reach && columns > 0, "\(weights.shape) in \(picture.shape)")
  let geometry = WindowGeometry(
    stride: [stride.rows, stride.columns], dilation: [dilation, dilation], paddingBefore: [0, 0],
    paddingAfter: [0, 0])
  let filters = weights.reshaped(to: Shape([1, 1] + weights.shape.extents))
  let rowsOfStrip = max(1, productsOfStrip / max(1, columns * weights.count))
  let planes = try (0..<channels).map { channel in
    // Rows first, so that a strip is a part of the first axis.
    let plane = picture.rows(channel..<(channel + 1)).reshaped(to: [height, width])
    var strips: [Tensor] = []
    for start in Swift.stride(from: 0, to: count, by: rowsOfStrip) {
      let rows = min(rowsOfStrip, count - start)
      let first = start * stride.rows
      let strip = plane.rows(first..<(first + (rows - 1) * stride.rows + reach + 1))
      let result = convolve(
        strip.reshaped(to: [1, 1, strip.shape[0], width]), with: filters, geometry: geometry)
      strips.append(result.reshaped(to: [rows, columns]))
      try progress(
        (Double(channel) + Double(start + rows) / Double(count)) / Double(channels))
    }
    return Tensor(concatenatingRows: strips).reshaped(to: [1, count, columns])
  }
  return Tensor(concatenatingRows: planes)
}
