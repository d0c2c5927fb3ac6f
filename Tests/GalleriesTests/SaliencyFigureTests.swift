import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Saliency figures` {
  private func examples(
    _ count: Int, side: Int, classes: Int, method: any AttributionMethod = .gradient
  ) throws -> [SaliencyExample] {
    let net = try classifier(classes: classes, side: side)
    let findings = try SaliencyAnalysis(method: method).run(
      on: net, pictures: .random([count, 3, side, side], seed: 3),
      targets: (0..<count).map { .classIndex($0 % classes) })
    return findings.enumerated().map { index, finding in
      SaliencyExample(
        finding, picture: picture(side, side), source: index % 2 == 0 ? "a.png" : longName,
        trueClass: index % 3 == 0 ? nil : 0)
    }
  }

  @Test(arguments: [3, 28, 64, 224, 300], attributionMethods.map(\.name))
  func `fit any picture`(side: Int, name: String) throws {
    let method = try attributionMethod(name, name.hasSuffix("grad") ? ["samples": "3"] : [:])
    let classes = side == 28 ? 1000 : 2
    let names = ClassNames(side == 28 ? (0..<1000).map { "\($0) \(longName)" } : [], count: classes)
    let all = try examples(2, side: side, classes: classes, method: method)
    for example in all {
      let figure = saliencyFigure(of: example, classNames: names, model: "net")
      try expectSound(figure)
      #expect(figure.method == name)
      #expect(figure.caption.contains(method.citation))
    }
    try expectSound(saliencySheet(of: all, classNames: names))
  }

  @Test(arguments: [1, 6, 7, 24]) func `a sheet takes many pictures`(count: Int) throws {
    let names = ClassNames(["cat", "dog", "owl"], count: 3)
    let figure = saliencySheet(
      of: try examples(count, side: 28, classes: 3), classNames: names)
    try expectSound(figure)
    #expect(figure.title == "Class saliency of \(count) picture\(count == 1 ? "" : "s")")
  }

  @Test func `the class that is shown is among the answers however unlikely it is`() throws {
    let all = try examples(1, side: 8, classes: 50)
    let last = try #require(all[0].finding.prediction.candidates.last)
    let net = try classifier(classes: 50, side: 8)
    let finding = try SaliencyAnalysis().run(
      on: net, pictures: .random([1, 3, 8, 8], seed: 3), targets: [.classIndex(last.index)])[0]
    let names = ClassNames((0..<50).map { "kind \($0)" }, count: 50)
    let figure = saliencyFigure(
      of: SaliencyExample(finding, picture: picture(8, 8), source: "a.png"), classNames: names)
    #expect(figure.title == "Saliency for “kind \(last.index)”")
    try expectSound(figure)
  }

  @Test func `a map that is zero everywhere says so, and why that may be`() throws {
    // Biases far below zero: every ReLU is dead.
    let graph = try Graph(
      inputShape: [3, 8, 8],
      [
        Graph.Node("conv", Convolution(3), inputs: ["input"], parameters: ["w", "b"]),
        Graph.Node("relu", Activation.relu, inputs: ["conv"]),
        Graph.Node("flat", Flatten(), inputs: ["relu"]),
        Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["v"]),
      ])
    let net = try Network(
      graph: graph,
      parameters: Parameters([
        "w": .random([4, 3, 3, 3], seed: 0), "b": Tensor(shape: [4], repeating: -1e4),
        "v": .random([2, 144], seed: 1),
      ]))
    let dead = SaliencyExample(
      try SaliencyAnalysis().run(
        on: net, pictures: .random([1, 3, 8, 8], seed: 3), targets: [.choice(0)])[0],
      picture: picture(8, 8), source: "a.png")
    let names = ClassNames([], count: 2)
    let figure = saliencyFigure(of: dead, classNames: names)
    #expect(
      figure.caption.hasPrefix(
        "The map is zero everywhere: no pixel changes the score, as when all rectifiers before the "
          + "score are inactive (dead ReLUs), its units are saturated, or it is constant."))
    try expectSound(figure)
    let live = try examples(1, side: 8, classes: 2)[0]
    #expect(!saliencyFigure(of: live, classNames: names).caption.contains("everywhere"))
    let sheet = saliencySheet(of: [dead, live], classNames: names)
    #expect(sheet.caption.hasPrefix("1 of 2 maps are zero everywhere: "))

    var analysis = ClassModelAnalysis()
    analysis.steps = 2
    let models = analysis.run(on: net, classes: [0, 1]).map {
      ClassModel($0, image: picture(8, 8))
    }
    let classModels = classModelFigure(
      of: models, classNames: ClassNames(["cat", "dog"], count: 2), analysis: analysis)
    #expect(
      classModels.caption.hasPrefix("The gradient of “cat” and “dog” was zero in every step: "))
    try expectSound(classModels)
  }

  @Test func `the scale is stated`() throws {
    let example = try examples(1, side: 16, classes: 2)[0]
    let names = ClassNames([], count: 2)
    #expect(
      saliencyFigure(of: example, classNames: names).scale
        .hasSuffix("clipped above the 99.5th percentile"))
    #expect(
      saliencyFigure(of: example, classNames: names, unclipped: 1).scale
        .hasSuffix("up to the maximum"))
  }
}

/// What is drawn of a map, pixel by pixel.
@Suite struct `Saliency figures show` {
  private static let names = ClassNames(["cat", "dog"], count: 2)

  /// A map of 4 × 3 that is `values` at the pixels, by a method with or without signs.
  private func example(
    _ values: [Float], _ method: any AttributionMethod, check: AttributionCheck? = nil,
    remark: String = ""
  ) -> SaliencyExample {
    let finding = SaliencyFinding(
      method: method, classIndex: 1,
      prediction: Prediction.all(from: Tensor(shape: [1, 2], [0.5, 2]))[0],
      attribution: Tensor(shape: [1, 2, 3, 4], values + values.map { _ in 0 }), check: check,
      remark: remark)
    return SaliencyExample(finding, picture: picture(4, 3), source: "a.png")
  }

  /// The colour of each cell of the map, taken from its middle on the rendered sheet.
  private func colors(_ figure: CaptionedFigure) throws -> [[Int]] {
    let maps = places(of: Heatmap.self, in: figure.sheet, at: Point(0, 0))
    let frame = try #require(maps.first)
    let image = try figure.sheet.render()
    return (0..<3).flatMap { row in
      (0..<4).map { column in
        let x = Int(frame.x + (Double(column) + 0.5) * frame.width / 4)
        let y = Int(frame.y + (Double(row) + 0.5) * frame.height / 3)
        return (0..<3).map { Int(image.pixels[4 * (y * image.width + x) + $0]) }
      }
    }
  }

  private func places<D: Drawable>(
    of type: D.Type, in content: any Drawable, at origin: Point
  ) -> [Rectangle] {
    guard let composite = content as? any Composite else { return [] }
    return composite.parts.flatMap { part in
      let frame = part.frame.offset(x: origin.x, y: origin.y)
      return part.content is D
        ? [Rectangle(origin: frame.origin, size: part.content.size)]
        : places(of: type, in: part.content, at: frame.origin)
    }
  }

  @Test func `what speaks for the class in red and what speaks against it in blue`() throws {
    var values = [Float](repeating: 0, count: 12)
    // Top left for, bottom right against, and half as much beside it.
    (values[0], values[11], values[10]) = (2, -4, -2)
    let figure = saliencyFigure(
      of: example(values, GradientTimesInput()), classNames: Self.names, unclipped: 1)
    let cells = try colors(figure)
    for (index, value) in values.enumerated() {
      let (red, green, blue) = (cells[index][0], cells[index][1], cells[index][2])
      switch value {
      case 2: #expect(red > blue + 60 && red > green + 60, "\(cells[index])")
      case -2, -4: #expect(blue > red + 60, "\(cells[index])")
      default: #expect(min(red, green, blue) > 240, "\(index): \(cells[index])")
      }
    }
    // The same scale on both sides: 2 is half way to red, as −2 is half way to blue.
    let middle = Colormap.blueWhiteRed
    for (index, unit) in [(0, 0.75), (10, 0.25), (11, 0)] {
      let bytes = middle(unit).bytes
      let expected = [Int(bytes.red), Int(bytes.green), Int(bytes.blue)]
      #expect(zip(cells[index], expected).allSatisfy { abs($0 - $1) <= 2 }, "\(cells[index])")
    }
    #expect(figure.scale.hasPrefix("−4 … 4, "))
    #expect(figure.caption.contains("red for positive and blue for negative contributions"))
    #expect(figure.caption.contains("The map's scale is −4 … 4, up to the greatest magnitude."))
    try expectSound(figure)
  }

  @Test func `magnitudes from dark to bright`() throws {
    var values = [Float](repeating: 0, count: 12)
    (values[3], values[8]) = (-4, 1)
    let figure = saliencyFigure(
      of: example(values, GradientMethod()), classNames: Self.names, unclipped: 1)
    let cells = try colors(figure)
    let sums = cells.map { $0.reduce(0, +) }
    #expect(sums[3] == sums.max() && sums[8] > sums[0] && sums[3] > sums[8])
    #expect(cells.enumerated().allSatisfy { $0 == 3 || $0 == 8 || $1 == cells[0] })
    #expect(figure.scale.hasPrefix("0 … 4, "))
  }

  @Test func `checks, parameters and what the method chose`() throws {
    let values = [Float](repeating: 1, count: 12)
    let complete = AttributionCheck(kind: .completeness, sum: 12, expected: 12.5)
    let figure = saliencyFigure(
      of: example(values, try attributionMethod("integrated-gradients"), check: complete),
      classNames: Self.names)
    #expect(figure.caption.contains("Parameters: steps 50, baseline 0."))
    #expect(
      figure.caption.hasSuffix("the score minus that of the baseline is 12.5 (gap −0.5)."))
    let relevance = saliencyFigure(
      of: example(
        values, try attributionMethod("lrp-epsilon-plus-flat"),
        check: AttributionCheck(kind: .conservation, sum: 1.5, expected: 2)), classNames: Self.names
    )
    #expect(
      relevance.caption.hasSuffix(
        "The relevance of all pixels adds up to 1.5, and the score is 2."))
    let cam = saliencyFigure(
      of: example(
        values, try attributionMethod("grad-cam"), remark: "The layer is x, with maps of 7×7."),
      classNames: Self.names)
    #expect(cam.caption.contains("The layer is x, with maps of 7×7."))
    for drawn in [figure, relevance, cam] { try expectSound(drawn) }
  }
}
