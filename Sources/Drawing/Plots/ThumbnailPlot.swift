public import Images

/// Points of several classes, shown as their pictures if there is room for them.
///
/// Pictures are drawn at their points. One that would overlap an earlier one is replaced by a dot,
/// so that density is visible as well.
public struct ThumbnailPlot: Composite {
  public let parts: [Part]
  public let size: Size
  /// The points that are shown as pictures.
  public let shown: [Int]
  /// The positions of these pictures, in the coordinates of the plot.
  public let places: [Rectangle]

  /// - Parameters:
  ///   - points: Pairs of values; non-finite ones are ignored.
  ///   - classes: The class index of each point.
  ///   - side: The side of a picture with its frame, in points.
  ///   - picture: Called only for the points that are shown.
  public init<Failure>(
    title: String = "", _ points: [Point], classes: [Int], names: [String], x: Axis, y: Axis,
    aspect: ScatterPlot.Aspect = .free, area: Size = Size(width: 760, height: 600),
    side: Double = 36, picture: (Int) throws(Failure) -> Image
  ) throws(Failure) {
    precondition(
      points.count == classes.count, "\(points.count) points and \(classes.count) classes")
    // Room for half a picture at each end.
    let margin = 0.02 + 0.5 * side / max(min(area.width, area.height) - side, side)
    let frame = PlotFrame(
      title: title, points: points, x: x, y: y, aspect: aspect, area: area, margin: margin)
    let whole = Rectangle(origin: Point(0, 0), size: frame.area.size)

    var taken = TakenSquares(side: side + 2)
    var thumbnails: [Thumbnail] = []
    var shown: [Int] = []
    var dots: [Dot] = []
    for index in shuffledIndices(points.count) where frame.isInside(points[index]) {
      let place = frame.place(points[index])
      let style = ClassStyle(index: classes[index])
      // At whole points, so that pixels are not interpolated.
      let square = Rectangle(
        x: (place.x - side / 2).rounded(), y: (place.y - side / 2).rounded(), width: side,
        height: side)
      if whole.contains(square), taken.take(square) {
        shown.append(index)
        thumbnails.append(
          Thumbnail(image: try picture(index), frame: square, color: style.color))
      } else {
        dots.append(Dot(place: place, style: style))
      }
    }
    let marks: [any Drawable] = [
      Dots(dots, size: frame.area.size, isGround: true),
      Thumbnails(thumbnails: thumbnails, size: frame.area.size),
    ]
    var parts = frame.parts + [frame.part(marks)]
    if !names.isEmpty {
      let entries = names.enumerated().map {
        Legend.Entry($1, .box(ClassStyle(index: $0).color))
      }
      let legend = Legend(entries, height: frame.area.height)
      parts += legendParts(legend, beside: frame, extent(of: parts).width)
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

private struct Thumbnail: Sendable {
  let image: Image
  let frame: Rectangle
  let color: Color
}

private struct Thumbnails: Drawable {
  let thumbnails: [Thumbnail]
  let size: Size

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for thumbnail in thumbnails {
      let square = thumbnail.frame.offset(x: frame.x, y: frame.y)
      canvas.fill(square, with: thumbnail.color)
      canvas.draw(thumbnail.image, in: square.inset(by: 1.5), interpolation: .smooth)
    }
  }
}
