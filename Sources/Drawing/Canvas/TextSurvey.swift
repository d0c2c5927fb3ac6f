internal import Images

/// Draws nothing, and notices how small the text is.
private final class TextSurvey: DrawingTarget {
  private(set) var smallest: Double?
  private var scales = [1.0]

  func fill(_ outline: Outline, with paint: Paint) {}
  func stroke(_ outline: Outline, with stroke: Stroke) {}
  func draw(
    _ image: Image, in frame: Rectangle, interpolation: Interpolation, opacity: Double
  ) {}

  func draw(_ line: TextLine) {
    // The size of a line is that of its letters, not that of an exponent.
    guard let size = line.runs.map(\.size).max(), let scale = scales.last else { return }
    smallest = min(smallest ?? .infinity, scale * size)
  }

  func save(_ change: StateChange) {
    var scale = scales[scales.count - 1]
    if case .transform(let map) = change {
      scale *= abs(map.xx * map.yy - map.xy * map.yx).squareRoot()
    }
    scales.append(scale)
  }

  func restore() { scales.removeLast() }
}

extension Drawable {
  /// The size of its smallest text, in points; nil if it has none.
  public var smallestText: Double? {
    let survey = TextSurvey()
    let canvas = Canvas(survey, size: size, background: nil, appearance: .light)
    draw(on: canvas, in: Rectangle(origin: Point(0, 0), size: size))
    return survey.smallest
  }
}
