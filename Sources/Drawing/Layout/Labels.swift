extension Drawable {
  /// The texts of which it consists, in their order; of plots, without the numbers at their axes.
  public var labels: [String] { labels(withNumbers: !hasPlots) }

  private func labels(withNumbers: Bool) -> [String] {
    switch self {
    case let text as Text:
      let label = text.lines.joined(separator: " ")
      return label.isEmpty || !withNumbers && !label.contains(where: \.isLetter) ? [] : [label]
    case let turned as Upwards: return turned.content.labels(withNumbers: withNumbers)
    case let whole as any Composite:
      return whole.parts.flatMap { $0.content.labels(withNumbers: withNumbers) }
    default: return []
    }
  }

  private var hasPlots: Bool {
    switch self {
    case is Layers: true
    case let whole as any Composite: whole.parts.contains { $0.content.hasPlots }
    default: false
    }
  }
}
