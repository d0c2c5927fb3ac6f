public import Analysis
internal import Drawing
internal import Files
public import Images
internal import Networks

/// The patches that activate one unit most, strongest first.
public struct PatchBlock: Sendable {
  public let unit: Int
  /// What the unit stands for, such as a class.
  public let name: String?
  /// Parts of pictures; transparent where they reach beyond the picture. Along an axis where a unit
  /// sees all of the picture, no more than the picture.
  public let crops: [Image]
  /// The same parts of the projections of the unit's activations, one for each crop; empty if there
  /// are none.
  public let projections: [Image]
  /// The unit's value at each.
  public let values: [Float]
  /// Those of the class, by which the crops are ranked; empty if they are ranked by the values.
  public let probabilities: [Float]
  /// Whether all of the unit's values were; those that were not have no crops.
  public let isFinite: Bool

  public init(
    unit: Int, name: String? = nil, crops: [Image], projections: [Image] = [], values: [Float],
    probabilities: [Float] = [], isFinite: Bool = true
  ) {
    self.unit = unit
    self.name = name
    self.crops = crops
    self.projections = projections
    self.values = values
    self.probabilities = probabilities
    self.isFinite = isFinite
  }

  /// `12.1 … 8.3`, from the strongest to the weakest; of probabilities, `97 % … 0.2 %`.
  var range: String {
    let texts =
      probabilities.isEmpty
      ? values.map { numberText(Double($0), digits: 2) }
      : probabilities.map(probabilityText)
    guard let from = texts.first, let to = texts.last else {
      return isFinite ? "dead" : "not finite"
    }
    return from == to ? from : "\(from) … \(to)"
  }

  /// Whether there is nothing to show though the unit is not dead.
  var isBlank: Bool { crops.isEmpty && !isFinite }

  /// Whether its crops are smaller than what the unit sees.
  func showsLess(than field: [Int]) -> Bool {
    guard let crop = crops.first, field.count == 2 else { return false }
    return crop.height < field[0] || crop.width < field[1]
  }

  /// - Parameter caption: Below the block; nil for the unit.
  // `Networks` has an operation of this name.
  func tile(caption: String? = nil) -> Drawing.Tile {
    let caption = caption ?? name.map { abbreviated($0) } ?? "unit \(unit)"
    if isBlank {
      // Transparent, and so hatched.
      let nothing = Image(width: 1, height: 1, pixels: [0, 0, 0, 0])
      return Drawing.Tile(
        block: Array(repeating: nothing, count: patchesPerRow * patchesPerRow),
        columns: patchesPerRow, caption: caption, detail: range)
    }
    // A dead unit's block is square, so that its cross is.
    let places =
      crops.isEmpty
      ? patchesPerRow * patchesPerRow
      : (crops.count + patchesPerRow - 1) / patchesPerRow * patchesPerRow
    let groups = projections.isEmpty ? [crops] : [crops, projections]
    let pictures = stride(from: 0, to: places, by: patchesPerRow).flatMap { start in
      groups.flatMap { group in
        (start..<(start + patchesPerRow)).map { $0 < group.count ? group[$0] : nil }
      }
    }
    return Drawing.Tile(
      block: pictures, columns: groups.count * patchesPerRow, groups: groups.count,
      caption: caption, detail: range, mark: crops.isEmpty ? .dead : nil)
  }
}

/// How many patches stand side by side in a unit's block.
private let patchesPerRow = 3

private let emptyBlocks = "Entirely hatched blocks are units without a finite value."
private let unequalFields =
  "A unit of a concatenation has the receptive field of its branch; all patches are drawn equally "
  + "large."
private let wholePictures =
  "If a receptive field is larger than the picture, the whole picture is shown."

extension ReceptiveField {
  /// The sizes of some units' fields, the smallest first; of all units if there are none.
  func sizes(of units: [Int]) -> [[Int]] {
    let sizes = Set(units.map { field(ofUnit: $0).size })
    // A file may make areas larger than any integer.
    func area(_ size: [Int]) -> Double { size.reduce(1) { $0 * Double($1) } }
    return sizes.isEmpty ? [size] : sizes.sorted { area($0) < area($1) }
  }

