import Analysis
import Drawing
import Foundation
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Figures of factors` {
  private struct Drawn {
    let findings: [FactorFinding]
    let layers: [LayerDescription]
  }

  /// Twelve pictures: every combination of three words and four numbers, unless `count` is less.
  private func drawn(count: Int = 12) throws -> Drawn {
    let net = try classifier(classes: 4, side: 8)
    let factors = [
      FactorLevels("kind", words: (0..<count).map { ["ant", "bee", "cat"][$0 % 3] }),
      FactorLevels("size", numbers: (0..<count).map { Double($0 / 3) }),
    ]
    let layers = ["relu", "scores"]
    return Drawn(
      findings: try layers.enumerated().map { index, layer in
        try factorVariance(
          of: .random([count, 9], seed: index), by: factors, layer: layer,
          pictures: Array(0..<count), featureCount: 9)
      }, layers: layers.map { LayerDescription(of: $0, in: net) })
  }

  @Test func `show pictures and the means of values, one column for each layer`() throws {
    let drawn = try drawn()
    let colors = [Color(hex: 0x13579B), Color(hex: 0x97531F), Color(hex: 0x2468AC)]
    var asked: [Int] = []
    let figure = try factorFigure(
      of: "kind", in: drawn.findings, layers: drawn.layers,
      colors: .words((0..<12).map { $0 % 3 }, values: ["ant", "bee", "cat"], factor: "kind"),
      examples: [0, 1, 2]
    ) {
      asked.append($0)
      let bytes = colors[$0].bytes
      return .picture(
        Image(width: 8, height: 8, red: bytes.red, green: bytes.green, blue: bytes.blue))
    }
    #expect(asked.sorted() == [0, 1, 2], "each is decoded once")
    try expectSound(figure)
    let seen = try SeenFigure(figure)
    #expect(try seen.plots(of: ScatterPlot.self).count == 2)
    let means = try seen.plots(of: ThumbnailPlot.self)
    try #require(means.count == 2)
    for (plot, finding) in zip(means, drawn.findings) {
      let values = finding.parts[0].means.elements
      for (level, color) in colors.enumerated() {
        let area = try seen.area(of: color, within: plot.area)
        let place = plot.place(Point(Double(values[2 * level]), Double(values[2 * level + 1])))
        #expect(abs(area.middle.x - place.x) <= 2 && abs(area.middle.y - place.y) <= 2)
      }
    }
    #expect(figure.caption.contains("Colours are values of “kind”."))
  }

  @Test func `show the curves of series on one axis, and the middle frames of volumes`() throws {
    let drawn = try drawn()
    func figure(_ example: (Int) throws -> SeenExample) throws -> CaptionedFigure {
      try factorFigure(
        of: "kind", in: drawn.findings, layers: drawn.layers,
        colors: .words((0..<12).map { $0 % 3 }, values: ["ant", "bee", "cat"], factor: "kind"),
        examples: [0, 1, 2], example: example)
    }
    var asked: [Int] = []
    let series = try figure { index in
      asked.append(index)
      return .series(
        Tensor(shape: [1, 50], (0..<50).map { Float(index + 1) * sin(Float($0) / 4) }))
    }
    try expectSound(series)
    #expect(Set(asked) == [0, 1, 2])
    #expect(series.subtitle.contains("12 examples"))
    #expect(series.caption.contains("each curve is an example of a value of the factor"))
    // The greatest has an amplitude of 3, and there is room above it.
    #expect(series.caption.contains("All curves share one vertical axis, −3.36 … 3.35"))
    // The middle of five frames is green.
    let green = Color(hex: 0x00FF00)
    let volume = try figure { _ in
      .volume(
        Tensor(
          shape: [3, 5, 6, 6],
          (0..<540).map { place in place / 180 == 1 && place / 36 % 5 == 2 ? 1 : 0 }))
    }
    try expectSound(volume)
    #expect(volume.caption.contains("Of each example the middle frame is shown."))
    let seen = try SeenFigure(volume)
    for plot in try seen.plots(of: ThumbnailPlot.self) {
      #expect(!seen.areas(of: green, within: plot.area).isEmpty)
    }
  }

  @Test func `tell the shares of each layer in a table`() throws {
    let balanced = try drawn()
    let figure = factorTable(of: balanced.findings, layers: balanced.layers)
    try expectSound(figure)
    #expect(figure.caption.contains("The parts are orthogonal"))
    let labels = figure.sheet.labels
    for name in ["kind (3 values)", "size (4 values)", "residual", "relu", "scores"] {
      #expect(labels.contains(name), "\(name)")
    }
    let uneven = try drawn(count: 11)
    let other = factorTable(of: uneven.findings, layers: uneven.layers, leftOut: "Left out: all.")
    try expectSound(other)
    #expect(
      other.caption.contains("are not orthogonal") && other.caption.contains("Left out: all."))
  }

  @Test func `of neighbour embeddings state the divergence and show no variance`() throws {
    let net = try network(filters: .random([4, 3, 3, 3], seed: 1), pictureSide: 5)
    let scan = EmbeddingScan(net, layer: "relu", pooling: .mean, expected: 40, seed: 0)
    let input = Tensor.random([40, 3, 5, 5], seed: 2)
    scan.observe(net.record(input, keeping: .only(["relu"])), pictures: Array(0..<40))
    var method = NeighborEmbedding(perplexity: 5)
    method.steps = 100
    let finding = try #require(try scan.finding(by: method))
    let layer = LayerDescription(of: "relu", in: net)
    let figure = embeddingFigure(of: finding, layer: layer, colors: .labels([], names: []))
    try expectSound(figure)
    #expect(figure.method == "t-SNE")
    #expect(figure.caption.contains("the Kullback–Leibler divergence is "))
    #expect(!figure.caption.contains("Bars"))
    let seen = try SeenFigure(figure)
    #expect(seen.parts(of: BarPlot.self).isEmpty)
    method.perplexity = 20
    #expect(try scan.finding(by: method) == nil)
  }
}
