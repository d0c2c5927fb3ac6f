/// Curves of numbers at equal distances in a small plot, with a line at zero.
public struct SignalPlot: Composite {
  public let parts: [Part]
  public let size: Size
  /// The area for curves, in the coordinates of the plot.
  public let area: Rectangle

  /// - Parameters:
  ///   - x: Nil for its range to end half a step beside the numbers.
  ///   - y: Nil for its range to contain all numbers.
  ///   - area: The size of the area for curves, without labels.
  public init(title: String = "", _ signals: [Signal], x: Axis, y: Axis, area: Size) {
    let places = signals.flatMap { signal in
      [signal.place(-0.5), signal.place(Double(signal.values.count) - 0.5)]
    }
    let frame = PlotFrame(
      title: title, area: area, x: x.covering(places, margin: 0),
      y: y.covering(signals.lazy.flatMap { $0.values.lazy.map(Double.init) }, margin: 0.06))
    let marks = SignalMarks(
      signals, x: frame.x, y: frame.y, size: frame.area.size,
      steps: Signal.mostSteps(width: frame.area.width))
    parts = frame.parts + [frame.part([marks])]
    size = extent(of: parts)
    self.area = frame.area
  }
}

/// Equal plots in rows, with their areas below each other; those of a cell stand one below the
/// other.
public struct SignalPlotGrid: Composite {
  public let parts: [Part]
  public let size: Size
  public let columns: Int
  private let cells: [[SignalPlot]]

  private static let (columnGap, rowGap, plotGap) = (18.0, 16.0, 4.0)

  /// - Parameters:
  ///   - cells: Row by row; all with as many plots.
  ///   - maximumWidth: In points; there is one column at least.
  public init(_ cells: [[SignalPlot]], maximumWidth: Double) {
    self.cells = cells
    let plots = cells.flatMap(\.self)
    let left = plots.reduce(0) { max($0, $1.area.x) }
    let right = plots.reduce(0) { max($0, $1.size.width - $1.area.x) }
    let width = left + right
    let rows = (cells.map(\.count).max() ?? 0)
    let heights = (0..<rows).map { row in
      cells.reduce(0) { max($0, row < $1.count ? $1[row].size.height : 0) }
    }
    let height = heights.reduce(0) { $0 + $1 + Self.plotGap } - (rows > 0 ? Self.plotGap : 0)
    columns = max(
      1,
      min(cells.count, Int((maximumWidth + Self.columnGap) / max(width + Self.columnGap, 1))))
    var parts: [Part] = []
    for (index, cell) in cells.enumerated() {
      let x = Double(index % columns) * (width + Self.columnGap)
      var y = Double(index / columns) * (height + Self.rowGap)
      for (plot, rowHeight) in zip(cell, heights) {
        parts.append(Part(plot, at: Point(x + left - plot.area.x, y)))
        y += rowHeight + Self.plotGap
      }
    }
    self.parts = parts
    size = extent(of: parts)
  }
}

extension SignalPlotGrid: Reflowing {
  func reflowed(toWidth width: Double) -> any Drawable {
    SignalPlotGrid(cells, maximumWidth: width)
  }
}
