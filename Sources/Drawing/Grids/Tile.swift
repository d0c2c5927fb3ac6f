public import Images

/// One cell of a grid: a picture or a small block of pictures, with text below.
public struct Tile: Sendable {
  /// Something to notice at a glance.
  public enum Mark: Sendable, Hashable {
    /// Crossed out: the unit is never active.
    case dead
    /// Framed, with a marked corner: nearly the same as another.
    case duplicate
    /// Framed in a colour, such as that of its class.
    case framed(Color)
  }

  /// All of the same size; nil leaves an empty space.
  public let pictures: [Image?]
  /// The number of columns in the block.
  public let columns: Int
  /// The number of groups of columns, such as patches and their projections, with a wider gap
  /// between them.
  public let groups: Int
  /// The first line below, such as a unit's number.
  public let caption: String
  /// A second, paler line, such as a range of values; if one tile has one, space is left in all.
  public let detail: String
  public let mark: Mark?

  public init(_ picture: Image, caption: String = "", detail: String = "", mark: Mark? = nil) {
    self.init(block: [picture], columns: 1, caption: caption, detail: detail, mark: mark)
  }

  /// Pictures close together, row by row, such as the nine strongest patches of a unit.
  ///
  /// - Parameter groups: Divides the number of columns.
  public init(
    block pictures: [Image?], columns: Int, groups: Int = 1, caption: String = "",
    detail: String = "", mark: Mark? = nil
  ) {
    precondition(
      groups > 0 && columns > 0 && columns.isMultiple(of: groups),
      "a block of \(columns) columns in \(groups) groups")
    self.pictures = pictures
    self.columns = columns
    self.groups = groups
    self.caption = caption
    self.detail = detail
    self.mark = mark
  }

  var rows: Int { (max(1, pictures.count) + columns - 1) / columns }

  /// In pixels: the size of the largest picture.
  var pictureSize: Size {
    pictures.reduce(.zero) { size, picture in
      Size(
        width: max(size.width, Double(picture?.width ?? 0)),
        height: max(size.height, Double(picture?.height ?? 0)))
    }
  }
}

/// The pictures of a tile with its mark, at a given size of picture.
struct TilePicture: Drawable {
  let tile: Tile
  let picture: Size
  let interpolation: Interpolation
  let border: Double
  let outline: Color?
  let size: Size

  /// The width of the frames around the pictures, if there are any.
  static let frameWidth = 2.0
  /// The gap between the pictures of a block.
  static let blockGap = 2.0
  /// The gap between groups of columns.
  static let groupGap = 8.0

  init(
    _ tile: Tile, picture: Size, border: Double, outline: Color?, interpolation: Interpolation
  ) {
    self.tile = tile
    self.picture = picture
    self.border = border
    self.outline = outline
    self.interpolation = interpolation
    size = Self.size(
      columns: tile.columns, groups: tile.groups, rows: tile.rows, picture: picture, border: border)
  }

  static func size(
    columns: Int, groups: Int, rows: Int, picture: Size, border: Double
  ) -> Size {
    Size(
      width: Double(columns) * (picture.width + blockGap) - blockGap
        + Double(groups - 1) * (groupGap - blockGap) + 2 * border,
      height: Double(rows) * (picture.height + blockGap) - blockGap + 2 * border)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let inside = Rectangle(origin: frame.origin, size: size).inset(by: border)
    for (index, image) in tile.pictures.enumerated() {
      guard let image else { continue }
      let column = index % tile.columns
      let group = column / (tile.columns / tile.groups)
      let place = Rectangle(
        origin: Point(
          inside.x + Double(column) * (picture.width + Self.blockGap)
            + Double(group) * (Self.groupGap - Self.blockGap),
          inside.y + Double(index / tile.columns) * (picture.height + Self.blockGap)),
        size: picture)
      if !image.isOpaque { canvas.hatch(place) }
      canvas.draw(image, in: place, interpolation: interpolation)
    }
    if let outline { canvas.stroke(inside.inset(by: -0.5), with: outline) }
    if let mark = tile.mark { canvas.draw(mark, around: inside) }
  }
}

extension Canvas {
  fileprivate func draw(_ mark: Tile.Mark, around tile: Rectangle) {
    let ring = tile.inset(by: -TilePicture.frameWidth / 2)
    switch mark {
    case .dead:
      let corners = tile.inset(by: 1.5).corners
      let crossing = [[corners[0], corners[2]], [corners[1], corners[3]]]
      for line in crossing { stroke(polyline: line, with: .white.opacity(0.8), width: 3) }
      for line in crossing { stroke(polyline: line, with: Theme.secondaryText, width: 1.2) }
      stroke(ring, with: Theme.secondaryText, width: 1)
    case .duplicate:
      stroke(ring, with: Theme.highlight, width: TilePicture.frameWidth)
      let side = min(12, tile.width / 3, tile.height / 3)
      fill(
        polygon: [
          Point(tile.maxX - side, tile.y), Point(tile.maxX, tile.y),
          Point(tile.maxX, tile.y + side),
        ], with: Theme.highlight)
    case .framed(let color):
      stroke(ring, with: color, width: TilePicture.frameWidth)
    }
  }
}
