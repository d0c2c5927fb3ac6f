/// The positions of a square that slides over a picture.
///
/// Its centres are `stride` pixels apart, symmetric about the middle of the picture to within half a
/// pixel, and as few as it takes for the cells around them, of `stride` × `stride` pixels, to cover
/// the picture:
///
///     stride       ├─┤
///     centres     · · · · · ·       the outer squares stick out over the border,
///     picture     ┌─────────┐       by up to half their size
///     square    ├───┤
///
/// So all pixels farther from the border than half the square are covered equally often (to within
/// one position along each axis, if the stride does not divide the size), and none is left out.
public struct OccluderGrid: Sendable, Hashable {
  /// The side of the square, in pixels.
  public let size: Int
  /// The distance between neighbouring positions, in pixels.
  public let stride: Int
  /// The first row of the square at each of its positions from top to bottom; negative if it sticks
  /// out.
  public let firstRows: [Int]
  /// The first column of the square at each of its positions from left to right.
  public let firstColumns: [Int]

  /// - Parameters:
  ///   - height: Of the picture, in pixels.
  ///   - width: Of the picture, in pixels.
  ///   - size: The side of the square; nil for 50 at a picture of 224, in proportion to the shorter
  ///     side.
  ///   - stride: Nil for 10 at a picture of 224, in proportion to the shorter side.
  /// - Throws: `SelectionError` if the square is larger or the step longer than the picture, or either
  ///   number is not positive.
  public init(
    height: Int, width: Int, size: Int? = nil, stride: Int? = nil
  ) throws(SelectionError) {
    let shorter = min(height, width)
    func share(_ pixels: Double) -> Int {
      max(1, Int((Double(shorter) * pixels / 224).rounded()))
    }
    let (size, stride) = (size ?? share(50), stride ?? share(10))
    guard size > 0, stride > 0 else {
      throw SelectionError("a square of \(size) pixels in steps of \(stride) covers nothing")
    }
    guard size <= shorter else {
      throw SelectionError(
        "a square of \(size)×\(size) is larger than the picture of \(height)×\(width) pixels")
    }
    guard stride <= max(height, width) else {
      throw SelectionError(
        "steps of \(stride) pixels are longer than the picture of \(height)×\(width) pixels")
    }
    (self.size, self.stride) = (size, stride)
    firstRows = Self.starts(along: height, size, stride)
    firstColumns = Self.starts(along: width, size, stride)
  }

  private static func starts(along extent: Int, _ size: Int, _ stride: Int) -> [Int] {
    var count = (extent - 1) / stride + 1
    let free = extent - (count - 1) * stride - size
    // Rounded down; the division rounds towards zero.
    let first = free / 2 - (free < 0 && free % 2 != 0 ? 1 : 0)
    // Twice the end of the last cell, which may be half a pixel before the border.
    while 2 * first + size + (2 * count - 1) * stride < 2 * extent { count += 1 }
    return (0..<count).map { first + $0 * stride }
  }

  /// The number of positions.
  public var count: Int { firstRows.count * firstColumns.count }

  /// The centres from top to bottom, in pixels; 0 is the picture's upper edge.
  public var rowCenters: [Double] { firstRows.map { Double($0) + Double(size) / 2 } }
  /// The centres from left to right, in pixels; 0 is the picture's left edge.
  public var columnCenters: [Double] { firstColumns.map { Double($0) + Double(size) / 2 } }

  /// The pixels under the square, of which those outside the picture are none.
  ///
  /// - Parameter position: Row by row from the top left.
  public func square(at position: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let row = firstRows[position / firstColumns.count]
    let column = firstColumns[position % firstColumns.count]
    return (row..<(row + size), column..<(column + size))
  }
}
