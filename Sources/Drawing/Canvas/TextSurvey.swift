internal import Images

/// Draws nothing, and notices how small the text is, and which characters no font has.
private final class TextSurvey: DrawingTarget {
  private(set) var smallest: Double?
  private(set) var unavailable: Set<Unicode.Scalar> = []
  private var scales = [1.0]

  func fill(_ outline: Outline, with paint: Paint) {}
  func stroke(_ outline: Outline, with stroke: Stroke) {}
  func draw(
    _ image: Image, in frame: Rectangle, interpolation: Interpolation, opacity: Double
  ) {}

  func draw(_ line: TextLine) {
    unavailable.formUnion(line.unavailable)
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
  public var smallestText: Double? { surveyed(in: .standard).smallest }

  /// The characters of its text that no installed font has, which are written as their codes,
  /// `\u{4E2D}`; found when it is drawn, so empty before.
  public func unavailableCharacters(in typeface: Typeface = .standard) -> Set<Unicode.Scalar> {
    // Hardly any figure has some, and a survey takes as long as the layout.
    guard [typeface.regular, typeface.bold].contains(where: \.fallbacks.hasUnavailable) else {
      return []
    }
    return surveyed(in: typeface).unavailable
  }

  private func surveyed(in typeface: Typeface) -> TextSurvey {
    let survey = TextSurvey()
    let canvas = Canvas(
      survey, size: size, background: nil, appearance: .light, typeface: typeface)
    draw(on: canvas, in: Rectangle(origin: Point(0, 0), size: size))
    return survey
  }
}
