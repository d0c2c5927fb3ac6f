import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of the correspondence of parts.
@Suite struct `Correspondence figures` {
  private func consistency(
    _ shares: [Int], changed: Double = 0.25
  ) -> CorrespondenceFinding.Consistency {
    .init(distances: shares, featureCount: 100, changedShare: changed)
  }

  private func layer(_ net: Network) -> LayerDescription {
    LayerDescription(of: "relu", in: net, model: "net")
  }

  private func network() throws -> Network {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    try sketch.add("flat", Flatten())
    try sketch.linear("scores", outputs: 3)
    return try sketch.network()
  }

  private func pictures(_ count: Int, width: Int = 8, height: Int = 8) -> [MarkedPicture] {
    (0..<count).map { index in
      MarkedPicture(
        Image.noise(width, height, seed: UInt64(index)), name: "\(index)",
        parts: [
          HiddenBox(rows: 0..<min(2, height), columns: 0..<min(2, width)),
          index == 0 ? nil : HiddenBox(rows: 0..<height, columns: 0..<width),
        ],
        random: [HiddenBox(rows: (height - 1)..<height, columns: 0..<1), nil])
    }
  }

  private func finding(
    _ parts: [CorrespondenceFinding.Consistency], names: [String] = ["eye", "nose"],
    layers: Int = 1
  ) -> CorrespondenceFinding {
    CorrespondenceFinding(
      parts: names, pictureCounts: [3, 2],
      layers: (0..<layers).map { _ in
        .init(
          name: "relu", parts: parts,
          random: [
            [consistency([40, 40, 40]), consistency([20])],
            [consistency([50, 30, 40]), consistency([40])],
          ])
      })
  }

  private func draw(
    _ finding: CorrespondenceFinding, pictures: [MarkedPicture], side: Int? = nil,
    className: String? = nil
  ) throws -> CaptionedFigure {
    let net = try network()
    return correspondenceFigure(
      of: finding, pictures: pictures, layers: finding.layers.map { _ in layer(net) },
      className: className, color: "grey", side: side, areInObject: false)
  }

  /// The horizontal place of a number in a plot, by its axis.
  private func places(
    _ plot: DotPlot, _ frame: Rectangle
  ) throws -> (area: Rectangle, x: (Double) -> Double) {
    let area = try #require(plot.parts.first { $0.content is Layers }).frame
    let labels = plot.parts.compactMap { part -> (value: Double, x: Double)? in
      guard let text = part.content as? Text, part.frame.y >= area.maxY,
        let number = Double(text.lines.joined())
      else { return nil }
      return (number, part.frame.center.x)
    }.sorted { $0.value < $1.value }
    let (first, last) = (try #require(labels.first), try #require(labels.last))
    let slope = (last.x - first.x) / (last.value - first.value)
    return (
      area.offset(x: frame.x, y: frame.y), { frame.x + first.x + slope * ($0 - first.value) }
    )
  }

  @Test func `markers stand at the means, with bars of the deviations`() throws {
    let figure = try draw(
      finding([consistency([10, 20, 30]), consistency([60])]), pictures: pictures(3))
    let seen = try SeenFigure(figure)
    let (plot, frame) = try #require(seen.parts(of: DotPlot.self).first)
    let (area, x) = try places(plot, frame)
    // Of three rows: 0.2 ± 0.1, 0.6, and random places: draws of 0.3 and 0.4.
    let rows = (0..<3).map { area.y + (Double($0) + 0.5) * area.height / 3 }
    for (row, value) in [(0, 0.2), (1, 0.6)] {
      #expect(
        seen.shows(ClassStyle(index: row).color, near: Point(x(value), rows[row]), distance: 2))
    }
    let blue = ClassStyle(index: 0).color
    #expect(seen.shows(blue, near: Point(x(0.11), rows[0]), distance: 1, tolerance: 90))
    #expect(seen.shows(blue, near: Point(x(0.29), rows[0]), distance: 1, tolerance: 90))
    #expect(!seen.shows(blue, near: Point(x(0.34), rows[0]), distance: 2, tolerance: 90))
    // A single pair has no deviation.
    let red = ClassStyle(index: 1).color
    #expect(!seen.shows(red, near: Point(x(0.55), rows[1]), distance: 1, tolerance: 90))
    #expect(seen.shows(Theme.secondaryText, near: Point(x(0.35), rows[2]), distance: 2))
    let labels = figure.body.labels
    let texts = seen.parts(of: Text.self).map { $0.content.lines.joined() }
    #expect(texts.contains("0.200 ± 0.100") && texts.contains("0.600"), "\(texts)")
    #expect(labels.contains("Δ 120, 25 % change") && labels.contains("random places"))
    #expect(figure.caption.contains("“nose” in 2 of 3."))
    try expectSound(figure)
  }

  @Test func `parts are outlined where they are`() throws {
    let figure = try draw(
      finding([consistency([10, 20, 30]), consistency([60])]), pictures: pictures(3))
    let seen = try SeenFigure(figure)
    let frames = seen.parts(of: Layers.self).map(\.frame).prefix(3)
    #expect(frames.count == 3 && Set(frames.map(\.size)) == [Size(width: 144, height: 144)])
    // A pixel is 18 points; the outlines are 2 wide, inside.
    for (index, frame) in frames.enumerated() {
      #expect(
        seen.shows(
          ClassStyle(index: 0).color, near: Point(frame.x + 35, frame.y + 20), distance: 2))
      let border = Point(frame.maxX - 1.5, frame.y + 60)
      #expect(seen.shows(ClassStyle(index: 1).color, near: border, distance: 1) == (index > 0))
    }
  }

  @Test func `parts of a single picture have no numbers`() throws {
    let figure = try draw(
      finding([consistency([10, 20, 30]), consistency([], changed: 0.5)]), pictures: pictures(3))
    #expect(try SeenFigure(figure).parts(of: Text.self).contains { $0.content.lines == ["–"] })
    #expect(figure.caption.contains("A dash stands for parts of fewer than two pictures.") == false)
    let few = CorrespondenceFinding(
      parts: ["eye"], pictureCounts: [1],
      layers: [.init(name: "relu", parts: [consistency([])], random: [[consistency([])]])])
    let empty = try draw(few, pictures: pictures(1))
    #expect(empty.caption.contains("A dash stands for parts of fewer than two pictures."))
    try expectSound(empty)
  }

  @Test(.slow, arguments: [(1, 1, 2), (8, 300, 5), (224, 224, 13)])
  func `fit any pictures, names and layers`(width: Int, height: Int, count: Int) throws {
    for names in [["eye", "nose"], [longName, longName]] {
      for layers in [1, 3] {
        let figure = try draw(
          finding([consistency([10, 20, 30]), consistency([0])], names: names, layers: layers),
          pictures: pictures(count, width: width, height: height), side: 3, className: names[0])
        try expectSound(figure)
        #expect(figure.caption.contains("squares of 3×3 pixels (grey)"))
        #expect(figure.caption.contains("the first 10 are shown") == (count > 10))
      }
    }
  }
}
