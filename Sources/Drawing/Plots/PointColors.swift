/// What the colours of a plot's points stand for.
public enum PointColors: Sendable {
  /// The class index of each point, and the classes' names; without names there is no key.
  case classes([Int], names: [String])
  /// The number of each point; those that are not finite are grey.
  case numbers([Double], NumberScale)

  /// How numbers become colours.
  public struct NumberScale: Sendable {
    /// What the numbers are.
    public let label: String
    /// The numbers at the ends of the colour map.
    public let range: ClosedRange<Double>
    /// Whether both ends of the range mean the same, as 0° and 360°.
    public let isCyclic: Bool

    /// - Parameters:
    ///   - label: What the numbers are.
    ///   - range: The numbers at the ends of the colour map; in degrees if it is cyclic.
    ///   - isCyclic: Whether both ends mean the same.
    public init(_ label: String, range: ClosedRange<Double>, isCyclic: Bool = false) {
      (self.label, self.range, self.isCyclic) = (label, range, isCyclic)
    }

    var colormap: Colormap { isCyclic ? .hueCircle : .viridis }
  }

  /// The colours of some of the points.
  public func only(_ points: [Int]) -> PointColors {
    switch self {
    case .classes(let classes, let names): .classes(points.map { classes[$0] }, names: names)
    case .numbers(let numbers, let scale): .numbers(points.map { numbers[$0] }, scale)
    }
  }

  /// Of the points of the key.
  enum Symbol {
    case marker
    case disc
    case box
  }

  private static let missing = Color(grey: 0.6)

  var count: Int {
    switch self {
    case .classes(let indices, _): indices.count
    case .numbers(let numbers, _): numbers.count
    }
  }

  func style(of point: Int) -> ClassStyle {
    switch self {
    case .classes(let indices, _): ClassStyle(index: indices[point])
    case .numbers(let numbers, let scale): ClassStyle(color: color(numbers[point], scale))
    }
  }

  private func color(_ number: Double, _ scale: NumberScale) -> Color {
    guard number.isFinite else { return Self.missing }
    let span = scale.range.upperBound - scale.range.lowerBound
    return scale.colormap(span > 0 ? (number - scale.range.lowerBound) / span : 0.5)
  }

  /// The names beside their colours, or a colour bar; nil if there are neither.
  ///
  /// - Parameter height: The greatest, if that is possible.
  func key(_ symbol: Symbol, height: Double) -> (any Drawable)? {
    switch self {
    case .classes(_, let names):
      guard !names.isEmpty else { return nil }
      guard symbol == .box else {
        return Legend.classes(names, showsShapes: symbol == .marker, height: height)
      }
      return Legend(
        names.enumerated().map { .init($1, .box(ClassStyle(index: $0).color)) }, height: height)
    case .numbers(let numbers, let scale):
      let bar = ColorBar(
        scale.colormap, range: Float(scale.range.lowerBound)...Float(scale.range.upperBound),
        label: scale.label, orientation: .vertical, length: min(height, 240),
        format: scale.isCyclic ? .degrees : .general, explainsMarks: true)
      guard numbers.contains(where: { !$0.isFinite }) else { return bar }
      let none = Legend.Entry("no value", .marker(ClassStyle(color: Self.missing)))
      return Column(spacing: 12, [bar, Legend([none])])
    }
  }
}
