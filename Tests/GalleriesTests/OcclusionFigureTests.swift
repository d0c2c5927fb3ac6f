import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of an occlusion, pixel by pixel.
@Suite struct `Occlusion figures` {
  private static let names = ClassNames(
    ["cat", "dog", "owl", "emu", "yak", "gnu", "elk", "ape", "bee", longName], count: 10)

  private func example(
    height: Int = 6, width: Int = 8, size: Int = 4, stride: Int = 2, layers: [String] = ["relu"],
    choices: (Int) -> Int? = { $0 % 2 }, values: ((Int) -> Float)? = nil,
    function: ProbabilityFunction? = .softmax
  ) throws -> OcclusionExample {
    let grid = try OccluderGrid(height: height, width: width, size: size, stride: stride)
    let shape: Shape = [grid.firstRows.count, grid.firstColumns.count]
    func map(_ value: (Int) -> Float) -> Tensor {
      Tensor(shape: shape, (0..<grid.count).map(value))
    }
    let scores = Tensor(shape: [1, 10], (0..<10).map { Float($0 == 1 ? 2 : 0) })
    let finding = OcclusionFinding(
      grid: grid, prediction: function.map { Prediction.all(from: scores, by: $0)[0] },
      classes: function == nil
        ? []
        : [.init(1, values: map(values ?? { Float($0) / 100 }), unoccluded: 0.25)],
      choices: function == nil ? [] : (0..<grid.count).map(choices),
      maps: layers.enumerated().map { index, layer in
        .init(
          layer: layer, unit: 3 + index, totals: map { Float(10 + ($0 * 7) % 12) }, unoccluded: 24,
          projection: .random([1, 3, height, width], seed: index))
      })
    return OcclusionExample(
      finding, picture: Image.noise(width, height), source: "a.png", trueClass: 1,
      colorName: "grey")
  }

  private func draw(_ example: OcclusionExample) -> CaptionedFigure {
    occlusionFigure(
      of: example, showing: example.finding.classes.first, classNames: Self.names, model: "net")
  }

  @Test(arguments: [["relu"], ["relu", "relu2", "relu3"]])
  func `panels stand in two columns in a narrow column of a page`(layers: [String]) throws {
    let figure = draw(try example(height: 32, width: 32, layers: layers))
    let natural = figure.body.size
    // 85 mm, as a column of a journal.
    let printed = PrintedFigure(figure.body, width: 241)
    #expect((printed.smallestText ?? 0) >= PrintedFigure.smallestReadable)
    #expect(natural.width > 600)
    // One column of panels would be more than five times as high as wide.
    #expect(printed.size.height < (layers.count == 1 ? 620 : 1000))
  }

  @Test func `every value stands at the centre of its square`() throws {
    let example = try example()
    let figure = draw(example)
    let seen = try SeenFigure(figure)
    let (picture, maps) = (seen.parts(of: Picture.self), seen.parts(of: CellMap.self))
    // Picture, activation, projection, probability and class, in the paper's order.
    try #require(picture.count == 2 && maps.count == 3)
    let places = [picture[0].frame, picture[1].frame] + maps.map { $0.frame }
    #expect(Set(places.map(\.size)) == [Size(width: 208, height: 156)])
    #expect(Set(places.map(\.y)).count == 1)
    let order = [places[0], places[2], places[1], places[3], places[4]]
    #expect(zip(order, order.dropFirst()).allSatisfy { $0.maxX < $1.x })
    // A pixel is 26 points: centres at 1, 3, 5 and 7, so that cells of 2 × 2 fill the picture.
    func colors(_ tensor: Tensor, _ range: ClosedRange<Float>) -> [Color] {
      tensor.elements.map {
        Colormap.viridis(Double(($0 - range.lowerBound) / (range.upperBound - range.lowerBound)))
      }
    }
    seen.expectCells(
      colors(example.finding.maps[0].totals, 10...21), columns: 4, in: maps[0].frame)
    seen.expectCells(
      colors(example.finding.classes[0].values, 0...0.11), columns: 4, in: maps[1].frame)
    seen.expectCells(
      (0..<12).map { ClassStyle(index: $0 % 2 == 1 ? 0 : 1).color }, columns: 4, in: maps[2].frame)
    try expectSound(figure)
    try expectSnapshot(graphics(of: figure), named: "occlusion")
  }

