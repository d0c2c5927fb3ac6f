internal import Foundation

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

  /// How well a network knows the pictures it was trained on.
  public struct TrainedScore: Sendable, Hashable, Codable {
    public let loss: Double
    public let accuracy: Double
    /// How many of the training pictures it was measured on.
    public let pictures: Int

    package init(loss: Double, accuracy: Double, pictures: Int) {
      (self.loss, self.accuracy, self.pictures) = (loss, accuracy, pictures)
    }
  }

  public var validation: Validation
  public var epochs: [Epoch]
  /// How many pictures were there to train on, with those that were held out.
  public var examples: Int?
  /// How many others could not be read and were skipped; nil for none.
  public var skipped: Int?
  /// Whether they are arrays of floats, which are used exactly as they are; nil if not.
  public var areArrays: Bool?
  /// That of the last network, if there are no pictures for `validation`: an epoch's training loss is
  /// measured before each step, so it does not tell what the last steps have made of the network.
  public var trainedScore: TrainedScore?
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

  /// Whether the last network is far worse than what was measured while it was trained, and than
  /// one that knows nothing, whose loss is *ln C* for *C* classes.
  package func endsFar(classes: Int) -> Bool {
    guard let score = trainedScore else { return false }
    let known = max(epochs.last?.loss ?? 0, log(Double(max(classes, 2))))
    return !(score.loss <= 10 * known)
  }
}
