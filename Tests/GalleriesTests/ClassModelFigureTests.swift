import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Class model figures` {
  @Test(.slow, arguments: [1, 2, 10, 40], [4, 28, 224])
  func `fit any number of classes`(count: Int, side: Int) throws {
    let net = try classifier(classes: 40, side: 6)
    var analysis = ClassModelAnalysis()
    analysis.steps = 3
    let models = analysis.run(on: net, classes: Array(0..<count)).map {
      ClassModel($0, image: Image.noise(side, side))
    }
    let figure = classModelFigure(
      of: models, classNames: ClassNames((0..<40).map { "\($0) \(longName)" }, count: 40),
      analysis: analysis, model: longName)
    try expectSound(figure)
    #expect(figure.units == Array(0..<count))
    #expect(figure.caption.contains("3 steps of gradient ascent"))
  }

  @Test func `what is shown is what is scored`() throws {
    let net = try classifier(classes: 2, side: 6)
    var analysis = ClassModelAnalysis()
    analysis.steps = 2
    let shown = ShownPicture(score: 35.6, probability: 0.992, clippedShare: 0.65)
    let models = analysis.run(on: net, classes: [0, 1]).map {
      ClassModel($0, image: Image.noise(6, 6), shown: shown)
    }
    let figure = classModelFigure(
      of: models, classNames: ClassNames([], count: 2), analysis: analysis)
    let words = try SeenFigure(figure).parts(of: Text.self).map {
      $0.content.lines.joined(separator: " ")
    }
    #expect(words.count { $0 == "score 35.6, 99.2 %, 65 % clipped" } == 2, "\(words)")
    #expect(
      figure.caption.contains(
        "Below each picture: its class score before softmax and its probability as it is shown, and "
          + "the share of its values that are clipped. Before clipping, the scores are from "))
    let single = classModelFigure(
      of: [models[0]], classNames: ClassNames([], count: 2), analysis: analysis)
    #expect(single.subtitle == "score 35.6, 99.2 %, 65 % clipped")
    #expect(single.caption.contains("Before clipping, the score is "))
  }

  @Test func `jitter is said`() throws {
    let net = try classifier(classes: 2, side: 6)
    var analysis = ClassModelAnalysis()
    (analysis.steps, analysis.shift) = (1, 2)
    let model = ClassModel(analysis.run(on: net, classes: [1])[0], image: Image.noise(6, 6))
    let figure = classModelFigure(
      of: [model], classNames: ClassNames([], count: 2), analysis: analysis)
    #expect(figure.title == "What “class 1” looks like to the network")
    #expect(figure.caption.contains("moved by up to 2 pixels before each step"))
  }
}

@Suite struct `Training curves` {
  @Test(arguments: [0, 1, 2, 12, 300]) func `fit any number of epochs`(count: Int) throws {
    let points = (0..<count).map { (epoch: Int) -> CurvePoint in
      let share = 1 / Double(epoch + 1)
      return CurvePoint(
        epoch: epoch + 1, trainingLoss: 2 * share, validationLoss: epoch % 2 == 0 ? nil : 1,
        trainingAccuracy: 0.5, validationAccuracy: epoch == 3 ? .nan : 0.9 - 0.5 * share,
        learningRate: 0.1 * share)
    }
    let figure = curvesFigure(of: points, model: "net")
    try expectSound(figure)
  }

  @Test func `the best epoch is named`() {
    let figure = curvesFigure(of: [
      CurvePoint(epoch: 1, validationAccuracy: 0.5), CurvePoint(epoch: 2, validationAccuracy: 0.75),
      CurvePoint(epoch: 3, validationAccuracy: 0.7),
    ])
    #expect(
      figure.caption
        == "Each point is an epoch. Validation values are measured after it. Validation accuracy ends "
        + "at 70 %; its best is 75 % after epoch 2."
    )
    let worse = curvesFigure(of: [
      CurvePoint(epoch: 0, validationAccuracy: 0.5), CurvePoint(epoch: 1, validationAccuracy: 0.25),
    ])
    #expect(worse.caption.hasSuffix("ends at 25 %; its best is 50 % before training."))
  }

  @Test func `a rate that falls in steps has a logarithmic axis, a cosine a linear one`() {
    func scale(_ rate: (Int) -> Double) -> String {
      curvesFigure(
        of: (1...20).map { CurvePoint(epoch: $0, learningRate: rate($0)) }
      ).scale
    }
    #expect(scale { $0 < 8 ? 0.1 : 0.001 } == "linear axes, that of the learning rate logarithmic")
    #expect(scale { 1e-9 + 0.1 * Double(20 - $0) / 20 } == "linear axes")
  }

  @Test func `accuracies end at 100 %, whole points included`() throws {
    let points = (0..<5).map {
      CurvePoint(epoch: $0, trainingAccuracy: Double($0) / 4, validationAccuracy: 0)
    }
    let figure = curvesFigure(of: points, model: "net")
    let plots = try SeenFigure(figure).plots(of: LinePlot.self)
    let plot = try #require(plots.first)
    let seen = try SeenFigure(figure)
    let color = ClassStyle(index: 0).color
    let top = plot.place(Point(4, 1))
    // Half of the point is above the axis.
    for down in [-1.0, 0, 1] {
      #expect(seen.shows(color, at: Point(top.x, top.y + down), tolerance: 60), "\(down)")
    }
    func labels(_ drawable: any Drawable) -> [String] {
      (drawable as? any Composite)?.parts.flatMap { part in
        ((part.content as? Text).map { [$0.lines.joined()] } ?? []) + labels(part.content)
      } ?? []
    }
    let words = labels(
      LinePlot([.init("", [Point(0, 1), Point(1, 0.9)])], x: Axis(), y: .shares("accuracy")))
    #expect(words.contains("100 %"))
    #expect(!words.contains { $0.hasPrefix("10") && $0 != "100 %" && $0.hasSuffix("%") })
  }

  @Test func `a loss that exploded is shown, and the last network beside the training values`() {
    let points = [1: 0.8, 2: 4.8e14, 3: 2.8e28].sorted { $0.key < $1.key }.map {
      CurvePoint(epoch: $0.key, trainingLoss: $0.value, trainingAccuracy: 0.5)
    }
    let figure = curvesFigure(
      of: points, trained: TrainedPoint(loss: 3e29, accuracy: 0.5, pictures: 24))
    #expect(figure.scale == "linear axes, that of the loss logarithmic")
    #expect(
      figure.caption
        == "Each point is an epoch. Training values are means over an epoch, measured before each "
        + "step, with augmentation and dropout if the recipe has them; the last network has a loss "
        + "of 3 × 10²⁹ and an accuracy of 50 % on 24 training pictures.")
    #expect(curvesFigure(of: Array(points.prefix(1))).scale == "linear axes")
    let tested = curvesFigure(
      of: [CurvePoint(epoch: 1, trainingLoss: 1, validationLoss: 2, learningRate: 0.1)],
      isTest: true)
    #expect(
      tested.caption.hasSuffix(
        "if the recipe has them. Test values are measured after it. The learning rate is that of "
          + "the epoch's last step."))
  }

  @Test func `the state before training is no epoch`() {
    let figure = curvesFigure(of: [
      CurvePoint(epoch: 0, validationLoss: 2), CurvePoint(epoch: 1, validationLoss: 1),
    ])
    #expect(figure.subtitle == "1 epoch")
  }
}
