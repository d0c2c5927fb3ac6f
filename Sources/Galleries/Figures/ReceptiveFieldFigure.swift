public import Analysis
internal import Drawing
internal import Files
public import Images
internal import Networks
internal import TensorCore

/// What the centre of a layer's maps can depend on, outlined in a picture, and how strongly it
/// depends on each pixel.
///
/// - Parameters:
///   - finding: What was measured.
///   - layer: Its layer.
///   - picture: One of those that were measured, as the network sees it.
///   - source: The picture's name.
public func receptiveFieldFigure(
  of finding: EffectiveFieldFinding, layer: LayerDescription, picture: Image, source: String
) -> CaptionedFigure {
  let panels = ReceptiveFieldPanels(finding, layer, picture)
  let isWhole = finding.units.count == layer.unitCount
  return CaptionedFigure(
    title: "Receptive field of \(isWhole ? layer.title : "\(panels.unitsText) of \(layer.title)")",
    subtitle: layer.subtitle(
      layer.extent, "sees \(crossed(finding.field.size)) pixels", abbreviated(source)),
    caption: paragraph(
      panels.fieldSentence, panels.branchSentence, panels.effectiveSentence, panels.boxSentence,
      panels.leftOutSentence,
      "After Luo et al. 2016, whose derivation is of one channel: here the squares of all units' "
        + "gradients are averaged."),
    scale: "root mean squared gradient, from 0 to its greatest value", layer: finding.layer,
    units: isWhole ? [] : finding.units, body: panels.body)
}

private struct ReceptiveFieldPanels {
  /// The longer side that panels should about have.
  private static let side = 300.0
  private static let narrowest = 180.0
  private static let spacing = 24.0
  private static let (fieldColor, boxColor) = (Theme.highlight, Theme.accent)

  private let finding: EffectiveFieldFinding
  private let layer: LayerDescription
  private let picture: Image
  /// The picture's.
  private let (height, width): (Int, Int)
  private let pixels: [Range<Int>]
  /// The field, as far as it is shown: no farther from the picture than half of its side.
  private let shown: [Range<Int>]

  init(_ finding: EffectiveFieldFinding, _ layer: LayerDescription, _ picture: Image) {
    (self.finding, self.layer, self.picture) = (finding, layer, picture)
    (height, width) = (finding.gradient.shape[0], finding.gradient.shape[1])
    pixels = finding.pixels
    shown = zip(pixels, [height, width]).map { pixels, extent in
      let margin = max(extent / 2, 4)
      return pixels.clamped(to: -margin..<(extent + margin))
    }
  }

  var body: any Drawable {
    Row(spacing: Self.spacing, [pictureColumn, effectiveColumn])
  }

  // MARK: Panels

  /// A part of the plane in which pictures lie, and how large it is drawn.
  private struct Window {
    let rows, columns: Range<Int>
    let zoom: Double

    init(rows: Range<Int>, columns: Range<Int>) {
      (self.rows, self.columns) = (rows, columns)
      let factor = ReceptiveFieldPanels.side / Double(max(1, rows.count, columns.count))
      // Whole factors keep pixels square; nearly the wanted size is drawn pixel by pixel.
      zoom = factor >= 2 ? factor.rounded(.down) : factor > 0.85 ? 1 : factor
    }

    var size: Size {
      Size(
        width: max(1, (zoom * Double(columns.count)).rounded()),
        height: max(1, (zoom * Double(rows.count)).rounded()))
    }

    var interpolation: Interpolation { zoom >= 1 ? .nearest : .smooth }

    func place(_ rows: Range<Int>, _ columns: Range<Int>) -> Rectangle {
      Rectangle(
        x: zoom * Double(columns.lowerBound - self.columns.lowerBound),
        y: zoom * Double(rows.lowerBound - self.rows.lowerBound),
        width: zoom * Double(columns.count), height: zoom * Double(rows.count))
    }
  }

  /// The picture and the field, which may be larger.
  private var wholeWindow: Window {
    Window(
      rows: min(0, shown[0].lowerBound)..<max(height, shown[0].upperBound),
      columns: min(0, shown[1].lowerBound)..<max(width, shown[1].upperBound))
  }

