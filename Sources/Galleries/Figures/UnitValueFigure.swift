public import Analysis
internal import Drawing
internal import Images
internal import TensorCore

/// How many of the strongest units are named, and how many of those that were chosen.
private let mostStrongest = 10
private let mostChosen = 40

/// An example and the values of a layer that has no maps.
///
/// - Parameters:
///   - name: What a unit is called, such as the class of a score; nil for its number.
///   - seen: What the network saw.
///   - source: The example's name.
///   - units: The units to name, in this order; nil for some of the strongest.
///   - isStrongest: Whether these are the strongest.
public func unitValueFigure(
  of finding: UnitValueFinding, layer: LayerDescription, seen: SeenExample, source: String,
  units: [Int]? = nil, isStrongest: Bool = false, name: (Int) -> String? = { _ in nil }
) -> CaptionedFigure {
  let finite = (units ?? finding.strongest).filter { finding.maxima[$0].isFinite }
  let shown = Array(finite.prefix(units == nil ? mostStrongest : mostChosen))
  let strays = finding.nonFinite.indices.filter { finding.nonFinite[$0] > 0 }
  let unitCount = finding.maxima.count
  let ranked = RankedBars(
    shown.map { .init(name($0) ?? "unit \($0)", Double(finding.maxima[$0])) }, format: .general)
  let plot = BarPlot(
    finding.maxima.map(Double.init), numberedFrom: 0, x: "unit", y: Axis("activation"),
    area: Size(width: 420, height: 220))
  let each =
    finding.values.count > unitCount
    ? "the greatest of its \(countText(finding.values.count / max(unitCount, 1))) values"
    : "its value"
  return CaptionedFigure(
    title: "Values of \(layer.name)", subtitle: layer.subtitle(layer.extent),
    caption: paragraph(
      "The layer has no maps. Each bar is one unit and \(each), in order of units.",
      units == nil || isStrongest
        ? "To the right: the \(counted(shown.count, "strongest unit"))"
          + (finding.rankedBy.map { "; ties are broken by the value of \($0)." } ?? ".")
        : "To the right: the units that were chosen"
          + (shown.count < finite.count ? ", the first \(shown.count) of \(finite.count)." : "."),
      strays.isEmpty
        ? ""
        : "Values of \(counted(strays.count, "unit")) of \(countText(unitCount)) are not finite, "
          + "and are left out: \(listed(strays))."),
    scale: "one for all units", layer: layer.name, units: shown,
    body: Row(spacing: 32, [seenColumn(seen, source), plot, ranked]))
}
