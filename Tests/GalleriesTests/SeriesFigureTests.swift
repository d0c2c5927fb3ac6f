import Analysis
import Drawing
import Foundation
import Galleries
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Figures of series` {
  private func convolution(_ window: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1)
    -> Convolution
  {
    Convolution(
      window: [window],
      moves: WindowGeometry(
        stride: [stride], dilation: [dilation], paddingBefore: [padding], paddingAfter: [padding]))
  }

  private func network(
    channels: Int = 1, length: Int, filters: Int, window: Int = 3, stride: Int = 1
  ) throws -> Network {
    var sketch = NetworkSketch([channels, length], seed: 1)
    try sketch.convolution(
      "conv", filters: filters, convolution(window, stride: stride, padding: window / 2))
    try sketch.add("relu", Activation.relu)
    return try sketch.network()
  }

  private func filters(_ extents: [Int], dilation: Int = 1) throws -> (Network, FilterFinding) {
    var sketch = NetworkSketch([extents[1], max(64, extents[2] * dilation)], seed: 2)
    try sketch.convolution(
      "conv", filters: extents[0], convolution(extents[2], dilation: dilation))
    let network = try sketch.network()
    return (network, try FilterAnalysis().run(on: network, layer: "conv"))
  }

  @Test(
    .slow,
    arguments: [
      [1, 1, 1], [1, 1, 2], [16, 1, 9], [70, 2, 5], [8, 4, 3], [3, 5, 7], [20, 64, 3],
      [5, 12, 400],
      [2, 1, 3000], [30, 40, 1], [512, 3, 4],
    ])
  func `with filters fit any shape`(extents: [Int]) throws {
    let (net, finding) = try filters(extents)
    for scale in [nil] + FilterScale.allCases {
      let figure = filterFigure(
        of: finding, layer: LayerDescription(of: "conv", in: net, model: longName), scale: scale)
      try expectSound(figure)
      #expect(figure.units.count <= extents[0] && !figure.units.isEmpty)
      #expect(figure.sheet.size.width < 1200)
    }
  }

  @Test func `with filters of a first layer have frequency responses`() throws {
    let (net, finding) = try filters([6, 2, 5], dilation: 2)
    let figure = filterFigure(of: finding, layer: LayerDescription(of: "conv", in: net))
    #expect(figure.title == "First-layer filters of series")
    #expect(figure.subtitle.contains("5-tap convolution, dilation 2"))
    #expect(figure.subtitle.hasSuffix("6 filters of 5 taps on 2 channels"))
    #expect(figure.caption.contains("the magnitude |H(f)|"))
    #expect(figure.caption.contains("Neighbouring taps are 2 samples apart."))
    let labels = figure.sheet.labels
    #expect(labels.contains("input channel 0") && labels.contains("input channel 1"))
    #expect(labels.count { $0 == "cycles per sample" } == 6)
    #expect(try SeenFigure(figure).parts(of: SignalPlot.self).count == 12)
  }

  @Test func `with the filters of one scale share an axis, others do not`() throws {
    let (net, finding) = try filters([2, 1, 5])
    let layer = LayerDescription(of: "conv", in: net)
    let joint = filterFigure(of: finding, layer: layer)
    #expect(joint.scale.hasPrefix("joint, "))
    #expect(joint.caption.contains("All filters share one vertical axis for weights and one"))
    let own = filterFigure(of: finding, layer: layer, scale: .perFilter)
    #expect(own.scale == "per filter, with zero")
    #expect(filterFigure(of: finding, layer: layer, units: [1, 9]).units == [1])
  }

  @Test func `with deeper filters are heat maps of the strongest channels`() throws {
    let (net, finding) = try filters([20, 48, 3])
    let layer = LayerDescription(of: "conv", in: net)
    let figure = filterFigure(of: finding, layer: layer, inputChannels: 5)
    #expect(figure.units.count == 12)
    #expect(figure.caption.contains("The 5 of 48 input channels whose weights"))
    #expect(try SeenFigure(figure).parts(of: NumberedMatrix.self).count == 12)
  }

  @Test func `name dead filters and hatch weights that are not finite`() throws {
    let one = Tensor.random([1, 1, 5], seed: 1)
    var stray = one.elements
    stray[2] = .nan
    let weights = Tensor(
      concatenatingRows: [one, one * 2, one * 0, Tensor(shape: [1, 1, 5], stray)])
    var sketch = NetworkSketch([1, 20], seed: 1)
    try sketch.add("conv", convolution(5), parameters: [("w", weights)])
    let net = try sketch.network()
    let figure = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net))
    try expectSound(figure)
    let texts = try SeenFigure(figure).parts(of: Text.self).map { $0.content.lines }
    for heading in ["0 ≈ 1", "1 ≈ 0", "2 dead", "3 not finite"] {
      #expect(texts.contains([heading]), "\(heading)")
    }
    #expect(figure.caption.contains("Hatched is 1 weight that is not finite."))
    #expect(try hatchedPixels(figure) > 100)
  }

  private func figure(
    _ net: Network, _ layer: String, _ input: Tensor, scale: FeatureMapScale = .perMap,
    order: FeatureMapOrder = .strongestFirst, units: [Int] = []
  ) throws -> CaptionedFigure {
    let finding = try FeatureMapAnalysis().run(on: net, picture: input, layers: [layer])[0]
    return featureMapFigure(
      of: finding, layer: LayerDescription(of: layer, in: net),
      seen: .series(input.reshaped(to: Shape(Array(input.shape.extents.dropFirst())))),
      source: longName, scale: scale, order: order, units: units)
  }

  @Test(
    .slow,
    arguments: [
      (1, 1, 1), (1, 2, 70), (3, 128, 8), (9, 300, 13), (70, 40, 5), (1, 100_000, 3),
      (5, 20_000, 40),
    ], ["conv", "relu"])
  func `with maps fit any shape`(
    shape: (channels: Int, length: Int, units: Int), layer: String
  ) throws {
    let net = try network(channels: shape.channels, length: shape.length, filters: shape.units)
    let input = Tensor.random([1, shape.channels, shape.length], seed: 3)
    for scale in FeatureMapScale.allCases {
      let figure = try figure(net, layer, input, scale: scale)
      try expectSound(figure)
      #expect(figure.units.count == min(64, shape.units))
    }
    let one = try figure(net, layer, input, order: .byUnit, units: [0])
    try expectSound(one)
    #expect(one.caption.contains("drawn as their envelope") == (shape.length > 1440))
  }

  @Test func `with maps of zeros, constants and gaps are sound`() throws {
    let net = try network(length: 40, filters: 4)
    let zeros = try figure(net, "relu", Tensor(shape: [1, 1, 40], repeating: 0))
    try expectSound(zeros)
    var values = Tensor.random([1, 1, 40], seed: 1).elements
    values[7] = .nan
    values[30] = .infinity
    let strays = try figure(net, "conv", Tensor(shape: [1, 1, 40], values))
    try expectSound(strays)
    #expect(strays.caption.contains("that are not finite."))
    #expect(try hatchedPixels(strays) > 200)
    try expectSound(figure(net, "conv", Tensor(shape: [1, 1, 40], repeating: .nan)))
  }

  /// The middle of the columns in which an area's curve is highest.
  private func peak(_ seen: SeenFigure, _ area: Rectangle, _ color: Color) -> Double? {
    for y in Int(area.y)..<Int(area.maxY) - 4 {
      let columns = (Int(area.x)..<Int(area.maxX)).filter {
        seen.shows(color, $0, y, tolerance: 60)
      }
      guard !columns.isEmpty else { continue }
      return Double(columns.reduce(0, +)) / Double(columns.count) + 0.5
    }
    return nil
  }

  @Test(arguments: [(3, 1), (5, 4), (9, 8)])
  func `have an impulse and what it causes in one column`(window: Int, stride: Int) throws {
    // Without padding: positions begin half a window after the first sample.
    let taps = (0..<window).map { $0 == window / 2 ? Float(1) : 0.1 }
    var sketch = NetworkSketch([1, 128], seed: 1)
    try sketch.add(
      "conv", convolution(window, stride: stride),
      parameters: [("w", Tensor(shape: [1, 1, window], taps))])
    let sample = window / 2 + 6 * stride
    var values = [Float](repeating: 0, count: 128)
    values[sample] = 1
    let figure = try figure(
      sketch.network(), "conv", Tensor(shape: [1, 1, 128], values), units: [0])
    #expect(figure.caption.contains("its receptive field of \(window) samples"))
    let seen = try SeenFigure(figure)
    let (stack, frame) = try #require(seen.parts(of: SignalStack.self).first)
    let expected = frame.x + stack.place(of: Double(sample))
    let areas = stack.areas.map { $0.offset(x: frame.x, y: frame.y) }
    #expect(areas.count == 2)
    let input = try #require(peak(seen, areas[0], Theme.text))
    let map = try #require(peak(seen, areas[1], Theme.accent))
    #expect(abs(input - expected) <= 1 && abs(map - expected) <= 1, "\(input), \(map), \(expected)")
  }

  @Test func `with the layers of a block share the axis of the input`() throws {
    var sketch = NetworkSketch([1, 64], seed: 1)
    try sketch.convolution("conv1", filters: 8, convolution(5, padding: 2))
    try sketch.add("relu1", Activation.relu)
    try sketch.add(
      "pool1",
      MaxPool(
        PoolingGeometry(
          window: [2],
          moves: WindowGeometry(
            stride: [2], dilation: [1], paddingBefore: [0], paddingAfter: [0]))))
    let net = try sketch.network()
    let block = try #require(net.convolutionBlock(of: "relu1"))
    #expect(block == ["conv1", "relu1", "pool1"])
    let input = Tensor.random([1, 1, 64], seed: 2)
    let fields = net.receptiveFields()
    let rows = try FeatureMapAnalysis().run(on: net, picture: input, layers: block).map {
      FeatureBlockRow($0, kind: net.graph[$0.layer]?.operation.kind ?? "", field: fields[$0.layer])
    }
    for scale in FeatureMapScale.allCases {
      let figure = featureBlockFigure(
        of: rows, layer: LayerDescription(of: "conv1", in: net),
        seen: .series(input.reshaped(to: [1, 64])), source: "a.csv", scale: scale)
      try expectSound(figure)
      #expect(figure.units.count == 6)
      let stacks = try SeenFigure(figure).parts(of: SignalStack.self)
      #expect(stacks.count == 1 && stacks[0].content.areas.count == 19)
    }
  }

  // MARK: Snapshots

  /// Four filters of two channels and nine taps: a mean, an edge, a wave and a difference of channels.
  private func knownFilters() throws -> Network {
    let taps = (0..<9).map { Double($0 - 4) }
    let mean = taps.map { exp(-$0 * $0 / 4) }
    let edge = taps.map { $0 * exp(-$0 * $0 / 4) }
    let wave = taps.map { cos(2 * .pi * $0 / 4) * exp(-$0 * $0 / 8) }
    let filters = [
      (mean, mean.map { 0.5 * $0 }), (edge, edge.map { -$0 }), (wave, mean.map { _ in 0 }),
      (mean, mean.map { -$0 }),
    ]
    let weights = filters.flatMap { $0.0 + $0.1 }.map { Float($0) }
    var sketch = NetworkSketch([2, 64], seed: 1)
    try sketch.add(
      "conv", convolution(9, padding: 4),
      parameters: [("w", Tensor(shape: [4, 2, 9], weights))])
    try sketch.add("relu", Activation.relu)
    return try sketch.network()
  }

  /// A step in one channel, and a wave that ends in the other.
  private var knownSeries: Tensor {
    let values =
      (0..<64).map { $0 < 24 ? -0.5 : 0.5 }
      + (0..<64).map { $0 < 40 ? sin(2 * .pi * Double($0) / 8) : 0 }
    return Tensor(shape: [1, 2, 64], values.map { Float($0) })
  }

  @Test func `with known filters are as they were`() throws {
    let net = try knownFilters()
    let figure = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net))
    try expectSnapshot(graphics(of: figure), named: "series-filters")
  }

  @Test func `with known deeper filters are as they were`() throws {
    let weights = (0..<6).flatMap { filter in
      (0..<40).map { Float(sin(Double($0 * (filter + 1)) / 6)) }
    }
    var sketch = NetworkSketch([8, 20], seed: 1)
    try sketch.add(
      "conv", convolution(5), parameters: [("w", Tensor(shape: [6, 8, 5], weights))])
    let net = try sketch.network()
    let figure = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "conv"),
      layer: LayerDescription(of: "conv", in: net))
    try expectSnapshot(graphics(of: figure), named: "series-filters-deep")
  }

  @Test func `with the maps of a known series are as they were`() throws {
    try expectSnapshot(
      graphics(of: figure(knownFilters(), "relu", knownSeries)), named: "series-features")
    // More than twelve units are rows of cells.
    var sketch = NetworkSketch([1, 64], seed: 1)
    let weights = (0..<16).flatMap { unit in
      (0..<9).map { Float(cos(2 * .pi * Double(unit * ($0 - 4)) / 32)) }
    }
    try sketch.add(
      "conv", convolution(9, stride: 2, padding: 4),
      parameters: [("w", Tensor(shape: [16, 1, 9], weights))])
    let chirp = (0..<64).map { Float(sin(Double($0 * $0) / 40)) }
    try expectSnapshot(
      graphics(of: figure(sketch.network(), "conv", Tensor(shape: [1, 1, 64], chirp))),
      named: "series-features-cells")
  }

  @Test func `are seen beside the values of layers without maps`() throws {
    var sketch = NetworkSketch([2, 30], seed: 1)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 5)
    let net = try sketch.network()
    let input = Tensor.random([1, 2, 30], seed: 2)
    let finding = try UnitValueAnalysis().run(on: net, picture: input, layers: ["fc"])[0]
    let figure = unitValueFigure(
      of: finding, layer: LayerDescription(of: "fc", in: net),
      seen: .series(input.reshaped(to: [2, 30])), source: "a.csv")
    try expectSound(figure)
    #expect(figure.sheet.labels.contains("channel 1"))
    // A fully connected layer that sees the whole series has filters of its length.
    let filters = filterFigure(
      of: try FilterAnalysis().run(on: net, layer: "fc"),
      layer: LayerDescription(of: "fc", in: net))
    try expectSound(filters)
    #expect(filters.subtitle.hasSuffix("5 filters of 30 taps on 2 channels"))
  }
}
