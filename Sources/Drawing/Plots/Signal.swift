/// Numbers at equal distances along an axis, such as the samples of a series.
public struct Signal: Sendable {
  public let values: [Float]
  /// Where the first number is on the axis.
  public let start: Double
  /// The distance between neighbouring numbers; 0 if the only one is of the whole axis.
  public let step: Double
  public let color: Color

  /// - Parameters:
  ///   - values: Those that are not finite break the curve.
  ///   - start: Where the first number is on the axis.
  ///   - step: The distance between neighbouring numbers.
  public init(_ values: [Float], start: Double = 0, step: Double = 1, color: Color = Theme.accent) {
    (self.values, self.start, self.step, self.color) = (values, start, step, color)
  }

  /// How many numbers stand for one column of pixels at most, before their envelope is drawn.
  private static let mostPerColumn = 2.0

  /// The most steps that a curve has in an area of this width: a longer one is drawn as its envelope.
  public static func mostSteps(width: Double) -> Int { max(1, Int(mostPerColumn * width)) }

  /// Whether the curve is drawn as its envelope in an area of this width.
  public func isReduced(width: Double) -> Bool { values.count > Self.mostSteps(width: width) }

  /// How many neighbouring numbers share a column of pixels, or a cell: the one of greatest magnitude
  /// is drawn.
  ///
  /// - Parameters:
  ///   - width: Of the area, in points.
  ///   - extent: Of the axis.
  public func numbersPerColumn(width: Double, extent: Double) -> Int {
    let cell = step * width / extent
    guard step > 0, cell > 0, cell < 1 else { return 1 }
    return Int(min((1 / cell).rounded(.up), Double(max(values.count, 1))))
  }

  /// A place on the axis.
  ///
  /// - Parameter index: Of a number; need not be whole.
  func place(_ index: Double) -> Double { start + step * index }
}

/// Curves in the area of a plot, with a line at zero, and hatching where a number is not finite.
struct SignalMarks: Drawable {
  private struct Curve {
    let color: Color
    /// In points from the top left corner of the area; a single point is a dot.
    var lines: [[Point]] = []
    /// From the least to the greatest numbers.
    var bands: [[Point]] = []
    var hasDots = false
  }

  let size: Size
  private var curves: [Curve] = []
  private var gaps: [ClosedRange<Double>] = []
  private let zero: Double?

  /// Up to this many numbers are single measurements, each with a dot.
  private static let mostDots = 40
  /// In points.
  private static let narrowestGap = 3.0

  /// - Parameters:
  ///   - steps: How many steps a longer curve is reduced to.
  ///   - dotsSingleNumbers: Whether each of a few numbers has a dot, for which there must be room.
  init(
    _ signals: [Signal], x: PlotAxis, y: PlotAxis, size: Size, steps: Int,
    dotsSingleNumbers: Bool = true
  ) {
    self.size = size
    zero = y.range.contains(0) ? size.height * (1 - y.unit(0)) : nil
    // Cairo's coordinates end at 2²³, so points far outside are moved closer.
    func across(_ value: Double) -> Double { min(max(size.width * x.unit(value), -1e5), 1e5) }
    func down(_ value: Float) -> Double {
      min(max(size.height * (1 - y.unit(Double(value))), -1e5), 1e5)
    }
    for signal in signals {
      let envelope = Envelope(of: signal.values, most: steps)
      let every = Double(envelope.every)
      let last = Double(signal.values.count) - 1
      func place(_ step: Int) -> Double {
        let first = Double(step) * every
        return across(signal.place((first + min(first + every - 1, last)) / 2))
      }
      var curve = Curve(
        color: signal.color, hasDots: dotsSingleNumbers && signal.values.count <= Self.mostDots)
      for run in envelope.least.indices.split(whereSeparator: { envelope.least[$0].isNaN }) {
        if envelope.every == 1 {
          curve.lines.append(run.map { Point(place($0), down(envelope.least[$0])) })
        } else {
          let upper = run.map { Point(place($0), down(envelope.greatest[$0])) }
          let lower = run.map { Point(place($0), down(envelope.least[$0])) }
          curve.bands.append(upper + lower.reversed())
          curve.lines += [upper, lower]
        }
      }
      curves.append(curve)
      for run in envelope.hasGap.indices.split(whereSeparator: { !envelope.hasGap[$0] }) {
        guard let first = run.first, let end = run.last else { continue }
        let from = across(signal.place(Double(first) * every - 0.5))
        let to = across(signal.place(min(Double(end + 1) * every, last + 1) - 0.5))
        // A single number of many is still to be seen.
        let middle = (from + to) / 2
        let half = max(abs(to - from), Self.narrowestGap) / 2
        gaps.append((middle - half)...(middle + half))
      }
    }
  }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let area = Rectangle(origin: frame.origin, size: size)
    canvas.clip(to: area) {
      for gap in gaps {
        let left = max(gap.lowerBound, 0)
        let right = min(max(gap.upperBound, left + 1), size.width)
        guard left < right else { continue }
        canvas.hatch(
          Rectangle(x: area.x + left, y: area.y, width: right - left, height: area.height))
      }
      if let zero {
        canvas.stroke(
          polyline: [Point(area.x, area.y + zero), Point(area.maxX, area.y + zero)],
          with: Theme.line, width: 1)
      }
      for curve in curves {
        for band in curve.bands {
          canvas.fill(polygon: band.map { area.origin + $0 }, with: curve.color)
        }
        for line in curve.lines {
          let points = line.map { area.origin + $0 }
          if points.count > 1 {
            canvas.stroke(
              polyline: points, with: curve.color, width: curve.bands.isEmpty ? 1.5 : 1)
          }
          if curve.hasDots || points.count == 1 {
            for point in points { canvas.fill(circle: point, radius: 2.2, with: curve.color) }
          }
        }
      }
    }
  }
}