  /// `a unit sees 27×27 pixels`, or `units see 27×27 to 59×59 pixels`.
  fileprivate func sentence(of units: [Int]) -> String {
    let sizes = sizes(of: units)
    return "\(sizes.count == 1 ? "a unit sees" : "units see") \(sizesText(sizes)) pixels"
  }
}

/// `27×27`, or `27×27 to 59×59`.
func sizesText(_ sizes: [[Int]]) -> String {
  [sizes.first, sizes.count > 1 ? sizes.last : nil].compactMap(\.self).map(crossed)
    .joined(separator: " to ")
}

/// The patches of a data set that activate the units of a layer most.
///
/// - Parameters:
///   - blocks: The units to show, in order.
///   - view: What is shown of each picture.
///   - choice: Why these units are shown; empty to say nothing.
public func patchFigure(
  of blocks: [PatchBlock], finding: TopActivationFinding, layer: LayerDescription,
  view: PatchView = PatchView(), choice reason: String = ""
) -> CaptionedFigure {
  let unitCount = finding.units.count
  let isEmpty = blocks.allSatisfy { $0.crops.isEmpty && $0.isFinite }
  let body: any Drawable =
    isEmpty
    ? Text("No picture activates any of these units.", .label)
    : TileGrid(
      blocks.map { $0.tile() },
      arrangement: TileArrangement(maximumWidth: 1080, preferredSide: 112),
      outline: Theme.outline, captionWidth: 180)
  let choice =
    blocks.count < unitCount
    ? "\(blocks.count) of \(countText(unitCount)) units are shown"
      + (reason.isEmpty ? "." : ": \(reason).") : ""
  let dead =
    finding.dead.isEmpty
    ? "" : "No picture activates \(counted(finding.dead.count, "unit")): \(listed(finding.dead))."
  let constant = finding.responses.indices.filter { finding.responses[$0].isAlwaysActive }
  let always =
    constant.isEmpty
    ? ""
    : "\(counted(constant.count, "unit")) \(constant.count == 1 ? "is" : "are") active at every "
      + "position of every picture: \(listed(constant))."
  let strays =
    finding.nonFiniteUnits.isEmpty
    ? ""
    : "\(counted(finding.nonFinitePictures, "picture")) gave \(counted(finding.nonFiniteUnits.count, "unit")) "
      + "values that are not finite, which are left out: \(listed(finding.nonFiniteUnits))."
  let ranked =
    finding.classRanking.map { sentence(of: $0, among: finding.pictureCount) }
    ?? finding.rankedBy.map {
      "The units saturate, so they are ranked by \($0), their values before saturation."
    } ?? ""
  let most = blocks.map(\.crops.count).max() ?? 0
  return CaptionedFigure(
    title: "What excites \(layer.title) most",
    subtitle: layer.subtitle(layer.extent, finding.field.sentence(of: blocks.map(\.unit))),
    caption: paragraph(
      most == 0
        ? "None of these units has a patch to show among "
          + "\(counted(finding.pictureCount, "picture"))."
        : finding.classRanking != nil
          ? "For each class: the \(counted(most, "most probable picture")) among "
            + "\(counted(finding.pictureCount, "picture")), \(view.phrase)."
          : "For each unit: the \(counted(most, "strongest patch")) among "
            + "\(counted(finding.pictureCount, "picture")), strongest first, \(view.phrase).",
      blocks.contains { !$0.projections.isEmpty }
        ? view.projectionSentence("Right of the patches") : "",
      finding.field.sizes(of: blocks.map(\.unit)).count > 1 ? unequalFields : "",
      view.sides == nil
        && blocks.contains { $0.showsLess(than: finding.field.field(ofUnit: $0.unit).size) }
        ? wholePictures : "",
      most == 0
        ? ""
        : finding.classRanking != nil
          ? "Below each block: the class and its probability, from the first picture to the last."
          : "Below each block: the unit and its values, from the strongest patch to the weakest.",
      ranked, choice, dead, always, strays, blocks.contains(where: \.isBlank) ? emptyBlocks : "",
      "After Zeiler and Fergus 2014, figure 2."),
    scale: "pixels as they are", layer: layer.name, units: blocks.map(\.unit), body: body)
}

