/// The horizontal position of a line of text relative to its anchor point.
public enum HorizontalAlignment: Sendable, Hashable {
  case leading
  case center
  case trailing
}

extension Canvas {
  /// Draws one line of text with its baseline through `baseline`.
  ///
  /// A line that is wider in the canvas's typeface than in the standard one, for which its place
  /// was measured, is set in narrower letters.
  public func draw(
    _ text: String, at baseline: Point, style: TextStyle,
    alignment: HorizontalAlignment = .leading
  ) {
    let font = style.weight == .bold ? typeface.bold : typeface.regular
    let line = textRuns(of: text, in: font)
    guard !line.runs.isEmpty else { return }
    func size(_ run: TextRun) -> Double { style.size * (run.isRaised ? raisedSize : 1) }
    let widths = line.runs.map { size($0) * $0.font.advance(of: $0.text) }
    let natural = widths.reduce(0, +)
    let room = typeface === Typeface.standard ? natural : style.width(of: text)
    let narrowing = natural > room ? room / natural : 1
    var x =
      switch alignment {
      case .leading: baseline.x
      case .center: baseline.x - narrowing * natural / 2
      case .trailing: baseline.x - narrowing * natural
      }
    var placed: [TextLine.Run] = []
    for (run, width) in zip(line.runs, widths) {
      let y = baseline.y - (run.isRaised ? raisedHeight * style.size : 0)
      placed.append(
        TextLine.Run(
          text: run.text, font: run.font, size: size(run), origin: Point(x, y),
          width: narrowing * width, narrowing: narrowing))
      x += narrowing * width
    }
    target.draw(
      TextLine(
        runs: placed, color: appearance.color(style.color), font: font,
        unavailable: line.unavailable))
  }
}
