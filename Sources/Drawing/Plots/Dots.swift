/// A point of a scatter plot, at its position in the area.
struct Dot: Sendable {
  let place: Point
  let style: ClassStyle
}

/// The points of a scatter plot, smaller and more transparent the more there are.
struct Dots: Drawable {
  let dots: [Dot]
  let size: Size
  private let radius: Double
  private let opacity: Double
  let showsShapes: Bool
  private let hasOutline: Bool

  /// - Parameter isGround: Paler, as a background for something else.
  init(_ dots: [Dot], size: Size, isGround: Bool = false) {
    self.dots = dots
    self.size = size
    // About a quarter of the area is covered if no two points overlap.
    let room = (0.25 * size.width * size.height / (.pi * Double(max(1, dots.count)))).squareRoot()
    radius = isGround ? 1.6 : min(max(room, 1.4), 4.2)
    opacity = isGround ? 0.45 : dots.count > 2000 ? 0.6 : 0.9
    // A shape smaller than four pixels cannot be told from a disc.
    showsShapes = radius >= 2
    hasOutline = !isGround && radius > 3
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    // Points at an end of an axis are drawn whole, those beyond it not at all.
    for dot in dots
    where (0...size.width).contains(dot.place.x) && (0...size.height).contains(dot.place.y) {
      let style = ClassStyle(
        color: dot.style.color.opacity(opacity),
        marker: showsShapes ? dot.style.marker : .circle)
      canvas.draw(
        style, at: frame.origin + dot.place, radius: radius,
        outline: hasOutline ? .white : nil)
    }
  }
}

/// All indices once, in a fixed order that mixes neighbours, so that no class of a sorted data set
/// covers the others.
func shuffledIndices(_ count: Int) -> [Int] {
  // Multiplication by an odd constant permutes 64-bit words (Knuth, TAOCP 3, section 6.4).
  let keys = (0..<UInt64(max(0, count))).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
  return (0..<count).sorted { keys[$0] < keys[$1] }
}

extension PlotFrame {
  /// A frame whose axes contain all points.
  init(
    title: String, points: [Point], x: Axis, y: Axis, aspect: ScatterPlot.Aspect, area: Size,
    margin: Double = 0.04
  ) {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    var x = x.covering(finite.lazy.map(\.x), margin: margin)
    var y = y.covering(finite.lazy.map(\.y), margin: margin)
    if aspect == .equal, let across = x.range, let up = y.range {
      let unit = max(
        (across.upperBound - across.lowerBound) / area.width,
        (up.upperBound - up.lowerBound) / area.height)
      x.range = across.widened(to: unit * area.width)
      y.range = up.widened(to: unit * area.height)
    }
    self.init(title: title, area: area, x: x, y: y)
  }
}

extension ClosedRange<Double> {
  /// The range of the given width around the same midpoint.
  fileprivate func widened(to width: Double) -> ClosedRange<Double> {
    let middle = lowerBound + (upperBound - lowerBound) / 2
    guard (middle - width / 2).isFinite, (middle + width / 2).isFinite, width > 0 else {
      return self
    }
    return (middle - width / 2)...(middle + width / 2)
  }
}

/// What explains the colours, to the right of everything else.
func keyParts(_ key: any Drawable, beside frame: PlotFrame, _ width: Double) -> [Part] {
  let x = max(frame.area.maxX + 16, width + 8)
  return [Part(key, at: Point(x, frame.area.y))]
}