  /// The field with a border, and the square if it is not as long as that is wide.
  private var fieldWindow: Window {
    let boxes = finding.box.map { [$0.rows, $0.columns] } ?? shown
    let ranges = zip(shown, boxes).map { field, box in
      let (start, end) = (
        min(field.lowerBound, box.lowerBound), max(field.upperBound, box.upperBound)
      )
      let border = max(1, (end - start) / 12)
      return (start - border)..<(end + border)
    }
    return Window(rows: ranges[0], columns: ranges[1])
  }

  private func outlines(in window: Window) -> Outlines {
    let field = Outlines.Outline(
      window.place(
        pixels[0].clamped(to: bounded(window.rows)),
        pixels[1].clamped(to: bounded(window.columns))), color: Self.fieldColor)
    let box = finding.box.map {
      Outlines.Outline(window.place($0.rows, $0.columns), color: Self.boxColor)
    }
    return Outlines([field] + [box].compactMap(\.self), size: window.size)
  }

  /// A little beyond a window, so that lines outside are not drawn at its edge.
  private func bounded(_ range: Range<Int>) -> Range<Int> {
    let beyond = range.count + 8
    return (range.lowerBound - beyond)..<(range.upperBound + beyond)
  }

  private func panel(
    _ heading: String, _ detail: String, _ content: any Drawable, _ key: any Drawable
  ) -> any Drawable {
    let width = max(content.size.width, Self.narrowest)
    let head = Column(
      spacing: 1,
      [Text(heading, .heading, oneLineWithin: width), Text(detail, .tick, oneLineWithin: width)])
    return Column(spacing: 8, [head, content, key])
  }

  private var pictureColumn: any Drawable {
    let window = wholeWindow
    let seen = picture.cropped(rows: window.rows, columns: window.columns)
    var entries = [
      Legend.Entry("field: \(crossed(pixels.map(\.count)))", .line(Self.fieldColor))
    ]
    if let sides {
      entries.append(
        .init(
          "\(percentText(EnergyBox.usualShare)) rectangle: \(crossed(sides))", .line(Self.boxColor))
      )
    }
    return panel(
      "Theoretical field",
      finding.outsideShare > 0
        ? "\(percentText(finding.outsideShare)) outside the picture" : "inside the picture",
      Layers([
        Picture(
          seen, size: window.size, interpolation: window.interpolation, frame: Theme.outline),
        outlines(in: window),
      ]), Legend(entries))
  }

  private var effectiveColumn: any Drawable {
    let window = fieldWindow
    let greatest = greatest
    let values = finding.gradient.elements
    let raster = Raster(
      width: window.columns.count, height: window.rows.count,
      values: window.rows.flatMap { row in
        window.columns.map { column -> Float in
          guard (0..<height).contains(row), (0..<width).contains(column) else { return .nan }
          return greatest > 0 ? values[row * width + column] / greatest : 0
        }
      })
    return panel(
      "Effective field",
      greatest > 0
        ? "mean of \(counted(finding.pictureCount, "picture"))" : "the gradient is zero",
      Layers([
        Heatmap(
          raster, colormap: .viridis, range: 0...1, size: window.size,
          interpolation: window.interpolation),
        outlines(in: window),
      ]),
      ColorBar(
        .viridis, range: 0...1, label: "gradient (RMS), greatest = 1",
        length: max(window.size.width, Self.narrowest)))
  }

  private var greatest: Float { finding.gradient.finiteRange?.upperBound ?? 0 }
  private var sides: [Int]? { finding.box.map { [$0.rows.count, $0.columns.count] } }

  // MARK: Words

  var unitsText: String {
    finding.units.count == 1
      ? "unit \(finding.units[0])" : "units \(listed(finding.units, most: 6))"
  }

  var fieldSentence: String {
    let place = finding.position.map(String.init).joined(separator: ", ")
    let outside =
      finding.outsideShare > 0
      ? "; \(percentText(finding.outsideShare)) of them are outside the picture (hatched)" : ""
    let isCut = zip(pixels, shown).contains { $0 != $1 }
    return "Outlined in orange: the \(crossed(pixels.map(\.count))) pixels that the activations at "
      + "position (\(place)) of the maps, the centre, can depend on\(outside)"
      + (isCut ? ", and not all of them are shown." : ".")
  }

  var branchSentence: String {
    let sizes = (layer.field ?? finding.field).sizes(of: finding.units)
    guard sizes.count > 1 else { return "" }
    return "Not all units see all of it: their fields are of \(sizesText(sizes)) pixels."
  }

