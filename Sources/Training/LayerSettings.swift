/// How fast each layer learns, for a network that starts from given weights.
///
/// A pattern (`*` for any characters, `?` for one) names parameters by their own names, by the name
/// of their layer, or by another name that a file has for that layer.
public struct LayerSettings: Sendable, Hashable, Encodable {
  /// Patterns of what never changes, not even by weight decay. A batch norm whose scale and shift
  /// are frozen uses its running statistics, which stay as they are.
  public var freeze: [String]
  /// Factors of the learning rate by pattern; of several that fit, the longest decides.
  public var rates: [String: Double]
  /// The factor for other parameters with given weights; those with fresh ones have 1.
  public var copiedRate: Double
  /// Whether the classifier starts with fresh weights even for classes that it knows.
  public var newClassifier: Bool
  /// Gradual unfreezing (Howard and Ruder, "Universal Language Model Fine-tuning for Text
  /// Classification", 2018, section 3.3): first only the last layers learn, and after this
  /// number of epochs the next ones before them, and so on; 0 to let all learn from the beginning.
  /// Fresh layers always learn.
  public var unfreezeEpochs: Int
  /// How many layers with weights are unfrozen at a time, with the normalizations after them.
  public var unfreezeLayers: Int

  /// Whether some layers learn at another rate than the others.
  public var changesRates: Bool { copiedRate != 1 || !rates.isEmpty }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case freeze, rates, copiedRate, newClassifier, unfreezeEpochs, unfreezeLayers
  }

  public init(
    freeze: [String] = [], rates: [String: Double] = [:], copiedRate: Double = 1,
    newClassifier: Bool = false, unfreezeEpochs: Int = 0, unfreezeLayers: Int = 1
  ) {
    self.freeze = freeze
    self.rates = rates
    self.copiedRate = copiedRate
    self.newClassifier = newClassifier
    self.unfreezeEpochs = unfreezeEpochs
    self.unfreezeLayers = unfreezeLayers
  }
}
