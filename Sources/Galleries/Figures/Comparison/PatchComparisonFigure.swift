public import Analysis
internal import Drawing
public import Images

/// The patches that excite one unit most in each of several networks.
public struct ComparedPatches: Sendable {
  /// In one network, strongest first.
  public struct Block: Sendable {
    /// Transparent where they reach beyond the picture.
    public let crops: [Image]
    public let values: [Float]
    /// Whether each is of a picture that the reference's block has too, or, in the reference, any
    /// other block.
    public let isCommon: [Bool]

    public init(crops: [Image], values: [Float], isCommon: [Bool]) {
      (self.crops, self.values, self.isCommon) = (crops, values, isCommon)
    }
  }

  public let unit: Int
  /// What the unit stands for, such as a class.
  public let name: String?
  /// One for each network, the reference first.
  public let blocks: [Block]
  /// For each network but the reference.
  public let overlaps: [PatchOverlap.Unit]

  public init(unit: Int, name: String?, blocks: [Block], overlaps: [PatchOverlap.Unit]) {
    (self.unit, self.name, self.blocks, self.overlaps) = (unit, name, blocks, overlaps)
  }
}

/// The patches that excite the units of one layer most, in several networks, with what they have in
/// common.
///
/// - Parameter overlaps: Of all units of the layer, for each network but the reference.
public func patchComparisonFigure(
  of units: [ComparedPatches], overlaps: [PatchOverlap], names: [String], layer: LayerDescription,
  pictureCount: Int
) -> CaptionedFigure {
  let places = units.flatMap(\.blocks).map(\.crops.count).max() ?? 0
  let crops = units.flatMap(\.blocks).flatMap(\.crops)
  let largest = crops.reduce(1) { max($0, $1.width, $1.height) }
  let factor = 36 / Double(largest)
  let zoom = factor >= 1.5 ? factor.rounded(.down) : factor > 0.7 ? 1 : factor
  let cell = Size(
    width: zoom * Double(crops.reduce(1) { max($0, $1.width) }),
    height: zoom * Double(crops.reduce(1) { max($0, $1.height) }))
  let rows = units.map { unit in
    ComparedRow(
      heading: unit.name ?? "unit \(unit.unit)",
      details: [],
      cells: unit.blocks.enumerated().map { index, own in
        block(
          own, overlap: index == 0 ? nil : unit.overlaps[index - 1], places: places, cell: cell,
          zoom: zoom)
      })
  }
  let means = zip(names.dropFirst(), overlaps).compactMap { name, overlap in
    overlap.meanCommon.map {
      "\(numberText($0, digits: 2)) with \(abbreviatedName(name)) (Jaccard "
        + "\(decimals(overlap.meanJaccard ?? 0)))"
    }
  }
  let isEmpty = crops.isEmpty
  return CaptionedFigure(
    title: "What excites \(layer.title) most, side by side",
    subtitle: layer.subtitle(layer.extent, counted(pictureCount, "picture")),
    caption: paragraph(
      isEmpty
        ? "No picture activates any of these units."
        : "Each row is a unit, each column a checkpoint: the patches with the greatest activation "
          + "among the same \(counted(pictureCount, "picture")), at most one of each picture, "
          + "strongest first, cropped to the unit's receptive field; hatched parts are outside the "
          + "picture. Below each block: its greatest and least value, then how many of its pictures are "
          + "also in the block of \(abbreviatedName(names[0])), and their share of the pictures of "
          + "both blocks (Jaccard).",
      isEmpty
        ? ""
        : "Orange frames mark pictures that \(abbreviatedName(names[0])) and another checkpoint "
          + "have in common for that unit, wherever in the picture the patch is.",
      means.isEmpty
        ? ""
        : "Over all units of the layer that any picture activates, "
          + "\(abbreviatedName(names[0])) has on average these numbers of pictures in common: "
          + "\(listed(means)).",
      "After Zeiler and Fergus 2014, figure 2."),
    scale: "pixels as they are", layer: layer.name, units: units.map(\.unit),
    body: isEmpty
      ? Text("No picture activates any of these units.", .label)
      : SideBySide.flowing(rows, columns: names))
}

private func block(
  _ block: ComparedPatches.Block, overlap: PatchOverlap.Unit?, places: Int, cell: Size,
  zoom: Double
) -> any Drawable {
  guard !block.crops.isEmpty else {
    let empty = FramedBlock([], places: places, cell: cell)
    return Layers([empty, Centred(Text("not active", .tick), in: empty.size)])
  }
  let pictures = zip(block.crops, block.isCommon).map { crop, isCommon in
    (picture: Picture(crop, zoom: zoom, frame: Theme.outline), isFramed: isCommon)
  }
  let (first, last) = (block.values.first ?? 0, block.values.last ?? 0)
  let (from, to) = (numberText(Double(first)), numberText(Double(last)))
  return captioned(
    FramedBlock(pictures, places: places, cell: cell), from == to ? from : "\(from) … \(to)",
    overlap.map { "\($0.common) of \($0.most) in common" } ?? "",
    overlap.flatMap(\.jaccard).map { "Jaccard \(decimals($0))" } ?? "")
}
