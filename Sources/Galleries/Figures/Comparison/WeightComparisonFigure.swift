public import Analysis
internal import Drawing

/// What moved in one layer, from the reference to one other network.
public struct MovedLayer: Sendable, Hashable {
  public let name: String
  /// Of its weights.
  public let distance: WeightDistance?
  /// How alike its representations are; nil if they were not compared.
  public let alignment: Double?

  public init(name: String, distance: WeightDistance?, alignment: Double?) {
    (self.name, self.distance, self.alignment) = (name, distance, alignment)
  }
}

/// How far each layer's weights moved, and how alike its representations stayed.
///
/// - Parameters:
///   - moved: For each network but the reference, the same layers.
///   - names: Of the networks, the reference first.
///   - pictures: On how many pictures representations were compared; nil if they were not.
public func weightComparisonFigure(
  of moved: [[MovedLayer]], names: [String], pictures: Int?
) -> CaptionedFigure {
  let layers = moved.first ?? []
  let shown = shownLayers(moved)
  let all = moved.flatMap { $0.compactMap { $0.distance?.relative } }
  let greatest = max(all.max() ?? 0, .leastNormalMagnitude)
  let columns = zip(names.dropFirst(), moved).map { name, layers in
    MovedColumn(name: name, layers: shown.map { layers[$0] }, greatest: greatest)
  }
  let part =
    shown.count < layers.count
    ? "Of \(layers.count) layers, the \(shown.count) that moved most are shown." : ""
  return CaptionedFigure(
    title: "What moved, layer by layer",
    subtitle: "from \(abbreviatedName(names[0])) to "
      + comparedTitle(Array(names.dropFirst())),
    caption: paragraph(
      "Bars show the relative distance ‖a − b‖ / ‖a‖ of a layer's weights (without biases) from "
        + "those of \(abbreviatedName(names[0])), in the Euclidean norm; all bars share one scale. "
        + "A distance of about 1.4 with a cosine of 0 is that of unrelated weights of equal norm.",
      "The cosine is that between the weights as vectors.",
      pictures.map {
        "CKA is the linear centred kernel alignment (Kornblith et al. 2019) of what follows the "
          + "layer, after its activation, "
          + "on \(counted($0, "picture")) (of maps, their means): 1 for the same representation up to "
          + "rotation and scale."
      } ?? "", part),
    scale: "bars from 0 to \(numberText(greatest))",
    body: MovedTable(names: shown.map { layers[$0].name }, columns: columns))
}

/// The greatest number of layers on a sheet.
private let mostLayers = 60

private func shownLayers(_ moved: [[MovedLayer]]) -> [Int] {
  let count = moved.first?.count ?? 0
  guard count > mostLayers else { return Array(0..<count) }
  func distance(_ layer: Int) -> Double {
    moved.compactMap { $0[layer].distance?.relative }.max() ?? -1
  }
  return (0..<count).sorted { (-distance($0), $0) < (-distance($1), $1) }.prefix(mostLayers)
    .sorted()
}

private struct MovedColumn {
  let name: String
  let layers: [MovedLayer]
  let greatest: Double
}

/// A row for each layer: its name, then for each network a bar with its number, cosine and CKA.
private struct MovedTable: Composite {
  let parts: [Part]
  let size: Size

  private static let barLength = 150.0
  private static let barHeight = 12.0
  private static let rowHeight = 19.0
  private static let numberWidth = 46.0
  private static let gap = 14.0
  private static let groupGap = 34.0

  init(names: [String], columns: [MovedColumn]) {
    let labels = names.map { Text($0, .label, oneLineWithin: 200) }
    let left = labels.reduce(0) { max($0, $1.size.width) } + 12
    let heading = Text("0", .heading).size.height
    let top = 2 * heading + 10
    let hasAlignment = columns.contains { $0.layers.contains { $0.alignment != nil } }
    var parts: [Part] = []
    func centre(_ text: Text, _ row: Int) -> Double {
      top + Double(row) * Self.rowHeight
        + ((Self.rowHeight - text.size.height) / 2).rounded(.down)
    }
    for (row, label) in labels.enumerated() {
      parts.append(
        Part(label, at: Point(left - 12 - label.size.width, centre(label, row))))
    }
    let width =
      Self.barLength + Self.numberWidth + Self.gap + Self.numberWidth
      + (hasAlignment ? Self.gap + Self.numberWidth : 0)
    for (index, column) in columns.enumerated() {
      let x = left + Double(index) * (width + Self.groupGap)
      parts.append(Part(Text(column.name, .heading, oneLineWithin: width), at: Point(x, 0)))
      let cosineEnd = x + Self.barLength + 2 * Self.numberWidth + Self.gap
      let alignmentEnd = cosineEnd + Self.gap + Self.numberWidth
      func put(_ text: Text, endingAt end: Double, _ y: Double) {
        parts.append(Part(text, at: Point(end - text.size.width, y)))
      }
      parts.append(Part(Text("relative distance", .tick), at: Point(x, heading + 6)))
      put(Text("cosine", .tick), endingAt: cosineEnd, heading + 6)
      if hasAlignment { put(Text("CKA", .tick), endingAt: alignmentEnd, heading + 6) }
      for (row, layer) in column.layers.enumerated() {
        let relative = layer.distance?.relative
        let length = relative.map { ($0 / column.greatest * Self.barLength).rounded() } ?? 0
        let y = top + Double(row) * Self.rowHeight + (Self.rowHeight - Self.barHeight) / 2
        if relative != nil {
          parts.append(
            Part(
              Fill(Theme.accent, max(1, length), Self.barHeight), at: Point(x, y.rounded(.down))))
        }
        let number = Text(relative.map { distanceText($0) } ?? "–", .tick)
        parts.append(
          Part(number, at: Point(x + max(1, length) + 6, centre(number, row))))
        let cosine = Text(layer.distance?.cosine.map { decimals($0, 3) } ?? "–", .tick)
        put(cosine, endingAt: cosineEnd, centre(cosine, row))
        guard hasAlignment else { continue }
        let alignment = Text(layer.alignment.map { decimals($0, 3) } ?? "–", .tick)
        put(alignment, endingAt: alignmentEnd, centre(alignment, row))
      }
    }
    self.parts = parts
    size = parts.reduce(.zero) {
      Size(width: max($0.width, $1.frame.maxX), height: max($0.height, $1.frame.maxY))
    }
  }
}

/// A relative distance with three decimals, or with three digits if that says too little or too
/// much.
func distanceText(_ value: Double) -> String {
  (0.001..<10).contains(value) ? decimals(value, 3) : numberText(value)
}

/// A number with some decimals and a real minus sign; a dash if it is not finite.
func decimals(_ value: Double, _ count: Int = 2) -> String {
  value.isFinite ? fixedText(value, decimals: count) : "–"
}
