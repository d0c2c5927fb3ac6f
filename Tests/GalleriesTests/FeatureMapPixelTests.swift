import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of activations, pixel by pixel.
@Suite struct `Feature map figures show` {
  private let seen = distinctColors(6)

  /// Of a layer that passes its pictures on.
  private func draw(
    _ maps: [[Float]], layer: String = "relu", scale: FeatureMapScale = .shared,
    order: FeatureMapOrder = .strongestFirst, units: [Int] = []
  ) throws -> CaptionedFigure {
    let count = maps.count
    let graph = try Graph(
      inputShape: [count, 2, 3],
      [
        Graph.Node("conv", Convolution(1), inputs: ["input"], parameters: ["w"]),
        Graph.Node("relu", Activation.relu, inputs: ["conv"]),
      ])
    let identity = (0..<count * count).map { Float($0 / count == $0 % count ? 1 : 0) }
    let net = try Network(
      graph: graph, parameters: Parameters(["w": Tensor(shape: [count, count, 1, 1], identity)]))
    let finding = try FeatureMapAnalysis().run(
      on: net, picture: Tensor(shape: [1, count, 2, 3], maps.flatMap(\.self)), layers: [layer])[0]
    return featureMapFigure(
      of: finding, layer: LayerDescription(of: layer, in: net),
      seen: .picture(Image(seen, columns: 3)), source: "a.png", scale: scale, order: order,
      units: units)
  }

  private let positive: [[Float]] = [[0.25, 0.5, 1, 1.5, 2, 3], [6, 5.5, 5, 4.5, 4, 3.5]]

  private func colours(_ map: [Float], _ colormap: Colormap, _ range: ClosedRange<Float>) -> [Color]
  {
    map.map {
      colormap(
        (Double($0) - Double(range.lowerBound)) / Double(range.upperBound - range.lowerBound))
    }
  }

  @Test func `values from dark to bright on one scale, the strongest unit first`() throws {
    let figure = try draw(positive)
    let drawn = try SeenFigure(figure)
    let weak = try drawn.expectCells(colours(positive[0], .viridis, 0...6), columns: 3)
    let strong = try drawn.expectCells(colours(positive[1], .viridis, 0...6), columns: 3)
    #expect(strong.y == weak.y && strong.maxX < weak.x && strong.width == weak.width)
    #expect(drawn.words(below: strong) == ["1", "6"] && drawn.words(below: weak) == ["0", "3"])
    try drawn.expectBar(.viridis, 0...6)
    try expectSnapshot(graphics(of: figure), named: "features")
  }

  @Test func `each map up to its own end, in the order asked for`() throws {
    let drawn = try SeenFigure(try draw(positive, scale: .perMap, order: .byUnit))
    // The greatest values of both have the brightest colour, and 2 of 3 has that of 4 of 6: these
    // cannot be told apart.
    let first = try drawn.expectCells(
      Array(colours(positive[0], .viridis, 0...3)[..<4]) + [nil, nil], columns: 3)
    let ofSecond = colours(positive[1], .viridis, 0...6)
    let second = try drawn.expectCells(
      [nil] + Array(ofSecond[1...3]) + [nil, ofSecond[5]], columns: 3)
    #expect(first.y == second.y && first.maxX < second.x)
    let brightest = drawn.areas(of: Colormap.viridis(1))
    #expect(brightest.map(\.x) == [second.x, first.x + first.width / 3 * 2])
    #expect(brightest.map(\.y) == [second.y, first.y + first.height / 2])
    try drawn.expectBar(.viridis, 0...1)
  }

  @Test func `chosen units in their order, on their own scale`() throws {
    let maps = [[9, 8, 7, 6, 5, 4]] + positive
    let drawn = try SeenFigure(try draw(maps, units: [2, 1]))
    let left = try drawn.expectCells(colours(maps[2], .viridis, 0...6), columns: 3)
    let right = try drawn.expectCells(colours(maps[1], .viridis, 0...6), columns: 3)
    #expect(left.y == right.y && left.maxX < right.x)
    #expect(drawn.words(below: left) == ["2", "6"] && drawn.words(below: right) == ["1", "3"])
    try drawn.expectBar(.viridis, 0...6)
  }

  @Test func `signs in red and blue about white`() throws {
    let map: [Float] = [-4, -2, -0.5, 1, 2.5, 3.5]
    let drawn = try SeenFigure(try draw([map], layer: "conv"))
    let whole = try drawn.expectCells(colours(map, .blueWhiteRed, -4...4), columns: 3)
    // A map may be white at its edges.
    #expect(drawn.isFramed(whole, in: Theme.outline))
    let (minus, plus) = (Colormap.blueWhiteRed(0).bytes, Colormap.blueWhiteRed(1).bytes)
    #expect(minus.blue > minus.red && plus.red > plus.blue)
    try drawn.expectBar(.blueWhiteRed, -4...4)
  }

  @Test func `what the network saw to the left`() throws {
    let drawn = try SeenFigure(try draw(positive))
    let frame = try drawn.place(of: Picture.self)
    drawn.expectCells(seen, columns: 3, in: frame)
    let maps = try drawn.expectCells(colours(positive[1], .viridis, 0...6), columns: 3)
    #expect(frame.maxX < Double(maps.x))
    let below = Box(
      x: Int(frame.x), y: Int(frame.y), width: Int(frame.width), height: Int(frame.height))
    #expect(drawn.words(below: below) == [] && drawn.words(above: below) == [])
    let texts = drawn.parts(of: Text.self)
    let (heading, source) = (
      try #require(texts.first { $0.content.lines == ["What the network saw"] }).frame,
      try #require(texts.first { $0.content.lines == ["a.png"] }).frame
    )
    #expect(heading.x == frame.x && heading.maxY <= frame.y)
    #expect(source.x == frame.x && source.y >= frame.maxY)
  }

