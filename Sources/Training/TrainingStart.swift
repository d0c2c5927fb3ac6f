public import Checkpoints
public import Files
public import Networks
internal import TensorCore

/// The network that a training run starts with, and which of its weights were given.
public struct TrainingStart: Sendable {
  /// The metadata of the checkpoints to be written, in which `Key.start` describes the start.
  public var checkpoint: Checkpoint
  /// The parameters with fresh values; all others are copied from another network.
  public let freshParameters: Set<String>
  /// What a user should know, one line each.
  public let remarks: [String]

  /// Where weights come from, as written into the run's checkpoints.
  public struct Origin: Sendable, Hashable, Codable {
    /// The name of the checkpoint's file.
    public let checkpoint: String
    public let sha256: String
    /// In alphabetical order.
    public var fresh: [String] = []
    /// The classes whose rows of the classifier are copied.
    public var keptClasses: [String] = []

    public init(checkpoint: String, sha256: String) {
      (self.checkpoint, self.sha256) = (checkpoint, sha256)
    }
  }

  /// The key of the `Origin` in a checkpoint's metadata.
  public static let originKey = "fovea.start"

  /// A network of which everything is fresh.
  public init(fresh checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    freshParameters = checkpoint.network.learnedParameters
    remarks = []
  }

  /// The architecture of a given network with fresh weights, for the classes of another data set:
  /// what training without its knowledge is compared with.
  ///
  /// - Throws: `GraphError` if the network has no classifier that can be replaced.
  public init(
    architectureOf given: Checkpoint, classNames: [String], dropout: Double? = nil,
    initialization: Initialization = .he, seed: UInt64
  ) throws(GraphError) {
    var checkpoint = given.startingAnew(classNames)
    if let design = given.design, let architecture = Architecture(rawValue: design.architecture) {
      checkpoint.network = try architecture.blueprint(
        classes: classNames.count, inputShape: Shape(design.input), dropout: design.dropout
      ).network(seed: seed, initialization: initialization)
      checkpoint.design?.classes = classNames.count
    } else {
      checkpoint.network = try given.network.classifying(
        classNames.map { _ in nil }, initialization: initialization, seed: seed
      ).withFreshWeights(initialization, seed: seed)
    }
    if let dropout { try checkpoint.setDropout(Float(dropout)) }
    self.init(fresh: checkpoint)
  }

  /// A trained network for the classes of another data set.
  ///
  /// If the network has all the classes, its classifier keeps their rows in the new order, and
  /// counts as copied. Otherwise the classifier is new: it still begins with the rows of those
  /// classes that it has, unless `newClassifier`, and learns at the rate of fresh layers.
  ///
  /// - Parameters:
  ///   - given: Its network's graph, design and preprocessing are kept.
  ///   - classNames: Those of the new classes.
  ///   - rows: For each new class the same one of the given network, nil if it has none.
  ///   - initialization: Of fresh rows.
  /// - Throws: `GraphError` if the network has no classifier that can be replaced.
  public init(
    from given: Checkpoint, _ origin: Origin, classNames: [String], rows: [Int?],
    newClassifier: Bool = false, dropout: Double? = nil,
    initialization: Initialization = .he, seed: UInt64
  ) throws(GraphError) {
    let rows = newClassifier ? rows.map { _ in nil } : rows
    var checkpoint = given.startingAnew(classNames)
    if let dropout { try checkpoint.setDropout(Float(dropout)) }
    let old = given.network
    let isWhole = rows.allSatisfy { $0 != nil }
    // Without a classifier that can be replaced, a network still learns its own classes.
    if rows != Array(0..<old.classCount).map(Optional.some) {
      checkpoint.network = try checkpoint.network.classifying(
        rows, initialization: initialization, seed: SeededGenerator.classifierSeed(seed))
      checkpoint.design?.classes = rows.count
    }
    let fresh = isWhole ? [] : try old.classifier().parameters
    self.init(
      checkpoint, origin, fresh: fresh.intersection(old.learnedParameters), rows, given,
      classNames, reason: newClassifier ? "as asked for" : nil)
  }

