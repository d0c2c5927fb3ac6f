public import Analysis
internal import Drawing
internal import Files
public import Images
internal import Networks
internal import TensorCore

/// The occlusion of one picture, ready to be looked at.
public struct OcclusionExample: Sendable {
  public let finding: OcclusionFinding
  /// What the network saw, with the square at one of its positions.
  public let picture: Image
  /// The picture's name.
  public let source: String
  /// The class that the data set gives it; nil if it is not known.
  public let trueClass: Int?
  /// The square's colour as it is typed.
  public let colorName: String
  /// Whether the input's channels stand as blue, green, red.
  public let isBlueFirst: Bool

  /// - Parameters:
  ///   - finding: What was found.
  ///   - picture: With the square at one of its positions.
  ///   - source: The picture's name.
  ///   - trueClass: The class that the data set gives it.
  ///   - colorName: The square's colour as it is typed.
  ///   - isBlueFirst: Whether the input's channels stand as blue, green, red.
  public init(
    _ finding: OcclusionFinding, picture: Image, source: String, trueClass: Int? = nil,
    colorName: String, isBlueFirst: Bool = false
  ) {
    (self.finding, self.picture, self.source) = (finding, picture, source)
    (self.trueClass, self.colorName) = (trueClass, colorName)
    self.isBlueFirst = isBlueFirst
  }
}

/// What a network makes of a picture as a square hides one part after another: the picture with the
/// square; for each layer the total activation of its strongest map and that map's projection; the
/// probability of a class, and the most probable class.
///
/// - Parameter response: The class whose probability is shown; nil if the network has no class
///   scores.
public func occlusionFigure(
  of example: OcclusionExample, showing response: OcclusionFinding.ClassResponse?,
  classNames: ClassNames, model: String = ""
) -> CaptionedFigure {
  let panels = OcclusionPanels(example, response, classNames)
  let finding = example.finding
  let body = Flowing(panels.body) { width in
    // As many columns as leave room for their headings.
    let columns = OcclusionPanels.columns(in: width)
    return OcclusionPanels(
      example, response, classNames, side: OcclusionPanels.side(of: columns, in: width)
    ).body(columns: columns)
  }
  let name = response.map { shortened(classNames, $0.classIndex, to: 300, in: .title) }
  return CaptionedFigure(
    title: name.map { "Which parts of the picture “\($0)” depends on" }
      ?? "Which parts of the picture maps depend on",
    subtitle: [
      abbreviated(model), abbreviated(example.source), panels.squareText,
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      panels.squareSentence, panels.mapSentence, panels.projectionSentence,
      panels.classSentence, panels.truthSentence, panels.missing.sentence(of: "cell"),
      "After Zeiler and Fergus 2014, section 4.2 and figure 6."),
    scale: panels.scale, layer: finding.maps.count == 1 ? finding.maps[0].layer : nil,
    units: finding.maps.count == 1 ? [finding.maps[0].unit] : [], body: body)
}

private struct OcclusionPanels {
  private static let spacing = 20.0
  private static let mapsPerLine = 5
  /// The longer side that panels should about have.
  private static let usualSide = 208.0
  /// Panels of narrow pictures still have room for their headings.
  private static let narrowest = 150.0
  /// How many classes have colours of their own.
  private static let mostClasses = 6
  /// The last of the colours of classes is grey.
  private static let othersColor = ClassStyle(index: 11).color
  /// The share of a projection's values, by magnitude, that is not clipped.
  private static let unclipped = 0.995

  private let example: OcclusionExample
  private let finding: OcclusionFinding
  private let response: OcclusionFinding.ClassResponse?
  private let classNames: ClassNames
  /// Of each panel, in points.
  private let size: Size
  private let zoom: Double
  private let cells: Rectangle
  private let textWidth: Double
  let missing: NonFiniteCells

