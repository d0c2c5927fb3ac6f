public import Analysis
internal import Drawing
internal import Files
public import Images

/// The pictures for which a network makes another first choice than the reference.
///
/// - Parameters:
///   - names: Of the reference and of the other network.
///   - accuracies: Of both, nil if unknown.
///   - picture: What the networks saw of each, by index in the data set.
public func changedPredictionFigure(
  of changes: PredictionChanges, names: (before: String, after: String),
  accuracies: (before: Double?, after: Double?), classNames: ClassNames, source: String,
  picture: (Int) throws -> Image
) rethrows -> CaptionedFigure {
  var sections: [any Drawable] = []
  var isPart = false
  for kind in ChangedPrediction.Kind.allCases {
    let all = changes.changed.filter { $0.kind == kind }
    guard !all.isEmpty else { continue }
    let shown = all.sorted {
      (-($0.after.probability ?? 0), $0.picture) < (-($1.after.probability ?? 0), $1.picture)
    }.prefix(mostPerKind)
    isPart = isPart || shown.count < all.count
    let tiles = try shown.map { change in
      func name(_ index: Int) -> String { abbreviated(classNames.shortName(index)) }
      return Tile(
        try picture(change.picture),
        caption: "\(name(change.before.index)) → \(name(change.after.index))",
        detail: change.after.strength + (change.label.map { " · is \(name($0))" } ?? ""))
    }
    let heading =
      "\(heading(kind)): \(countText(all.count))"
      + (shown.count < all.count ? ", of which \(shown.count) are shown" : "")
    sections.append(
      Column(
        spacing: 8,
        [
          Text(heading, .heading),
          TileGrid(
            tiles,
            arrangement: TileArrangement(
              maximumWidth: 1080, columns: min(perRow, max(shown.count, 1)),
              zoom: zoom(of: tiles)),
            outline: Theme.outline, captionWidth: 140),
        ]))
  }
  let share = percentText(Double(changes.changed.count) / Double(max(changes.compared, 1)))
  let accuracy = accuracies.before.flatMap { before in
    accuracies.after.map { "accuracy \(percentText(before)) → \(percentText($0))" }
  }
  return CaptionedFigure(
    title: "Predictions that changed with \(abbreviatedName(names.after))",
    subtitle: [
      "from \(abbreviatedName(names.before)) to \(abbreviatedName(names.after))",
      "\(countText(changes.changed.count)) of \(counted(changes.compared, "picture")) (\(share))",
      accuracy ?? "",
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      changes.changed.isEmpty
        ? "Both make the same first choice for every picture of \(source)."
        : "Pictures of \(source) for which the first choice is another one. Below each: the "
          + "choice of \(abbreviatedName(names.before)) → that of "
          + "\(abbreviatedName(names.after)); then the probability that "
          + "\(abbreviatedName(names.after)) gives its choice, and the true class, if it is known.",
      isPart ? "Of each kind, those of which the second is most certain are shown." : ""),
    scale: "pictures as the networks saw them",
    body: sections.isEmpty
      ? Text("No prediction changed.", .label) : Column(spacing: 22, sections))
}

private let (mostPerKind, perRow) = (20, 10)
/// The side that a picture should about have.
private let pictureSide = 84.0

/// The same for all kinds, so that all pictures have one size.
private func zoom(of tiles: [Tile]) -> Double {
  let side = tiles.flatMap(\.pictures).compactMap(\.self).reduce(1) {
    max($0, $1.width, $1.height)
  }
  let factor = pictureSide / Double(side)
  return factor >= 1 ? factor.rounded(.down) : 1 / (1 / factor).rounded(.up)
}

private func heading(_ kind: ChangedPrediction.Kind) -> String {
  switch kind {
  case .rightToWrong: "Right before, wrong after"
  case .wrongToRight: "Wrong before, right after"
  case .wrongToOtherWrong: "Wrong before and after, but differently"
  case .unlabelled: "Changed, of pictures without a label"
  }
}
