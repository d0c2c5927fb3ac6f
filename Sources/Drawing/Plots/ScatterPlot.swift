/// Points of several classes, distinguished by colour and shape.
public struct ScatterPlot: Composite {
  /// Whether both axes use the same scale.
  public enum Aspect: Sendable, Hashable {
    case free
    /// Both axes use the same scale, as for two principal components.
    case equal
  }

  public let parts: [Part]
  public let size: Size

  /// - Parameters:
  ///   - points: Pairs of values; non-finite ones are ignored.
  ///   - classes: The class index of each point.
  ///   - area: The size of the area for points, without labels and legend.
  public init(
    title: String = "", _ points: [Point], classes: [Int], names: [String], x: Axis, y: Axis,
    aspect: Aspect = .free, area: Size = Size(width: 520, height: 420), showsLegend: Bool = true
  ) {
    precondition(
      points.count == classes.count, "\(points.count) points and \(classes.count) classes")
    let frame = PlotFrame(title: title, points: points, x: x, y: y, aspect: aspect, area: area)
    let shown = shuffledIndices(points.count)
      .filter { frame.isInside(points[$0]) }
      .map { Dot(place: frame.place(points[$0]), style: ClassStyle(index: classes[$0])) }
    let dots = Dots(shown, size: frame.area.size)
    var parts = frame.parts + [frame.part([dots])]
    if showsLegend, !names.isEmpty {
      let legend = Legend.classes(
        names, showsShapes: dots.showsShapes, height: frame.area.height)
      parts += legendParts(legend, beside: frame, extent(of: parts).width)
    }
    self.parts = parts
    size = extent(of: parts)
  }
}
