/// Resizes a picture whose rows arrive one by one: each is resized horizontally as it arrives, and
/// only the result is kept for the vertical pass.
///
/// Horizontally first, then vertically, rounded to 8 bits in between, as Pillow does; a pass that
/// changes nothing is skipped.
struct RowResizer {
  /// The source size, the target size, and the part of the target to produce.
  struct Plan {
    let width, height, newWidth, newHeight: Int
    let columns, rows: Range<Int>

    /// - Precondition: All sizes are positive, and the part is inside.
    init(
      from size: (width: Int, height: Int), to newSize: (width: Int, height: Int),
      columns: Range<Int>, rows: Range<Int>
    ) {
      (width, height) = size
      (newWidth, newHeight) = newSize
      (self.columns, self.rows) = (columns, rows)
      precondition(
        width > 0 && height > 0 && newWidth > 0 && newHeight > 0,
        "\(width)×\(height) does not resize to \(newWidth)×\(newHeight)")
      precondition(
        columns.lowerBound >= 0 && columns.upperBound <= newWidth && rows.lowerBound >= 0
          && rows.upperBound <= newHeight, "\(columns)×\(rows) of \(newWidth)×\(newHeight)")
    }

    /// An upper bound on the resizer's memory.
    var bytes: Int {
      func weights(_ source: Int, _ target: Int, _ window: Range<Int>) -> Int {
        source == target ? 0 : window.count * 4 * (2 * max(source / target + 1, 1) + 4)
      }
      let needed = min(height, rows.count * (height / newHeight + 1) + 2 * (height / newHeight + 2))
      return weights(width, newWidth, columns) + weights(height, newHeight, rows)
        + 4 * columns.count * (needed + 2 * rows.count)
    }
  }

  private let plan: Plan
  private let across: ResamplingWeights?
  private let down: ResamplingWeights?
  /// The source rows that any target row needs.
  let sourceRows: Range<Int>
  /// These rows, resized horizontally.
  private var between: [UInt32]

  init(_ plan: Plan) {
    self.plan = plan
    across =
      plan.newWidth == plan.width
      ? nil : ResamplingWeights(from: plan.width, to: plan.newWidth, window: plan.columns)
    down =
      plan.newHeight == plan.height
      ? nil : ResamplingWeights(from: plan.height, to: plan.newHeight, window: plan.rows)
    sourceRows = down?.sourceRange ?? plan.rows
    between = [UInt32](repeating: 0, count: sourceRows.count * plan.columns.count)
  }

  /// Takes a row of the source; rows outside `sourceRows` are not needed.
  mutating func take(_ line: UnsafeBufferPointer<UInt32>, row: Int) {
    guard sourceRows.contains(row) else { return }
    let width = plan.columns.count
    let start = (row - sourceRows.lowerBound) * width
    between.withUnsafeMutableBufferPointer { between in
      let target = UnsafeMutableBufferPointer(rebasing: between[start..<(start + width)])
      if let across {
        resampleRow(line, by: across, into: target)
      } else {
        _ = target.update(fromContentsOf: line[plan.columns])
      }
    }
  }

  /// The resized part; call it after the last row.
  func finished() -> Image {
    let width = plan.columns.count
    return Image(width: width, height: plan.rows.count) { target in
      between.withUnsafeBufferPointer { between in
        if let down {
          resampleColumns(
            between, width: width, firstRow: sourceRows.lowerBound, by: down, into: target)
        } else {
          _ = target.initialize(fromContentsOf: between)
        }
      }
    }
  }
}