  init(
    _ example: OcclusionExample, _ response: OcclusionFinding.ClassResponse?,
    _ classNames: ClassNames, side: Double = usualSide
  ) {
    (self.example, self.response, self.classNames) = (example, response, classNames)
    finding = example.finding
    let picture = example.picture
    zoom = pixelZoom(toward: side, width: picture.width, height: picture.height)
    size = Size(
      width: max(1, (zoom * Double(picture.width)).rounded()),
      height: max(1, (zoom * Double(picture.height)).rounded()))
    cells = Self.place(of: finding.grid, zoom: zoom)
    textWidth = max(size.width, Self.narrowest)
    missing = NonFiniteCells(
      in: (finding.maps.map(\.totals) + [response?.values].compactMap(\.self)).map(Raster.init))
  }

  /// Each cell around the centre of the square, and as wide as a step.
  private static func place(of grid: OccluderGrid, zoom: Double) -> Rectangle {
    let (rows, columns) = (grid.rowCenters, grid.columnCenters)
    let step = Double(grid.stride)
    return Rectangle(
      x: zoom * (columns[0] - step / 2), y: zoom * (rows[0] - step / 2),
      width: zoom * step * Double(columns.count), height: zoom * step * Double(rows.count))
  }

  // MARK: Layout

  /// All panels where there is room for them.
  var body: any Drawable {
    let (maps, classes) = (finding.maps.map(mapPanels), classPanels)
    // The order of the paper's columns.
    guard maps.count != 1 else {
      return Row(spacing: Self.spacing, [picture] + maps[0] + classes)
    }
    let lines = stride(from: 0, to: maps.count, by: Self.mapsPerLine).flatMap { start in
      let line = maps[start..<min(start + Self.mapsPerLine, maps.count)]
      return (0..<2).map { row in Row(spacing: Self.spacing, line.map { $0[row] }) }
    }
    return Column(
      spacing: Self.spacing, [Row(spacing: Self.spacing, [picture] + classes)] + lines)
  }

  /// The same panels in lines of at most `columns`; a map stays beside its projection.
  func body(columns: Int) -> any Drawable {
    let maps = finding.maps.map(mapPanels)
    let groups =
      maps.count == 1
      ? [[picture] + maps[0] + classPanels]
      : [[picture] + classPanels]
        + stride(from: 0, to: maps.count, by: max(1, columns / 2)).map { start in
          Array(maps[start..<min(start + max(1, columns / 2), maps.count)].joined())
        }
    let lines = groups.flatMap { panels in
      stride(from: 0, to: panels.count, by: columns).map { start in
        Row(
          spacing: Self.spacing, Array(panels[start..<min(start + columns, panels.count)]))
      }
    }
    return Column(spacing: Self.spacing, lines)
  }

  /// How many panels stand side by side in a width.
  static func columns(in width: Double) -> Int {
    max(1, Int((width + spacing) / (narrowest + spacing)))
  }

  /// The side of panels that fill a width.
  static func side(of columns: Int, in width: Double) -> Double {
    min(usualSide, max(narrowest, (width + spacing) / Double(columns) - spacing))
  }

  private func panel(
    _ heading: String, _ detail: String, _ content: any Drawable, _ key: (any Drawable)?
  ) -> any Drawable {
    let head = Column(
      spacing: 1,
      [
        Text(heading, .heading, oneLineWithin: textWidth),
        Text(detail, .tick, oneLineWithin: textWidth),
      ])
    return Column(spacing: 8, [head, content] + [key].compactMap(\.self))
  }

  private func bar(
    _ colormap: Colormap, _ range: ClosedRange<Float>, _ label: String,
    format: NumberFormat = .general
  ) -> ColorBar {
    ColorBar(colormap, range: range, label: label, length: textWidth, format: format)
  }

  // MARK: Panels

