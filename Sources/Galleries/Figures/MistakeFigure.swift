public import Analysis
internal import Drawing
internal import Files
internal import Images
internal import TensorCore

/// Examples whose first choice is wrong, the worst first: those whose true class has the lowest
/// probability. Pictures are tiles, series curves, and volumes their middle frames.
///
/// - Parameters:
///   - mistakes: Each with its true class.
///   - of: How many mistakes there are in all, and among how many labelled examples.
///   - example: What the network saw of each, by index in the data set.
public func mistakeFigure(
  of mistakes: [ClassifiedPicture], of total: (mistakes: Int, pictures: Int),
  classNames: ClassNames, model: String = "", source: String, example: (Int) throws -> SeenExample
) rethrows -> CaptionedFigure {
  let shown = try mistakes.map { mistake -> ShownMistake in
    let seen = try example(mistake.picture)
    func name(_ index: Int) -> String {
      abbreviated(classNames.shortName(index), to: seen.isSeries ? mostLetters : 80)
    }
    return ShownMistake(
      seen: seen,
      choice: "\(name(mistake.choices[0].index)) \(mistake.choices[0].strength)",
      truth: mistake.truth.map { "is \(name($0.index)) \($0.strength)" } ?? "")
  }
  let (noun, plural) = (shown.first?.seen.noun ?? "picture", shown.first?.seen.plural ?? "pictures")
  let (body, sentences) = drawn(shown)
  return CaptionedFigure(
    title: "The worst mistakes",
    subtitle: [
      abbreviated(model), abbreviated(source),
      "\(countText(shown.count)) of \(counted(total.mistakes, "mistake")) in "
        + "\(countText(total.pictures)) \(total.pictures == 1 ? noun : plural)",
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "\(plural.prefix(1).uppercased() + plural.dropFirst()) whose first choice is wrong, those with "
        + "the lowest probability of the true class first.",
      sentences),
    scale: "\(plural) as the network saw them",
    units: mistakes.compactMap(\.label), method: nil,
    body: body)
}

private struct ShownMistake {
  let seen: SeenExample
  /// Each with its probability.
  let choice: String
  let truth: String
}

/// The mistakes, and what a caption says of how they are drawn.
private func drawn(_ mistakes: [ShownMistake]) -> (body: any Drawable, sentences: String) {
  let words = "the first choice, then the true class, both with their probabilities."
  if case .series(let first)? = mistakes.first?.seen {
    return (
      curves(mistakes),
      paragraph(
        "Above each: \(words) All share one vertical axis, before normalization.",
        ExampleThumbnails.channelSentence(first),
        SeenSeries.reductionSentence(
          curves: first.shape.extents.last ?? 0, sharesCells: false, width: curveArea.width))
    )
  }
  var isVolume = false
  let tiles = mistakes.map { mistake -> Tile in
    let image: Image
    switch mistake.seen {
    case .picture(let picture): image = picture
    case .volume(let values):
      image = SeenVolume(values).middleFrame
      isVolume = true
    case .series: preconditionFailure("series are curves")
    }
    return Tile(image, caption: mistake.choice, detail: mistake.truth)
  }
  return (
    TileGrid(
      tiles, arrangement: TileArrangement(maximumWidth: 1080, preferredSide: 112),
      outline: Theme.outline, captionWidth: 140),
    paragraph(isVolume ? "Of each volume the middle frame is shown." : "", "Below each: \(words)")
  )
}

/// Of one series, in points.
private let curveArea = Size(width: 300, height: 84)
/// Of a class's name above a series, so that two names and probabilities fit.
private let mostLetters = 16

/// Series in small plots that share one vertical axis, each below what the network took it for.
private func curves(_ mistakes: [ShownMistake]) -> SignalPlotGrid {
  let series = mistakes.map { mistake -> [[Float]] in
    guard case .series(let values) = mistake.seen else { return [] }
    return ExampleThumbnails.channels(of: values)
  }
  let range = SeriesMaps.verticalRange(of: series.flatMap(\.self))
  let plots = zip(mistakes, series).map { mistake, channels -> [SignalPlot] in
    let signals = channels.enumerated().map { index, values in
      Signal(values, color: channels.count == 1 ? Theme.text : ClassStyle(index: index).color)
    }
    // Each line is as wide as the area, so that a long name leaves the others their places.
    let title = [mistake.choice, mistake.truth].filter { !$0.isEmpty }.joined(separator: "; ")
    return [
      SignalPlot(
        title: shortened(title, to: curveArea.width, in: .heading), signals,
        x: Axis("sample", format: .count), y: Axis(range: range), area: curveArea)
    ]
  }
  return SignalPlotGrid(plots, maximumWidth: 1080)
}