/// How the pictures of classes were chosen.
private func sentence(
  of ranking: TopActivationFinding.ClassRanking, among pictureCount: Int
) -> String {
  let origin = ranking.function == .sigmoid ? "the sigmoid of its score" : "a softmax of the scores"
  let ranked = "Pictures are ranked by the class's probability, \(origin)"
  guard ranking.labelled > 0 else { return ranked + "." }
  return ranked + ", and of each true class only the best picture counts; that of the class itself "
    + "is always shown."
    + (ranking.labelled < pictureCount ? " Pictures of unknown class all count." : "")
}

/// The side that a single patch should about have, in pixels.
private let patchSide = 56.0

/// A few units of several layers side by side, from edges to objects.
///
/// - Parameter layers: From the first to the last, each with a few units.
public func patchOverviewFigure(
  of layers: [(layer: LayerDescription, blocks: [PatchBlock])], pictureCount: Int,
  view: PatchView = PatchView()
) -> CaptionedFigure {
  let columns = layers.map { overviewColumn($0.layer, $0.blocks) }
  return CaptionedFigure(
    title: "From edges to objects",
    subtitle: [
      abbreviated(layers.first?.layer.model ?? ""), counted(layers.count, "layer"),
      counted(pictureCount, "picture"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Each column is a layer, from the first to the last, with the size of its units' receptive "
        + "field. Each block is one of its units with the patches that activate it most, strongest "
        + "first, at about the same size in all columns.",
      view.sides == nil
        ? ""
        : view.areAllEffective
          ? "Patches are \(view.phrase)."
          : "Where that is more than half the picture, patches are \(view.phrase).",
      layers.contains { $0.blocks.contains { !$0.projections.isEmpty } }
        ? view.projectionSentence("Right of the patches") : "",
      layers.contains { $0.blocks.contains { !$0.probabilities.isEmpty } }
        ? "Pictures of classes are ranked by the class's probability." : "",
      view.isOutlined || view.areAllEffective ? "" : "Hatched parts are outside the picture.",
      layers.contains { $0.blocks.contains(where: \.isBlank) } ? emptyBlocks : "",
      view.sides == nil
        && layers.contains { layer, blocks in
          blocks.contains { $0.showsLess(than: layer.field?.field(ofUnit: $0.unit).size ?? []) }
        } ? wholePictures : "", "After Zeiler and Fergus 2014, figure 2."),
    scale: "pixels as they are",
    unitsByLayer: layers.map { UnitsOfLayer($0.layer.name, $0.blocks.map(\.unit)) },
    body: Row(spacing: 28, columns))
}

private func overviewColumn(_ layer: LayerDescription, _ blocks: [PatchBlock]) -> any Drawable {
  let side = blocks.flatMap(\.crops).reduce(1) { max($0, $1.width, $1.height) }
  let factor = patchSide / Double(side)
  // Whole factors keep pixels equal.
  let zoom = factor >= 1.5 ? factor.rounded() : factor > 0.85 ? 1 : factor
  let isEmpty = blocks.allSatisfy { $0.crops.isEmpty && $0.isFinite }
  let grid: any Drawable =
    isEmpty
    ? Text("no unit is active", .tick)
    : TileGrid(
      blocks.map { $0.tile() },
      arrangement: TileArrangement(columns: 1, zoom: zoom), outline: Theme.outline,
      captionWidth: 180)
  let width = max(grid.size.width, 96)
  let sees = layer.field.map { field in
    "sees \(sizesText(field.sizes(of: Array(0..<layer.unitCount)))) pixels"
  }
  return Column(
    alignment: .center, spacing: 2,
    [
      Text(
        abbreviated(layer.name, to: 28), .heading, alignment: .center, width: width,
        maximumLines: 2),
      Text(sees ?? "", .tick, alignment: .center, width: width), Spacer(height: 4), grid,
    ])
}

/// Room between things.
struct Spacer: Drawable {
  let size: Size
  init(height: Double) { size = Size(width: 0, height: height) }
  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {}
}
