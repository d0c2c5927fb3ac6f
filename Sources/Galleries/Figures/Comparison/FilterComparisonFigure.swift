public import Analysis
internal import Drawing
internal import Images
internal import TensorCore

/// The filters of one convolution in several networks: the units that moved most.
///
/// - Parameters:
///   - findings: The same layer in each network, the reference first.
///   - distances: From the reference to each of the others.
///   - units: The filters to show; when empty those that moved most.
///   - isBlueFirst: Whether a first layer's channels stand as blue, green, red.
public func filterComparisonFigure(
  of findings: [FilterFinding], distances: [WeightDistance], names: [String],
  layer: LayerDescription, units: [Int] = [], isBlueFirst: Bool = false
) -> CaptionedFigure {
  let shape = findings[0].filters.shape
  let shown = units.isEmpty ? mostMoved(distances, count: mostUnits) : units
  let filters = ComparedFilters(findings, isBlueFirst: isBlueFirst)
  let joint = filters.isColour ? nil : filters.range(of: shown)
  let rows = shown.map { unit -> ComparedRow in
    let moved = distances.map { $0.units.indices.contains(unit) ? $0.units[unit] : nil }
    let scale = filters.isColour ? filters.colourRange(of: unit) : nil
    return ComparedRow(
      heading: "filter \(unit)",
      details: [
        "moved "
          + moved.map { $0.map { numberText($0, digits: 2) } ?? "–" }.joined(separator: ", "),
        scale.map { "±\(numberText(Double($0.upperBound), digits: 2))" } ?? "",
      ],
      cells: findings.indices.map { filters.cell(unit, of: $0, joint ?? scale ?? -1...1) })
  }
  let grid = SideBySide.flowing(rows, columns: names)
  let body: any Drawable =
    joint.map { range in
      Column(
        spacing: 16, [grid, ColorBar(.blueWhiteRed, range: range, label: "weight")])
    } ?? grid
  let choice =
    units.isEmpty && shown.count < shape[0]
    ? "The \(shown.count) of \(countText(shape[0])) filters that moved most are shown, the farthest "
      + "first."
    : units.isEmpty ? "Filters are in the order in which they moved, the farthest first." : ""
  return CaptionedFigure(
    title: "Filters of \(layer.title), side by side",
    subtitle: layer.subtitle(
      "\(counted(shape[0], "filter")) of \(shape[1])×\(shape[2])×\(shape[3])"),
    caption: paragraph(
      "Each row is a filter, each column a checkpoint"
        + (filters.isColour || shape[1] == 1 ? "" : ", each square an input channel")
        + ". Below a filter's number: its relative "
        + "distance ‖a − b‖ / ‖a‖ from \(abbreviatedName(names[0])).",
      choice,
      filters.isColour
        ? "Weights on red, green and blue as colours"
          + (isBlueFirst ? " (the network's own order is blue, green, red)" : "")
          + "; all checkpoints of a filter share the scale written beside them: mid-grey is zero, "
          + "black and full colour are those weights."
        : "Red weights are positive, blue negative, white is zero; all filters of all checkpoints "
          + "share one scale"
          + (joint.map {
            ", on which the darkest colours are weights of ±"
              + "\(numberText(Double($0.upperBound))) and beyond."
          } ?? "."),
      filters.channels(of: shown.first ?? 0).count < shape[1]
        ? "Of the \(countText(shape[1])) input channels of each filter, the "
          + "\(filters.channels(of: shown.first ?? 0).count) whose weights have the greatest norm in "
          + "all checkpoints together are shown, in that order." : "",
      filters.nonFinite(shown).sentence(of: "weight")),
    scale: joint.map { "joint, symmetric, ±\(numberText(Double($0.upperBound)))" }
      ?? "per filter, the same for all checkpoints, symmetric about zero",
    layer: layer.name, units: shown, body: body)
}

/// How many filters are shown unless they are asked for.
private let mostUnits = 18

private func mostMoved(_ distances: [WeightDistance], count: Int) -> [Int] {
  let units = distances.first?.units.indices ?? 0..<0
  func distance(_ unit: Int) -> Double { distances.compactMap { $0.units[unit] }.max() ?? -1 }
  return Array(
    units.sorted { (-distance($0), $0) < (-distance($1), $1) }.prefix(count))
}

/// One layer's filters in several networks.
private struct ComparedFilters {
  private let findings: [FilterFinding]
  private let isBlueFirst: Bool
  let isColour: Bool
  private let width: Int
  private let height: Int
  private let channelCount: Int

  private static let mostChannels = 8
  private static let side = 56.0
  /// Of weights that keep their own colour on a joint scale.
  private static let unclipped = 0.995

  init(_ findings: [FilterFinding], isBlueFirst: Bool) {
    self.findings = findings
    self.isBlueFirst = isBlueFirst
    isColour = findings[0].isColour
    let shape = findings[0].filters.shape
    (channelCount, height, width) = (shape[1], shape[2], shape[3])
  }

  private func values(_ unit: Int, of network: Int) -> [Float] {
    findings[network].filters.rows(unit..<(unit + 1)).elements
  }

  func colourRange(of unit: Int) -> ClosedRange<Float> {
    Scaling.symmetric.range(ofAll: findings.indices.map { values(unit, of: $0) })
  }

  /// One for all that is shown.
  func range(of units: [Int]) -> ClosedRange<Float> {
    let sets = units.flatMap { unit in findings.indices.map { values(unit, of: $0) } }
    let end = Scaling.clipped(above: channelCount > 1 ? Self.unclipped : 1).range(ofAll: sets)
      .upperBound
    return -end...end
  }

  /// The input channels that are shown of a unit, the same for all networks.
  func channels(of unit: Int) -> [Int] {
    guard !isColour, channelCount > Self.mostChannels else { return Array(0..<channelCount) }
    let area = width * height
    var norms = [Double](repeating: 0, count: channelCount)
    for network in findings.indices {
      for (index, value) in values(unit, of: network).enumerated() {
        norms[index / area] += Double(value) * Double(value)
      }
    }
    return Array(
      norms.indices.sorted { (-norms[$0], $0) < (-norms[$1], $1) }.prefix(Self.mostChannels))
  }

  func nonFinite(_ units: [Int]) -> NonFiniteCells {
    NonFiniteCells(
      units.reduce(0) { sum, unit in
        findings.indices.reduce(sum) { $0 + values(unit, of: $1).count { !$0.isFinite } }
      })
  }

  func cell(_ unit: Int, of network: Int, _ range: ClosedRange<Float>) -> any Drawable {
    let planes = values(unit, of: network)
    let area = width * height
    let images: [Image]
    if isColour {
      images = [
        ColorRaster(width: width, height: height, values: planes, isBlueFirst: isBlueFirst)
          .image(range: range)
      ]
    } else {
      images = channels(of: unit).map { channel in
        Raster(
          width: width, height: height, values: Array(planes[channel * area..<(channel + 1) * area])
        ).image(.blueWhiteRed, range: range)
      }
    }
    let most = Double(max(width, height, 1))
    let zoom = max(1, ((images.count > 1 ? Self.side / 2 : Self.side) / most).rounded(.down))
    return Row(spacing: 4, images.map { Picture($0, zoom: zoom, frame: Theme.outline) })
  }
}
