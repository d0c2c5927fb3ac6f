import Analysis
import Galleries
import Images
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Feature map figures` {
  private func finding(units: Int, side: Int, layer: String, scale: Float = 1) throws -> (
    Network, FeatureMapFinding
  ) {
    let net = try network(
      filters: .random([units, 3, 3, 3], seed: units) * scale, pictureSide: side)
    let input = Tensor.random([1, 3, side, side], seed: 5)
    let findings = try FeatureMapAnalysis().run(on: net, picture: input, layers: [layer])
    return (net, findings[0])
  }

  @Test(.slow, arguments: [(1, 3), (1, 64), (64, 30), (512, 9), (7, 226)], ["conv", "relu"])
  func `fit any shape`(shape: (units: Int, side: Int), layer: String) throws {
    let (net, finding) = try finding(units: shape.units, side: shape.side, layer: layer)
    for scale in FeatureMapScale.allCases {
      for order in FeatureMapOrder.allCases {
        let figure = featureMapFigure(
          of: finding, layer: LayerDescription(of: layer, in: net),
          seen: .picture(Image.noise(shape.side, shape.side)), source: longName, scale: scale,
          order: order
        )
        try expectSound(figure)
        #expect(figure.units.count == min(64, shape.units))
      }
    }
  }

  @Test func `the strongest unit comes first, or the first in order`() throws {
    let (net, finding) = try finding(units: 9, side: 8, layer: "relu")
    let layer = LayerDescription(of: "relu", in: net)
    func units(order: FeatureMapOrder = .strongestFirst, units: [Int] = []) -> [Int] {
      featureMapFigure(
        of: finding, layer: layer, seen: .picture(Image.noise(8, 8)), source: "", order: order,
        units: units
      ).units
    }
    #expect(units() == finding.strongest)
    #expect(units(order: .byUnit) == Array(0..<9))
    #expect(units(units: [5, 1]) == [5, 1])
  }

  @Test func `dead units are counted and named, at most twenty`() throws {
    let (net, finding) = try finding(units: 300, side: 6, layer: "relu", scale: 0)
    let figure = featureMapFigure(
      of: finding, layer: LayerDescription(of: "relu", in: net), seen: .picture(Image.noise(6, 6)),
      source: "black.png")
    #expect(
      figure.caption.hasSuffix(
        "300 of 300 units are dead in this picture, zero everywhere: 0, 1, 2, 3, 4, 5, 6, 7, "
          + "8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 and 280 more."))
    try expectSound(figure)
  }

  @Test func `units that are only negative are not dead`() throws {
    let filters = Tensor(shape: [2, 3, 1, 1], [-1, -1, -1, 0, 0, 0])
    let net = try network(filters: filters, pictureSide: 4)
    let input = Tensor(shape: [1, 3, 4, 4], repeating: 1)
    let findings = try FeatureMapAnalysis().run(
      on: net, picture: input, layers: ["conv", "relu"])
    #expect(findings.map(\.zero) == [[1], [0, 1]])
    #expect(findings.map(\.isRectified) == [false, true])
    let captions = findings.map { finding in
      featureMapFigure(
        of: finding, layer: LayerDescription(of: finding.layer, in: net),
        seen: .picture(Image.noise(4, 4)), source: "a.png"
      ).caption
    }
    #expect(captions[0].hasSuffix("1 of 2 units is zero everywhere: 1."))
    #expect(
      captions[1].hasSuffix("2 of 2 units are dead in this picture, zero everywhere: 0 and 1."))
  }

  @Test func `signed maps get a scale about zero`() throws {
    let (net, finding) = try finding(units: 4, side: 8, layer: "conv")
    let figure = featureMapFigure(
      of: finding, layer: LayerDescription(of: "conv", in: net), seen: .picture(Image.noise(8, 8)),
      source: "a.png")
    #expect(figure.caption.contains("red is positive, blue negative and white zero"))
    #expect(figure.scale == "per map, about zero")
  }

  @Test(arguments: ["conv", "relu"])
  func `values that are not finite are hatched and counted`(layer: String) throws {
    var numbers = Tensor.random([6, 3, 3, 3], seed: 1).elements
    numbers[30] = .nan
    let net = try network(filters: Tensor(shape: [6, 3, 3, 3], numbers), pictureSide: 8)
    let finding = try FeatureMapAnalysis().run(
      on: net, picture: .random([1, 3, 8, 8], seed: 5), layers: [layer])[0]
    let figure = featureMapFigure(
      of: finding, layer: LayerDescription(of: layer, in: net), seen: .picture(Image.noise(8, 8)),
      source: "a.png")
    try expectSound(figure)
    #expect(
      figure.caption.contains(
        "Hatched are 36 values that are not finite. Values of 1 unit of 6 are not finite."))
    #expect(!figure.caption.contains("Every unit is positive"))
    #expect(figure.units.last == 1)
    #expect(try hatchedPixels(figure) > 200)
  }

  @Test func `units that saturate say by what they are ordered`() throws {
    let graph = try Graph(
      inputShape: [3, 8, 8],
      [
        Graph.Node("conv", Convolution(3), inputs: ["input"], parameters: ["w"]),
        Graph.Node("relu6", Activation(.clip(lower: 0, upper: 6)), inputs: ["conv"]),
      ])
    let net = try Network(
      graph: graph, parameters: Parameters(["w": .random([4, 3, 3, 3], seed: 1) * 20]))
    let finding = try FeatureMapAnalysis().run(
      on: net, picture: .random([1, 3, 8, 8], seed: 5), layers: ["relu6"])[0]
    let figure = featureMapFigure(
      of: finding, layer: LayerDescription(of: "relu6", in: net), seen: .picture(Image.noise(8, 8)),
      source: "a.png")
    try expectSound(figure)
    #expect(
      figure.caption.contains(
        "The strongest unit comes first, by the 99th percentile of its map inside the border; ties "
          + "are broken by the values of conv."))
  }
}
