/// Points of several classes, distinguished by colour and shape, or coloured by a number.
public struct ScatterPlot: Composite {
  /// Whether both axes use the same scale.
  public enum Aspect: Sendable, Hashable {
    case free
    /// Both axes use the same scale, as for two principal components.
    case equal
  }

  public let parts: [Part]
  public let size: Size
  private let area: Size
  /// The same plot with another area.
  private let resized: @Sendable (Size) -> ScatterPlot

  /// - Parameters:
  ///   - points: Pairs of values; non-finite ones are ignored.
  ///   - colors: Of as many points.
  ///   - area: The size of the area for points, without labels and legend.
  public init(
    title: String = "", _ points: [Point], colors: PointColors, x: Axis, y: Axis,
    aspect: Aspect = .free, area: Size = Size(width: 520, height: 420), showsLegend: Bool = true
  ) {
    precondition(
      points.count == colors.count, "\(points.count) points and \(colors.count) colours")
    let frame = PlotFrame(title: title, points: points, x: x, y: y, aspect: aspect, area: area)
    let shown = shuffledIndices(points.count)
      .filter { frame.isInside(points[$0]) }
      .map { Dot(place: frame.place(points[$0]), style: colors.style(of: $0)) }
    let dots = Dots(shown, size: frame.area.size)
    var parts = frame.parts + [frame.part([dots])]
    if showsLegend,
      let key = colors.key(dots.showsShapes ? .marker : .disc, height: frame.area.height)
    {
      parts += keyParts(key, beside: frame, extent(of: parts).width)
    }
    self.parts = parts
    size = extent(of: parts)
    self.area = area
    resized = { other in
      ScatterPlot(
        title: title, points, colors: colors, x: x, y: y, aspect: aspect, area: other,
        showsLegend: showsLegend)
    }
  }
}

extension ScatterPlot: Reflowing {
  /// With a smaller area; marks and labels keep their size.
  func reflowed(toWidth width: Double) -> any Drawable {
    let smallest = min(area.width, 200)
    let other = min(area.width, max(smallest, area.width - (size.width - width)))
    return resized(
      Size(width: other.rounded(), height: (area.height * other / area.width).rounded()))
  }
}
