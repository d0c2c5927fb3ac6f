import Analysis
import Drawing
import Foundation
import Galleries
import Images
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of learned filters beside handcrafted ones.
@Suite struct `Figures of handcrafted filters` {
  private func network(_ filters: Tensor) throws -> Network {
    var sketch = NetworkSketch([filters.shape[1], 40, 40], seed: 1)
    try sketch.add(
      "conv",
      Convolution(window: [filters.shape[2], filters.shape[3]], moves: WindowGeometry()),
      parameters: [("w", filters)])
    return try sketch.network()
  }

  private func finding(
    _ filters: Tensor, units: [Int] = []
  ) throws -> (HandcraftedFinding, LayerDescription) {
    let network = try network(filters)
    return (
      try HandcraftedAnalysis(seed: 0).run(on: network, layer: "conv", units: units),
      LayerDescription(of: "conv", in: network, model: "net")
    )
  }

  /// Gabor functions of four orientations, each with its colour.
  private var gabors: Tensor {
    let colors: [[Double]] = [[1, 1, 0.9], [1, -0.8, 0], [0, 0.1, 1], [-0.3, -0.4, 1]]
    return Tensor(
      concatenatingRows: colors.enumerated().map { index, color in
        let values = GaborFunction(
          theta: .pi / 4 * Double(index), frequency: 0.2, sigma: 2, phase: Double(index)
        ).values(height: 9, width: 9)
        return Tensor(
          shape: [1, 3, 9, 9], color.flatMap { weight in values.map { Float(weight * $0) } })
      })
  }

  private func all(_ finding: HandcraftedFinding, _ layer: LayerDescription) -> [CaptionedFigure] {
    [
      handcraftedFigure(of: finding, layer: layer),
      handcraftedTuningFigure(of: finding, layer: layer),
      handcraftedShareFigure(of: finding, layer: layer),
      handcraftedSpectrumFigure(of: finding, layer: layer),
    ].compactMap(\.self)
  }

  @Test(
    .slow,
    arguments: [
      [1, 3, 7, 7], [40, 3, 11, 11], [30, 3, 3, 3], [6, 1, 5, 5], [3, 4, 5, 6], [3, 1, 1, 9],
      [5, 2, 2, 2], [2, 1, 28, 28],
    ])
  func `fit any shape`(extents: [Int]) throws {
    let (finding, layer) = try finding(.random(Shape(extents), seed: 1))
    let figures = all(finding, layer)
    #expect(figures.count == (min(extents[2], extents[3]) < 5 ? 3 : 4))
    for figure in figures {
      try expectSound(figure)
      #expect(figure.layer == "conv")
    }
    #expect(figures[0].units == Array(0..<extents[0]))
  }

