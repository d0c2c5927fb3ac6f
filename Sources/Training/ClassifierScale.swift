internal import Checkpoints
internal import Datasets
internal import Networks
internal import TensorCore

/// What keeps a new classifier on given features from diverging: features are not standardized, and
/// with large ones the usual rate is far too high.
///
/// The gradient of the cross entropy of linear scores *W x + b* changes by at most
/// *L = ½ (E‖x‖² + 1)* (Böhning, "Multinomial logistic regression algorithm", 1992, section 3), and
/// descent is stable for rates up to *2/L*; that the rate of a layer has to follow the mean square of
/// its inputs is in LeCun et al., "Efficient BackProp", 1998, sections 4.3 and 4.7. New weights are
/// divided by the features' root mean square if that is above 1, so that the first scores are those
/// of standardized features.
struct ClassifierScale: Sendable, Hashable {
  /// Enough for a mean over pictures.
  private static let mostPictures = 256
  private static let batchSize = 64

  /// Of the inputs of one class's score.
  let fanIn: Int
  /// Of the inputs' elements.
  let meanSquare: Double
  /// Of the classifier: those with a row of weights for each class.
  let weights: Set<String>
  let parameters: Set<String>

  /// - Returns: Nil if the classifier is not new, if all of the network is, or if its features cannot
  ///   be measured.
  init?(of start: TrainingStart, on pictures: PreparedPictures) throws {
    let network = start.checkpoint.network
    let fresh = start.freshParameters
    guard let classifier = try? network.classifier(), let node = network.graph[classifier.node],
      !fresh.isSuperset(of: network.learnedParameters)
    else { return nil }
    parameters = classifier.parameters.intersection(network.learnedParameters)
    weights = parameters.filter { (network.parameters[$0]?.shape.rank ?? 0) > 1 }
    let inputs = node.inputs.filter { network.dependsOnPictures($0) && network.graph[$0] != nil }
    guard !parameters.isEmpty, fresh.isSuperset(of: parameters), inputs.count == 1,
      let count = weights.compactMap({ network.parameters[$0]?.count }).max()
    else { return nil }
    fanIn = count / max(classifier.classes, 1)
    var (sum, elements) = (0.0, 0)
    let positions = (0..<pictures.spread(most: Self.mostPictures).count).map {
      SampledPicture(position: $0)
    }
    try pictures.spread(most: Self.mostPictures).forEachBatch(
      of: Self.batchSize, positions, altered: nil
    ) { batch in
      guard !batch.labels.isEmpty else { return }
      let features = network.record(batch.images, keeping: .only([inputs[0]]))[inputs[0]]
      sum += features.reduce(0.0) { $0 + Double($1) * Double($1) }
      elements += features.count
    }
    meanSquare = sum / Double(max(elements, 1))
    guard meanSquare.isFinite else { return nil }
  }

  /// The factor of a learning rate, at most 1, with which it is stable.
  func factor(of rate: Double) -> Double {
    min(1, 4 / (Double(fanIn) * meanSquare + 1) / rate)
  }

  /// The factor of fresh weights, at most 1.
  var weightFactor: Double { min(1, 1 / meanSquare.squareRoot()) }
}
