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
        finding, picture: Image.noise(side, side), source: index % 2 == 0 ? "a.png" : longName,
        trueClass: index % 3 == 0 ? nil : 0)
    }
  }

  @Test(.slow, arguments: [3, 28, 64, 224, 300], attributionMethods.map(\.name))
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
      of: SaliencyExample(finding, picture: Image.noise(8, 8), source: "a.png"), classNames: names)
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
      picture: Image.noise(8, 8), source: "a.png")
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
      ClassModel($0, image: Image.noise(8, 8))
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
