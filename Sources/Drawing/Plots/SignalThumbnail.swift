/// A series in a small square: its curves and a line at zero, without axes.
public struct SignalThumbnail: Drawable {
  public let size: Size
  private let marks: SignalMarks

  /// - Parameters:
  ///   - channels: One curve each, in the colours of classes if there are several.
  ///   - range: Of the vertical axis.
  ///   - side: Of the square, in points.
  public init(_ channels: [[Float]], range: ClosedRange<Double>, side: Double) {
    size = Size(width: side, height: side)
    let colors = channels.indices.map {
      channels.count == 1 ? Theme.text : ClassStyle(index: $0).color
    }
    let length = Double(channels.map(\.count).max() ?? 0)
    marks = SignalMarks(
      zip(channels, colors).map { Signal($0, color: $1) },
      x: PlotAxis(Axis(range: -0.5...max(length - 0.5, 0.5)), length: side, isVertical: false),
      y: PlotAxis(Axis(range: range), length: side, isVertical: true), size: size,
      steps: Signal.mostSteps(width: side), dotsSingleNumbers: false)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    canvas.fill(Rectangle(origin: frame.origin, size: size), with: Theme.background)
    marks.draw(on: canvas, in: frame)
  }
}
