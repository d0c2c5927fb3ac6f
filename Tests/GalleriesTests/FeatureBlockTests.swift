import Analysis
import Drawing
import Galleries
import Images
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of a convolution and what follows it.
@Suite struct `Figures of blocks` {
  private let maps: [[Float]] = [
    [-1, 2, -3, 4, -5, 6, 7, -8], [0.5, -1.5, 2.5, 3.5, -4.5, 1, 2, 3],
  ]

  /// A convolution that passes two maps of 2×4 on, a ReLU and a pooling to 1×2.
  private func findings() throws -> (Network, [FeatureMapFinding]) {
    let graph = try Graph(
      inputShape: [2, 2, 4],
      [
        Graph.Node("conv", Convolution(1), inputs: ["input"], parameters: ["w"]),
        Graph.Node("relu", Activation.relu, inputs: ["conv"]),
        Graph.Node("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)), inputs: ["relu"]),
      ])
    let net = try Network(
      graph: graph, parameters: Parameters(["w": Tensor(shape: [2, 2, 1, 1], [1, 0, 0, 1])]))
    let block = try #require(net.convolutionBlock(of: "pool"))
    return (
      net,
      try FeatureMapAnalysis().run(
        on: net, picture: Tensor(shape: [1, 2, 2, 4], maps.flatMap(\.self)), layers: block)
    )
  }

  private func draw(
    scale: FeatureMapScale = .perMap, units: [Int] = []
  ) throws -> CaptionedFigure {
    let (net, findings) = try findings()
    return featureBlockFigure(
      of: findings.map { FeatureBlockRow($0, kind: $0.layer == "conv" ? "convolution" : $0.layer) },
      layer: LayerDescription(of: "conv", in: net), seen: .picture(Image.noise(4, 2)),
      source: "a.png",
      scale: scale, units: units)
  }

  private func color(_ value: Float, of end: Float, isSigned: Bool) -> Color {
    isSigned
      ? Colormap.blueWhiteRed(Double(value / end + 1) / 2) : Colormap.viridis(Double(value / end))
  }

  @Test(arguments: FeatureMapScale.allCases)
  func `have a row for each layer and a column for each unit`(scale: FeatureMapScale) throws {
    let figure = try draw(scale: scale)
    try expectSound(figure)
    #expect(figure.units == [0, 1])
    #expect(figure.title == "From conv to pool")
    let seen = try SeenFigure(figure)
    let headings = ["conv: convolution, 2×4", "relu: relu, 2×4", "pool: pool, 1×2"]
    let texts = seen.parts(of: Text.self)
    let rows = try headings.map { heading in
      try #require(
        texts.first { $0.content.lines.joined(separator: " ").hasPrefix(heading) }, "\(heading)")
    }
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.frame.maxY < $1.frame.y })
    let columns = try [0, 1].map { unit in
      try #require(texts.first { $0.content.lines == ["unit \(unit)"] }).frame.center.x
    }
    #expect(columns[0] < columns[1])
    // The greatest of a row, or of each map, has the last colour.
    let ends: [[Float]] =
      scale == .shared ? [[8, 8], [7, 7], [7, 7]] : [[8, 4.5], [7, 3.5], [7, 3.5]]
    let grid = try #require(seen.parts(of: TileGrid.self).first)
    let side = grid.content.zoom * 4
    for unit in 0..<2 {
      let left = columns[unit] - side / 2
      for (row, cells) in [(0, 4), (1, 4), (2, 2)] {
        let values: [Float] =
          row == 0
          ? Array(maps[unit][..<4])
          : row == 1 ? maps[unit][..<4].map { max($0, 0) } : unit == 0 ? [6, 7] : [1, 3.5]
        for (index, value) in values.prefix(cells).enumerated() {
          let x = left + (Double(index) + 0.5) * side / Double(cells)
          // In the upper half of the tile, which is half as high as it is wide.
          let y = rows[row].frame.center.y - side / 8
          #expect(
            seen.shows(
              color(value, of: ends[row][unit], isSigned: row == 0), near: Point(x, y),
              tolerance: 6), "row \(row), unit \(unit), cell \(index)")
        }
      }
    }
    #expect(seen.parts(of: ColorBar.self).count == 2)
    #expect(
      figure.caption.contains(
        scale == .shared ? "The maps of a row share one scale" : "Each map has its own scale"))
  }

  @Test func `show the units that are asked for in their order`() throws {
    #expect(try draw(units: [1]).units == [1])
    let caption = try draw(units: [1]).caption
    #expect(caption.contains("1 of 2 units are shown."))
    #expect(!caption.contains("strongest unit comes first"))
  }
}

/// A few units that were asked for.
@Suite struct `Large feature maps` {
  private func draw(
    _ units: [Int], side: Int = 14, scale: FeatureMapScale = .perMap, layer: String = "relu"
  ) throws -> CaptionedFigure {
    let net = try network(filters: .random([8, 3, 1, 1], seed: 3), pictureSide: side)
    let finding = try FeatureMapAnalysis().run(
      on: net, picture: .random([1, 3, side, side], seed: 5), layers: [layer])[0]
    return featureMapFigure(
      of: finding, layer: LayerDescription(of: layer, in: net),
      seen: .picture(Image.noise(side, side)),
      source: "a.png", scale: scale, units: units)
  }

  @Test(.slow, arguments: [1, 2, 3, 4], [7, 14, 55, 112, 224, 900])
  func `fill the sheet's width`(count: Int, side: Int) throws {
    let figure = try draw(Array(0..<count), side: side)
    try expectSound(figure)
    let seen = try SeenFigure(figure)
    let grids = seen.parts(of: TileGrid.self)
    #expect(grids.count == count)
    #expect(Set(grids.map(\.frame.y)).count == 1)
    let width = try #require(grids.last).frame.maxX - grids[0].frame.x
    #expect(width > (count == 1 ? 300 : 440) && width < 1090, "\(width)")
  }

  @Test func `have a bar of their own scale each`() throws {
    let seen = try SeenFigure(try draw([5, 2]))
    let bars = seen.parts(of: ColorBar.self)
    #expect(bars.count == 2)
    let grids = seen.parts(of: TileGrid.self)
    for (bar, grid) in zip(bars, grids) {
      #expect(bar.frame.y > grid.frame.maxY)
      #expect(abs(bar.frame.center.x - grid.frame.center.x) <= 1)
    }
    // Both begin at zero, and end at different values.
    let labels = bars.map { bar in bar.content.labels.compactMap { Double($0) } }
    #expect(labels.allSatisfy { $0.first == 0 } && labels[0] != labels[1])
    #expect(try SeenFigure(draw([5, 2], scale: .shared)).parts(of: ColorBar.self).count == 1)
  }

  @Test func `are not many`() throws {
    let seen = try SeenFigure(try draw([0, 1, 2, 3, 4]))
    #expect(seen.parts(of: TileGrid.self).count == 1)
    #expect(seen.parts(of: ColorBar.self).count == 1)
  }
}
