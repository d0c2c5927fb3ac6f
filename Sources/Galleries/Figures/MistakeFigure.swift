public import Analysis
internal import Drawing
internal import Files
public import Images

/// Pictures whose first choice is wrong, the worst first: those whose true class has the lowest
/// probability.
///
/// - Parameters:
///   - mistakes: Each with its true class.
///   - of: How many mistakes there are in all, and among how many labelled pictures.
///   - picture: What the network saw of each, by index in the data set.
public func mistakeFigure(
  of mistakes: [ClassifiedPicture], of total: (mistakes: Int, pictures: Int),
  classNames: ClassNames, model: String = "", source: String, picture: (Int) throws -> Image
) rethrows -> CaptionedFigure {
  let tiles = try mistakes.map { mistake in
    let choice = mistake.choices[0]
    func name(_ index: Int) -> String { abbreviated(classNames.shortName(index)) }
    return Tile(
      try picture(mistake.picture),
      caption: "\(name(choice.index)) \(choice.strength)",
      detail: mistake.truth.map {
        "is \(name($0.index)) \($0.strength)"
      } ?? "")
  }
  return CaptionedFigure(
    title: "The worst mistakes",
    subtitle: [
      abbreviated(model), abbreviated(source),
      "\(countText(tiles.count)) of \(counted(total.mistakes, "mistake")) in "
        + counted(total.pictures, "picture"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Pictures whose first choice is wrong, those with the lowest probability of the true class "
        + "first.",
      "Below each: the first choice, then the true class, both with their probabilities."),
    scale: "pictures as the network saw them",
    units: mistakes.compactMap(\.label), method: nil,
    body: TileGrid(
      tiles, arrangement: TileArrangement(maximumWidth: 1080, preferredSide: 112),
      outline: Theme.outline, captionWidth: 140))
}
