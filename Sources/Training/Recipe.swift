public import Networks

/// Everything that determines how a network is trained: the same recipe and data give the same
/// weights.
///
/// The keys of a recipe file are the names of these properties; all except `architecture` and
/// `data` may be omitted, `architecture` too if there is `from`, and both if they are given
/// otherwise (`MissingKeys`).
public struct Recipe: Sendable, Hashable, Encodable {
  /// May only be empty if training starts `from` a network, for that network's own.
  public var architecture: String
  /// What is different from the architecture; nil for nothing.
  public var changes: ArchitectureChanges?
  /// A checkpoint to start with instead of random weights.
  public var from: String?
  /// Where the pictures are: a folder, a file, or `scenes`.
  public var data: String
  /// Pictures used only for testing, if `data` does not include its own.
  public var testData: String?
  /// A table with the classes of a folder's pictures; nil for those that the data has itself.
  public var labels: String?
  /// Names in the order of the labels, if the data has none.
  public var classes: [String]?
  public var epochs: Int
  /// Pictures per step.
  public var batchSize: Int
  public var optimizer: OptimizerSettings
  public var schedule: Schedule
  public var augmentation: Augmentation
  /// How the weights are initialized.
  public var initialization: Initialization
  /// Replaces the architecture's own probabilities.
  public var dropout: Double?
  /// The share of the label's probability that is spread over all classes (Szegedy et al., 2016,
  /// section 7).
  public var labelSmoothing: Double
  /// The *α* of `Mixup`; 0 to leave pictures unmixed.
  public var mixup: Double
  public var sampling: Sampling
  /// Which layers learn, and how fast.
  public var layers: LayerSettings
  /// The seed of the initial weights, the order, the augmentation, the mixing and the dropout.
  public var seed: UInt64
  /// The epochs after which the network is saved, besides the last; 0 is before the first.
  public var checkpointEpochs: [Int]
  /// The fraction of the training data that is held out for validation.
  public var validationFraction: Double
  /// Needs pictures held out for validation.
  public var earlyStopping: EarlyStopping

  enum CodingKeys: String, CodingKey, CaseIterable {
    case architecture, changes, data, testData, classes, epochs, batchSize, optimizer, schedule
    case augmentation, initialization, dropout, labelSmoothing, seed, checkpointEpochs
    case validationFraction
    case from, mixup, sampling, layers, earlyStopping, labels
  }

  public init(
    architecture: String, data: String, testData: String? = nil, classes: [String]? = nil,
    epochs: Int = 10, batchSize: Int = 64, optimizer: OptimizerSettings = OptimizerSettings(),
    schedule: Schedule = Schedule(), augmentation: Augmentation = Augmentation(),
    initialization: Initialization = .he, dropout: Double? = nil, labelSmoothing: Double = 0,
    seed: UInt64 = 0,
    checkpointEpochs: [Int] = [1, 2, 5, 10, 20, 30, 40, 64], validationFraction: Double = 0,
    changes: ArchitectureChanges? = nil,
    from: String? = nil, mixup: Double = 0, sampling: Sampling = .shuffled,
    layers: LayerSettings = LayerSettings(), earlyStopping: EarlyStopping = EarlyStopping(),
    labels: String? = nil
  ) {
    self.architecture = architecture
    self.data = data
    self.testData = testData
    self.classes = classes
    self.labels = labels
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.schedule = schedule
    self.augmentation = augmentation
    self.initialization = initialization
    self.dropout = dropout
    self.labelSmoothing = labelSmoothing
    self.seed = seed
    self.checkpointEpochs = checkpointEpochs
    self.validationFraction = validationFraction
    self.changes = changes
    self.from = from
    self.mixup = mixup
    self.sampling = sampling
    self.layers = layers
    self.earlyStopping = earlyStopping
  }
}

/// Why a recipe cannot be followed, with the key that is at fault.
public struct RecipeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// For example `optimizer.learningRate`; empty if the recipe as a whole is at fault.
  public let key: String
  /// What was expected and what was found.
  public let reason: String
  /// Other keys that the value depends on, and that `reason` may mention.
  public let relatedKeys: [String]

  public init(_ key: String, _ reason: String, relatedKeys: [String] = []) {
    self.key = key
    self.reason = reason
    self.relatedKeys = relatedKeys
  }

  /// The reason with other names for the keys that it mentions.
  ///
  /// - Parameter name: Returns a key that has no other name.
  public func reason(naming name: (String) -> String) -> String {
    relatedKeys.reduce(reason) { $0.replacing($1, with: name($1)) }
  }

  public var description: String { key.isEmpty ? reason : "\(key): \(reason)" }
}
