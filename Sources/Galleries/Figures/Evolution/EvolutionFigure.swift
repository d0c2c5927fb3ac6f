internal import Analysis
internal import Drawing
public import Images

/// What activates one unit most at each of several checkpoints.
public struct EvolvedUnit: Sendable {
  /// At one checkpoint.
  public struct Peak: Sendable {
    /// Transparent where it reaches beyond the picture.
    public let crop: Image
    /// The same part of the projection.
    public let projection: Image?
    /// The unit's value.
    public let value: Float
    /// Whether the picture is another one than at the checkpoint before.
    public let isOther: Bool

    public init(crop: Image, projection: Image?, value: Float, isOther: Bool) {
      (self.crop, self.projection) = (crop, projection)
      (self.value, self.isOther) = (value, isOther)
    }
  }

  public let unit: Int
  /// What the unit stands for, such as a class.
  public let name: String?
  /// One for each checkpoint; nil if no picture activates the unit.
  public let peaks: [Peak?]

  public init(unit: Int, name: String? = nil, peaks: [Peak?]) {
    (self.unit, self.name, self.peaks) = (unit, name, peaks)
  }
}

/// The side of a picture in the strip, in points.
private let pictureSide = 64.0

/// What activates some units of one layer most, from checkpoint to checkpoint, with the projections
/// of these activations.
///
/// - Parameters:
///   - units: With a peak for each checkpoint.
///   - names: Of the checkpoints, in order.
///   - pictureCount: How many pictures were looked through at each checkpoint.
///   - view: What is shown of each picture.
///   - choice: Why these units are shown; empty to say nothing.
public func evolutionFigure(
  of units: [EvolvedUnit], names: [String], layer: LayerDescription, pictureCount: Int,
  view: PatchView, choice reason: String = ""
) -> CaptionedFigure {
  let isEmpty = units.allSatisfy { $0.peaks.allSatisfy { $0 == nil } }
  let pictures = units.map { unit in unit.peaks.map { $0.map(shownPictures) } }
  let cell = pictures.joined().compactMap(\.self).joined().reduce(
    Size(width: 1, height: 1)
  ) { Size(width: max($0.width, $1.size.width), height: max($0.height, $1.size.height)) }
  let rows = zip(units, pictures).map { unit, pictures in
    ComparedRow(
      heading: unit.name ?? "unit \(unit.unit)", details: [],
      cells: zip(unit.peaks, pictures).map { peak, pictures in
        drawn(peak, pictures ?? [], places: view.projection == nil ? 1 : 2, cell: cell)
      })
  }
  let changes = units.flatMap(\.peaks).count { $0?.isOther ?? false }
  let shown =
    units.count < layer.unitCount
    ? "\(units.count) of \(countText(layer.unitCount)) units are shown"
      + (reason.isEmpty ? "." : ": \(reason), at \(abbreviatedName(names.last ?? "")).") : ""
  return CaptionedFigure(
    title: "How features of \(layer.title) evolve",
    subtitle: layer.subtitle(layer.extent, counted(pictureCount, "picture")),
    caption: isEmpty
      ? "No picture activates any of these units."
      : paragraph(
        "Each row is a unit, each column a checkpoint: the patch with the unit's strongest "
          + "activation among the same \(counted(pictureCount, "picture")), \(view.phrase). Below: "
          + "the activation, whose scale changes during training.",
        view.projection == nil ? "" : view.projectionSentence("Below each patch"),
        "Orange frames mark pictures other than at the checkpoint before, where the strongest "
          + "activation jumps from one picture to another: \(counted(changes, "change")).",
        units.contains { $0.peaks.contains { $0 == nil } }
          ? "“Inactive”: no picture activates the unit." : "",
        shown, "After Zeiler and Fergus 2014, figure 4."),
    scale: view.projection == nil
      ? "pixels as they are" : "pixels as they are; each projection has its own scale",
    layer: layer.name, units: units.map(\.unit),
    body: isEmpty
      ? Text("No picture activates any of these units.", .label)
      : SideBySide.flowing(rows, columns: names, columnGap: 8))
}

/// The patch, then its projection.
private func shownPictures(_ peak: EvolvedUnit.Peak) -> [Picture] {
  [peak.crop, peak.projection].compactMap(\.self).map {
    Picture($0, fitting: pictureSide, frame: Theme.outline)
  }
}

private func drawn(
  _ peak: EvolvedUnit.Peak?, _ pictures: [Picture], places: Int, cell: Size
) -> any Drawable {
  let block = FramedBlock(
    pictures.map { ($0, peak?.isOther ?? false) }, places: places, cell: cell, columns: 1)
  guard let peak else { return Layers([block, Centred(Text("inactive", .tick), in: block.size)]) }
  return captioned(block, numberText(Double(peak.value)))
}
