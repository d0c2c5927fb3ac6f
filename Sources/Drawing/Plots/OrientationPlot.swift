internal import Foundation

/// Points by orientation and distance, on a half circle: orientations that differ by half a turn are
/// the same.
///
/// The angle is an orientation in degrees, from 0 (horizontal, at the right) over 90 (vertical, at
/// the top) to 180, which is horizontal again. Stripes at the edge show what the angles are.
public struct OrientationPlot: Composite {
  public struct Mark: Sendable, Hashable {
    /// In degrees, from 0 to 180.
    public let orientation: Double
    /// From the centre, on the scale of the plot.
    public let distance: Double
    /// From 0 to 1: of the mark's area.
    public let weight: Double
    public let style: ClassStyle

    public init(orientation: Double, distance: Double, weight: Double, style: ClassStyle) {
      (self.orientation, self.distance) = (orientation, distance)
      (self.weight, self.style) = (weight, style)
    }
  }

  public let parts: [Part]
  public let size: Size
  private let title: String
  private let marks: [Mark]
  private let label: String
  private let greatest: Double
  private let radius: Double

  private static let smallest = 120.0

  /// - Parameters:
  ///   - marks: Those that are not finite, or beyond the plot, are ignored.
  ///   - label: What the distance is, with its unit.
  ///   - greatest: The distance of the outermost circle.
  ///   - radius: Of the outermost circle, in points.
  public init(
    title: String = "", _ marks: [Mark], label: String, greatest: Double, radius: Double = 260
  ) {
    precondition(greatest > 0 && greatest.isFinite, "a plot up to \(greatest)")
    (self.title, self.marks, self.label) = (title, marks, label)
    (self.greatest, self.radius) = (greatest, radius)
    let heading = Text(title, .heading, width: 2 * radius)
    let top = heading.size.height > 0 ? heading.size.height + 6 : 0
    let ticks = Ticks.linear(in: 0...greatest, about: max(2, Int(radius / 50)))
    let area = HalfCircle(
      marks: marks.filter { mark in
        mark.orientation.isFinite && (0...greatest).contains(mark.distance)
      }, rings: ticks.values.map { $0 / greatest }, greatest: greatest, radius: radius)
    let center = Point(HalfCircle.margin + radius, top + HalfCircle.margin + radius)
    var parts: [Part] = []
    if heading.size.height > 0 { parts.append(Part(heading, at: Point(HalfCircle.margin, 0))) }
    parts.append(Part(Layers([area]), at: Point(0, top)))
    // Below the base line of both halves, since both are the same axis.
    let below = center.y + HalfCircle.room + 2
    for (value, name) in zip(ticks.values, ticks.labels) {
      for sign in value == 0 ? [1.0] : [1, -1] {
        let text = Text(name, .tick)
        let x = center.x + sign * radius * value / greatest
        parts.append(Part(text, at: Point((x - text.size.width / 2).rounded(), below)))
      }
    }
    let name = Text(label, .label, alignment: .center, width: 2 * radius)
    parts.append(
      Part(
        name,
        in: Rectangle(
          x: center.x - radius, y: below + TextStyle.tick.lineHeight + 3, width: 2 * radius,
          height: name.size.height)))
    self.parts = parts
    size = extent(of: parts)
  }
}

extension OrientationPlot: Reflowing {
  /// With a smaller radius; marks and labels keep their size.
  func reflowed(toWidth width: Double) -> any Drawable {
    let smallest = min(radius, Self.smallest)
    let other = min(radius, max(smallest, radius - (size.width - width) / 2))
    return OrientationPlot(
      title: title, marks, label: label, greatest: greatest, radius: other.rounded(.down))
  }
}

/// A key to the areas of an ``OrientationPlot``'s marks.
public struct MarkSizes: Composite {
  public let parts: [Part]
  public let size: Size

