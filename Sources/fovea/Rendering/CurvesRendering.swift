import Drawing
import Foundation
import Galleries
import Images
import TensorCore
import Training

extension TrainingHistory {
  var curve: [CurvePoint] {
    epochs.map { epoch in
      CurvePoint(
        epoch: epoch.epoch, trainingLoss: epoch.loss, validationLoss: epoch.validationLoss,
        trainingAccuracy: epoch.accuracy, validationAccuracy: epoch.validationAccuracy,
        learningRate: epoch.learningRate)
    }
  }

  /// How a network learned, as a PNG file.
  ///
  /// - Throws: `DrawingError`.
  func picture(of model: String) throws -> Data {
    let figure = CurvesFigure().figure(of: curve, model: model)
    return try figure.sheet.render().encodedPNG(text: [
      ("Title", figure.title), ("Description", figure.caption),
      ("Software", "\(Program.name) \(Program.version)"),
    ])
  }
}

extension Studio {
  /// How the network learned, where the checkpoint says so.
  func addCurves() throws {
    guard let history = model.history, history.epochs.count > 1,
      !writer.resumes(.curves, "training")
    else { return }
    try add(
      CurvesFigure().figure(of: history.curve, model: model.name), name: "training", facts()
    ) {
      func column(_ value: (TrainingHistory.Epoch) -> Double?) -> Tensor {
        Tensor(history.epochs.map { value($0).map { Float($0) } ?? Float.nan })
      }
      return FigureArrays([
        "epochs": Tensor(history.epochs.map(\.epoch)),
        "training_loss": column(\.loss), "training_accuracy": column(\.accuracy),
        "validation_loss": column(\.validationLoss),
        "validation_accuracy": column(\.validationAccuracy),
        "learning_rate": column(\.learningRate),
      ])
    }
  }
}
