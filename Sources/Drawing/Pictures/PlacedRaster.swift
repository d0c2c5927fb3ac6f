/// Where the cells of a map lie in a picture: equal rectangles around the pixels that they are of.
public struct CellGrid: Sendable, Hashable {
  /// The centre of the first cell, in pixels; the picture's upper left corner is at `(0, 0)`.
  public let firstCenter: Point
  /// The size of a cell, in pixels, which is also the distance between centres; 0 along an axis
  /// where a single cell is of the whole picture.
  public let cell: Size

  /// - Parameters:
  ///   - firstCenter: The centre of the first cell, in pixels from the upper left corner.
  ///   - cell: The size of a cell, in pixels; 0 along an axis with a single one.
  public init(firstCenter: Point, cell: Size) {
    (self.firstCenter, self.cell) = (firstCenter, cell)
  }
}

extension Raster {
  /// How many numbers of a placed map lie along each pixel of its picture: the edges of cells are
  /// multiples of half a pixel.
  public static let placesPerPixel = 2

  /// The map at its place in a picture, as a raster of half pixels. What no cell covers is NaN.
  ///
  /// A map that is stretched over its picture is misplaced by up to half a receptive field, unless
  /// paddings and strides happen to be symmetric.
  ///
  /// - Parameters:
  ///   - grid: Where the cells lie.
  ///   - pictureWidth: In pixels.
  ///   - pictureHeight: In pixels.
  /// - Returns: Twice as wide and high as the picture.
  public func placed(on grid: CellGrid, pictureWidth: Int, pictureHeight: Int) -> Raster {
    func cells(_ extent: Int, _ first: Double, _ side: Double, _ count: Int) -> [Int?] {
      (0..<(Self.placesPerPixel * extent)).map { place in
        guard side > 0 else { return count == 1 ? 0 : nil }
        let pixel = (Double(place) + 0.5) / Double(Self.placesPerPixel)
        let cell = ((pixel - first) / side + 0.5).rounded(.down)
        return cell >= 0 && cell < Double(count) ? Int(cell) : nil
      }
    }
    let columns = cells(pictureWidth, grid.firstCenter.x, grid.cell.width, width)
    let rows = cells(pictureHeight, grid.firstCenter.y, grid.cell.height, height)
    return Raster(
      width: columns.count, height: rows.count,
      values: rows.flatMap { row in
        columns.map { column in
          guard let row, let column else { return Float.nan }
          return values[row * width + column]
        }
      })
  }
}
