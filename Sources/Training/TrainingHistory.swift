/// The progress of a training run, without anything that depends on the clock.
public struct TrainingHistory: Sendable, Hashable, Codable {
  public struct Epoch: Sendable, Hashable, Codable {
    /// Counted from 1; 0 is the network before the first.
    public let epoch: Int
    /// The mean over the epoch's steps, each before its update; nil for epoch 0.
    public let loss: Double?
    public let accuracy: Double?
    /// The loss on pictures that are not used for training, if there are any.
    public let validationLoss: Double?
    public let validationAccuracy: Double?
    /// The rate of the epoch's last step; nil for epoch 0.
    public let learningRate: Double?

    package init(
      epoch: Int, loss: Double?, accuracy: Double?, validationLoss: Double?,
      validationAccuracy: Double?, learningRate: Double?
    ) {
      (self.epoch, self.learningRate) = (epoch, learningRate)
      (self.loss, self.accuracy) = (loss, accuracy)
      (self.validationLoss, self.validationAccuracy) = (validationLoss, validationAccuracy)
    }
  }

  /// The pictures on which `validationLoss` and `validationAccuracy` are measured.
  public enum Validation: String, Sendable, Hashable, Codable {
    case none
    /// A part of the training data that is not used for training.
    case heldOut = "held-out"
    case test
  }

  public var validation: Validation
  public var epochs: [Epoch]
  /// The loss of the last network.
  public var testLoss: Double?
  public var testAccuracy: Double?
  /// With early stopping, the epoch whose network is the last one.
  public var bestEpoch: Int?
  /// Whether early stopping ended the run before its last epoch.
  public var stoppedEarly: Bool?

  public init(validation: Validation = .none) {
    self.validation = validation
    epochs = []
  }
}