  var effectiveSentence: String {
    let of =
      finding.units.count == layer.unitCount
      ? finding.units.count == 1 ? "the layer's unit" : "all \(finding.units.count) units"
      : unitsText
    let signs =
      finding.units.count > 1
      ? " The mean over units is estimated with random signs, one backward pass for each picture."
      : ""
    return "Effective field: the part with the field, and at each pixel the root of the squared "
      + "gradient of the activation at that position, averaged over \(counted(finding.pictureCount, "picture")) "
      + "and \(of) and summed over the input's channels; 1 is \(numberText(Double(greatest)))."
      + signs
  }

  var boxSentence: String {
    guard let sides, let share = finding.boxShare else {
      return "No effective field: the gradient is zero in all pictures."
    }
    return "Outlined in blue: the rectangle of \(crossed(sides)) pixels with "
      + "\(percentText(EnergyBox.usualShare)) of the squared gradient, "
      + "\(percentText(share)) of what the position can depend on."
  }

  var leftOutSentence: String {
    guard finding.nonFiniteCount > 0 else { return "" }
    let isOne = finding.nonFiniteCount == 1
    return "\(counted(finding.nonFiniteCount, "picture")) \(isOne ? "is" : "are") left out because "
      + "\(isOne ? "its gradient is" : "their gradients are") not finite."
  }
}

/// A layer with its receptive fields and what it takes.
public struct ReceptiveFieldRow: Sendable {
  public let finding: EffectiveFieldFinding
  public let layer: LayerDescription
  /// Of the layer and the convolution whose values it carries.
  public let own: LayerCost
  /// Of all that it is computed from.
  public let total: LayerCost

  /// - Parameters:
  ///   - finding: What was measured.
  ///   - layer: Its layer.
  ///   - own: Of the layer and the convolution whose values it carries.
  ///   - total: Of all that it is computed from.
  public init(
    _ finding: EffectiveFieldFinding, layer: LayerDescription, own: LayerCost, total: LayerCost
  ) {
    (self.finding, self.layer, self.own, self.total) = (finding, layer, own, total)
  }
}

/// A picture has no room for more.
private let mostRows = 300

/// The receptive fields of layers in numbers, with what the layers take.
///
/// - Parameter rows: In the order in which they run; one at least.
public func receptiveFieldTable(of rows: [ReceptiveFieldRow]) -> CaptionedFigure {
  let shown = rows.prefix(mostRows)
  let counts = Set(rows.map(\.finding.pictureCount))
  return CaptionedFigure(
    title: "Receptive fields",
    subtitle: [
      rows.first.map { abbreviated($0.layer.model) } ?? "", counted(rows.count, "layer"),
      counts.count == 1 ? counted(counts.first ?? 0, "picture") : "",
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Field: the rows and columns of pixels that a position of the maps can depend on; below it, "
        + "how much of the field of the centre is outside the picture. Stride: the distance between "
        + "neighbouring positions, in pixels. Offset: the first row and column in the field of the "
        + "first position; negative outside the picture.",
      rows.contains { $0.finding.field.stride.contains(0) }
        ? "A dash instead of a stride: all positions can depend on the same pixels." : "",
      "Effective: the rectangle with \(percentText(EnergyBox.usualShare)) of the squared gradient of "
        + "the activations at the centre (Luo et al. 2016), and its share of the field, by which "
        + "cells are tinted.",
      "Parameters and multiply-adds (for one picture): those of the layer, with the convolution "
        + "whose values it carries; below them, of all that it is computed from.",
      rows.count > shown.count
        ? "Shown are the first \(shown.count) of \(countText(rows.count)) layers." : ""),
    scale: "share of the field from 0 (white) to 1",
    method: "rectangle with \(percentText(EnergyBox.usualShare)) of the squared gradient",
    body: WordTable(
      rows: shown.map { "\($0.layer.title) (\($0.layer.extent))" },
      columns: ["field", "stride", "offset", "effective", "parameters", "multiply-adds"],
      cells: shown.map(cells)))
}