  @Test func `a value that is not finite hatched`() throws {
    let drawn = try SeenFigure(try draw([[1, 2, .nan, 3, 4, 5]]))
    var expected: [Color?] = colours([1, 2, 0, 3, 4, 5], .viridis, 0...5)
    expected[2] = nil
    let whole = try drawn.expectCells(expected, columns: 3)
    let side = whole.width / 3
    let missing = Box(x: whole.x + 2 * side, y: whole.y, width: side, height: side)
    #expect(drawn.hatchedShare(of: missing) > 0.98)
    try drawn.expectHatchingExplained()
    #expect(drawn.words(below: whole) == ["0", "5"])
  }

  @Test func `a dead unit crossed out`() throws {
    let maps: [[Float]] = [[1, 2, 0, 3, 4, 5], [0, 0, 0, 0, 0, 0]]
    let drawn = try SeenFigure(try draw(maps, order: .byUnit))
    let whole = try drawn.expectCells(colours([1, 2, 0, 3, 4, 5], .viridis, 0...5), columns: 3)
    // The other lies to the right, dark under its cross.
    let dark = drawn.areas(of: Colormap.viridis(0), side: 12, isSolid: false)
      .filter { $0.x > whole.maxX }
    let tile = dark.dropFirst().reduce(try #require(dark.first)) { $0.union($1) }
    #expect(abs(tile.width - whole.width) <= 2 && abs(tile.y - whole.y) <= 1)
    drawn.expectCross(
      in: Box(x: tile.x, y: whole.y, width: tile.width, height: whole.height),
      on: Colormap.viridis(0))
  }
}

/// What is drawn of a layer without maps.
@Suite struct `Unit value figures show` {
  private let values: [Float] = [1, 4, -2, 3]

  private func draw(_ units: [Int]? = nil) throws -> CaptionedFigure {
    let graph = try Graph(
      inputShape: [4, 1, 1],
      [
        Graph.Node("flat", Flatten(), inputs: ["input"]),
        Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["w"]),
      ])
    let identity = (0..<16).map { Float($0 / 4 == $0 % 4 ? 1 : 0) }
    let net = try Network(
      graph: graph, parameters: Parameters(["w": Tensor(shape: [4, 4], identity)]))
    let finding = try UnitValueAnalysis().run(
      on: net, picture: Tensor(shape: [1, 4, 1, 1], values), layers: ["scores"])[0]
    return unitValueFigure(
      of: finding, layer: LayerDescription(of: "scores", in: net),
      seen: .picture(Image(distinctColors(6), columns: 3)), source: "a.png", units: units
    ) { ["ant", "bee", "cat", "dog"][$0] }
  }

  @Test func `a bar for each unit, from zero to its value`() throws {
    let figure = try draw()
    let drawn = try SeenFigure(figure)
    let plot = try #require(try drawn.plots(of: BarPlot.self).first)
    let bars = drawn.areas(of: Theme.accent, within: plot.area).sorted { $0.x < $1.x }
    #expect(bars.count == 4)
    for (unit, (bar, value)) in zip(bars, values).enumerated() {
      let (zero, end) = (
        plot.place(Point(Double(unit), 0)), plot.place(Point(Double(unit), Double(value)))
      )
      #expect(abs(bar.middle.x - zero.x) <= 1.5, "unit \(unit)")
      #expect(abs(Double(bar.y) - min(zero.y, end.y)) <= 1.5, "unit \(unit)")
      #expect(abs(Double(bar.maxY) - max(zero.y, end.y)) <= 1.5, "unit \(unit)")
    }
    try expectSnapshot(graphics(of: figure), named: "unit-values")
  }

  @Test func `the strongest units by name with bars as long as their values`() throws {
    let drawn = try SeenFigure(try draw())
    let ranked = try drawn.place(of: RankedBars.self)
    let bars = drawn.areas(of: Theme.accent, within: ranked)
    // That of the negative one is a line.
    #expect(bars.count == 3)
    let expected = [("bee", 1, "4"), ("dog", 0.75, "3"), ("ant", 0.25, "1")]
    for (bar, (name, share, number)) in zip(bars, expected) {
      #expect(drawn.words(leftOf: bar).contains(name), "\(name)")
      #expect(drawn.words(rightOf: bar) == [number], "\(name)")
      #expect(bar.x == bars[0].x && abs(Double(bar.width) - share * Double(bars[0].width)) <= 1)
    }
    drawn.expectCells(
      distinctColors(6), columns: 3, in: try drawn.place(of: Picture.self))
  }

  @Test func `the chosen units in their own order`() throws {
    let figure = try draw([3, 0])
    #expect(figure.units == [3, 0])
    let drawn = try SeenFigure(figure)
    let bars = drawn.areas(of: Theme.accent, within: try drawn.place(of: RankedBars.self))
    #expect(bars.count == 2)
    for (bar, (name, number)) in zip(bars, [("dog", "3"), ("ant", "1")]) {
      #expect(drawn.words(leftOf: bar).contains(name), "\(name)")
      #expect(drawn.words(rightOf: bar) == [number], "\(name)")
    }
    #expect(figure.caption.contains("To the right: the units that were chosen."))
  }
}
