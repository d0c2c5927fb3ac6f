public import Images

/// Line plots one below the other over a common axis, with pictures below the values that they
/// belong to.
public struct SweepPlot: Composite {
  /// One plot.
  public struct Panel: Sendable {
    public let title: String
    public let series: [LinePlot.Series]
    public let y: Axis

    public init(_ title: String, _ series: [LinePlot.Series], y: Axis) {
      (self.title, self.series, self.y) = (title, series, y)
    }
  }

  /// One picture for each value of the axis.
  public struct Strip: Sendable {
    public let name: String
    /// A second line.
    public let detail: String?
    public let images: [Image]
    /// That of the strip's curves.
    public let color: Color

    public init(_ name: String, _ detail: String? = nil, _ images: [Image], color: Color) {
      (self.name, self.detail, self.images, self.color) = (name, detail, images, color)
    }
  }

  public let parts: [Part]
  public let size: Size
  private let area: Size
  /// The same plots with areas of another width.
  private let resized: @Sendable (Double) -> SweepPlot

  /// Larger pictures say no more of how they were changed.
  private static let largestPicture = 48.0
  private static let smallestPicture = 12.0
  private static let widestName = 150.0

  /// - Parameters:
  ///   - panels: From the top down.
  ///   - x: The common axis; its range is that of the values, with half a step on either side.
  ///   - values: In ascending order and at equal distances.
  ///   - strips: Below the last panel.
  ///   - area: The size of the area for the curves of each panel.
  public init(
    _ panels: [Panel], x: Axis, values: [Double], strips: [Strip],
    area: Size = Size(width: 560, height: 110)
  ) {
    let (first, last) = (values.first ?? 0, values.last ?? 1)
    let step = values.count > 1 ? (last - first) / Double(values.count - 1) : 1
    var axis = x
    axis.range = (first - step / 2)...(last + step / 2)
    let plots = panels.enumerated().map { index, panel in
      // The title of the axis is below the pictures.
      LinePlot(
        title: panel.title, panel.series,
        x: Axis(range: axis.range, format: axis.format), y: panel.y, area: area)
    }
    let left = plots.reduce(0) { max($0, $1.area.x) }
    let width = plots.first?.area.width ?? area.width
    var parts: [Part] = []
    var y = 0.0
    for plot in plots {
      parts.append(Part(plot, at: Point(left - plot.area.x, y)))
      y += plot.size.height + 10
    }
    let distance = width / Double(max(values.count, 1))
    // Of more values than there is room for, every second, third … picture.
    let every = max(1, Int((Self.smallestPicture / distance).rounded(.up)))
    let side = min(Self.largestPicture, Double(every) * distance - 3).rounded(.down)
    for strip in strips {
      let style = TextStyle.label.colored(ClassStyle(color: strip.color).textColor)
      let lines = [strip.name] + [strip.detail].compactMap(\.self)
      let name = Column(
        spacing: 0, lines.map { Text($0, style, oneLineWithin: Self.widestName) })
      let height = max(side, name.size.height)
      func top(_ own: Double) -> Double { y + ((height - own) / 2).rounded() }
      for (value, image) in zip(values, strip.images).enumerated()
        .filter({ $0.offset.isMultiple(of: every) }).map(\.element)
      {
        let center = left + width * (value - first + step / 2) / (step * Double(values.count))
        let picture = Picture(image, size: Self.size(of: image, within: side), frame: strip.color)
        parts.append(
          Part(
            picture,
            at: Point((center - picture.size.width / 2).rounded(), top(picture.size.height))))
      }
      parts.append(Part(name, at: Point(left + width + 8, top(name.size.height))))
      y += height + 4
    }
    let title = Text(x.label, .label, alignment: .center, width: width)
    parts.append(
      Part(title, in: Rectangle(x: left, y: y + 2, width: width, height: title.size.height)))
    self.parts = parts
    size = extent(of: parts)
    self.area = area
    resized = { other in
      SweepPlot(
        panels, x: x, values: values, strips: strips,
        area: Size(width: other, height: area.height))
    }
  }

  /// A picture's size in a square, without distortion.
  private static func size(of image: Image, within side: Double) -> Size {
    let factor = side / Double(max(1, image.width, image.height))
    return Size(
      width: (factor * Double(image.width)).rounded(),
      height: (factor * Double(image.height)).rounded())
  }
}

extension SweepPlot: Reflowing {
  /// With narrower areas; labels keep their size.
  func reflowed(toWidth width: Double) -> any Drawable {
    let smallest = min(area.width, 200)
    return resized(min(area.width, max(smallest, area.width - (size.width - width))).rounded())
  }
}
