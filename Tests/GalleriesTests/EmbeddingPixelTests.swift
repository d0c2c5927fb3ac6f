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
    let drawn = try embedded([[0, 0, 0], [9, 1, 0], [.nan, 0, 0], [2, 4, 1], [5, 0, 3]])
    #expect(drawn.finding.pictures == [10, 11, 13, 14])
    return drawn
  }

  /// Pictures from 10 on, with these features.
  private func embedded(_ features: [[Float]]) throws -> Drawn {
    let identity = (0..<9).map { Float($0 / 3 == $0 % 3 ? 1 : 0) }
    let net = try network(filters: Tensor(shape: [3, 3, 1, 1], identity), pictureSide: 1)
    let scan = EmbeddingScan(net, layer: "relu", pooling: .mean, expected: features.count, seed: 0)
    let input = Tensor(shape: [features.count, 3, 1, 1], features.flatMap(\.self))
    scan.observe(
      net.record(input, keeping: .only(["relu"])),
      pictures: (0..<features.count).map { 10 + $0 })
    let finding = try #require(try scan.finding())
    return Drawn(finding: finding, layer: LayerDescription(of: "relu", in: net))
  }

  @Test func `points where their coordinates are, in the colours of their classes`() throws {
    let drawn = try embedded()
    let figure = embeddingFigure(
      of: drawn.finding, layer: drawn.layer, colors: .labels([2, 0, 3, 1], names: names))
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
      #expect(seen.shows(style.color, at: try seen.symbol(of: names[label])), "\(names[label])")
    }
    try expectAxisNames(seen, drawn, below: plot.area)
    try expectSnapshot(graphics(of: figure), named: "embedding")
  }

  /// Expects the axes to name their components, the second one upwards.
  private func expectAxisNames(_ seen: SeenFigure, _ drawn: Drawn, below area: Rectangle) throws {
    let names = drawn.finding.explained.prefix(2).enumerated().map { index, share in
      "component \(index + 1) (\(percentText(share)) of variance)"
    }
    let across = seen.parts(of: Text.self).filter {
      $0.content.lines.joined(separator: " ") == names[0]
    }
    #expect(across.count == 1 && across.allSatisfy { $0.frame.y > area.maxY })
    let upwards = seen.parts(of: Upwards.self).compactMap {
      ($0.content.content as? Text)?.lines.joined(separator: " ")
    }
    #expect(upwards.contains(names[1]), "\(upwards)")
  }

  /// Expects points in the colours of their classes, and each name in the legend beside its own.
  ///
  /// - Parameter classes: Each row's, as an index of the legend.
  private func expectPoints(
    _ seen: SeenFigure, _ drawn: Drawn, classes: [Int], legend: [String]
  ) throws {
    let plot = try #require(try seen.plots(of: ScatterPlot.self).first)
    for (row, index) in classes.enumerated() {
      let color = Color.white.mixed(with: ClassStyle(index: index).color, 0.9)
      // A grid line may shine through.
      #expect(seen.shows(color, at: plot.place(drawn.point(row)), tolerance: 4), "row \(row)")
    }
    for (index, name) in legend.enumerated() {
      #expect(seen.shows(ClassStyle(index: index).color, at: try seen.symbol(of: name)), "\(name)")
    }
  }

  @Test func `pictures without a class in a colour of their own`() throws {
    let drawn = try embedded()
    let seen = try SeenFigure(
      embeddingFigure(
        of: drawn.finding, layer: drawn.layer, colors: .labels([2, nil, 3, 1], names: names)))
    try expectPoints(
      seen, drawn, classes: [1, 3, 2, 0], legend: ["bee", "cat", "dog", "without a class"])
  }

  @Test(arguments: [false, true])
  func `numbers in the colours of their bar, and pictures without one in grey`(isAngle: Bool)
    throws
  {
    let drawn = try embedded()
    let numbers: [Double?] = [90, nil, 0, 270]
    let seen = try SeenFigure(
      embeddingFigure(
        of: drawn.finding, layer: drawn.layer,
        colors: .numbers(numbers, factor: "azimuth", turn: isAngle ? 0...360 : nil)))
    let plot = try #require(try seen.plots(of: ScatterPlot.self).first)
    let (map, end) = isAngle ? (Colormap.hueCircle, 360.0) : (.viridis, 270)
    for (row, number) in numbers.enumerated() {
      let color = number.map { map($0 / end) } ?? Color(grey: 0.6)
      #expect(
        seen.shows(
          Color.white.mixed(with: color, 0.9), at: plot.place(drawn.point(row)), tolerance: 4),
        "row \(row)")
    }
    // The greatest number is at the top of the bar.
    let bar = try #require(seen.parts(of: ColorBar.self).first).frame
    #expect(seen.shows(map(1), at: Point(bar.x + 5, bar.y + 1.5), tolerance: 6))
    #expect(seen.shows(map(0.5), at: Point(bar.x + 5, bar.y + 120), tolerance: 6))
    #expect(seen.shows(Color(grey: 0.6), at: try seen.symbol(of: "no value")))
    let texts = seen.parts(of: Text.self).flatMap(\.content.lines)
    #expect(texts.contains(isAngle ? "270°" : "200"))
  }

  @Test func `the rarest of many classes in grey`() throws {
    let drawn = try embedded((0..<16).map { [Float($0 % 4 * 10), Float($0 / 4 * 6), 0] })
    // Of 13 classes the last three have two pictures.
    let labels = Array(0..<13) + [10, 11, 12]
    let seen = try SeenFigure(
      embeddingFigure(
        of: drawn.finding, layer: drawn.layer,
        colors: .labels(labels, names: (0..<13).map { "kind \($0)" })))
    let colored = [10, 11, 12, 0, 1, 2, 3, 4, 5, 6, 7]
    try expectPoints(
      seen, drawn, classes: labels.map { colored.firstIndex(of: $0) ?? 11 },
      legend: colored.map { "kind \($0)" } + ["2 others"])
  }

  @Test func `the variance along each component as bars, and their sum as a line`() throws {
    let drawn = try embedded()
    let seen = try SeenFigure(
      embeddingFigure(
        of: drawn.finding, layer: drawn.layer, colors: .labels([], names: [])))
    let plot = try #require(try seen.plots(of: BarPlot.self).first)
    let bars = seen.areas(of: Theme.accent, within: plot.area, side: 3, isSolid: false)
      .sorted { $0.x < $1.x }
    let shares = drawn.finding.explained
    try #require(shares.count == 3 && bars.count == 3)
    var sum = 0.0
    var last: Point?
    for (index, (bar, share)) in zip(bars, shares).enumerated() {
      sum += share
      let top = plot.place(Point(Double(index + 1), share))
      #expect(abs(Double(bar.y) - top.y) <= 1.5 && abs(bar.middle.x - top.x) <= 1.5)
      #expect(abs(Double(bar.maxY) - plot.place(Point(1, 0)).y) <= 1.5)
      let joint = plot.place(Point(Double(index + 1), sum))
      #expect(seen.shows(Theme.highlight, near: joint), "component \(index + 1)")
      if let last {
        #expect(
          seen.shows(Theme.highlight, near: (last + joint) * 0.5, tolerance: 60),
          "before component \(index + 1)")
      }
      last = joint
    }
  }

  @Test(.slow) func `pictures at their coordinates, framed in the colours of their classes`() throws
  {
    let drawn = try embedded()
    let figure = embeddingThumbnailFigure(
      of: drawn.finding, layer: drawn.layer, colors: .labels([2, 0, 3, 1], names: names), side: 34
    ) { index in
      // 30 pixels wide, so that no pixel is resized; 20×10 at the upper left differ.
      let (main, corner) = (colours(index)[0], colours(index)[1])
      return Image(
        (0..<900).map { $0 / 30 < 10 && $0 % 30 < 20 ? corner : main }, columns: 30)
    }
    let seen = try SeenFigure(figure)
    let plot = try #require(try seen.plots(of: ThumbnailPlot.self).first)
    #expect(abs(plot.x.slope + plot.y.slope) < 0.02 * plot.x.slope)
    try expectAxisNames(seen, drawn, below: plot.area)
    for (row, label) in [2, 0, 3, 1].enumerated() {
      let colours = colours(drawn.finding.pictures[row])
      let corner = try seen.area(of: colours[1])
      let whole = try #require(seen.areas(of: colours[0], isSolid: false).first)
        .union(corner)
      #expect(whole.x == corner.x && whole.y == corner.y)
      #expect(corner.width == whole.width - 10 && corner.height == whole.height - 20)
      let place = plot.place(drawn.point(row))
      #expect(abs(whole.middle.x - place.x) <= 1.5 && abs(whole.middle.y - place.y) <= 1.5)
      for (x, y) in [(whole.x - 1, whole.y + 9), (whole.maxX, whole.y + 9)] {
        #expect(seen.shows(ClassStyle(index: label).color, x, y, tolerance: 140), "\(names[label])")
      }
      let frames = seen.areas(
        of: ClassStyle(index: label).color, within: plot.area, side: 25, isSolid: false)
      #expect(frames.count == 1, "\(names[label])")
      #expect(
        seen.shows(ClassStyle(index: label).color, at: try seen.symbol(of: names[label])),
        "\(names[label])")
    }
    try expectSnapshot(graphics(of: figure), named: "embedding-thumbnails")
  }

  @Test(.slow) func `a dot for a picture that would cover another`() throws {
    // The third is too near to the first, but not behind it.
    let drawn = try embedded([[0, 0, 0], [100, 0, 0], [3, 1, 0], [50, 20, 0]])
    let seen = try SeenFigure(
      embeddingThumbnailFigure(
        of: drawn.finding, layer: drawn.layer, colors: .labels([2, 0, 3, 1], names: names), side: 34
      ) { index in Image(Array(repeating: colours(index)[0], count: 900), columns: 30) })
    let plot = try #require(try seen.plots(of: ThumbnailPlot.self).first)
    let shown = try #require(seen.parts(of: ThumbnailPlot.self).first).content.shown
    #expect(shown.count == 3)
    for (row, label) in [2, 0, 3, 1].enumerated() {
      let areas = seen.areas(of: colours(drawn.finding.pictures[row])[0], side: 20)
      #expect(areas.count == (shown.contains(row) ? 1 : 0), "row \(row)")
      guard !shown.contains(row) else { continue }
      #expect(row == 0 || row == 2)
      let pale = Color.white.mixed(with: ClassStyle(index: label).color, 0.45)
      #expect(seen.shows(pale, near: plot.place(drawn.point(row)), tolerance: 30))
    }
  }

  private func colours(_ picture: Int) -> [Color] { distinctColors(2, from: 5 * (picture - 10)) }
}