  @Test func `cells that reach beyond the picture are cut off, not squeezed`() throws {
    // Centres at 1, 4 and 7: cells begin half a pixel before the picture and end half after it.
    let example = try example(height: 8, width: 8, size: 4, stride: 3)
    let seen = try SeenFigure(draw(example))
    let map = seen.parts(of: CellMap.self)[1]
    #expect(map.frame.size == Size(width: 208, height: 208))
    let values = example.finding.classes[0].values.elements
    let greatest = values.max() ?? 1
    for (index, value) in values.enumerated() {
      for (across, down) in [(-1.4, -1.4), (1.4, -1.4), (0, 0), (-1.4, 1.4), (1.4, 1.4)] {
        let (x, y) = (Double(1 + 3 * (index % 3)) + across, Double(1 + 3 * (index / 3)) + down)
        guard (0..<8).contains(x), (0..<8).contains(y) else { continue }
        #expect(
          seen.shows(
            Colormap.viridis(Double(value / greatest)),
            at: Point(map.frame.x + 26 * x, map.frame.y + 26 * y)), "\(index) at \(x), \(y)")
      }
    }
    // Nothing is drawn outside.
    #expect(seen.shows(Theme.background, at: Point(map.frame.x - 3, map.frame.center.y)))
    #expect(seen.shows(Theme.background, at: Point(map.frame.maxX + 3, map.frame.center.y)))
  }

  @Test func `classes have the colours of the legend, the rare ones one grey`() throws {
    let choices = [1, 0, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7]
    let figure = draw(try example(choices: { choices[$0] }))
    let seen = try SeenFigure(figure)
    let frame = seen.parts(of: CellMap.self)[2].frame
    for (position, name) in [(0, "dog"), (2, "owl"), (5, "emu"), (7, "yak"), (1, "cat")] {
      let symbol = try seen.symbol(of: name)
      let cell = Point(
        frame.x + 52 * (Double(position % 4) + 0.5), frame.y + 52 * (Double(position / 4) + 0.5))
      let color = ClassStyle(
        index: try #require([1, 2, 3, 4, 0, 5].firstIndex(of: choices[position]))
      ).color
      #expect(seen.shows(color, at: cell) && seen.shows(color, at: symbol), "\(name)")
    }
    let others = try seen.symbol(of: "2 others")
    let grey = ClassStyle(index: 11).color
    #expect(seen.shows(grey, at: others))
    #expect(seen.shows(grey, at: Point(frame.maxX - 10, frame.maxY - 10)))
  }

  @Test func `values that are not finite are hatched`() throws {
    let figure = draw(
      try example(choices: { $0 == 5 ? nil : 1 }, values: { $0 == 5 ? .nan : 0.5 }))
    let seen = try SeenFigure(figure)
    for map in seen.parts(of: CellMap.self)[1...] {
      let box = Box(x: Int(map.frame.x) + 54, y: Int(map.frame.y) + 54, width: 48, height: 48)
      #expect(seen.hatchedShare(of: box) > 0.98)
    }
    try seen.expectHatchingExplained()
    #expect(figure.caption.contains("Hatched is 1 cell that is not finite."))
    try expectSound(figure)
  }

  @Test(.slow, arguments: [(3, 3, 1, 1), (28, 28, 6, 1), (64, 300, 14, 3), (224, 224, 50, 10)])
  func `fit any picture`(height: Int, width: Int, size: Int, stride: Int) throws {
    for layers in [["relu"], ["relu1", longName], (0..<7).map { "relu\($0)" }] {
      for function in [ProbabilityFunction.softmax, ProbabilityFunction.none, nil] {
        let figure = draw(
          try example(
            height: height, width: width, size: size, stride: stride, layers: layers,
            choices: { $0 % 10 }, function: function))
        try expectSound(figure)
        #expect(figure.caption.contains("Zeiler and Fergus 2014"))
      }
    }
  }

  @Test func `numbers of the unoccluded picture are stated`() throws {
    let figure = draw(try example())
    let labels = figure.body.labels
    #expect(labels.contains("total; 24 unoccluded") && labels.contains("25 % unoccluded"))
    #expect(labels.contains("“dog” unoccluded"))
    #expect(figure.subtitle == "net · a.png · square of 4×4 pixels, every 2")
    #expect(figure.layer == "relu" && figure.units == [3])
  }
}
