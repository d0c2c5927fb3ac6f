import Analysis
import Drawing
import Foundation
import Galleries
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Figures of volumes` {
  private func convolution(
    _ window: [Int], stride: Int = 1, isPadded: Bool = true, dilation: Int = 1
  ) -> Convolution {
    let padding = window.map { isPadded ? $0 / 2 * dilation : 0 }
    return Convolution(
      window: window,
      moves: WindowGeometry(
        stride: window.map { _ in stride }, dilation: window.map { _ in dilation },
        paddingBefore: padding, paddingAfter: padding))
  }

  private func network(
    _ input: [Int], filters: Int, window: [Int] = [3, 3, 3], stride: Int = 1
  ) throws -> Network {
    var sketch = NetworkSketch(Shape(input), seed: 1)
    try sketch.convolution("conv", filters: filters, convolution(window, stride: stride))
    try sketch.add("relu", Activation.relu)
    return try sketch.network()
  }

  @Test(
    .slow,
    arguments: [
      [1, 1, 1, 1, 1], [12, 1, 3, 3, 3], [70, 1, 3, 5, 5], [16, 3, 5, 7, 7], [6, 1, 2, 3, 3],
      [20, 12, 3, 3, 3], [5, 24, 40, 3, 3], [40, 64, 1, 1, 1], [4, 1, 100, 2, 9],
      [300, 3, 3, 3, 3],
    ])
  func `with filters fit any shape`(extents: [Int]) throws {
    let window = Array(extents.dropFirst(2))
    let net = try network([extents[1]] + window, filters: extents[0], window: window)
    let finding = try FilterAnalysis().run(on: net, layer: "conv")
    for scale in [nil] + FilterScale.allCases {
      let figure = filterFigure(
        of: finding, layer: LayerDescription(of: "conv", in: net, model: longName), scale: scale)
      try expectSound(figure)
      #expect(figure.units.count <= extents[0] && !figure.units.isEmpty)
      #expect(figure.sheet.size.width < 1300)
    }
  }

  @Test func `with filters name the frames of their slices`() throws {
    func figure(_ depth: Int, dilation: Int = 1, scale: FilterScale? = nil) throws
      -> CaptionedFigure
    {
      var sketch = NetworkSketch([1, 12, 8, 8], seed: 1)
      try sketch.convolution(
        "conv", filters: 2, convolution([depth, 3, 3], dilation: dilation))
      let net = try sketch.network()
      return filterFigure(
        of: try FilterAnalysis().run(on: net, layer: "conv"),
        layer: LayerDescription(of: "conv", in: net), scale: scale)
    }
    #expect(try figure(3).caption.contains("left to right t−1, t and t+1, where t is the middle"))
    #expect(try figure(2).caption.contains("left to right t and t+1, where t is the first"))
    #expect(try figure(3, dilation: 2).caption.contains("left to right t−2, t and t+2"))
    let labels = try figure(3).sheet.labels
    #expect(labels.contains("t−1") && labels.contains("t") && labels.contains("t+1"))
    #expect(try figure(3).scale.hasPrefix("joint, symmetric, ±"))
    #expect(try figure(3, scale: .perFilter).scale == "per filter, symmetric about zero")
  }

  @Test func `have one scale for all slices of a filter`() throws {
    // The first slice has half the weight of the last.
    let weights = Tensor(shape: [1, 1, 2, 1, 1], [0.5, 1])
    var sketch = NetworkSketch([1, 2, 1, 1], seed: 1)
    try sketch.add(
      "conv", convolution([2, 1, 1], isPadded: false), parameters: [("w", weights)])
    let net = try sketch.network()
    for scale in FilterScale.allCases {
      let seen = try SeenFigure(
        filterFigure(
          of: FilterAnalysis().run(on: net, layer: "conv"),
          layer: LayerDescription(of: "conv", in: net), scale: scale))
      let half = try seen.area(of: Colormap.blueWhiteRed(0.75))
      let whole = try seen.area(of: Colormap.blueWhiteRed(1))
      #expect(half.maxX < whole.x && half.y == whole.y)
    }
  }

  private func figure(
    _ net: Network, _ layer: String, _ input: Tensor, scale: FeatureMapScale = .perMap,
    units: [Int] = []
  ) throws -> CaptionedFigure {
    let finding = try FeatureMapAnalysis().run(on: net, picture: input, layers: [layer])[0]
    return featureMapFigure(
      of: finding, layer: LayerDescription(of: layer, in: net),
      seen: .volume(input.reshaped(to: Shape(Array(input.shape.extents.dropFirst())))),
      source: longName, scale: scale, units: units)
  }

  @Test(
    .slow,
    arguments: [
      ([1, 1, 1, 1], 1, 1), ([1, 16, 12, 16], 24, 2), ([3, 300, 4, 4], 5, 1),
      ([2, 4, 90, 7], 3, 1),
      ([1, 3, 200, 120], 2, 3),
    ], ["conv", "relu"])
  func `with maps fit any shape`(
    shape: (input: [Int], units: Int, stride: Int), layer: String
  ) throws {
    let net = try network(shape.input, filters: shape.units, stride: shape.stride)
    let input = Tensor.random(Shape([1] + shape.input), seed: 3)
    for scale in FeatureMapScale.allCases {
      let figure = try figure(net, layer, input, scale: scale)
      try expectSound(figure)
      #expect(figure.units.count == min(10, shape.units))
      #expect(figure.sheet.size.width < 1300)
    }
    try expectSound(figure(net, layer, input, units: [0]))
  }

  @Test func `with many maps are in bands that fit on a sheet`() throws {
    let net = try network([1, 40, 4, 4], filters: 600)
    let figure = try figure(
      net, "relu", .random([1, 1, 40, 4, 4], seed: 1), units: Array(0..<600))
    #expect(figure.units.count == 600)
    #expect(figure.sheet.size.height < 32_767 && figure.sheet.size.width < 1300)
    #expect(figure.caption.contains("6 of 40 frames are shown, spread evenly."))
  }

  @Test func `with maps of zeros and gaps are sound`() throws {
    let net = try network([1, 4, 6, 6], filters: 3)
    try expectSound(figure(net, "relu", Tensor(shape: [1, 1, 4, 6, 6], repeating: 0)))
    var values = Tensor.random([1, 1, 4, 6, 6], seed: 1).elements
    values[40] = .nan
    let strays = try figure(net, "conv", Tensor(shape: [1, 1, 4, 6, 6], values))
    try expectSound(strays)
    #expect(strays.caption.contains("that are not finite."))
    #expect(try hatchedPixels(strays) > 200)
  }

  @Test func `have maps beside the frames that they are of`() throws {
    // Without padding, the windows of 3 frames at every second frame have frames 1, 3, 5 in their
    // middles.
    var weights = [Float](repeating: 0, count: 3)
    weights[1] = 1
    var sketch = NetworkSketch([1, 7, 1, 1], seed: 1)
    try sketch.add(
      "conv",
      Convolution(
        window: [3, 1, 1],
        moves: WindowGeometry(
          stride: [2, 1, 1], dilation: [1, 1, 1], paddingBefore: [0, 0, 0],
          paddingAfter: [0, 0, 0])),
      parameters: [("w", Tensor(shape: [1, 1, 3, 1, 1], weights))])
    var values = [Float](repeating: 0, count: 7)
    values[3] = 1
    let figure = try figure(
      sketch.network(), "conv", Tensor(shape: [1, 1, 7, 1, 1], values), units: [0])
    let labels = figure.sheet.labels
    #expect(labels.filter { $0.hasPrefix("frame ") } == ["frame 1", "frame 3", "frame 5"])
    #expect(figure.caption.contains("receptive field of 3 frames; rows are 2 frames apart."))
    // The frame with the impulse is white, and so bright beside it is its map.
    let seen = try SeenFigure(figure)
    let table = try #require(seen.parts(of: PictureTable.self).first)
    let pictures = table.content.parts.filter { $0.content is Picture }.map {
      $0.frame.offset(x: table.frame.x, y: table.frame.y)
    }
    #expect(pictures.count == 6)
    let bright = pictures.indices.filter { index in
      seen.shows(
        index.isMultiple(of: 2) ? .white : Colormap.viridis(1), at: pictures[index].center)
    }
    #expect(bright == [2, 3])
  }

  // MARK: Snapshots

  /// Filters of three frames: a spot, its change over time, and edges that move right and down.
  private func knownFilters(channels: Int = 1) -> Tensor {
    var weights: [Float] = []
    for filter in 0..<4 {
      for channel in 0..<channels {
        for t in -1...1 {
          for y in -2...2 {
            for x in -2...2 {
              let spot = exp(-Double(x * x + y * y) / 2)
              let value =
                switch filter {
                case 0: spot
                case 1: Double(t) * spot
                case 2: Double(x - t) * exp(-Double((x - t) * (x - t) + y * y) / 3)
                default: Double(y - t) * exp(-Double(x * x + (y - t) * (y - t)) / 3)
                }
              weights.append(Float(channel == filter % channels ? value : -0.3 * value))
            }
          }
        }
      }
    }
    return Tensor(shape: [4, channels, 3, 5, 5], weights)
  }

  private func known(_ filters: Tensor, frames: Int = 6) throws -> Network {
    var sketch = NetworkSketch([filters.shape[1], frames, 16, 16], seed: 1)
    try sketch.add("conv", convolution([3, 5, 5]), parameters: [("w", filters)])
    try sketch.add("relu", Activation.relu)
    return try sketch.network()
  }

  @Test(arguments: [
    (1, "volume-filters"), (3, "volume-filters-colour"), (4, "volume-filters-deep"),
  ])
  func `with known filters are as they were`(channels: Int, name: String) throws {
    let net = try known(knownFilters(channels: channels))
    let figure = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net))
    try expectSnapshot(graphics(of: figure), named: name)
  }

  @Test func `with the maps of a known volume are as they were`() throws {
    // A square that moves to the right, two pixels per frame.
    let values = (0..<6).flatMap { frame in
      (0..<256).map { place -> Float in
        let (x, y) = (place % 16, place / 16)
        return (2 * frame..<(2 * frame + 4)).contains(x) && (6..<10).contains(y) ? 1 : 0
      }
    }
    let input = Tensor(shape: [1, 1, 6, 16, 16], values)
    try expectSnapshot(
      graphics(of: figure(known(knownFilters()), "conv", input)), named: "volume-features")
  }

  @Test func `with the layers of a block share their units`() throws {
    let net = try network([1, 6, 8, 8], filters: 9)
    let input = Tensor.random([1, 1, 6, 8, 8], seed: 2)
    let fields = net.receptiveFields()
    let rows = try FeatureMapAnalysis().run(on: net, picture: input, layers: ["conv", "relu"]).map {
      FeatureBlockRow($0, kind: net.graph[$0.layer]?.operation.kind ?? "", field: fields[$0.layer])
    }
    for scale in FeatureMapScale.allCases {
      let figure = featureBlockFigure(
        of: rows, layer: LayerDescription(of: "conv", in: net),
        seen: .volume(input.reshaped(to: [1, 6, 8, 8])), source: "a", scale: scale)
      try expectSound(figure)
      #expect(figure.units.count == 6)
      #expect(try SeenFigure(figure).parts(of: PictureTable.self).count == 2)
    }
  }
}
