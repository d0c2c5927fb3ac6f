import Analysis
import Drawing
import Galleries
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// What is drawn of class models, pixel by pixel.
@Suite struct `Class model figures show` {
  private func models(_ classes: [Int]) throws -> ([ClassModel], ClassModelAnalysis) {
    var analysis = ClassModelAnalysis()
    (analysis.steps, analysis.rate) = (6, 0.5)
    let net = try classifier(classes: 3, side: 6)
    let models = analysis.run(on: net, classes: classes).map { finding in
      ClassModel(
        finding, image: Image(distinctColors(6, from: 6 * finding.classIndex), columns: 3))
    }
    return (models, analysis)
  }

  private func draw(_ classes: [Int]) throws -> (CaptionedFigure, [ClassModel]) {
    let (models, analysis) = try models(classes)
    let names = ClassNames(["ant", "bee", "cat"], count: 3)
    return (classModelFigure(of: models, classNames: names, analysis: analysis), models)
  }

  @Test func `a picture for each class, with its name below`() throws {
    let (figure, models) = try draw([2, 0])
    let seen = try SeenFigure(figure)
    let boxes = try models.map {
      try seen.expectCells(
        distinctColors(6, from: 6 * $0.finding.classIndex).map(\.self), columns: 3)
    }
    #expect(boxes[0].y == boxes[1].y && boxes[0].maxX < boxes[1].x)
    for (box, (model, name)) in zip(boxes, zip(models, ["cat", "ant"])) {
      let score = try #require(model.finding.scores.last)
      let probability = Double(try #require(model.finding.probability))
      #expect(
        seen.words(below: box)
          == [name, "score \(numberText(Double(score))), \(probabilityText(Float(probability)))"])
    }
    #expect(seen.words(below: boxes[0]).last != seen.words(below: boxes[1]).last)
    try expectSnapshot(graphics(of: figure), named: "class-models")
  }

  @Test func `a single picture beside its score after each step`() throws {
    let (figure, models) = try draw([1])
    let seen = try SeenFigure(figure)
    seen.expectCells(distinctColors(6, from: 6), columns: 3, in: try seen.place(of: Picture.self))
    let plot = try #require(try seen.plots(of: LinePlot.self).first)
    let scores = models[0].finding.scores
    #expect(scores.count == 7 && (scores.last ?? 0) > scores[0] + 0.1)
    for (step, score) in scores.enumerated() {
      let place = plot.place(Point(Double(step), Double(score)))
      #expect(seen.shows(ClassStyle(index: 0).color, at: place, tolerance: 60), "step \(step)")
    }
    try expectSnapshot(graphics(of: figure), named: "class-model")
  }
}

/// What is drawn of a training run, pixel by pixel.
@Suite struct `Training curves show` {
  private let points = [
    CurvePoint(
      epoch: 1, trainingLoss: 2, validationLoss: 1.5, trainingAccuracy: 0.2,
      validationAccuracy: 0.3, learningRate: 0.4),
    CurvePoint(
      epoch: 2, trainingLoss: 0.75, validationLoss: 1.25, trainingAccuracy: 0.7,
      validationAccuracy: 0.5, learningRate: 0.3),
    CurvePoint(
      epoch: 3, trainingLoss: 0.25, validationLoss: 1, trainingAccuracy: 0.9,
      validationAccuracy: .nan, learningRate: 0.1),
    CurvePoint(
      epoch: 4, trainingLoss: 0, validationLoss: 1.75, trainingAccuracy: 1,
      validationAccuracy: 0.6, learningRate: 0.05),
  ]

  private func draw() throws -> CaptionedFigure {
    curvesFigure(of: points, model: "net")
  }

  @Test func `what they did before`() throws {
    // Three panels would make a large file.
    let losses = points.map {
      CurvePoint(epoch: $0.epoch, trainingLoss: $0.trainingLoss, validationLoss: $0.validationLoss)
    }
    try expectSnapshot(
      graphics(of: curvesFigure(of: losses, model: "net")), named: "curves")
  }

  @Test func `losses, accuracies and rates after each epoch, where the axes say`() throws {
    let seen = try SeenFigure(try draw())
    let plots = try seen.plots(of: LinePlot.self)
    try #require(plots.count == 3)
    let curves: [(Int, Int, (CurvePoint) -> Double?)] = [
      (0, 0, \.trainingLoss), (0, 1, \.validationLoss), (1, 0, \.trainingAccuracy),
      (1, 1, \.validationAccuracy), (2, 2, \.learningRate),
    ]
    for (plot, color, value) in curves {
      for point in points {
        let measured = try #require(value(point))
        guard measured.isFinite else { continue }
        let place = plots[plot].place(Point(Double(point.epoch), measured))
        #expect(
          seen.shows(ClassStyle(index: color).color, at: place, tolerance: 60),
          "panel \(plot), curve \(color), epoch \(point.epoch)")
      }
    }
  }

  @Test func `a rate that falls by factors where the logarithmic axis says`() throws {
    let rates = [0.1, 0.01, 0.005, 0.002, 0.001, 0.001]
    let seen = try SeenFigure(
      curvesFigure(
        of: rates.enumerated().map { CurvePoint(epoch: $0 + 1, learningRate: $1) }))
    let plot = try #require(try seen.plots(of: LinePlot.self, isLogarithmic: true).first)
    for (index, rate) in rates.enumerated() {
      let place = plot.place(Point(Double(index + 1), rate))
      #expect(
        seen.shows(ClassStyle(index: 2).color, at: place, tolerance: 60), "epoch \(index + 1)")
    }
  }

  @Test func `no line where a measurement is not finite`() throws {
    let seen = try SeenFigure(try draw())
    let plot = try seen.plots(of: LinePlot.self)[1]
    let color = ClassStyle(index: 1).color
    /// Whether the curve crosses the column of an epoch.
    func crosses(_ epoch: Double) -> Bool {
      let x = plot.place(Point(epoch, 0)).x
      return stride(from: plot.area.y, to: plot.area.maxY, by: 1).contains {
        seen.shows(color, at: Point(x, $0), tolerance: 60)
      }
    }
    #expect(crosses(1.5) && !crosses(2.5) && !crosses(3) && !crosses(3.5) && crosses(4))
  }

  @Test func `names at the ends of their curves, in their colours`() throws {
    let seen = try SeenFigure(try draw())
    let plot = try seen.plots(of: LinePlot.self)[0]
    for (name, value) in [("training", 0.0), ("validation", 1.75)] {
      let places = seen.parts(of: Text.self).filter { $0.content.lines == [name] }.map(\.frame)
      let end = plot.place(Point(4, value))
      let near = places.filter { $0.x > end.x && $0.x < end.x + 60 }
      #expect(near.count == 1, "\(name)")
      // Moved inside the area if the end is at its edge.
      #expect(near.allSatisfy { abs($0.center.y - end.y) <= 12 }, "\(name)")
      for (index, curve) in ["training", "validation"].enumerated() {
        let color = ClassStyle(index: index).color
        let hasColor = near.contains { frame in
          stride(from: frame.y, to: frame.maxY, by: 1).contains { y in
            stride(from: frame.x, to: frame.maxX, by: 1).contains {
              seen.shows(color, at: Point($0, y), tolerance: 60)
            }
          }
        }
        #expect(hasColor == (name == curve), "\(name) in the colour of \(curve)")
      }
    }
  }
}
