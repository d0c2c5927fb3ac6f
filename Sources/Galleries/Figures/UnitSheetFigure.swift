public import Analysis
internal import Drawing
internal import Files
public import Images
internal import Networks
public import TensorCore

/// All that is shown of one unit.
public struct UnitSheet: Sendable {
  /// A picture with the unit's map of it.
  public struct MappedPicture: Sendable {
    /// What the network saw.
    public let picture: Image
    /// `[H, W]`.
    public let map: Tensor

    /// - Parameters:
    ///   - picture: What the network saw.
    ///   - map: `[H, W]`.
    public init(picture: Image, map: Tensor) { (self.picture, self.map) = (picture, map) }
  }

  /// A picture made for the unit.
  public struct OptimizedPicture: Sendable {
    public let image: Image
    /// The objective at the start and after each step.
    public let values: [Float]
    public let ascent: ClassModelAnalysis
    /// Whether no step had a gradient to follow.
    public let isUnguided: Bool
    /// The node whose mean was raised.
    public let node: String

    /// - Parameters:
    ///   - image: With the training mean added.
    ///   - finding: What was found.
    ///   - ascent: What made it.
    public init(_ image: Image, _ finding: OptimizedUnitFinding, ascent: ClassModelAnalysis) {
      self.image = image
      self.ascent = ascent
      (values, isUnguided, node) = (finding.values, finding.isUnguided, finding.node)
    }
  }

  /// The mean response to a class with its name.
  public struct NamedResponse: Sendable {
    public let name: String
    public let mean: Double

    /// - Parameters:
    ///   - name: Of the class.
    ///   - mean: The mean strongest activation.
    public init(_ name: String, mean: Double) { (self.name, self.mean) = (name, mean) }
  }

  public let finding: UnitFinding
  public let layer: LayerDescription
  /// What the unit stands for, such as a class; nil for its number only.
  public var name: String?
  public var view = PatchView()
  /// Its strongest patches.
  public var strongest: PatchBlock
  /// Weaker ones, by the quantile of its activation.
  public var samples: [(quantile: Double, block: PatchBlock)] = []
  public var maps: [MappedPicture] = []
  /// The greatest first; empty if no class is known.
  public var classes: [NamedResponse] = []
  /// The weights of the layer, or of what it rectifies; nil to show none.
  public var filters: FilterFinding?
  /// Whether the filters' channels are blue, green and red.
  public var isBlueFirst = false
  public var optimized: OptimizedPicture?

  /// - Parameters:
  ///   - finding: How the unit responds to the pictures.
  ///   - layer: Its layer.
  ///   - strongest: Its strongest patches.
  public init(_ finding: UnitFinding, layer: LayerDescription, strongest: PatchBlock) {
    (self.finding, self.layer, self.strongest) = (finding, layer, strongest)
  }
}

/// One unit on one sheet: what excites it, how much, where, and what it would like best.
///
/// - Parameter sheet: What is shown of it.
public func unitFigure(of sheet: UnitSheet) -> CaptionedFigure {
  let unit = sheet.finding.unit
  let name = sheet.name.map { " (“\(cutOff($0, to: 190))”)" } ?? ""
  let parts = UnitSheetParts(sheet)
  let size = sheet.finding.field.size
  return CaptionedFigure(
    title: "Unit \(unit.unit) of \(sheet.layer.title)\(name)",
    subtitle: sheet.layer.subtitle(
      sheet.layer.extent, size.isEmpty ? "" : "the unit sees \(crossed(size)) pixels"),
    caption: parts.caption, scale: "patches: pixels as they are", layer: unit.layer,
    units: [unit.unit], body: parts.body)
}

/// The panels of a sheet, with the sentences about them.
private struct UnitSheetParts {
  let sheet: UnitSheet
  var finding: UnitFinding { sheet.finding }

  /// About the width of a patch, a picture with its map, and an optimized picture, in pixels.
  private static let (patchSide, mapSide, optimizedSide) = (84.0, 200.0, 200.0)
  private static let histogramArea = Size(width: 400, height: 150)
  private static let histogramBars = 40
  /// How many classes are named at either end.
  private static let classesPerEnd = 5

  init(_ sheet: UnitSheet) { self.sheet = sheet }

  var body: any Drawable {
    let rows = [[strongest, weaker], [maps, optimized, weights], [histogram, classes]]
    return Column(
      spacing: 20,
      rows.map { $0.compactMap(\.self) }.filter { !$0.isEmpty }.map { Row(spacing: 28, $0) })
  }

