public import Images

/// What stands for a point in a plot.
public enum Thumbnail: Sendable {
  case picture(Image)
  /// Drawn in its own size, which is to be that of a picture without its frame.
  case drawing(any Drawable)

  /// In pixels or points.
  fileprivate var extent: Size {
    switch self {
    case .picture(let image): Size(width: Double(image.width), height: Double(image.height))
    case .drawing(let content): content.size
    }
  }
}

/// Points shown as their pictures if there is room for them, framed in their colours.
///
/// Pictures are drawn at their points, in their own proportions. One that would overlap an earlier
/// one is replaced by a dot, so that density is visible as well.
public struct ThumbnailPlot: Composite {
  public let parts: [Part]
  public let size: Size
  /// The points that are shown as pictures.
  public let shown: [Int]
  /// The number of the other points that a picture hides.
  public let hidden: Int
  /// The positions of these pictures, in the coordinates of the plot.
  public let places: [Rectangle]

  /// The width of a picture's frame, in points.
  public static let frameWidth = 2.0

  /// - Parameters:
  ///   - points: Pairs of values; non-finite ones are ignored.
  ///   - colors: Of as many points.
  ///   - side: The longer side of a picture with its frame, in points.
  ///   - showsLegend: Whether a key explains the colours.
  ///   - thumbnail: Called only for the points that are shown.
  public init<Failure>(
    title: String = "", _ points: [Point], colors: PointColors, x: Axis, y: Axis,
    aspect: ScatterPlot.Aspect = .free, area: Size = Size(width: 760, height: 600),
    side: Double = 36, showsLegend: Bool = true, thumbnail: (Int) throws(Failure) -> Thumbnail
  ) throws(Failure) {
    precondition(
      points.count == colors.count, "\(points.count) points and \(colors.count) colours")
    // Room for half a picture at each end.
    let margin = 0.02 + 0.5 * side / max(min(area.width, area.height) - side, side)
    let frame = PlotFrame(
      title: title, points: points, x: x, y: y, aspect: aspect, area: area, margin: margin)
    let whole = Rectangle(origin: Point(0, 0), size: frame.area.size)

    var taken = TakenSquares(side: side + 2)
    var thumbnails: [PlacedThumbnail] = []
    var shown: [Int] = []
    var dots: [Dot] = []
    for index in shuffledIndices(points.count) where frame.isInside(points[index]) {
      let place = frame.place(points[index])
      let style = colors.style(of: index)
      // At whole points, so that pixels are not interpolated.
      let square = Rectangle(
        x: (place.x - side / 2).rounded(), y: (place.y - side / 2).rounded(), width: side,
        height: side)
      if whole.contains(square), taken.take(square) {
        shown.append(index)
        thumbnails.append(
          PlacedThumbnail(try thumbnail(index), in: square, color: style.color))
      } else {
        dots.append(Dot(place: place, style: style))
      }
    }
    hidden = dots.count { dot in
      thumbnails.contains { $0.frame.contains(Rectangle(center: dot.place, size: .zero)) }
    }
    let marks: [any Drawable] = [
      Dots(dots, size: frame.area.size, isGround: true),
      Thumbnails(thumbnails: thumbnails, size: frame.area.size),
    ]
    var parts = frame.parts + [frame.part(marks)]
    if showsLegend, let key = colors.key(.box, height: frame.area.height) {
      parts += keyParts(key, beside: frame, extent(of: parts).width)
    }
    self.parts = parts
    self.shown = shown
    places = thumbnails.map { $0.frame.offset(x: frame.area.x, y: frame.area.y) }
    size = extent(of: parts)
  }
}

/// Squares of the same size that do not overlap.
private struct TakenSquares {
  let side: Double
  private var origins: [SIMD2<Int32>: [Point]] = [:]

  init(side: Double) { self.side = side }

  /// Takes the square if it is free.
  ///
  /// - Returns: Whether it was free.
  mutating func take(_ square: Rectangle) -> Bool {
    // With cells as large as a square, only neighbouring cells can contain an overlapping one.
    let cell = SIMD2(Int32(square.x / side), Int32(square.y / side))
    for dx: Int32 in -1...1 {
      for dy: Int32 in -1...1 {
        for other in origins[cell &+ SIMD2(dx, dy), default: []]
        where abs(other.x - square.x) < side && abs(other.y - square.y) < side {
          return false
        }
      }
    }
    origins[cell, default: []].append(square.origin)
    return true
  }
}

private struct PlacedThumbnail: Sendable {
  let content: Thumbnail
  /// With the picture's proportions, at whole points.
  let frame: Rectangle
  let color: Color

  init(_ content: Thumbnail, in square: Rectangle, color: Color) {
    let extent = content.extent
    let longest = max(extent.width, extent.height, 1)
    let room = max(square.width - 2 * ThumbnailPlot.frameWidth, 1)
    let (width, height) = (
      max(1, (room * extent.width / longest).rounded()),
      max(1, (room * extent.height / longest).rounded())
    )
    frame = Rectangle(
      x: square.x + ((room - width) / 2).rounded(.down),
      y: square.y + ((room - height) / 2).rounded(.down),
      width: width + 2 * ThumbnailPlot.frameWidth, height: height + 2 * ThumbnailPlot.frameWidth)
    (self.content, self.color) = (content, color)
  }
}

private struct Thumbnails: Drawable {
  let thumbnails: [PlacedThumbnail]
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for thumbnail in thumbnails {
      let outer = thumbnail.frame.offset(x: frame.x, y: frame.y)
      canvas.fill(outer, with: thumbnail.color)
      let inner = outer.inset(by: ThumbnailPlot.frameWidth)
      switch thumbnail.content {
      case .picture(let image): canvas.draw(image, in: inner, interpolation: .smooth)
      case .drawing(let content): content.draw(on: canvas, in: inner)
      }
    }
  }
}
