/// How well linear classifiers do on the features of some layers.
public struct ProbeFinding: Sendable, Hashable {
  /// A number of training pictures.
  public struct Column: Sendable, Hashable {
    /// How many pictures of each class were trained on; nil for all.
    public let perClass: Int?
    /// The number of training and of test pictures of each fold.
    public let training: [Int]
    public let tested: [Int]

    public init(perClass: Int?, folds: [ProbeSplit]) {
      self.perClass = perClass
      training = folds.map(\.training.count)
      tested = folds.map(\.test.count)
    }
  }

  /// A classifier on a layer.
  public struct Row: Sendable, Hashable {
    public let classifier: ProbeClassifier
    public let layer: String
    /// Its place among the layers that are probed, from 1.
    public let number: Int
    public let featureCount: Int
    /// For each column, its folds.
    public let folds: [[ProbeFold]]

    public init(
      classifier: ProbeClassifier, layer: String, number: Int, featureCount: Int,
      folds: [[ProbeFold]]
    ) {
      self.classifier = classifier
      self.layer = layer
      self.number = number
      self.featureCount = featureCount
      self.folds = folds
    }

    /// `SVM (3)`.
    public var title: String { "\(classifier.title) (\(number))" }
  }

  public let columns: [Column]
  public let rows: [Row]
  public let classCount: Int
  /// Whether tests were on the data set's own test part.
  public let hasTestPart: Bool
  public let pooling: ProbePooling
  public let scaling: FeatureScaling

  public init(
    columns: [Column], rows: [Row], classCount: Int, hasTestPart: Bool, pooling: ProbePooling,
    scaling: FeatureScaling
  ) {
    self.columns = columns
    self.rows = rows
    self.classCount = classCount
    self.hasTestPart = hasTestPart
    self.pooling = pooling
    self.scaling = scaling
  }
}

extension [ProbeFold] {
  /// The mean of the folds' accuracies.
  public var meanAccuracy: Double { map(\.accuracy).reduce(0, +) / Double(Swift.max(count, 1)) }

  /// The sample standard deviation of the folds' accuracies; nil of one fold.
  public var deviation: Double? {
    guard count > 1 else { return nil }
    let mean = meanAccuracy
    let squares = reduce(0.0) { $0 + ($1.accuracy - mean) * ($1.accuracy - mean) }
    return (squares / Double(count - 1)).squareRoot()
  }
}