  /// - Parameter weights: Each with its name.
  public init(_ weights: [(weight: Double, name: String)]) {
    var parts: [Part] = []
    var y = 0.0
    for (weight, name) in weights {
      let text = Text(name, .label)
      parts.append(Part(SampleMark(weight: weight), at: Point(0, y)))
      parts.append(Part(text, at: Point(SampleMark.side + 4, y)))
      y += max(text.size.height, SampleMark.side) + 2
    }
    self.parts = parts
    size = extent(of: parts)
  }
}

private struct SampleMark: Drawable {
  let weight: Double
  static let side = 18.0
  var size: Size { Size(width: Self.side, height: Self.side) }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let center = Rectangle(origin: frame.origin, size: size).center
    canvas.stroke(
      circle: center, radius: HalfCircle.markRadius(weight), with: Theme.secondaryText, width: 1)
  }
}

/// The circles, the spokes with their angles, and the marks.
private struct HalfCircle: Drawable {
  let marks: [OrientationPlot.Mark]
  /// As shares of the radius.
  let rings: [Double]
  let greatest: Double
  let radius: Double

  /// Below the base line, for marks on it.
  static let room = 9.0
  /// Outside the outermost circle, for the angles.
  static let margin = 52.0

  private static let spokes = Array(stride(from: 0.0, through: 180, by: 30))
  /// From the outermost circle to the middles of the stripes and of the numbers.
  private static let stripes = 14.0
  private static let numbers = 38.0
  /// Of the circle that holds the stripes of an angle.
  private static let stripeRadius = 7.0

  var size: Size {
    Size(width: 2 * (radius + Self.margin), height: Self.margin + radius + Self.room)
  }

  static func markRadius(_ weight: Double) -> Double { 8 * min(max(weight, 0.02), 1).squareRoot() }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let center = Point(frame.x + Self.margin + radius, frame.y + Self.margin + radius)
    func place(_ orientation: Double, _ distance: Double) -> Point {
      let angle = orientation * .pi / 180
      return Point(center.x + distance * cos(angle), center.y - distance * sin(angle))
    }
    for ring in rings where ring > 0 {
      let arc = stride(from: 0.0, through: 180, by: 2).map { place($0, ring * radius) }
      canvas.stroke(polyline: arc, with: ring > 0.999 ? Theme.line : Theme.gridLine)
    }
    if rings.last.map({ $0 < 0.999 }) ?? true {
      canvas.stroke(
        polyline: stride(from: 0.0, through: 180, by: 2).map { place($0, radius) },
        with: Theme.line)
    }
    for spoke in Self.spokes {
      canvas.stroke(
        polyline: [center, place(spoke, radius)],
        with: spoke == 0 || spoke == 180 ? Theme.line : Theme.gridLine)
      drawStripes(spoke, at: place(spoke, radius + Self.stripes), on: canvas)
      let style = TextStyle.tick
      canvas.draw(
        "\(Int(spoke))°",
        at: place(spoke, radius + Self.numbers) + Point(0, (style.capHeight / 2).rounded()),
        style: style, alignment: .center)
    }
    // The largest first, so that none is hidden.
    for mark in marks.sorted(by: { $0.weight > $1.weight }) {
      canvas.draw(
        ClassStyle(color: mark.style.color.opacity(0.8), marker: mark.style.marker),
        at: place(mark.orientation, radius * mark.distance / greatest),
        radius: Self.markRadius(mark.weight), outline: .white)
    }
  }

  /// Parallel lines of an orientation, whose ends are on a circle.
  private func drawStripes(_ orientation: Double, at center: Point, on canvas: borrowing Canvas) {
    let angle = orientation * .pi / 180
    let (along, across) = (Point(cos(angle), -sin(angle)), Point(sin(angle), cos(angle)))
    for offset in [-4.0, 0, 4] {
      let half = (Self.stripeRadius * Self.stripeRadius - offset * offset).squareRoot()
      let middle = center + across * offset
      canvas.stroke(
        polyline: [middle - along * half, middle + along * half], with: Theme.secondaryText,
        width: 1.6)
    }
  }
}
