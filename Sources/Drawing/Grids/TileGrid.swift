/// Tiles of one size in rows and columns, each with its caption, and optional headings.
///
/// Pictures are enlarged by an integer factor, so that nothing is blurred.
public struct TileGrid: Composite {
  public let parts: [Part]
  public let size: Size
  public let columns: Int
  public let zoom: Double
  private let tiles: [Tile?]
  private let arrangement: TileArrangement
  private let interpolation: Interpolation
  private let outline: Color?
  private let captionWidth: Double?
  private let hasHeadings: Bool

  /// The gap between tiles of a single picture.
  public static let tileGap = 6.0
  /// The gap between a row's captions and the next row.
  private static let rowGap = 8.0

  /// - Parameters:
  ///   - tiles: Row by row; nil leaves an empty space.
  ///   - outline: The colour of a hairline around each tile, for tiles that may be white.
  ///   - interpolation: Between the pixels of enlarged pictures; reduced ones are averaged.
  ///   - captionWidth: Where the tiles' texts wrap between words; nil for one line each.
  ///   - rowHeadings: To the left of each row, if the number of columns is fixed.
  public init(
    _ tiles: [Tile?], arrangement: TileArrangement = TileArrangement(),
    interpolation: Interpolation = .nearest, outline: Color? = nil, captionWidth: Double? = nil,
    rowHeadings: [String] = [], columnHeadings: [String] = []
  ) {
    let measures = TileMeasures(
      tiles.compactMap(\.self), hasOutline: outline != nil, captionWidth: captionWidth,
      columnHeadings: columnHeadings)
    let headingWidth = rowHeadings.reduce(0) {
      max($0, Text($1, .heading, width: TileMeasures.widestRowHeading).size.width)
    }
    let rowStart = headingWidth > 0 ? headingWidth + 12 : 0

    var fitted = arrangement
    fitted.maximumWidth = max(1, arrangement.maximumWidth - rowStart + measures.gap)
    if !columnHeadings.isEmpty, fitted.columns == nil { fitted.columns = columnHeadings.count }
    let (columns, zoom) = fitted.resolved(count: tiles.count) { zoom in
      let size = measures.tileSize(zoom: zoom)
      return max(size.width, size.height) / measures.blockWeight
    } cell: { zoom in
      let size = measures.tileSize(zoom: zoom)
      return Size(
        width: max(size.width, measures.cellWidth) + measures.gap,
        height: size.height + measures.captionHeight + Self.rowGap)
    }
    self.columns = max(1, columns)
    self.zoom = zoom

    let builder = TileGridBuilder(
      measures: measures, columns: self.columns, zoom: zoom, rowStart: rowStart, gap: measures.gap,
      rowGap: Self.rowGap, outline: outline, interpolation: zoom < 1 ? .smooth : interpolation)
    (parts, size) = builder.build(
      tiles, rowHeadings: rowHeadings, columnHeadings: columnHeadings)
    self.tiles = tiles
    self.arrangement = arrangement
    self.interpolation = interpolation
    self.outline = outline
    self.captionWidth = captionWidth
    hasHeadings = !rowHeadings.isEmpty || !columnHeadings.isEmpty
  }
}

extension TileGrid: Reflowing {
  /// Columns that mean something stay as they are.
  func reflowed(toWidth width: Double) -> any Drawable {
    guard arrangement.columns == nil, !hasHeadings else { return self }
    var narrow = arrangement
    narrow.maximumWidth = width
    return TileGrid(
      tiles, arrangement: narrow, interpolation: interpolation, outline: outline,
      captionWidth: captionWidth)
  }
}

/// The measurements that all tiles of a grid share.
private struct TileMeasures {
  var blockColumns = 1
  var blockGroups = 1
  var blockRows = 1
  /// In pixels.
  var picture = Size.zero
  var border: Double
  /// The width that captions and headings need.
  var cellWidth: Double
  var captionHeight = 0.0
  /// The height of a caption of which there is nothing.
  var captionLine = 0.0
  private let captionWidth: Double?

  /// The gap between a tile and its caption.
  static let captionGap = 2.0
  static let widestRowHeading = 150.0
  /// The width at which headings above narrow tiles wrap.
  private static let widestColumnHeading = 72.0