  @Test func `each learned filter stands beside its kernel and its function`() throws {
    let (finding, layer) = try finding(gabors)
    let figure = handcraftedFigure(of: finding, layer: layer)
    let grid = try #require(SeenFigure(figure).parts(of: TileGrid.self).first)
    let labels = grid.content.labels
    for (unit, filter) in finding.compared.enumerated() {
      let fit = try #require(filter.fit)
      #expect(labels.contains("\(unit) · Gabor \(percentText(fit.share))"))
      #expect(
        labels.contains {
          $0.hasPrefix(finding.bank[filter.match.kernel].orientedLabel)
        })
    }
    #expect(figure.caption.hasPrefix("Do the learned filters resemble handcrafted ones? Mostly: "))
    #expect(figure.caption.contains("in the median, and "))
    // Every symbol in a name is explained.
    for (symbol, meaning) in [
      ("λ", "λ is the wavelength"), ("ψ", "ψ the phase"), ("σ", "σ the Gaussian's"),
      ("°", "an angle without a letter is the orientation"), ("λ", "γ = 0.5"),
    ] where labels.contains(where: { $0.contains(symbol) }) {
      #expect(figure.caption.contains(meaning))
    }
    #expect(!labels.contains { $0.contains("θ") })
    #expect(
      figure.subtitle
        == "net · conv: 9×9 convolution · 4 filters of 9×9 pixels · learned, nearest kernel, Gabor "
        + "function")
    try expectSnapshot(graphics(of: figure), named: "handcrafted")
  }

  @Test func `filters are placed by orientation and frequency`() throws {
    let (finding, layer) = try finding(gabors)
    let figure = try #require(handcraftedTuningFigure(of: finding, layer: layer))
    let seen = try SeenFigure(figure)
    let plot = try #require(seen.parts(of: OrientationPlot.self).first)
    // Vertical stripes are at the top, those that rise to the right at the upper right.
    let centre = Point(plot.frame.x + 52 + 260, 0)
    let part = try #require(plot.content.parts.first { $0.content is Layers })
    let base = plot.frame.y + part.frame.y + 52 + 260
    for filter in finding.compared {
      let fit = try #require(filter.fit)
      let angle = fit.function.orientation * .pi / 180
      let distance = 520 * fit.preferredFrequency
      let place = Point(centre.x + distance * cos(angle), base - distance * sin(angle))
      #expect(!seen.shows(Theme.background, at: place), "unit \(filter.unit)")
      #expect(
        abs(fit.function.orientation - [90, 45, 0, 135][filter.unit]) < 2 || filter.unit == 2)
    }
    let names = figure.body.labels
    for name in ["grey (1)", "colour-opponent (2)", "tinted (1)"] {
      #expect(names.contains(name), "\(names)")
    }
    #expect(
      figure.caption.contains("low-pass")
        == finding.compared.contains {
          $0.fit?.preferredFrequency == 0
        })
  }

  @Test func `orientations are the same in all figures`() throws {
    let (finding, layer) = try finding(gabors)
    for figure in all(finding, layer) where figure.caption.contains("orientation") {
      #expect(figure.caption.contains("0° horizontal, 90° vertical, anticlockwise"))
    }
    let spectra = handcraftedSpectrumFigure(of: finding, layer: layer).body.labels
    for filter in finding.compared {
      let fit = try #require(filter.fit)
      guard fit.preferredFrequency > 0 else { continue }
      let own = fit.function.orientation
      #expect(spectra.contains { $0.hasSuffix(", \(Int(own.rounded()) % 180)°") })
      // The nearest kernel has the nearest of eight orientations.
      let label = finding.bank[filter.match.kernel].orientedLabel
      guard label.hasPrefix("Gabor, ") else { continue }
      let angle = try #require(Double(label.dropFirst(7).prefix { $0 != "°" }))
      #expect(abs((angle - own).remainder(dividingBy: 180)) < 23, "\(label), \(own)")
    }
  }

  @Test(.slow) func `the key of the shares has dashes, and marks at the border are whole`() throws {
    let (finding, layer) = try finding(gabors)
    let figure = handcraftedShareFigure(of: finding, layer: layer)
    let seen = try SeenFigure(figure)
    #expect(seen.parts(of: Legend.self).count == 1)
    #expect(figure.body.labels.contains("Gabor function, random"))
    let plot = ScatterPlot(
      [Point(0, 1), Point(1, 0.5)], colors: .classes([0, 1], names: []), x: Axis(range: 0...1),
      y: Axis(range: 0...1), area: Size(width: 200, height: 200), showsLegend: false)
    let image = try plot.render()
    // The mark at the right end reaches three pixels beyond the area.
    let color = ClassStyle(index: 1).color.bytes
    let widest = (0..<image.height).map { y in
      (0..<image.width).count { x in
        let place = 4 * (y * image.width + x)
        return abs(Int(image.pixels[place]) - Int(color.red)) < 40
          && abs(Int(image.pixels[place + 1]) - Int(color.green)) < 40
          && abs(Int(image.pixels[place + 2]) - Int(color.blue)) < 40
      }
    }.max()
    #expect(try #require(widest) >= 6)
  }

  @Test(.slow) func `points are named, and shown as their pixel`() throws {
    var values = gabors.elements
    for index in 0..<243 { values[index] = 0 }
    values[40] = 1
    let (finding, layer) = try finding(Tensor(shape: [4, 3, 9, 9], values))
    let figures = all(finding, layer)
    #expect(figures.count == 4)
    for figure in figures { try expectSound(figure) }
    #expect(figures[0].body.labels.contains("0 · point"))
    #expect(figures[3].body.labels.contains("point"))
    let sentence =
      "1 filter is a point: one pixel holds at least 90 % of the sum of squares, so it copies the "
      + "picture, as the identity does, and no Gabor function is fitted: 0."
    for index in [0, 1, 3] { #expect(figures[index].caption.contains(sentence)) }
    #expect(figures[1].units == [1, 2, 3])
    // Nothing else.
    let (points, other) = try self.finding(
      Tensor(shape: [1, 1, 5, 5], (0..<25).map { $0 == 12 ? 1 : 0 }))
    #expect(
      handcraftedAnswer(of: points)
        == "Do the learned filters resemble handcrafted ones? There are only points: 1 filter with "
        + "nearly all of the sum of squares in one pixel.")
    #expect(handcraftedTuningFigure(of: points, layer: other) == nil)
    for figure in all(points, other) { try expectSound(figure) }
  }

  @Test func `small windows say that they are small`() throws {
    let (finding, layer) = try finding(.random([6, 3, 3, 3], seed: 1))
    #expect(handcraftedTuningFigure(of: finding, layer: layer) == nil)
    let figure = handcraftedFigure(of: finding, layer: layer)
    #expect(figure.caption.contains("so none is fitted; and small random filters are near some"))
    #expect(!figure.caption.contains("the Gabor function that fits best"))
    #expect(figure.method == "cosine")
  }

  @Test(.slow) func `filters that are left out are named`() throws {
    var values = gabors.elements
    for index in 243..<486 { values[index] = 0 }
    values[600] = .infinity
    let (finding, layer) = try finding(Tensor(shape: [4, 3, 9, 9], values))
    for figure in all(finding, layer) {
      try expectSound(figure)
    }
    let figure = handcraftedFigure(of: finding, layer: layer)
    #expect(figure.caption.contains("Left out as dead, with a norm below 2 % of the median: 1."))
    #expect(figure.caption.contains("Left out because not all weights are finite: 2."))
    #expect(figure.units == [0, 3])
  }

  @Test func `blue comes first in Caffe's networks`() throws {
    var values = [Float](repeating: 0, count: 3 * 25)
    values[12] = 1
    let (finding, layer) = try finding(Tensor(shape: [1, 3, 5, 5], values))
    for isBlueFirst in [false, true] {
      let figure = handcraftedFigure(of: finding, layer: layer, isBlueFirst: isBlueFirst)
      let seen = try SeenFigure(figure)
      let grid = try #require(seen.parts(of: TileGrid.self).first)
      let tile = try #require(grid.content.parts.first)
      // The middle pixel of the first of three pictures.
      let side = (tile.frame.width - 2 * 2) / 3
      let place = Point(
        grid.frame.x + tile.frame.x + side / 2, grid.frame.y + tile.frame.y + side / 2)
      let grey = Color(hex: 0x808080)
      #expect(!seen.shows(grey, at: place))
      #expect(figure.caption.contains("blue, green, red") == isBlueFirst)
    }
  }
}
