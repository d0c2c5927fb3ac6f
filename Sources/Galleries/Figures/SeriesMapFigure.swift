internal import Analysis
internal import Drawing
internal import Files
internal import Networks
internal import TensorCore

/// The width of the areas for curves, in points.
private let areaWidth = 720.0
/// The greatest number of units that are curves; more are rows of coloured cells.
private let mostCurves = 12
/// How many rows of cells are legible on one sheet.
private let mostRows = 1024
/// The height of a unit's curve on a sheet of one layer, and of a block, in points.
private let (curveHeight, blockCurveHeight) = (58.0, 44.0)

/// A series and a layer's maps for it, over one axis.
func seriesMapFigure(
  of finding: FeatureMapFinding, layer: LayerDescription, series: Tensor, _ choice: MapChoice
) -> CaptionedFigure {
  let wanted = choice.units(of: finding, most: mostMaps)
  let shown = Array(wanted.prefix(mostRows))
  let places = SignalPlaces(layer, samples: series.shape.extents.last ?? 1)
  let maps = SeriesMaps(finding, shown, choice.scale, places)
  let input = SeenSeries(series)
  let isCurves = shown.count <= mostCurves
  let heading = "Activation of \(layer.title)"
  let own =
    [.heading(heading)]
    + (isCurves ? maps.curves(height: curveHeight) : [maps.cells])
  let top = [SignalStack.Panel.heading("What the network saw: \(abbreviated(choice.source))")]
  let length = finding.maps.shape[1]
  let body: any Drawable =
    places.isPlaced
    ? SignalStack(top + input.panels + own, x: input.axis, width: areaWidth)
    : Column(
      spacing: 14,
      [
        SignalStack(top + input.panels, x: input.axis, width: areaWidth),
        SignalStack(own, x: places.ownAxis(length), width: areaWidth),
      ])
  let missing = NonFiniteCells(
    input.nonFiniteCount + maps.rasters.reduce(0) { $0 + $1.nonFiniteCount })
  let bars = [input.bar, isCurves ? nil : maps.colors.bar].compactMap(\.self)
  let key = missing.legend(beside: Row(spacing: 32, bars))
  let count = finding.maxima.count
  return CaptionedFigure(
    title: "Feature maps of \(layer.title)",
    subtitle: layer.subtitle(layer.extent),
    caption: paragraph(
      input.sentence,
      isCurves
        ? "Below it: the activation of each unit, by its number. \(maps.curveScaleSentence)"
        : "Below it: a row of coloured cells for each unit, with its number to the left and its "
          + "\(maps.colors.isSigned ? "value of greatest magnitude" : "greatest value") to the "
          + "right. \(maps.cellScaleSentence)",
      places.sentence(grey: !isCurves),
      shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown.",
      choice.orderSentence(finding),
      SeenSeries.reductionSentence(
        curves: max(input.hasCells ? 0 : input.length, isCurves ? length : 0),
        sharesCells: input.hasCells && Double(input.length) > areaWidth
          || !isCurves && places.sharesCells(width: areaWidth, count: length),
        width: areaWidth),
      missing.sentence(of: "value"),
      activitySentences(finding, shown: shown, in: "series")),
    scale: choice.scale == .shared
      ? "shared, \(rangeText(maps.colors.shared))"
      : "per map, \(maps.colors.isSigned ? "about" : "from") zero",
    layer: layer.name, units: shown,
    body: Column(spacing: 16, [body] + (bars.isEmpty && missing.count == 0 ? [] : [key])))
}

/// The curves of a convolution, of its normalization and activation, and of its pooling, over the
/// series that they are of.
func seriesBlockFigure(
  of rows: [FeatureBlockRow], layer: LayerDescription, series: Tensor, _ choice: MapChoice
) -> CaptionedFigure {
  let deciding = rows.decidingRow.finding
  let shown = Array(choice.units(of: deciding, most: usualBlockUnits))
  let input = SeenSeries(series)
  let places = rows.map {
    SignalPlaces($0.field, samples: input.length)
  }
  let maps = zip(rows, places).map { row, places in
    SeriesMaps(row.finding, shown, choice.scale, places)
  }
  let isPlaced = places.allSatisfy(\.isPlaced)
  let top = [SignalStack.Panel.heading("What the network saw: \(abbreviated(choice.source))")]
  let sections = zip(rows, maps).map { row, maps in
    [SignalStack.Panel.heading(blockHeading(of: row))] + maps.curves(height: blockCurveHeight)
  }
  let body: any Drawable =
    isPlaced
    ? SignalStack(
      top + input.panels + sections.flatMap(\.self), x: input.axis, width: areaWidth)
    : Column(
      spacing: 14,
      [SignalStack(top + input.panels, x: input.axis, width: areaWidth)]
        + zip(sections, zip(rows, places)).map { panels, row in
          SignalStack(
            panels,
            x: row.1.isPlaced ? input.axis : row.1.ownAxis(row.0.finding.maps.shape[1]),
            width: areaWidth)
        })
  let missing = NonFiniteCells(
    input.nonFiniteCount + maps.flatMap(\.rasters).reduce(0) { $0 + $1.nonFiniteCount })
  let bars = [input.bar].compactMap(\.self)
  let key = missing.legend(beside: Row(spacing: 32, bars))
  let count = deciding.maxima.count
  return CaptionedFigure(
    title: "From \(layer.title) to \(abbreviated(rows[rows.count - 1].finding.layer))",
    subtitle: layer.subtitle(counted(rows.count, "layer"), layer.extent),
    caption: paragraph(
      input.sentence,
      "Below it: the layers of one block, beginning with the convolution, and in each the activation "
        + "of the same units, by their numbers.",
      choice.scale == .shared
        ? "The units of a layer share one vertical axis."
        : "Each curve has a vertical axis of its own.",
      isPlaced
        ? "A position of a layer is drawn at the centre of its receptive field."
        : "The positions of layers whose receptive fields do not move along the series have an axis "
          + "of their own.",
      shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown.",
      choice.orderSentence(inBlockBy: deciding),
      SeenSeries.reductionSentence(
        curves: (rows.map { $0.finding.maps.shape[1] } + [input.hasCells ? 0 : input.length]).max()
          ?? 0,
        sharesCells: input.hasCells && Double(input.length) > areaWidth, width: areaWidth),
      missing.sentence(of: "value")),
    scale: choice.scale == .shared ? "one per layer, with zero" : "per map, with zero",
    layer: layer.name, units: shown,
    body: Column(spacing: 16, [body] + (bars.isEmpty && missing.count == 0 ? [] : [key])))
}