  /// A fresh network with as many weights of another one as fit by name and shape; of a classifier
  /// for other classes, the rows of those that are the same.
  ///
  /// - Parameters:
  ///   - checkpoint: The fresh network, with the names of its classes.
  ///   - rows: For each class the same one of the given network, nil if it has none.
  /// - Throws: `FileError` that names the given checkpoint if no weights fit.
  public init(
    _ checkpoint: Checkpoint, copying given: Checkpoint, _ origin: Origin, rows: [Int?],
    newClassifier: Bool = false
  ) throws(FileError) {
    let rows = newClassifier ? rows.map { _ in nil } : rows
    var checkpoint = checkpoint
    let old = given.network
    let (fresh, classifier) = (checkpoint.network, try? checkpoint.network.classifier())
    var copied: Set<String> = []
    var keptRows = rows.map { _ in Int?.none }
    for name in fresh.parameters.names where classifier?.parameters.contains(name) != true {
      guard let weights = old.parameters[name], weights.shape == fresh.parameters[name]?.shape
      else { continue }
      checkpoint.network.parameters[name] = weights
      copied.insert(name)
    }
    if let classifier, rows.contains(where: { $0 != nil }) {
      if checkpoint.network.copyRows(rows, of: classifier, from: old) {
        keptRows = rows
        if rows.allSatisfy({ $0 != nil }) { copied.formUnion(classifier.parameters) }
      }
    }
    let learned = fresh.learnedParameters
    guard !copied.isDisjoint(with: learned) else {
      let network = checkpoint.design.map { "of \($0.architecture)" } ?? "of the network to train"
      throw FileError(
        .malformed, origin.checkpoint,
        "expected weights with names and shapes of those \(network), found none")
    }
    self.init(
      checkpoint, origin, fresh: learned.subtracting(copied), keptRows, given,
      checkpoint.classNames,
      reason: newClassifier
        ? "as asked for"
        : keptRows == rows ? nil : "its layer in \(origin.checkpoint) is another one")
  }

  /// What a recipe makes of the layers, one line each.
  ///
  /// - Throws: `RecipeError` if a pattern of `recipe.layers` fits no layer, or nothing learns.
  public func layerRemarks(_ recipe: Recipe) throws(RecipeError) -> [String] {
    try LayerPlan(recipe.layers, of: checkpoint.network, fresh: freshParameters)
      .remarks(epochs: recipe.epochs)
  }

  /// The parameters that a recipe's training changes, besides the statistics of batch norms.
  ///
  /// - Throws: `RecipeError`, as `layerRemarks`.
  public func learning(_ recipe: Recipe) throws(RecipeError) -> Set<String> {
    try LayerPlan(recipe.layers, of: checkpoint.network, fresh: freshParameters).learning
  }

  /// How many numbers these are.
  public func learnedCount(_ recipe: Recipe) throws(RecipeError) -> Int {
    try learning(recipe).reduce(0) { $0 + (checkpoint.network.parameters[$1]?.count ?? 0) }
  }

  /// - Parameters:
  ///   - rows: Those that were copied.
  ///   - reason: Why the classifier is new; nil if classes are missing.
  private init(
    _ checkpoint: Checkpoint, _ origin: Origin, fresh: Set<String>, _ rows: [Int?],
    _ given: Checkpoint, _ classNames: [String], reason: String?
  ) {
    var origin = origin
    origin.fresh = fresh.sorted()
    let kept = rows.indices.filter { rows[$0] != nil }
    origin.keptClasses = kept.map { classNames.indices.contains($0) ? classNames[$0] : "\($0)" }
    self.checkpoint = checkpoint
    self.checkpoint.setMetadata(origin, for: Self.originKey)
    freshParameters = fresh
    let total = checkpoint.network.learnedParameters.count
    var remarks = [
      "\(total - fresh.count) of \(total) weight tensors are those of \(origin.checkpoint)"
        + (fresh.isEmpty ? "" : "; new: \(Self.list(origin.fresh))")
    ]
    remarks.append(Self.classifierRemark(origin, of: rows.count, given, reason))
    self.remarks = remarks
  }