private func cells(of row: ReceptiveFieldRow) -> [WordTable.Cell] {
  let (finding, field) = (row.finding, row.finding.field)
  func plain(_ lines: String...) -> WordTable.Cell {
    WordTable.Cell(lines.filter { !$0.isEmpty }, tint: nil)
  }
  func cost(_ own: Int, _ total: Int) -> WordTable.Cell {
    plain(own == 0 ? "–" : countText(own), "\(countText(total)) in all")
  }
  let outside = finding.outsideShare
  return [
    plain(crossed(field.size), outside > 0 ? "\(percentText(outside)) outside" : ""),
    plain(field.stride.contains(0) ? "–" : crossed(field.stride)),
    plain(field.start.map { numberText(Double($0)) }.joined(separator: ", ")),
    WordTable.Cell(
      finding.box.map {
        [crossed([$0.rows.count, $0.columns.count]), percentText(finding.boxShare ?? 0)]
      } ?? ["none"], tint: finding.boxShare),
    cost(row.own.parameters, row.total.parameters),
    cost(row.own.multiplyAdds, row.total.multiplyAdds),
  ]
}

/// Stacks of small filters, and the large filters for which they stand.
///
/// - Parameters:
///   - stacks: In the order in which they run; one at least.
///   - model: The network's name.
public func convolutionStackTable(
  of stacks: [ConvolutionStack], model: String = ""
) -> CaptionedFigure {
  let shown = stacks.prefix(mostRows)
  let isDilated = stacks.contains { $0.dilation.contains { $0 > 1 } }
  let isGrouped = stacks.contains { $0.taps == nil }
  return CaptionedFigure(
    title: "What stacks of small filters stand for",
    subtitle: [abbreviated(model), counted(stacks.count, "stack")]
      .filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Each row: convolutions of stride 1, one after the other with only activations and "
        + "normalizations between them, and the single filter that sees as many positions of the "
        + "maps before them.",
      isDilated ? "Of a dilated filter, the taps are as far apart as is said." : "",
      "At equal channels: the weights of the stack, divided by those of the single filter, if all "
        + "have as many channels; below 1, cells are tinted by it.",
      isGrouped ? "It is left out where filters have groups." : "",
      "Here: the weights of the stack, and of the single filter from its first input to its last "
        + "output. Biases are not counted.",
      stacks.count > shown.count
        ? "Shown are the first \(shown.count) of \(countText(stacks.count)) stacks." : "",
      "After Simonyan and Zisserman 2015, section 2.3."),
    scale: "ratio of weights from 0 (white) to 1", method: "weights without biases",
    body: WordTable(
      rows: shown.map { stack in
        [stack.filters.first, stack.filters.last].compactMap { $0 }
          .map { abbreviated($0.layer, to: 40) }.joined(separator: " … ")
      },
      columns: ["filters", "stand for", "at equal channels", "here"],
      cells: shown.map(cells)))
}

private func cells(of stack: ConvolutionStack) -> [WordTable.Cell] {
  func filter(_ window: [Int], _ dilation: [Int], _ groups: Int) -> String {
    let taps = zip(window, dilation).filter { $0.0 > 1 }.map(\.1)
    let spread = Set(taps).count == 1 ? "\(taps[0])" : crossed(dilation)
    return crossed(window) + (taps.contains { $0 > 1 } ? ", dilation \(spread)" : "")
      + (groups > 1 ? ", \(counted(groups, "group"))" : "")
  }
  var runs: [(text: String, count: Int)] = []
  for own in stack.filters {
    let text = filter(own.window, own.dilation, own.groups)
    if let last = runs.last, last.text == text {
      runs[runs.count - 1].count += 1
    } else {
      runs.append((text, 1))
    }
  }
  let lines = runs.map { $0.count == 1 ? $0.text : "\($0.count) of \($0.text)" }
  let ratio = stack.taps.map { Double($0.stack) / Double($0.single) }
  return [
    .init(
      lines.count > 4 ? Array(lines.prefix(3)) + ["and \(lines.count - 3) more"] : lines, tint: nil),
    .init([filter(stack.window, stack.dilation, stack.groups)], tint: nil),
    .init(
      stack.taps.map { ["\($0.stack)/\($0.single) = \(percentText(ratio ?? 0))"] } ?? ["–"],
      tint: ratio.flatMap { $0 < 1 ? $0 : nil }),
    .init(
      ["\(countText(stack.weights)) in the stack", "\(countText(stack.singleWeights)) in one"],
      tint: nil),
  ]
}