  var caption: String {
    paragraph(
      patchSentence,
      sheet.strongest.projections.isEmpty
        ? "" : sheet.view.projectionSentence("Right of the patches"),
      weakerSentence, mapSentence, optimizedSentence, weightSentence, histogramSentence,
      classSentence,
      finding.rankedBy.map {
        "The unit saturates, so its activations are ranked by \($0), the values before saturation."
      } ?? "",
      finding.nonFinitePictures > 0
        ? "\(counted(finding.nonFinitePictures, "picture")) gave values that are not finite, which "
          + "are left out." : "")
  }

  // MARK: Patches

  private var zoom: Double {
    let crops = sheet.strongest.crops + sheet.samples.flatMap(\.block.crops)
    let factor = Self.patchSide / Double(crops.reduce(1) { max($0, $1.width, $1.height) })
    // Whole factors keep pixels equal.
    return factor >= 1 ? factor.rounded(.down) : factor
  }

  // `Networks` has an operation of this name.
  private func grid(_ tiles: [Drawing.Tile]) -> any Drawable {
    TileGrid(
      tiles, arrangement: TileArrangement(columns: 1, zoom: zoom), outline: Theme.outline)
  }

  private var strongest: (any Drawable)? {
    guard !sheet.strongest.crops.isEmpty else {
      return headed(
        "Strongest patches", Text("No picture activates this unit.", .label))
    }
    return headed("Strongest patches", grid([sheet.strongest.tile(caption: "")]))
  }

  private var weaker: (any Drawable)? {
    guard !sheet.samples.isEmpty else { return nil }
    let tiles = sheet.samples.map { quantile, block in
      block.tile(
        caption: quantile > 0
          ? "about the \(percentileText((100 * quantile).rounded() / 100))" : "the weakest")
    }
    return headed("Weaker patches", grid(tiles))
  }

  private var patchSentence: String {
    let count = sheet.strongest.crops.count
    guard count > 0 else {
      return "None of \(counted(finding.values.count, "picture")) activates the unit."
    }
    return "Strongest patches: the \(count) strongest of "
      + "\(counted(finding.values.count, "picture")), one of each, strongest first, "
      + (sheet.layer.mapSize.isEmpty && sheet.view.sides == nil
        ? "as whole pictures." : "\(sheet.view.phrase).")
      + (sheet.name == nil ? "" : " They are ranked by the class's score, not its probability.")
  }

  private var weakerSentence: String {
    guard !sheet.samples.isEmpty else { return "" }
    return "Weaker patches: pictures that activate the unit less, by the percentile of their "
      + "strongest activation among "
      + (finding.restsAtZero
        ? "the \(counted(finding.activeCount, "picture")) that activate it."
        : "all \(counted(finding.values.count, "picture")).")
  }

  // MARK: Maps

  private var mapColors: (colormap: Colormap, range: ClosedRange<Float>) {
    let values = sheet.maps.map(\.map.elements)
    let scaling = Scaling.aboutOrFromZero(of: values)
    return (scaling == .symmetric ? .blueWhiteRed : .inferno, scaling.range(ofAll: values))
  }

  private var maps: (any Drawable)? {
    guard !sheet.maps.isEmpty else { return nil }
    let (colormap, range) = mapColors
    let overlays = sheet.maps.map { mapped in
      let (width, height) = (mapped.picture.width, mapped.picture.height)
      let zoom = pixelZoom(toward: Self.mapSide, width: width, height: height)
      return Overlay(
        Raster(mapped.map).placed(
          on: CellGrid(of: finding.field), pictureWidth: width, pictureHeight: height),
        over: mapped.picture, colormap: colormap, range: range,
        size: Size(
          width: max(1, (zoom * Double(width)).rounded()),
          height: max(1, (zoom * Double(height)).rounded())))
    }
    let row = Row(spacing: 12, overlays)
    return headed(
      overlays.count == 1 ? "Its map on the best picture" : "Its maps on the best pictures",
      Column(
        spacing: 8,
        [
          row,
          ColorBar(
            Overlay.light(of: colormap), range: range, label: "activation, over white",
            length: min(row.size.width, 320)),
        ]))
  }

  private var mapSentence: String {
    guard let first = sheet.maps.first else { return "" }
    let cell = finding.field.stride
    let isSingle = cell.allSatisfy { $0 == 0 }
    let grid = CellGrid(of: finding.field)
    let hasGaps =
      Raster(first.map).placed(
        on: grid, pictureWidth: first.picture.width, pictureHeight: first.picture.height
      ).nonFiniteCount > 0
    return "Maps: its pictures in grey, lit in the colours of the map"
      + (isSingle
        ? "."
        : "; each cell of the map lies around the centre of its receptive field and is as large as "
          + "the stride, \(crossed(cell)) pixels"
          + (hasGaps ? "; hatched where there is no cell." : "."))
  }

  // MARK: Weights