  var picture: any Drawable {
    panel(
      "Picture and square", "\(example.colorName), at its true size",
      Picture(
        example.picture, size: size, interpolation: zoom >= 2 ? .nearest : .smooth,
        frame: Theme.outline), nil)
  }

  /// The total activation and the projection of a layer's strongest map.
  func mapPanels(_ map: OcclusionFinding.MapResponse) -> [any Drawable] {
    let totals = Raster(map.totals)
    let range = Scaling.full.range(of: totals.values)
    let projection = Projection(map.projection, isBlueFirst: example.isBlueFirst)
    return [
      panel(
        "Map \(map.unit) of \(abbreviated(map.layer))",
        "total; \(numberText(Double(map.unoccluded))) unoccluded",
        CellMap(totals, colormap: .viridis, range: range, cells: cells, size: size),
        bar(.viridis, range, "total activation")),
      panel(
        "Projection of map \(map.unit)", "deconvnet, unoccluded",
        Picture(
          projection.image, size: size, interpolation: zoom >= 2 ? .nearest : .smooth,
          frame: Theme.outline),
        bar(.grey, projection.range, projection.label)),
    ]
  }

  /// The probability of the class, and the most probable class.
  var classPanels: [any Drawable] {
    guard let response else { return [] }
    let values = Raster(response.values)
    let name = shortened(classNames, response.classIndex, to: textWidth, in: .heading)
    let own = Double(response.unoccluded)
    return [
      panel(
        hasProbabilities ? "Probability of “\(name)”" : "Score of “\(name)”",
        "\(hasProbabilities ? percentText(own) : numberText(own)) unoccluded",
        CellMap(values, colormap: .viridis, range: classRange, cells: cells, size: size),
        bar(
          .viridis, classRange, hasProbabilities ? "probability" : "score",
          format: hasProbabilities ? .percent : .general)),
      panel(
        "Most probable class",
        finding.prediction?.candidates.first.map {
          "“\(classNames.shortName($0.index))” unoccluded"
        } ?? "",
        CellMap(
          marks: finding.choices.map { $0.map(color) }, columns: finding.grid.firstColumns.count,
          cells: cells, size: size),
        Legend(legend)),
    ]
  }

  private var hasProbabilities: Bool { finding.prediction?.function != ProbabilityFunction.none }

  /// Probabilities from 0 to the greatest; scores, which have no zero of their own, from the least.
  private var classRange: ClosedRange<Float> {
    guard let response else { return 0...1 }
    return (hasProbabilities ? Scaling.zeroBased : .full).range(of: response.values.elements)
  }

  // MARK: Classes

  /// The classes with colours: the one that is shown, then those chosen at most positions.
  private var coloredClasses: [Int] {
    var counts: [Int: Int] = [:]
    for choice in finding.choices.compactMap(\.self) { counts[choice, default: 0] += 1 }
    let order = counts.keys.sorted { (-(counts[$0] ?? 0), $0) < (-(counts[$1] ?? 0), $1) }
    let shown = response.map { [$0.classIndex] } ?? []
    return Array((shown + order.filter { !shown.contains($0) }).prefix(Self.mostClasses))
  }

  private func color(_ choice: Int) -> Color {
    coloredClasses.firstIndex(of: choice).map { ClassStyle(index: $0).color } ?? Self.othersColor
  }

  private var legend: [Legend.Entry] {
    let choices = Set(finding.choices.compactMap(\.self))
    let others = choices.subtracting(coloredClasses).count
    // The class that is shown is named only if it is chosen anywhere.
    let named = coloredClasses.filter(choices.contains).map {
      Legend.Entry(classNames.shortName($0), .box(color($0)))
    }
    return named
      + (others > 0
        ? [.init(others == 1 ? "1 other" : "\(countText(others)) others", .box(Self.othersColor))]
        : [])
      + (finding.choices.contains(nil) ? [.init("not finite", .hatching)] : [])
  }

  // MARK: Words

  private var grid: OccluderGrid { finding.grid }

