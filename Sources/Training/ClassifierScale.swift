internal import Checkpoints
internal import Datasets
internal import Foundation
internal import Networks
internal import TensorCore

/// What keeps a new classifier on given features from diverging: features are not standardized, and
/// with large ones the usual rate is far too high.
///
/// The gradient of the cross entropy of linear scores *W x + b* changes by at most
/// *L = ½ (E‖x‖² + 1)*, because its Hessian is at most *½ (I − 11ᵀ/K) ⊗ E xxᵀ* for *K* classes
/// (Böhning, "Multinomial logistic regression algorithm", 1992), whose greatest eigenvalue is at most
/// half of the second factor's trace. Descent is stable for rates up to *2/L*: the greatest eigenvalue
/// of the Hessian limits the rate (LeCun et al., "Efficient BackProp", 1998). New weights are
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

  /// - Parameter layers: Decides which parameters have rates that may be changed.
  /// - Returns: Nil if the classifier is not new, if all of the network is, if its rate is given, or if
  ///   its features cannot be measured.
  init?(
    of start: TrainingStart, _ layers: LayerPlan, on pictures: PreparedPictures
  ) throws {
    let network = start.checkpoint.network
    let fresh = start.freshParameters
    guard let classifier = try? network.classifier(), let node = network.graph[classifier.node],
      !fresh.isSuperset(of: network.learnedParameters)
    else { return nil }
    parameters = classifier.parameters.intersection(network.learnedParameters)
    weights = parameters.filter { (network.parameters[$0]?.shape.rank ?? 0) > 1 }
    let inputs = node.inputs.filter { network.dependsOnPictures($0) && network.graph[$0] != nil }
    guard layers.canScale(parameters), fresh.isSuperset(of: parameters), inputs.count == 1,
      let count = weights.compactMap({ network.parameters[$0]?.count }).max()
    else { return nil }
    fanIn = count / max(classifier.classes, 1)
    var (sum, elements) = (0.0, 0)
    let some = pictures.spread(most: Self.mostPictures)
    let positions = (0..<some.count).map { SampledPicture(position: $0) }
    try some.forEachBatch(of: Self.batchSize, positions, altered: nil) { batch in
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

extension TrainingRun {
  /// Fits the rate and the first weights of a new classifier to its features.
  ///
  /// - Returns: What a user should know about that; nil if nothing is changed.
  mutating func fitClassifier() throws -> String? {
    // Steps of Adam do not depend on the scale of gradients.
    guard recipe.optimizer.name == .sgd,
      let scale = try ClassifierScale(of: given, layers, on: training)
    else { return nil }
    let rate = recipe.optimizer.learningRate
    let factor = scale.factor(of: rate)
    guard factor < 1 else { return nil }
    layers.scale(scale.parameters, by: factor)
    // Rows of known classes are for these features.
    let origin = try? given.checkpoint.metadata(
      TrainingStart.Origin.self, for: TrainingStart.originKey)
    if scale.weightFactor < 1, origin?.keptClasses.isEmpty ?? true {
      for name in scale.weights {
        start.network.parameters[name] = start.network.parameters[name].map {
          $0 * Float(scale.weightFactor)
        }
      }
    }
    return "the new classifier learns at a rate of \(Self.brief(rate * factor)) at most instead of "
      + "\(Self.brief(rate)), with which it is stable: the mean square of its \(scale.fanIn) features "
      + "is \(Self.brief(scale.meanSquare)); --layer-rate for the classifier overrides this"
  }

  private static func brief(_ number: Double) -> String { String(format: "%.3g", number) }
}
