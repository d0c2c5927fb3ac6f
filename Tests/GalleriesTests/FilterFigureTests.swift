import Analysis
import Drawing
import Galleries
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Filter figures` {
  @Test(
    .slow,
    arguments: [
      [1, 3, 7, 7], [32, 3, 7, 7], [64, 3, 11, 11], [512, 3, 3, 3], [6, 1, 5, 5], [1, 1, 1, 1],
      [16, 6, 5, 5], [96, 64, 3, 3], [300, 400, 3, 3], [3, 24, 1, 9], [40, 48, 1, 1], [2, 2, 1, 1],
      [1, 2, 3, 3],
    ])
  func `fit any shape`(extents: [Int]) throws {
    let net = try network(filters: .random(Shape(extents), seed: 1))
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    for scale in [nil] + FilterScale.allCases {
      let figure = filterFigure(
        of: finding, layer: LayerDescription(of: "conv", in: net, model: longName), scale: scale)
      try expectSound(figure)
      #expect(figure.layer == "conv")
      #expect(figure.units.count <= extents[0] && !figure.units.isEmpty)
    }
  }

  @Test func `the greatest filters of a deep layer come first`() throws {
    let filters = Tensor(shape: [60, 40, 3, 3], (0..<60 * 360).map { Float($0 / 360 % 60) })
    let net = try network(filters: filters)
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    let figure = filterFigure(
      of: finding, layer: LayerDescription(of: "conv", in: net))
    #expect(figure.units == Array((48..<60).reversed()))
    #expect(
      figure.caption.contains(
        "The 12 of 60 filters with the greatest norm are shown, in that order."))
    #expect(
      figure.caption.contains("with the 12 of its 40 input channels whose weights"))
  }

  @Test(
    .slow,
    arguments: [
      (16, 16, nil, 16, 16), (17, 17, nil, 12, 12), (512, 512, nil, 12, 12), (5, 40, 24, 5, 24),
      (3, 8, 5, 3, 5), (3, 8, 100, 3, 8), (20, 4, nil, 12, 4),
    ])
  func `deep layers have few, large tiles, or as many as are asked for`(
    filters: Int, channels: Int, inputChannels: Int?, rows: Int, columns: Int
  ) throws {
    let net = try network(filters: .random([filters, channels, 3, 3], seed: 1))
    let figure = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net), inputChannels: inputChannels)
    try expectSound(figure)
    #expect(figure.units.count == rows)
    let grid = try #require(SeenFigure(figure).parts(of: TileGrid.self).first)
    #expect(grid.content.columns == columns)
    #expect(grid.frame.width <= 1100)
    if columns <= 16 { #expect(grid.content.zoom * 3 >= 50) }
  }

  @Test func `wanted units are shown in their order, others ignored`() throws {
    let net = try network(filters: .random([60, 40, 3, 3], seed: 1))
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    let layer = LayerDescription(of: "conv", in: net)
    #expect(filterFigure(of: finding, layer: layer, units: [41, 2, 99]).units == [41, 2])
  }

  @Test func `dead and nearly equal filters are named`() throws {
    let one = Tensor.random([1, 3, 5, 5], seed: 1)
    let other = Tensor.random([1, 3, 5, 5], seed: 2)
    let filters = Tensor(concatenatingRows: [one, other, one * 2, other * -1, one * 0])
    let net = try network(filters: filters)
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    let figure = filterFigure(
      of: finding, layer: LayerDescription(of: "conv", in: net))
    #expect(
      figure.caption.hasSuffix(
        "Crossed out as dead, with a norm below 2 % of the median: 4; orange corners, with the cosine "
          + "between each two, mark nearly equal filters: 0 ≈ 2 (1); and nearly opposite ones: 1 ↔ 3 "
          + "(−1)."))
    try expectSound(figure)
  }

  @Test func `pairs of a deeper layer are named beside their numbers`() throws {
    let one = Tensor.random([1, 4, 3, 3], seed: 1)
    let other = Tensor.random([1, 4, 3, 3], seed: 2)
    let filters = Tensor(concatenatingRows: [one, other, one * 2, other * -1])
    let net = try network(filters: filters)
    let figure = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net))
    #expect(
      figure.caption.hasSuffix(
        "No filter is dead; signs beside their numbers, with the cosine between each two, mark "
          + "nearly equal filters: 0 ≈ 2 (1); and nearly opposite ones: 1 ↔ 3 (−1)."))
    #expect(!figure.caption.contains("corners"))
    for heading in ["0 ≈ 2", "1 ↔ 3", "2 ≈ 0", "3 ↔ 1"] {
      #expect(figure.sheet.labels.contains(heading))
    }
  }

  @Test func `the scale is stated`() throws {
    let net = try network(filters: Tensor(shape: [2, 1, 1, 2], [0.5, -0.25, 0.1, 0]))
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    let layer = LayerDescription(of: "conv", in: net)
    let joint = filterFigure(of: finding, layer: layer)
    #expect(joint.scale == "joint, symmetric, ±0.5")
    #expect(
      joint.caption.contains(
        "All share one scale, on which the darkest colours are weights of ±0.5."))
    let own = filterFigure(of: finding, layer: layer, scale: .perFilter)
    #expect(own.scale == "per tile, symmetric about zero")
  }

  @Test(arguments: [
    ([0.5, -0.25], "±0.5"), ([0, 0], "0"), ([0, .nan], "0"), ([.nan, .nan], "not finite"),
  ])
  func `below a tile is how far its scale goes`(weights: [Float], text: String) {
    let range = Scaling.symmetric.range(of: weights)
    #expect(SignedScale.detail(of: weights, range) == text)
  }

  /// In colour, with one channel, as rows, and as a matrix.
  @Test(arguments: [[5, 3, 3, 3], [5, 1, 3, 3], [5, 4, 3, 3], [5, 4, 1, 1]])
  func `weights that are not finite are hatched and counted`(extents: [Int]) throws {
    var numbers = Tensor.random(Shape(extents), seed: 3).elements
    let width = numbers.count / 5
    (numbers[width], numbers[2 * width + 1]) = (.nan, -.infinity)
    let net = try network(filters: Tensor(shape: Shape(extents), numbers))
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    let figure = filterFigure(of: finding, layer: LayerDescription(of: "conv", in: net))
    try expectSound(figure)
    let cells = extents[1] == 3 ? "pixels" : "weights"
    #expect(figure.caption.contains("Hatched are 2 \(cells) that are not finite."))
    #expect(figure.caption.contains("Not all weights are finite in filters 1 and 2"))
    #expect(figure.caption.contains("No filter is dead"))
    #expect(try hatchedPixels(figure) > 20)
    let sound = try network(filters: .random(Shape(extents), seed: 3))
    let whole = filterFigure(
      of: try FilterAnalysis().run(on: sound, layer: "conv"),
      layer: LayerDescription(of: "conv", in: sound))
    #expect(!whole.caption.contains("finite"))
  }

  @Test func `filters without one finite weight are drawn`() throws {
    let net = try network(filters: Tensor(shape: [4, 3, 2, 2], repeating: .nan))
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    let figure = filterFigure(of: finding, layer: LayerDescription(of: "conv", in: net))
    try expectSound(figure)
    #expect(figure.caption.contains("Not all weights are finite in filters 0, 1, 2 and 3"))
  }
}
