internal import Checkpoints
internal import Networks
internal import TensorCore

/// The state that changes during training.
struct TrainingState {
  var checkpoint: Checkpoint
  var optimizer: Optimizer
  var plateau = Plateau()
  var average: WeightAverage?
  /// With early stopping, what training changes as it was after the best epoch.
  var best: [String: Tensor] = [:]
  /// The number of complete epochs.
  var epoch = 0
  /// What is done of the next one.
  var done = EpochProgress()
  var history: TrainingHistory

  /// The network that is tested and written: with averaged weights, if there are any.
  var evaluated: Network { average?.applied(to: checkpoint.network) ?? checkpoint.network }
}

/// The steps of an epoch that are done, and their scores.
struct EpochProgress: Codable {
  var steps = 0
  private(set) var pictures = 0
  private(set) var correct = 0
  private(set) var lossSum = 0.0
  /// The rate of the last step.
  private(set) var learningRate = 0.0

  var loss: Double { lossSum / Double(pictures) }
  var accuracy: Double { Double(correct) / Double(pictures) }

  mutating func add(_ score: Score, learningRate: Double) {
    lossSum += score.loss * Double(score.count)
    correct += score.correct
    pictures += score.count
    self.learningRate = learningRate
  }
}
