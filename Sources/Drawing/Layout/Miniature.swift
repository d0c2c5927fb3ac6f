/// The content of a figure in a small space, without its text.
///
/// If the figure contains pictures, maps or plots, the first of them are laid out in rows, all at
/// one scale; otherwise its top left corner is shown.
public struct Miniature: Drawable {
  public let size: Size
  private let parts: [Part]
  private let scale: Double
  /// The upper left corner of what is drawn, in points.
  private let origin: Point

  /// The gap between items.
  private static let gap = 4.0
  /// A figure that fits at this scale is shown as a whole: its text is still legible.
  private static let legibleScale = 0.7
  /// With this many items, a figure can be recognised; more do not make up for smaller ones.
  private static let enoughItems = 6

  public init(of content: any Drawable, size: Size) {
    self.size = size
    let items = content.items
    let plots = items.filter { $0 is Layers }
    // Beside a plot, small pictures are marks or keys.
    let shown = Self.alike(plots.isEmpty ? items : plots)
    if shown.isEmpty {
      let whole = content.size
      let fitting = min(size.width / max(whole.width, 1), size.height / max(whole.height, 1), 1)
      scale = fitting >= Self.legibleScale ? fitting : 1
      origin = Point(
        max(0, (size.width - scale * whole.width) / 2),
        max(0, (size.height - scale * whole.height) / 2))
      parts = [Part(content, at: Point(0, 0))]
      return
    }
    let cell = shown.map(\.size).commonest
    let grid = Self.arrangement(of: shown.count, cell, in: size)
    let rows = min(grid.rows, (shown.count + grid.columns - 1) / grid.columns)
    let distance = Self.gap / grid.scale
    scale = grid.scale
    parts = shown.prefix(grid.columns * rows).enumerated().map { index, item in
      let corner = Point(
        Double(index % grid.columns) * (cell.width + distance),
        Double(index / grid.columns) * (cell.height + distance))
      return Part(Fitted(item, in: cell), in: Rectangle(origin: corner, size: cell))
    }
    let columns = min(grid.columns, shown.count)
    func extent(_ count: Int, _ side: Double) -> Double {
      grid.scale * (Double(count) * (side + distance) - distance)
    }
    origin = Point(
      (size.width - extent(columns, cell.width)) / 2, (size.height - extent(rows, cell.height)) / 2)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let place = Transform(
      xx: scale, xy: 0, yx: 0, yy: scale, x0: frame.x + origin.x, y0: frame.y + origin.y)
    canvas.clip(to: Rectangle(origin: frame.origin, size: size)) {
      canvas.transformed(by: place) {
        for part in parts { part.content.draw(on: canvas, in: part.frame) }
      }
    }
  }

  /// Items much smaller than the largest are left out: keys, marks, colour bars.
  private static func alike(_ items: [any Drawable]) -> [any Drawable] {
    let cell = items.map(\.size).commonest
    return items.filter {
      let size = $0.size
      return size.width * size.height > 0.3 * cell.width * cell.height
        && max(size.width / size.height, size.height / size.width)
          < 3 * max(cell.width / cell.height, cell.height / cell.width)
    }
  }

  /// The columns, rows and scale that cover most of the space with enough items, none enlarged.
  private static func arrangement(
    of count: Int, _ cell: Size, in size: Size
  ) -> (columns: Int, rows: Int, scale: Double) {
    var best = (columns: 1, rows: 1, scale: min(1, size.width / cell.width))
    var greatest = 0.0
    // Of equal arrangements, the widest.
    for columns in (1...max(1, min(count, 16))).reversed() {
      for rows in 1...max(1, min((count + columns - 1) / columns, 10)) {
        let scale = min(
          1, (size.width - Double(columns - 1) * gap) / (Double(columns) * cell.width),
          (size.height - Double(rows - 1) * gap) / (Double(rows) * cell.height))
        let shown = min(count, columns * rows)
        let cover =
          scale * scale * cell.width * cell.height * Double(shown) / (size.width * size.height)
        let share = Double(min(shown, enoughItems)) / Double(min(count, enoughItems))
        let benefit = cover * share.squareRoot()
        if scale > 0, benefit > greatest {
          greatest = benefit
          best = (columns, rows, scale)
        }
      }
    }
    return best
  }
}

/// A drawable at the size at which it fits into another size, in the middle of it.
private struct Fitted: Drawable {
  let content: any Drawable
  let size: Size

  init(_ content: any Drawable, in size: Size) {
    (self.content, self.size) = (content, size)
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let own = content.size
    let scale = min(size.width / own.width, size.height / own.height)
    let place = Transform(
      xx: scale, xy: 0, yx: 0, yy: scale, x0: frame.x + (size.width - scale * own.width) / 2,
      y0: frame.y + (size.height - scale * own.height) / 2)
    canvas.transformed(by: place) {
      content.draw(on: canvas, in: Rectangle(origin: Point(0, 0), size: own))
    }
  }
}

extension Drawable {
  /// The pictures, maps and areas of plots of which it consists, in their order.
  fileprivate var items: [any Drawable] {
    switch self {
    case is Picture, is Heatmap, is Overlay, is CellMap, is TilePicture, is Layers:
      size.width > 0 && size.height > 0 ? [self] : []
    case let whole as any Composite: whole.parts.flatMap { $0.content.items }
    default: []
    }
  }
}

extension [Size] {
  /// The size that takes most space in all, the first of several.
  fileprivate var commonest: Size {
    var areas: [Size: Double] = [:]
    for size in self { areas[size, default: 0] += size.width * size.height }
    let greatest = areas.values.max() ?? 0
    return first { areas[$0] == greatest } ?? .zero
  }
}