  init(_ tiles: [Tile], hasOutline: Bool, captionWidth: Double?, columnHeadings: [String]) {
    border = hasOutline ? 1 : 0
    self.captionWidth = captionWidth
    cellWidth = columnHeadings.reduce(0) {
      max($0, Text($1, .heading, width: Self.widestColumnHeading).size.width)
    }
    var texts: [(caption: Double, detail: Double)] = []
    for tile in tiles {
      if tile.mark != nil { border = TilePicture.frameWidth }
      blockColumns = max(blockColumns, tile.columns)
      blockGroups = max(blockGroups, tile.groups)
      blockRows = max(blockRows, tile.rows)
      picture.width = max(picture.width, tile.pictureSize.width)
      picture.height = max(picture.height, tile.pictureSize.height)
      let (caption, detail) = (text(tile.caption, .tileCaption), text(tile.detail, .tileDetail))
      cellWidth = max(cellWidth, caption.size.width, detail.size.width)
      texts.append((caption.size.height, detail.size.height))
    }
    if texts.contains(where: { $0.caption > 0 }) { captionLine = TextStyle.tileCaption.lineHeight }
    captionHeight = texts.reduce(0) {
      max($0, ($1.caption > 0 ? $1.caption : captionLine) + $1.detail)
    }
    if captionHeight > 0 { captionHeight += Self.captionGap }
  }

  /// A text below a tile.
  func text(_ text: String, _ style: TextStyle) -> Text {
    Text(text, style, alignment: .center, width: captionWidth)
  }

  /// The gap between tiles; wider for blocks, to stand out from the gaps inside them.
  var gap: Double { blockColumns > 1 || blockRows > 1 ? 14 : TileGrid.tileGap }

  /// How much larger a tile of several pictures may be than one of a single picture.
  var blockWeight: Double { max(1, 0.5 * Double(max(blockColumns, blockRows))) }

  func pictureSize(zoom: Double) -> Size {
    Size(
      width: max(1, (zoom * picture.width).rounded()),
      height: max(1, (zoom * picture.height).rounded()))
  }

  func tileSize(zoom: Double) -> Size {
    TilePicture.size(
      columns: blockColumns, groups: blockGroups, rows: blockRows,
      picture: pictureSize(zoom: zoom), border: border)
  }
}

extension TextStyle {
  fileprivate static let tileCaption = TextStyle(size: 10, color: Theme.text)
  fileprivate static let tileDetail = TextStyle(size: 9, color: Theme.secondaryText)
}

private struct TileGridBuilder {
  let measures: TileMeasures
  let columns: Int
  let zoom: Double
  let rowStart: Double
  let gap: Double
  let rowGap: Double
  let outline: Color?
  let interpolation: Interpolation

  func build(
    _ tiles: [Tile?], rowHeadings: [String], columnHeadings: [String]
  ) -> ([Part], Size) {
    var parts: [Part] = []
    let tileSize = measures.tileSize(zoom: zoom)
    let cellWidth = max(tileSize.width, measures.cellWidth)
    let headings = columnHeadings.prefix(columns).map {
      Text($0, .heading, alignment: .center, width: cellWidth)
    }
    let headingHeight = headings.reduce(0) { max($0, $1.size.height) }
    let firstRow = headingHeight > 0 ? headingHeight + 4 : 0
    for (column, heading) in headings.enumerated() {
      parts.append(
        Part(
          heading,
          in: Rectangle(
            x: rowStart + Double(column) * (cellWidth + gap),
            y: headingHeight - heading.size.height, width: cellWidth,
            height: heading.size.height)))
    }

    let rows = (tiles.count + columns - 1) / columns
    var y = firstRow
    for row in 0..<rows {
      var rowHeight = tileSize.height + measures.captionHeight
      if row < rowHeadings.count {
        let heading = Text(rowHeadings[row], .heading, width: TileMeasures.widestRowHeading)
        let top = max(0, ((tileSize.height - heading.size.height) / 2).rounded(.down))
        parts.append(Part(heading, at: Point(0, y + top)))
        rowHeight = max(rowHeight, top + heading.size.height)
      }
      for column in 0..<columns where row * columns + column < tiles.count {
        guard let tile = tiles[row * columns + column] else { continue }
        let x = rowStart + Double(column) * (cellWidth + gap)
        add(tile, to: &parts, at: Point(x, y), cellWidth: cellWidth, tileSize: tileSize)
      }
      y += rowHeight + rowGap
    }
    let width = rowStart + Double(columns) * (cellWidth + gap) - gap
    return (parts, Size(width: max(0, width), height: max(0, y - rowGap)))
  }

  private func add(
    _ tile: Tile, to parts: inout [Part], at origin: Point, cellWidth: Double, tileSize: Size
  ) {
    let picture = TilePicture(
      tile, picture: measures.pictureSize(zoom: zoom), border: measures.border,
      outline: outline, interpolation: interpolation)
    let free = ((cellWidth - picture.size.width) / 2).rounded(.down)
    parts.append(Part(picture, at: origin + Point(free, 0)))
    var y = origin.y + tileSize.height + TileMeasures.captionGap
    for (text, style) in [(tile.caption, TextStyle.tileCaption), (tile.detail, .tileDetail)] {
      let content = measures.text(text, style)
      if content.size.height > 0 {
        parts.append(
          Part(
            content,
            in: Rectangle(x: origin.x, y: y, width: cellWidth, height: content.size.height)))
      }
      y += content.size.height > 0 ? content.size.height : measures.captionLine
    }
  }
}
