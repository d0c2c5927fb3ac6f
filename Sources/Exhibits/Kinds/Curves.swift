public import ArgumentParser
public import Datasets
internal import Drawing
package import Foundation
public import Galleries
internal import Images
internal import TensorCore
package import Training

/// How the network learned, if the checkpoint says so.
public struct TrainingCurves: Exhibit {
  public struct Options: ParsableArguments {
    public init() {}
  }

  public static let examples = Set(ExampleKind.allCases)
  public static let runsNetwork = false
  public static let kind = FigureKind(
    "curves", abstract: "Draw how the network learned, epoch by epoch.", heading: "Training",
    explanation: "How the network learned, epoch by epoch.",
    examples: [
      .init(
        "Loss and accuracy of each epoch",
        "output/mnist/final.safetensors"),
      .init(
        "For a paper, without title and caption",
        "output/mnist/final.safetensors --width 120mm --no-title --no-caption --output curves.pdf"),
    ])

  private let history: TrainingHistory

  public init(_ options: Options, in studio: Studio) throws {
    guard let history = studio.model.history, history.epochs.count > 1 else {
      throw ExhibitUnavailable(
        "'\(studio.model.name)' does not record its training, or records only one epoch",
        isCommon: true)
    }
    self.history = history
  }

  public func draw(into studio: Studio) throws {
    guard !studio.resumes("training") else { return }
    try studio.add(
      curvesFigure(
        of: history.curve, model: studio.model.name, isTest: history.validation == .test,
        trained: history.trainedPoint,
        hasLayerRates: studio.model.recipe?.layers.changesRates ?? false),
      name: "training"
    ) {
      func column(_ value: (TrainingHistory.Epoch) -> Double?) -> Tensor {
        Tensor(history.epochs.map { value($0).map { Float($0) } ?? Float.nan })
      }
      var arrays: [String: Tensor] = [:]
      if let trained = history.trainedScore {
        arrays["last_network_loss"] = Tensor([Float(trained.loss)])
        arrays["last_network_accuracy"] = Tensor([Float(trained.accuracy)])
      }
      let columns: [String: Tensor] = [
        "epochs": Tensor(history.epochs.map(\.epoch)),
        "training_loss": column(\.loss), "training_accuracy": column(\.accuracy),
        "validation_loss": column(\.validationLoss),
        "validation_accuracy": column(\.validationAccuracy),
        "learning_rate": column(\.learningRate),
      ]
      return FigureArrays(columns.merging(arrays) { $1 })
    }
  }
}

extension TrainingHistory {
  var curve: [CurvePoint] {
    epochs.map { epoch in
      CurvePoint(
        epoch: epoch.epoch, trainingLoss: epoch.loss, validationLoss: epoch.validationLoss,
        trainingAccuracy: epoch.accuracy, validationAccuracy: epoch.validationAccuracy,
        learningRate: epoch.learningRate)
    }
  }

  var trainedPoint: TrainedPoint? {
    trainedScore.map {
      TrainedPoint(loss: $0.loss, accuracy: $0.accuracy, pictures: $0.pictures)
    }
  }

  /// How a network learned, as a PNG file.
  ///
  /// - Throws: `DrawingError`.
  package func picture(of model: String, trainedBy recipe: Recipe? = nil) throws -> Data {
    try curvesFigure(
      of: curve, model: model, isTest: validation == .test, trained: trainedPoint,
      hasLayerRates: recipe?.layers.changesRates ?? false
    ).pngFile()
  }
}
