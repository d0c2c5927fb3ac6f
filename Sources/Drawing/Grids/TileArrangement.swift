internal import Foundation

/// The number of columns in a grid, and how much its pictures are enlarged.
public struct TileArrangement: Sendable, Hashable {
  /// The maximum width of the grid, if the number of columns is free.
  public var maximumWidth: Double
  /// Nil to choose a pleasing shape.
  public var columns: Int?
  /// Nil to choose one: an integer, or the reciprocal of an integer for large pictures.
  public var zoom: Double?
  /// The preferred longer side of a tile in a grid of about sixty tiles.
  public var preferredSide: Double

  public init(
    maximumWidth: Double = 1200, columns: Int? = nil, zoom: Double? = nil,
    preferredSide: Double = 84
  ) {
    self.maximumWidth = maximumWidth
    self.columns = columns
    self.zoom = zoom
    self.preferredSide = preferredSide
  }

  /// The columns and the zoom with the lowest cost, unless they are given.
  ///
  /// The cost is for tiles far from the preferred side, empty spaces in the last row, and grids far
  /// from 3 : 2, above all tall ones.
  ///
  /// - Parameter cell: The size of a cell with its spacing at a given zoom.
  func resolved(
    count: Int, tileSide: (Double) -> Double, cell: (Double) -> Size
  ) -> (columns: Int, zoom: Double) {
    let count = max(1, count)
    // A few tiles may be larger, many must be smaller.
    let preferredSide = preferredSide * min(max(pow(64 / Double(count), 0.2), 0.75), 1.4)
    var best = (columns: columns ?? 1, zoom: zoom ?? 1)
    var leastCost = Double.infinity
    let zooms = zoom.map { [$0] } ?? Self.zooms
    for zoom in zooms {
      let cell = cell(zoom)
      let mostColumns = max(1, min(count, Int(min(maximumWidth / max(cell.width, 1), 1e6))))
      // A tile wider than the grid is bad, but less so the smaller it is.
      let excess = columns == nil ? max(1, cell.width / maximumWidth) : 1
      for columns in columns.map({ $0...$0 }) ?? 1...mostColumns {
        let rows = (count + columns - 1) / columns
        let width = Double(columns) * cell.width
        let height = Double(rows) * cell.height
        let empty = 1 - Double(count) / Double(columns * rows)
        let tooTall = max(1, height / (1.3 * maximumWidth))
        let tooWide = self.columns == nil ? 1 : max(1, width / maximumWidth)
        let ragged = empty > 0 ? 0.1 : 0
        let cost =
          abs(log2(tileSide(zoom) / preferredSide)) + 1.6 * empty + ragged
          + 0.35 * abs(log2(width / height / 1.5)) + 3 * log2(tooTall * tooWide)
          + 10 * log2(excess)
        if cost < leastCost {
          leastCost = cost
          best = (columns, zoom)
        }
      }
    }
    return best
  }

  private static let zooms: [Double] =
    (2...16).reversed().map { 1 / Double($0) } + (1...24).map { Double($0) }
}
