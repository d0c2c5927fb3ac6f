internal import Files
internal import Foundation

/// `log.csv`: one row per epoch, the only file that contains times.
struct TrainingLog {
  private let path: String
  private var rows: [String]

  /// Keeps the rows of an interrupted run.
  init(
    folder: String, validation: TrainingHistory.Validation, until epoch: Int
  ) throws(FileError) {
    path = "\(folder)/\(TrainingFileNames.log)"
    let tried = validation == .test ? "test" : "validation"
    rows = [
      "epoch,training_loss,training_accuracy,\(tried)_loss,\(tried)_accuracy,"
        + "learning_rate,seconds"
    ]
    guard epoch > 0, FileManager.default.fileExists(atPath: path) else { return }
    let earlier = String(decoding: try readFile(path), as: UTF8.self)
    rows += earlier.split(separator: "\n").dropFirst().map(String.init).filter { row in
      (Int(row.prefix { $0 != "," }) ?? .max) <= epoch
    }
  }

  mutating func append(_ epoch: TrainingHistory.Epoch, seconds: Double) {
    let values = [
      epoch.loss, epoch.accuracy, epoch.validationLoss, epoch.validationAccuracy,
      epoch.learningRate, (seconds * 1000).rounded() / 1000,
    ]
    let fields = ["\(epoch.epoch)"] + values.map { $0.map { "\($0)" } ?? "" }
    rows.append(fields.joined(separator: ","))
  }

  /// Writes the rows so far, if there are any.
  func write() throws(FileError) {
    guard rows.count > 1 else { return }
    try writeFile(Data((rows.joined(separator: "\n") + "\n").utf8), to: path)
  }
}
