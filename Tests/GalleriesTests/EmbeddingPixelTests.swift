import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of pictures at their features, pixel by pixel.
@Suite struct `Embedding figures show` {
  private let names = ["ant", "bee", "cat", "dog"]

  private struct Drawn {
    let finding: EmbeddingFinding
    let layer: LayerDescription

    func point(_ row: Int) -> Point {
      let width = finding.coordinates.shape[1]
      let values = finding.coordinates.elements
      return Point(Double(values[row * width]), Double(values[row * width + 1]))
    }
  }

  /// Four pictures, of which the third has no features and is left out, and a fifth.
  private func embedded() throws -> Drawn {
    let identity = (0..<9).map { Float($0 / 3 == $0 % 3 ? 1 : 0) }
    let net = try network(filters: Tensor(shape: [3, 3, 1, 1], identity), pictureSide: 1)
    let scan = EmbeddingScan(net, layer: "relu", pooling: .mean, expected: 5, seed: 0)
    let input = Tensor(
      shape: [5, 3, 1, 1], [0, 0, 0, 9, 1, 0, .nan, 0, 0, 2, 4, 1, 5, 0, 3])
    scan.observe(net.record(input, keeping: .only(["relu"])), pictures: [10, 11, 12, 13, 14])
    let finding = try #require(try scan.finding())
    #expect(finding.pictures == [10, 11, 13, 14])
    return Drawn(finding: finding, layer: LayerDescription(of: "relu", in: net))
  }

  @Test func `points where their coordinates are, in the colours of their classes`() throws {
    let drawn = try embedded()
    let figure = embeddingFigure(
      of: drawn.finding, layer: drawn.layer, labels: [2, 0, 3, 1], classNames: names)
    let seen = try SeenFigure(figure)
    let plot = try #require(try seen.plots(of: ScatterPlot.self).first)
    // Both axes use the same scale, the vertical one upwards.
    #expect(abs(plot.x.slope + plot.y.slope) < 0.02 * plot.x.slope)
    for (row, label) in [2, 0, 3, 1].enumerated() {
      let style = ClassStyle(index: label)
      let dots = seen.areas(
        of: Color.white.mixed(with: style.color, 0.9), within: plot.area, side: 3, isSolid: false)
      let place = plot.place(drawn.point(row))
      #expect(dots.count == 1, "\(names[label])")
      // A triangle's box is not centred on its point.
      let limit = style.marker == .triangle ? 2 : 1.0
      for dot in dots {
        #expect(abs(dot.middle.x - place.x) <= limit, "\(names[label]): \(dot), \(place)")
        #expect(abs(dot.middle.y - place.y) <= limit, "\(names[label]): \(dot), \(place)")
      }
      // Its marker in the legend stands before its name.
      let name = try #require(
        seen.parts(of: Text.self).first { $0.content.lines == [names[label]] }
      ).frame
      let markers = seen.areas(of: style.color, side: 4, isSolid: false).filter {
        $0.maxX < Int(name.x) && Double($0.maxX) > name.x - 24
      }
      #expect(markers.contains { abs($0.middle.y - name.center.y) <= 2 }, "\(names[label])")
    }
    try expectSnapshot(graphics(of: figure), named: "embedding")
  }

  @Test func `the variance along each component as bars, and their sum as a line`() throws {
    let drawn = try embedded()
    let seen = try SeenFigure(
      embeddingFigure(
        of: drawn.finding, layer: drawn.layer, labels: [], classNames: []))
    let plot = try #require(try seen.plots(of: BarPlot.self).first)
    let bars = seen.areas(of: Theme.accent, within: plot.area, side: 3, isSolid: false)
      .sorted { $0.x < $1.x }
    let shares = drawn.finding.explained
    try #require(shares.count == 3 && bars.count == 3)
    var sum = 0.0
    for (index, (bar, share)) in zip(bars, shares).enumerated() {
      sum += share
      let top = plot.place(Point(Double(index + 1), share))
      #expect(abs(Double(bar.y) - top.y) <= 1.5 && abs(bar.middle.x - top.x) <= 1.5)
      #expect(abs(Double(bar.maxY) - plot.place(Point(1, 0)).y) <= 1.5)
      let joint = plot.place(Point(Double(index + 1), sum))
      #expect(seen.shows(Theme.highlight, near: joint), "component \(index + 1)")
    }
  }

  @Test func `pictures at their coordinates, framed in the colours of their classes`() throws {
    let drawn = try embedded()
    let figure = embeddingThumbnailFigure(
      of: drawn.finding, layer: drawn.layer, labels: [2, 0, 3, 1], classNames: names, side: 33
    ) { index in
      // 30 pixels wide, so that no pixel is resized; the upper left quarter differs.
      let (main, corner) = (colours(index)[0], colours(index)[1])
      return Image(
        (0..<900).map { $0 / 30 < 15 && $0 % 30 < 15 ? corner : main }, columns: 30)
    }
    let seen = try SeenFigure(figure)
    let plot = try #require(try seen.plots(of: ThumbnailPlot.self).first)
    for (row, label) in [2, 0, 3, 1].enumerated() {
      let colours = colours(drawn.finding.pictures[row])
      let corner = try seen.area(of: colours[1])
      let whole = try #require(seen.areas(of: colours[0], isSolid: false).first)
        .union(corner)
      #expect(whole.x == corner.x && whole.y == corner.y && corner.width < whole.width - 10)
      let place = plot.place(drawn.point(row))
      #expect(abs(whole.middle.x - place.x) <= 1.5 && abs(whole.middle.y - place.y) <= 1.5)
      for (x, y) in [(whole.x - 1, whole.y + 9), (whole.maxX, whole.y + 9)] {
        #expect(seen.shows(ClassStyle(index: label).color, x, y, tolerance: 140), "\(names[label])")
      }
      let frames = seen.areas(
        of: ClassStyle(index: label).color, within: plot.area, side: 25, isSolid: false)
      #expect(frames.count == 1, "\(names[label])")
    }
    try expectSnapshot(graphics(of: figure), named: "embedding-thumbnails")
  }

  private func colours(_ picture: Int) -> [Color] { distinctColors(2, from: 5 * (picture - 10)) }
}