/// Where the positions of a layer are on the axis of a series' samples: each at the centre of its
/// receptive field.
struct SignalPlaces {
  private let field: ReceptiveField?
  private let samples: Int

  init(_ layer: LayerDescription, samples: Int) { self.init(layer.field, samples: samples) }

  /// - Parameters:
  ///   - field: Of the layer.
  ///   - samples: The length of the series.
  init(_ field: ReceptiveField?, samples: Int) { (self.field, self.samples) = (field, samples) }

  /// Whether positions move along the series.
  var isPlaced: Bool { field?.axes == [2] && field?.stride.count == 1 }

  /// A unit's values at their places; sample 0 is at 0.
  func signal(_ values: [Float], ofUnit unit: Int, color: Color = Theme.accent) -> Signal {
    guard isPlaced, let field = field?.field(ofUnit: unit) else {
      return Signal(values, color: color)
    }
    let start = field.place(of: 0) ?? 0
    let stride = Double(field.stride[0])
    // A single position has no neighbour: its cell is what it sees.
    let step =
      values.count > 1 && stride > 0 ? stride : Double(max(1, min(field.size[0], samples)))
    return Signal(values, start: start, step: step, color: color)
  }

  /// The axis of positions that are not placed.
  func ownAxis(_ length: Int) -> Axis {
    Axis("position", range: -0.5...(Double(max(length, 1)) - 0.5), format: .count)
  }

  /// Whether cells in an area of this width are narrower than a pixel.
  func sharesCells(width: Double, count: Int) -> Bool {
    let extent = Double(isPlaced ? samples : count)
    let step = isPlaced ? Double(max(field?.stride[0] ?? 1, 1)) : 1
    return step * width < extent && count > 1
  }

  /// What a caption says of the places.
  ///
  /// - Parameter grey: Whether the ground of cells is grey.
  func sentence(grey: Bool) -> String {
    guard isPlaced, let field else {
      return "The layer's positions do not move along the series, and have an axis of their own."
    }
    let size = countText(field.size[0])
    let stride = field.stride[0]
    let seen =
      field.branches.isEmpty
      ? "its receptive field of \(counted(field.size[0], "sample"))"
      : "its unit's receptive field; all together cover \(size) samples"
    return "A position of the layer is drawn at the centre of \(seen)"
      + (stride > 1
        ? ", and neighbours are \(countText(stride)) samples apart" : "")
      + (grey ? "; grey is outside the layer's positions." : ".")
  }
}

/// Some units' maps of a series.
struct SeriesMaps {
  let units: [Int]
  let rasters: [Raster]
  let colors: MapColors
  private let finding: FeatureMapFinding
  private let scale: FeatureMapScale
  private let places: SignalPlaces

  init(
    _ finding: FeatureMapFinding, _ units: [Int], _ scale: FeatureMapScale, _ places: SignalPlaces
  ) {
    (self.finding, self.units, self.scale, self.places) = (finding, units, scale, places)
    rasters = units.map(finding.map)
    colors = MapColors(of: rasters, scale)
  }

  /// One panel for each unit.
  func curves(height: Double) -> [SignalStack.Panel] {
    let all = Self.verticalRange(of: rasters.map(\.values))
    return zip(units, rasters).map { unit, raster in
      let isZero = finding.zero.contains(unit)
      return .curves(
        name: "unit \(unit)", detail: isZero ? "zero" : "",
        [places.signal(raster.values, ofUnit: unit)],
        y: Axis(range: scale == .shared ? all : Self.verticalRange(of: [raster.values])),
        height: height)
    }
  }

  /// All rows as one panel.
  var cells: SignalStack.Panel {
    .cells(
      zip(units, rasters).map { unit, raster in
        SignalStack.Cells(
          "\(unit)", finding.zero.contains(unit) ? "zero" : colors.extremeText(of: raster),
          places.signal(raster.values, ofUnit: unit), range: colors.range(of: raster))
      }, colors.colormap)
  }

  /// With zero, and a little room beyond the values.
  static func verticalRange(of values: [[Float]]) -> ClosedRange<Double> {
    var (least, greatest) = (0.0, 0.0)
    for value in values.joined() where value.isFinite {
      least = min(least, Double(value))
      greatest = max(greatest, Double(value))
    }
    let room = 0.06 * (greatest - least)
    guard room > 0, room.isFinite else { return 0...1 }
    return (least < 0 ? least - room : 0)...(greatest > 0 ? greatest + room : 0)
  }

  var curveScaleSentence: String {
    scale == .shared
      ? "All units share one vertical axis, with values from \(rangeText(colors.shared))."
      : "Each unit has a vertical axis of its own, with a line at zero."
  }

  var cellScaleSentence: String {
    scale == .shared
      ? "All rows share one scale, \(rangeText(colors.shared)): \(colors.ends)."
      : "Each row has its own scale, which ends at the value beside it: \(colors.ends)."
  }
}