  /// `square of 50×50 pixels, every 10`.
  var squareText: String {
    "square of \(grid.size)×\(grid.size) pixels, every \(grid.stride)"
  }

  var squareSentence: String {
    let places = "\(crossed([grid.firstRows.count, grid.firstColumns.count])) places"
    let reach =
      (grid.firstRows[0] < 0 || grid.firstColumns[0] < 0)
      ? "; only its centre has to be in the picture, so it may stick out over the border, where "
        + "pixels are hidden less often, in the corners a quarter as often"
      : ""
    let gaps =
      grid.stride > grid.size
      ? " The steps are larger than the square, so some pixels are never hidden." : ""
    return "A square (\(example.colorName)) hides part of the network's input, at \(places) "
      + "\(counted(grid.stride, "pixel")) apart\(reach).\(gaps) The cells of the maps lie where the "
      + "square's centre was, on the picture's own scale."
  }

  var mapSentence: String {
    let texts = finding.maps.map {
      "\($0.unit) of \(abbreviated($0.layer))"
    }
    return "Total activation: the sum over \(texts.count == 1 ? "map" : "maps") \(listed(texts)), "
      + "the strongest of \(texts.count == 1 ? "its layer" : "their layers") by that sum in the "
      + "unoccluded picture; colours from the least value to the greatest\(flatness)."
  }

  /// Says where colours show differences that are small beside the values.
  private var flatness: String {
    let spreads = finding.maps.compactMap { map -> Double? in
      let values = map.totals.elements.filter(\.isFinite).map(Double.init)
      guard let least = values.min(), let greatest = values.max() else { return nil }
      let magnitude = max(abs(least), abs(greatest))
      return magnitude > 0 ? (greatest - least) / magnitude : nil
    }
    guard let least = spreads.min(), least < 0.05 else { return "" }
    return ", which differ by only \(percentText(least)) of it"
      + (spreads.count > 1 ? " in one map" : "")
  }

  var projectionSentence: String {
    "Projection: \(finding.maps.count == 1 ? "this map" : "each of these maps") of the unoccluded "
      + "picture, all others zero, propagated back to the pixels by a deconvnet; mid-grey is zero, "
      + "and the \(percentText(1 - Self.unclipped)) of values of greatest magnitude are clipped."
  }

  var classSentence: String {
    guard let response else { return "The network has no class scores." }
    let name = abbreviated(classNames.shortName(response.classIndex))
    return hasProbabilities
      ? "Probability of “\(name)”: from 0 to its greatest value."
      : "Score of “\(name)”: from its least value to its greatest."
  }

  var truthSentence: String {
    example.trueClass.map { "The picture is labelled “\(abbreviated(classNames[$0]))”." } ?? ""
  }

  var scale: String {
    let maps = "total activation from its least to its greatest value"
    guard response != nil else { return maps }
    return maps + ", \(hasProbabilities ? "probability" : "score") \(rangeText(classRange))"
  }

  /// What came back to the pixels, as a picture.
  private struct Projection {
    let image: Image
    let range: ClosedRange<Float>
    let label: String

    init(_ projection: Tensor, isBlueFirst: Bool) {
      let (channels, height, width) = (
        projection.shape[1], projection.shape[2], projection.shape[3]
      )
      let scaling = Scaling.clipped(above: OcclusionPanels.unclipped)
      let values = projection.elements
      if channels == 3 {
        let end = scaling.range(of: values).upperBound
        range = -end...end
        image = ColorRaster(width: width, height: height, values: values, isBlueFirst: isBlueFirst)
          .image(range: range)
        label = "of each colour"
      } else {
        let sum = Raster.sum(of: values, width: width, height: height)
        let end = scaling.range(of: sum.values).upperBound
        range = -end...end
        image = sum.image(.grey, range: range)
        label = channels == 1 ? "of the grey" : "sum over the channels"
      }
    }
  }
}