  /// What becomes of the classifier: only its rows are copied, each for a class.
  private static func classifierRemark(
    _ origin: Origin, of count: Int, _ given: Checkpoint, _ reason: String?
  ) -> String {
    let (kept, old) = (origin.keptClasses.count, given.network.classCount)
    let name = origin.checkpoint
    if let reason { return "the classifier is new, \(reason)" }
    if kept == count {
      return count < old
        ? "\(count) of the \(old) classes of \(name) are kept: the classifier has only their rows"
        : "the classifier is kept: \(name) has all \(count) classes"
    }
    if kept > 0 {
      return "the classifier is new: \(name) has \(kept) of the \(count) classes; it begins with "
        + "the rows of \(list(origin.keptClasses))"
    }
    return given.classNames.isEmpty
      ? "the classifier is new: \(name) does not name its classes"
      : "the classifier is new: \(name) has none of the \(count) classes"
  }

  private static func list(_ names: [String]) -> String {
    let most = 4
    return names.count <= most
      ? names.joined(separator: ", ")
      : "\(names.prefix(most - 1).joined(separator: ", ")) and \(names.count - most + 1) more"
  }
}

extension SeededGenerator {
  /// So that fresh rows differ from other numbers of the same seed.
  fileprivate static func classifierSeed(_ seed: UInt64) -> UInt64 {
    var generator = SeededGenerator(seed: seed, path: RandomPath.classifier)
    return generator.next()
  }
}

extension Checkpoint {
  /// Without what belongs to the training so far.
  fileprivate func startingAnew(_ classNames: [String]) -> Checkpoint {
    var checkpoint = self
    checkpoint.state = [:]
    checkpoint.classNames = classNames
    checkpoint.metadata[Key.recipe] = nil
    checkpoint.metadata[Key.history] = nil
    checkpoint.metadata[TrainingStart.originKey] = nil
    checkpoint.metadata[DataIdentity.key] = nil
    return checkpoint
  }

  fileprivate mutating func setDropout(_ rate: Float) throws(GraphError) {
    let graph: Graph
    if let design, let architecture = Architecture(rawValue: design.architecture) {
      graph = try architecture.blueprint(
        classes: design.classes, inputShape: Shape(design.input), dropout: rate
      ).graph
      self.design?.dropout = rate
    } else {
      graph = try network.graph.droppingOut(rate)
    }
    network = try Network(
      graph: graph, parameters: network.parameters, precision: network.precision)
  }
}

extension Network {
  /// Copies rows of another network's classifier where it has the same parameters.
  ///
  /// - Returns: Whether all of them were copied.
  fileprivate mutating func copyRows(
    _ rows: [Int?], of classifier: ClassifierLayer, from old: Network
  ) -> Bool {
    guard let other = try? old.classifier(), other.parameters == classifier.parameters,
      let resized = try? old.classifying(rows, initialization: .he, seed: 0)
    else { return false }
    for part in classifier.parts {
      guard let own = parameters[part.parameter], let given = resized.parameters[part.parameter],
        own.shape == given.shape
      else { return false }
      // Fresh rows stay this network's own.
      let inner = own.shape.extents[(part.axis + 1)...].reduce(1, *)
      var values = own.elements
      let copies = given.elements
      for index in values.indices where rows[index / inner % rows.count] != nil {
        values[index] = copies[index]
      }
      parameters[part.parameter] = Tensor(shape: own.shape, values)
    }
    return true
  }
}
