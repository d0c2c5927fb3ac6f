public import Analysis
internal import Drawing
internal import Files
internal import Foundation
public import Images

/// A picture whose parts were hidden.
public struct MarkedPicture: Sendable {
  /// As the network sees it, with nothing hidden.
  public let image: Image
  public let name: String
  /// One for each part of the finding; nil for those that it does not have.
  public let parts: [HiddenBox?]
  /// The random places of one draw, in the same order.
  public let random: [HiddenBox?]

  /// - Parameters:
  ///   - image: With nothing hidden.
  ///   - name: The picture's.
  ///   - parts: One for each part.
  ///   - random: The random places of one draw.
  public init(_ image: Image, name: String, parts: [HiddenBox?], random: [HiddenBox?]) {
    (self.image, self.name, self.parts, self.random) = (image, name, parts, random)
  }
}

/// More pictures say no more of what was hidden.
private let mostPictures = 10
private let picturesPerLine = 5
private let plotsPerLine = 2
private let pictureSide = 150.0
/// Of random places: no part has it.
private let randomStyle = ClassStyle(color: Theme.secondaryText)

/// How alike features change when the same part is hidden in several pictures, and when random
/// places are: a plot for each layer, below the pictures with their parts.
///
/// - Parameters:
///   - finding: Of parts, of which the plots have a row each.
///   - pictures: Those of the finding.
///   - layers: Those of the finding.
///   - className: Of the pictures; nil if they may be of several.
///   - color: What hides the parts, as it is typed.
///   - side: Of the squares that hide parts, in pixels; nil for boxes of any size.
///   - areInObject: Whether random places are centred in the objects' boxes.
public func correspondenceFigure(
  of finding: CorrespondenceFinding, pictures: [MarkedPicture], layers: [LayerDescription],
  className: String? = nil, color: String, side: Int? = nil, areInObject: Bool
) -> CaptionedFigure {
  let rows = finding.layers.map { entries(of: $0, in: finding) }
  // Shares of features: one scale for all layers.
  let axis = Axis("mean share of differing signs", range: DotPlot.range(of: rows.joined()))
  let plots = zip(rows, layers).map { entries, layer in
    DotPlot(title: "\(layer.title) (\(layer.extent))", entries, x: axis)
  }
  let shown = pictures.prefix(mostPictures).map(panel)
  let draws = finding.layers.first?.random.count ?? 0
  return CaptionedFigure(
    title: className.map {
      "Do parts of “\(shortened($0, to: 300, in: .title))” correspond?"
    } ?? "Do parts of pictures correspond?",
    subtitle: [
      layers.first.map { abbreviated($0.model) } ?? "", counted(pictures.count, "picture"),
      counted(finding.parts.count, "part"),
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Each part is hidden in every picture that has it. Rows: the share of features whose change "
        + "(up, down or none) differs between two of the pictures, on average over all pairs; the "
        + "lower it is, compared with random places, the more the layer knows which parts "
        + "correspond. Bars: a standard deviation over the pairs to either side.",
      "Small discs: single draws of random places (\(countText(draws)) in all), boxes of the "
        + "parts' sizes \(areInObject ? "centred in the object's box" : "anywhere in the picture"), "
        + "on average over the parts.",
      "Δ: the number of differing signs, summed over all ordered pairs. Where few features change, "
        + "few can differ: the percentages are of features that change at all.",
      (side.map { "Parts are hidden by squares of \(crossed([$0, $0])) pixels" }
        ?? "Parts are hidden by their boxes") + " (\(printable(color))).",
      countSentence(finding, of: pictures.count),
      (pictures.count > mostPictures
        ? "Of the pictures, the first \(mostPictures) are shown. " : "")
        + "In the pictures, parts are outlined, with the markers of their rows; dashed is the first "
        + "draw of random places.",
      missingSentence(finding),
      "After Zeiler and Fergus 2014, section 4.3 and table 1."),
    scale: "share of features, one scale for all layers",
    layer: layers.count == 1 ? finding.layers.first?.name : nil,
    method: "Hamming distance of the signs of changes",
    body: Column(lines(of: shown, picturesPerLine, spacing: 12) + lines(of: plots, plotsPerLine)))
}

/// `0.067 ± 0.007`; a dash for what is not known.
package func consistencyText(_ mean: Double, _ deviation: Double) -> String {
  guard mean.isFinite else { return "–" }
  let text = String(format: "%.3f", mean)
  return deviation.isFinite ? text + String(format: " ± %.3f", deviation) : text
}