  private var weights: (any Drawable)? {
    sheet.filters.map { filters in
      headed(
        "Its weights",
        filterFigure(
          of: filters, layer: sheet.layer, units: [finding.unit.unit],
          isBlueFirst: sheet.isBlueFirst
        ).body)
    }
  }

  private var weightSentence: String {
    guard let filters = sheet.filters else { return "" }
    return filters.isColour
      ? "Weights: those of \(abbreviated(filters.layer)) on red, green and blue as colours, on a "
        + "scale symmetric about zero, which is mid-grey."
      : "Weights: those of \(abbreviated(filters.layer)); red is positive, blue negative, white "
        + "zero."
  }

  // MARK: Optimized picture

  private var optimized: (any Drawable)? {
    sheet.optimized.map {
      headed(
        "Optimized picture",
        Picture($0.image, fitting: Self.optimizedSide, frame: Theme.outline))
    }
  }

  private var optimizedSentence: String {
    guard let optimized = sheet.optimized, let first = optimized.values.first,
      let last = optimized.values.last
    else { return "" }
    let ascent = optimized.ascent
    let raised = sheet.layer.mapSize.isEmpty ? "the unit" : "the mean of the unit's map"
    let node = optimized.node == finding.unit.layer ? "" : " in \(abbreviated(optimized.node))"
    let shift = ascent.shift ?? 0
    return
      "Optimized picture: from the zero picture, \(counted(ascent.steps, "step")) of gradient "
      + "ascent on \(raised)\(node), from \(numberText(Double(first))) to "
      + "\(numberText(Double(last))), minus λ‖I‖², λ = \(numberText(Double(ascent.penalty))) "
      + "(Erhan et al. 2009; Simonyan et al. 2014)"
      + (shift > 0 ? ", moved by up to \(counted(shift, "pixel")) before each step" : "")
      + "; shown clipped to black and white."
      + (last > first || optimized.isUnguided ? "" : " The ascent did not raise it.")
      + (optimized.isUnguided
        ? " The gradient was zero in every step, \(usualCausesOfZeroGradients), and the picture is "
          + "random." : "")
  }

  // MARK: Data set

  private var histogram: (any Drawable)? {
    let shown = histogramValues
    guard let least = shown.min(), let greatest = shown.max() else { return nil }
    // From zero on, or from the least value of a unit that may be negative.
    let start = finding.restsAtZero ? 0 : least
    let end = greatest > start ? greatest : start + max(abs(start), 1)
    return headed(
      "Its strongest activation in each picture",
      Histogram(
        shown, in: start...end, bars: Self.histogramBars, x: "strongest activation", y: "pictures",
        area: Self.histogramArea))
  }

  /// Pictures at rest would dwarf all others.
  private var histogramValues: [Double] {
    finding.values.filter { !finding.restsAtZero || $0 > 0 }.map(Double.init)
  }

  private var histogramSentence: String {
    guard finding.restsAtZero, !finding.values.isEmpty else { return "" }
    let silent = finding.values.count - finding.activeCount
    let share = percentText(Double(silent) / Double(finding.values.count))
    return silent == 0
      ? "Every picture activates the unit."
      : "Histogram: without the \(counted(silent, "picture")), \(share), that "
        + "\(silent == 1 ? "does" : "do") not activate the unit."
  }

  private var shownClasses: [UnitSheet.NamedResponse] {
    let all = sheet.classes
    guard all.count > 2 * Self.classesPerEnd else { return all }
    return Array(all.prefix(Self.classesPerEnd) + all.suffix(Self.classesPerEnd))
  }

  private var classes: (any Drawable)? {
    guard sheet.classes.count > 1 else { return nil }
    let isPart = shownClasses.count < sheet.classes.count
    return headed(
      isPart
        ? "Mean per class: the \(Self.classesPerEnd) highest and the \(Self.classesPerEnd) lowest"
        : "Mean per class",
      RankedBars(shownClasses.map { .init($0.name, $0.mean) }, format: .general, length: 200))
  }

  private var classSentence: String {
    guard sheet.classes.count > 1 else { return "" }
    let negative = shownClasses.contains { $0.mean < 0 } ? " Negative means have no bar." : ""
    return "Classes: the mean of the strongest activations in the pictures of a class"
      + "\(finding.restsAtZero ? ", 0 where the unit is silent" : ""); \(countText(sheet.classes.count)) classes have labelled pictures."
      + negative
  }
}

extension CellGrid {
  /// Around the centres of receptive fields, as large as the distance between them.
  fileprivate init(of field: ReceptiveField) {
    let center = field.center(of: [0, 0])
    self.init(
      firstCenter: Point(center[1], center[0]),
      cell: Size(width: Double(field.stride[1]), height: Double(field.stride[0])))
  }
}
