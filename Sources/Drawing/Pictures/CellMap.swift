internal import Images

/// A map whose cells lie over a picture of which it says something, and may reach beyond it: what
/// does is cut off, so that every cell keeps its place.
public struct CellMap: Drawable {
  private enum Content {
    case values(Raster, Colormap, ClosedRange<Float>)
    case marks([Color?], columns: Int)
  }

  private let content: Content
  /// The place of all cells, in points from the picture's upper left corner.
  public let cells: Rectangle
  /// The picture's.
  public let size: Size

  /// Numbers in the colours of a colour map; those that are not finite are hatched.
  ///
  /// - Parameters:
  ///   - range: The numbers at the ends of the colour map.
  ///   - cells: The place of all cells, in points from the picture's upper left corner.
  ///   - size: The picture's.
  public init(
    _ raster: Raster, colormap: Colormap, range: ClosedRange<Float>, cells: Rectangle, size: Size
  ) {
    content = .values(raster, colormap, range)
    (self.cells, self.size) = (cells, size)
  }

  /// Colours that stand for something, as marks in a plot do, so that a legend can name them.
  ///
  /// - Parameters:
  ///   - colors: Row by row; nil for hatched cells.
  ///   - cells: The place of all cells, in points from the picture's upper left corner.
  ///   - size: The picture's.
  public init(marks colors: [Color?], columns: Int, cells: Rectangle, size: Size) {
    content = .marks(colors, columns: columns)
    (self.cells, self.size) = (cells, size)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Rectangle(origin: frame.origin, size: size)
    let image =
      switch content {
      case .values(let raster, let colormap, let range): raster.image(colormap, range: range)
      case .marks(let colors, let columns):
        Image(colors.map { [appearance = canvas.appearance] in $0.map(appearance.color) }, columns)
      }
    if !image.isOpaque { canvas.hatch(place) }
    canvas.clip(to: place) {
      canvas.draw(image, in: cells.offset(x: frame.x, y: frame.y), interpolation: .nearest)
    }
  }
}

extension Image {
  /// One pixel per colour, transparent for nil.
  fileprivate init(_ colors: [Color?], _ columns: Int) {
    self.init(
      width: columns, height: colors.count / max(columns, 1),
      pixels: colors.flatMap { color -> [UInt8] in
        guard let bytes = color?.bytes else { return [0, 0, 0, 0] }
        return [bytes.red, bytes.green, bytes.blue, bytes.alpha]
      })
  }
}
