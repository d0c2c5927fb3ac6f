import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Invariance figures` {
  private let colors = [Color(hex: 0x13579B), Color(hex: 0x97531F), Color(hex: 0x2468AC)]

  private struct Drawn {
    let findings: [InvarianceFinding]
    let layers: [LayerDescription]
  }

  private func drawn(
    pictures: Int, sweeps: [TransformationSweep], layers: [String] = ["relu", "scores"]
  ) throws -> Drawn {
    let net = try classifier(classes: 4, side: 8)
    var analysis = InvarianceAnalysis(net, layers: layers, sweeps: sweeps, surround: .edge)
    for index in 0..<pictures {
      _ = analysis.add(
        .random([1, 3, 8, 8], seed: index), index: index, classIndex: nil, batchSize: 8)
    }
    return Drawn(
      findings: analysis.findings, layers: layers.map { LayerDescription(of: $0, in: net) })
  }

  private func figure(
    _ drawn: Drawn, _ finding: InvarianceFinding, measure: FeatureDistance = .euclidean,
    name: String = "picture"
  ) -> CaptionedFigure {
    let pictures = finding.pictures.map { index in
      SweptPicture(
        name: "\(name) \(index)", className: "class of \(index)",
        images: finding.sweep.amounts.indices.map { step in
          let bytes = colors[step % 3].bytes
          return Image(width: 8, height: 8, red: bytes.red, green: bytes.green, blue: bytes.blue)
        })
    }
    return invarianceFigure(
      of: finding, pictures: pictures, layers: drawn.layers, measure: measure,
      surround: "the nearest pixel of their edge", labelled: 0)
  }

  @Test func `show means at their amounts, above the pictures of these amounts`() throws {
    let drawn = try drawn(
      pictures: 2, sweeps: [TransformationSweep(.horizontal, amounts: [-2, 0, 2])])
    let finding = drawn.findings[0]
    let figure = figure(drawn, finding)
    try expectSound(figure)
    let seen = try SeenFigure(figure)
    let plots = try seen.plots(of: LinePlot.self)
    // Two layers and the probability.
    try #require(plots.count == 3)
    for (plot, curves) in zip(
      plots, finding.layers.map(\.distances) + [finding.probabilities])
    {
      #expect(plot.area.x == plots[0].area.x && plot.area.width == plots[0].area.width)
      for (amount, value) in zip([-2.0, 0, 2], InvarianceFinding.mean(of: curves)) {
        let place = plot.place(Point(amount, value))
        #expect(seen.shows(Theme.text, near: place, distance: 2), "\(amount): \(value)")
      }
    }
    // One row for each picture, in the order of the amounts.
    for (step, color) in colors.enumerated() {
      let areas = seen.areas(of: color)
      #expect(areas.count == 2)
      let expected = plots[0].place(Point(Double(2 * step - 2), 0)).x
      for area in areas {
        #expect(abs(area.middle.x - expected) <= 1)
        #expect(Double(area.y) > plots[2].area.maxY)
      }
    }
    #expect(seen.parts(of: Text.self).contains { $0.content.lines == ["pixels to the right"] })
    #expect(figure.caption.contains("outside them is the nearest pixel of their edge."))
    try expectSnapshot(graphics(of: figure), named: "invariance")
  }

  @Test(.slow, arguments: PictureTransformation.allCases, FeatureDistance.allCases)
  func `fit any number of pictures and amounts`(
    transformation: PictureTransformation, measure: FeatureDistance
  ) throws {
    for (pictures, steps) in [(1, 3), (3, 37), (8, 13)] {
      let drawn = try drawn(
        pictures: pictures,
        sweeps: [TransformationSweep(transformation, over: 0.5...2, steps: steps)])
      try expectSound(figure(drawn, drawn.findings[0], measure: measure, name: longName))
    }
  }

  @Test func `say what their marks are`() throws {
    let sweep = TransformationSweep(.rotation, amounts: [0, 120, 240])
    let several = try drawn(pictures: 7, sweeps: [sweep])
    let caption = figure(several, several.findings[0]).caption
    #expect(caption.contains("of which the first 5 are shown"))
    #expect(caption.contains("Dashed black") && caption.contains("Dashed grey"))
    #expect(caption.contains("the network's first choice for the original"))
    let one = try drawn(pictures: 1, sweeps: [sweep])
    #expect(!figure(one, one.findings[0]).caption.contains("Dashed grey"))
    let cosine = figure(several, several.findings[0], measure: .cosine).caption
    #expect(cosine.contains("1 − cosine") && !cosine.contains("Dashed"))
  }

  @Test func `answer in a table, with the thresholds`() throws {
    let drawn = try drawn(
      pictures: 3,
      sweeps: [
        TransformationSweep(.vertical, over: -3...3, steps: 3),
        TransformationSweep(.scale, over: 0.5...2, steps: 3),
      ])
    let figure = invarianceTable(of: drawn.findings, layers: drawn.layers)
    try expectSound(figure)
    #expect(figure.caption.contains("“yes” is up to 25 % of it, “no” from 75 % on"))
    let labels = figure.sheet.labels
    #expect(labels.contains("vertical translation") && labels.contains("scale"))
    let seen = try SeenFigure(figure)
    let table = try #require(seen.parts(of: WordTable.self).first)
    for (row, layer) in [0, 1].enumerated() {
      for (column, finding) in drawn.findings.enumerated() {
        let own = finding.layers[layer]
        let share = finding.overall(own.distances) / (try #require(own.spread))
        let cells = table.content.parts.filter { !($0.content is Text) }
        let cell = cells[row * 2 + column].frame.offset(x: table.frame.x, y: table.frame.y)
        let color = Colormap.blues(0.45 * min(share, 1))
        #expect(seen.shows(color, at: Point(cell.x + 4, cell.y + 4)))
      }
    }
    let single = try self.drawn(
      pictures: 1, sweeps: [TransformationSweep(.vertical, over: -3...3, steps: 3)])
    let other = invarianceTable(of: single.findings, layers: single.layers)
    try expectSound(other)
    #expect(other.caption.contains("There is no verdict"))
  }
}
