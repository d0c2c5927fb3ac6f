internal import Analysis
internal import Drawing
internal import Files
internal import Networks
internal import TensorCore

/// How many units, and frames of a layer, are shown unless units are given.
private let (usualUnits, mostFrames) = (10, 12)
/// How many units stand side by side; more continue below.
private let unitsPerBand = 12
/// How many units are shown at most, and how many rows of all bands together.
private let (mostUnits, mostRows) = (1024, 320)
/// The longest side of a frame, in points.
private let longestSide = 72.0
/// How many frames of each layer a block shows.
private let blockFrames = 3

/// A volume and a layer's maps for it: one row for each frame, one column for each unit, beside the
/// frames of the volume.
func volumeMapFigure(
  of finding: FeatureMapFinding, layer: LayerDescription, volume: Tensor, _ choice: MapChoice
) -> CaptionedFigure {
  let wanted = choice.units(of: finding, most: usualUnits)
  let shown = Array(wanted.prefix(mostUnits))
  let input = SeenVolume(volume)
  let places = FramePlaces(layer.field, frames: input.frameCount)
  let bands = (shown.count - 1) / unitsPerBand + 1
  let maps = VolumeMaps(finding, shown, choice.scale)
  let depth = finding.maps.shape[1]
  let frames = Array(0..<depth).spreadToEnd(
    most: max(1, min(mostFrames, mostRows / max(bands, 1))))
  let tables = stride(from: 0, to: shown.count, by: unitsPerBand).map { start in
    maps.table(
      frames, columns: start..<min(start + unitsPerBand, shown.count), beside: input, at: places)
  }
  let missing = NonFiniteCells(
    maps.nonFiniteCount(in: frames)
      + (places.isPlaced ? input.nonFiniteCount : 0))
  let count = finding.maxima.count
  let extreme = maps.colors.isSigned ? "value of greatest magnitude" : "greatest value"
  return CaptionedFigure(
    title: "Feature maps of \(layer.title)",
    subtitle: layer.subtitle(layer.extent),
    caption: paragraph(
      "The maps of \(abbreviated(choice.source)): each row is a frame, each column a unit, with its number "
        + "and the \(extreme) of all its frames above it.",
      frames.count == depth
        ? "" : "\(frames.count) of \(countText(depth)) frames are shown, spread evenly.",
      places.sentence, input.sentence,
      shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown.",
      choice.orderSentence(finding),
      choice.scale == .shared
        ? "All maps share one scale, \(rangeText(maps.colors.shared)): \(maps.colors.ends)."
        : "Each unit has its own scale for all its frames, which ends at the value above it: "
          + "\(maps.colors.ends).",
      missing.sentence(of: "value"),
      activitySentences(finding, shown: shown, in: "volume")),
    scale: choice.scale == .shared
      ? "shared, \(rangeText(maps.colors.shared))"
      : "per map, \(maps.colors.isSigned ? "about" : "from") zero",
    layer: layer.name, units: shown,
    body: Column(spacing: 16, tables + [missing.legend(beside: maps.colors.bar)]))
}

/// Some frames of a convolution, of its normalization and activation, and of its pooling, beside the
/// volume's frames.
func volumeBlockFigure(
  of rows: [FeatureBlockRow], layer: LayerDescription, volume: Tensor, _ choice: MapChoice
) -> CaptionedFigure {
  let deciding = rows.decidingRow.finding
  let wanted = choice.units(of: deciding, most: usualBlockUnits)
  let shown = Array(wanted.prefix(unitsPerBand))
  let input = SeenVolume(volume)
  let maps = rows.map { VolumeMaps($0.finding, shown, choice.scale) }
  let frames = rows.map { row in
    Array(0..<row.finding.maps.shape[1]).spreadToEnd(most: blockFrames)
  }
  let places = rows.map { FramePlaces($0.field, frames: input.frameCount) }
  let sections = rows.indices.map { row in
    Column(
      spacing: 6,
      [
        Text(
          blockHeading(of: rows[row])
            + (choice.scale == .shared ? ", \(rangeText(maps[row].colors.shared))" : ""), .heading),
        maps[row].table(
          frames[row], columns: shown.indices, beside: input, at: places[row]),
      ])
  }
  let blockColors = BlockColors(of: maps.map(\.colors), place: "layer")
  let missing = NonFiniteCells(
    zip(maps, frames).reduce(0) { $0 + $1.0.nonFiniteCount(in: $1.1) } + input.nonFiniteCount)
  let count = deciding.maxima.count
  return CaptionedFigure(
    title: "From \(layer.title) to \(abbreviated(rows[rows.count - 1].finding.layer))",
    subtitle: layer.subtitle(counted(rows.count, "layer"), layer.extent),
    caption: paragraph(
      "The maps of \(abbreviated(choice.source)) in the layers of one block, beginning with the "
        + "convolution: each row is a frame, each column a unit, with its number and its value of "
        + "greatest magnitude above it. The maps of all layers are drawn equally large; up to "
        + "\(blockFrames) frames of each are shown, spread evenly.",
      input.sentence,
      shown.count == count ? "" : "\(shown.count) of \(countText(count)) units are shown.",
      choice.orderSentence(inBlockBy: deciding),
      (choice.scale == .shared
        ? "The maps of a layer share one scale: " : "Each unit has its own scale in each layer: ")
        + blockColors.meanings + ".",
      missing.sentence(of: "value")),
    scale: choice.scale == .shared
      ? "one per layer, about or from zero" : "per map, about or from zero",
    layer: layer.name, units: shown,
    body: Column(spacing: 16, sections + [missing.legend(beside: blockColors.bars(choice.scale))]))
}