private func lines(
  of items: [any Drawable], _ most: Int, spacing: Double = Theme.panelSpacing
) -> [any Drawable] {
  stride(from: 0, to: items.count, by: most).map { start in
    Row(spacing: spacing, Array(items[start..<min(start + most, items.count)]))
  }
}

private func entries(
  of layer: CorrespondenceFinding.Layer, in finding: CorrespondenceFinding
) -> [DotPlot.Entry] {
  func detail(_ sum: Double, _ changed: Double) -> String {
    guard sum.isFinite, changed.isFinite else { return "" }
    return "Δ \(numberText(sum.rounded())), \(percentText(changed)) change"
  }
  let parts = zip(finding.parts, layer.parts).enumerated().map { index, part in
    DotPlot.Entry(
      part.0, style: ClassStyle(index: index), value: part.1.mean, deviation: part.1.deviation,
      text: consistencyText(part.1.mean, part.1.deviation),
      detail: part.1.distances.isEmpty
        ? "" : detail(Double(part.1.sum), part.1.changedShare))
  }
  return parts + [
    DotPlot.Entry(
      "random places", style: randomStyle, value: layer.randomMean,
      deviation: layer.randomDeviation, others: layer.randomMeans,
      text: consistencyText(layer.randomMean, layer.randomDeviation),
      detail: detail(layer.randomSum, layer.randomChangedShare))
  ]
}

/// Which parts some pictures do not have.
private func countSentence(_ finding: CorrespondenceFinding, of count: Int) -> String {
  let fewer = zip(finding.parts, finding.pictureCounts).filter { $0.1 < count }
    .map { "“\(abbreviated($0.0))” in \($0.1)" }
  return fewer.isEmpty ? "" : "Not every picture has every part: \(listed(fewer)) of \(count)."
}

private func missingSentence(_ finding: CorrespondenceFinding) -> String {
  finding.pictureCounts.allSatisfy { $0 > 1 }
    ? "" : "A dash stands for parts of fewer than two pictures."
}

private func panel(of picture: MarkedPicture) -> any Drawable {
  let content = Picture(picture.image, fitting: pictureSide, frame: Theme.outline)
  return Column(
    spacing: 4,
    [
      Layers([content, Outlines(picture, size: content.size)]),
      Text(picture.name, .tick, oneLineWithin: max(content.size.width, 60)),
    ])
}

/// The boxes of a picture, in the colours and with the markers of their parts.
private struct Outlines: Drawable {
  let picture: MarkedPicture
  let size: Size

  private static let radius = 4.5

  init(_ picture: MarkedPicture, size: Size) { (self.picture, self.size) = (picture, size) }

  func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    let frame = Rectangle(origin: frame.origin, size: size)
    canvas.clip(to: frame) {
      for box in picture.random.compactMap(\.self) {
        let corners = place(of: box, in: frame).corners
        canvas.stroke(polyline: corners, with: .white.opacity(0.8), width: 2.5, closed: true)
        canvas.stroke(
          polyline: corners, with: randomStyle.color, width: 1, closed: true, dash: [3, 3])
      }
      for (index, box) in picture.parts.enumerated() {
        guard let box else { continue }
        let (style, outline) = (ClassStyle(index: index), place(of: box, in: frame))
        canvas.stroke(outline, with: .white.opacity(0.8), width: 4)
        canvas.stroke(outline, with: style.color, width: 2)
      }
      // Over all outlines.
      for (index, box) in picture.parts.enumerated() {
        guard let box else { continue }
        let outline = place(of: box, in: frame)
        let inside = Point(
          min(max(outline.x, frame.x + Self.radius + 1), frame.maxX - Self.radius - 1),
          min(max(outline.y, frame.y + Self.radius + 1), frame.maxY - Self.radius - 1))
        canvas.draw(
          ClassStyle(index: index), at: inside, radius: Self.radius, outline: .white)
      }
    }
  }

  /// Half a line's width inside the picture.
  private func place(of box: HiddenBox, in frame: Rectangle) -> Rectangle {
    let across = size.width / Double(max(picture.image.width, 1))
    let down = size.height / Double(max(picture.image.height, 1))
    let (left, right) = (
      across * Double(box.columns.lowerBound), across * Double(box.columns.upperBound)
    )
    let (top, bottom) = (down * Double(box.rows.lowerBound), down * Double(box.rows.upperBound))
    return Rectangle(
      x: frame.x + left, y: frame.y + top, width: right - left, height: bottom - top
    ).inset(by: min(1, (right - left) / 2, (bottom - top) / 2))
  }
}
