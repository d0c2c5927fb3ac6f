internal import Drawing
internal import Files

extension CaptionedFigure {
  /// What can be seen, with its numbers, for those who do not see it.
  func alternative(_ kind: FigureKind, _ facts: FigureFacts) -> String {
    let shown =
      units.isEmpty
      ? "" : "\(kind.unitsHeading) \(listed(units, most: 12))."
    // The figure's own words and numbers, as far as a listener may want to follow them.
    let labels = body.labels.joined(separator: ", ")
    let answers = (facts.predictions ?? []).prefix(3).map {
      "\(abbreviated($0.name)) \($0.strength)"
    }
    return paragraph(
      sentence(title), sentence(subtitle.replacing(" · ", with: "; ")), shown,
      scale.isEmpty || scale == "none" ? "" : sentence("Scale: \(scale)"),
      labels.isEmpty ? "" : sentence("In the figure: \(beginning(of: labels, length: 240))"),
      answers.isEmpty ? "" : "The network's answers: \(answers.joined(separator: ", ")).",
      facts.trueClass.map { "The picture is labelled \(abbreviated($0))." } ?? "")
  }
}

/// Up to a comma, with an ellipsis if something is left out.
private func beginning(of list: String, length: Int) -> String {
  guard list.count > length else { return list }
  let start = list.prefix(length)
  return start[..<(start.lastIndex(of: ",") ?? start.endIndex)] + ", …"
}
