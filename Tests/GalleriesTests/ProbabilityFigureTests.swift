import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What figures say of networks whose classes do not exclude each other, or that have only one.
@Suite struct `Figures of probabilities` {
  private let names = ClassNames(["cat", "dog", "owl"], count: 3)

  private func example(
    _ scores: [Float], _ function: ProbabilityFunction, classIndex: Int = 0
  ) -> SaliencyExample {
    let finding = SaliencyFinding(
      method: .gradient, classIndex: classIndex,
      prediction: Prediction.all(from: Tensor(shape: [1, scores.count], scores), by: function)[0],
      attribution: Tensor(shape: [1, 1, 3, 4], (0..<12).map { Float($0) }))
    return SaliencyExample(finding, picture: Image.noise(4, 3), source: "a.png")
  }

  @Test func `a sigmoid's are those of each class by itself`() throws {
    let figure = saliencyFigure(of: example([2, 1, -1], .sigmoid), classNames: names)
    #expect(figure.subtitle.contains("score 2, probability 88.1 %"))
    #expect(figure.caption.hasPrefix("The gradient of the class score before the sigmoid with"))
    #expect(
      figure.caption.hasSuffix(
        "Each class has a probability of its own, the sigmoid of its score; together they need not "
          + "add up to 100 %."))
    try expectSound(figure)
    // 0.88 of 96 points; after a softmax, it would be 0.71.
    let seen = try SeenFigure(figure)
    let bar = try seen.area(of: Theme.highlight, within: seen.place(of: RankedBars.self))
    #expect(abs(Double(bar.width) - 0.88 * 96) <= 1)
  }

  @Test func `one output with a sigmoid has one`() throws {
    let figure = saliencyFigure(
      of: example([-1], .sigmoid), classNames: ClassNames(["cat"], count: 1))
    #expect(figure.subtitle.contains("score −1, probability 26.9 %"))
    #expect(figure.caption.hasSuffix("The probability is the sigmoid of the score."))
    try expectSound(figure)
  }

  @Test func `one raw output has none`() throws {
    let examples = [example([0.3], .none), example([4], .none)]
    let figure = saliencyFigure(of: examples[0], classNames: ClassNames(["cat"], count: 1))
    #expect(figure.subtitle.contains("score 0.3") && !figure.subtitle.contains("probability"))
    #expect(figure.caption.hasPrefix("The gradient of the class score with respect to the pixels"))
    #expect(figure.caption.hasSuffix("The network gives one score and no probability."))
    try expectSound(figure)
    let sheet = saliencySheet(of: examples, classNames: ClassNames(["cat"], count: 1))
    #expect(sheet.caption.hasSuffix("The network gives one score and no probability."))
    try expectSound(sheet)
  }

  @Test(arguments: [
    (ProbabilityFunction.softmax, "class score before softmax and its probability."),
    (.sigmoid, "class score before the sigmoid and its probability."),
  ])
  func `class models have them too`(function: ProbabilityFunction, words: String) throws {
    let closing: any Networks.Operation = function == .softmax ? Softmax() : Activation.sigmoid
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 3, Convolution(8))
    try sketch.add("flat", Flatten())
    try sketch.add("end", closing)
    var analysis = ClassModelAnalysis()
    analysis.steps = 2
    let findings = try analysis.run(on: sketch.network(), classes: [0, 1])
    let models = findings.map { ClassModel($0, image: Image.noise(8, 8)) }
    let figure = classModelFigure(of: models, classNames: names, analysis: analysis)
    #expect(figure.caption.contains("Below each picture: its final \(words)"))
    #expect(
      figure.caption.contains("Each class has a probability of its own") == (function == .sigmoid))
    try expectSound(figure)
    try expectSound(classModelFigure(of: [models[0]], classNames: names, analysis: analysis))
    for finding in findings {
      let score = try #require(finding.scores.last)
      let probability = try #require(finding.probability)
      guard function == .sigmoid else { continue }
      expectClose([probability], [1 / (1 + exponential(-Double(score)))], relative: 1e-5)
    }
  }

  private func exponential(_ x: Double) -> Double {
    (1..<60).reversed().reduce(1) { 1 + x / Double($1) * $0 }
  }
}