/// Which frames of a volume a layer's positions are of: those in the middle of their receptive
/// fields.
struct FramePlaces {
  private let field: ReceptiveField?
  private let frames: Int

  /// - Parameters:
  ///   - field: Of the layer.
  ///   - frames: How many the volume has.
  init(_ field: ReceptiveField?, frames: Int) { (self.field, self.frames) = (field, frames) }

  /// Whether positions move along the frames.
  var isPlaced: Bool { field?.axes == [2, 3, 4] }

  /// The centre of a position's field, counted in frames from the middle of frame 0; nil if the
  /// position is of no frame.
  func center(of position: Int) -> Double? {
    guard isPlaced, let center = field?.place(of: position) else { return nil }
    return center >= -0.5 && center <= Double(frames) - 0.5 ? center : nil
  }

  /// The frame to draw beside a position; nil if it is of none.
  func frame(of position: Int) -> Int? {
    center(of: position).map { min(max(Int($0.rounded(.down)), 0), frames - 1) }
  }

  /// `frame 4`, or `frames 4–5` between two.
  func heading(of position: Int) -> String {
    guard let center = center(of: position) else { return "position \(position)" }
    let (first, last) = (Int(center.rounded(.down)), Int(center.rounded(.up)))
    return first == last || first < 0 || last >= frames
      ? "frame \(min(max(first, 0), frames - 1))" : "frames \(first)–\(last)"
  }

  /// What a caption says of the places.
  var sentence: String {
    guard isPlaced, let field else {
      return "The layer's positions do not move along the frames, so these are not beside them."
    }
    let (size, stride) = (field.size[0], field.stride[0])
    return "A row is beside the frame in the middle of its receptive field of "
      + counted(size, "frame")
      + (stride > 1 ? "; rows are \(countText(stride)) frames apart." : ".")
  }
}

/// Some units' maps of a volume.
private struct VolumeMaps {
  let units: [Int]
  let colors: MapColors
  private let finding: FeatureMapFinding
  /// Of all frames, one below the other.
  private let rasters: [Raster]

  init(_ finding: FeatureMapFinding, _ units: [Int], _ scale: FeatureMapScale) {
    (self.finding, self.units) = (finding, units)
    rasters = units.map(finding.map)
    colors = MapColors(of: rasters, scale)
  }

  private var height: Int { finding.maps.shape[2] }
  private var width: Int { finding.maps.shape[3] }

  private func slice(_ frame: Int, of raster: Raster) -> Raster {
    let area = height * width
    return Raster(
      width: width, height: height,
      values: Array(raster.values[(frame * area)..<((frame + 1) * area)]))
  }

  func nonFiniteCount(in frames: [Int]) -> Int {
    rasters.reduce(0) { count, raster in
      count + frames.reduce(0) { $0 + slice($1, of: raster).nonFiniteCount }
    }
  }

  /// One row for each frame, beside that of the volume.
  func table(
    _ frames: [Int], columns: Range<Int>, beside input: SeenVolume, at places: FramePlaces
  ) -> PictureTable {
    let rows = frames.map { frame -> [PictureTable.Cell?] in
      let own = columns.map { column -> PictureTable.Cell? in
        let raster = rasters[column]
        return .init(
          slice(frame, of: raster).image(colors.colormap, range: colors.range(of: raster)))
      }
      guard places.isPlaced else { return own }
      return [places.frame(of: frame).map { .init(input.frame($0)) }] + own
    }
    let headings = columns.map { column in
      let isZero = finding.zero.contains(units[column])
      return (
        name: "unit \(units[column])",
        value: isZero ? "zero" : colors.extremeText(of: rasters[column])
      )
    }
    return PictureTable(
      rows, rowHeadings: frames.map(places.heading),
      columnHeadings: (places.isPlaced ? ["input"] : []) + headings.map(\.name),
      columnDetails: (places.isPlaced ? [""] : []) + headings.map(\.value),
      groups: places.isPlaced ? [1, columns.count] : [],
      cell: cellSize(width: width, height: height, fitting: longestSide))
  }
}
