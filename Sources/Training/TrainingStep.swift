internal import Checkpoints
internal import Datasets
internal import Files
internal import Networks
internal import TensorCore

/// What happens at each step and after each epoch.
extension TrainingRun {
  /// One step of descent.
  ///
  /// - Parameters:
  ///   - number: Counted from 0 over all epochs.
  ///   - batch: The pictures, each with its number in the data set.
  ///   - place: Which step that is, for errors.
  /// - Throws: `TrainingError` that names the layer where numbers are no longer finite.
  func step(
    _ number: Int, on batch: Batch, _ labels: [Int], _ state: inout TrainingState,
    learningRate: Double, _ rates: LayerRates, _ features: inout FrozenFeatures?, place: String
  ) throws(TrainingError) -> Score {
    let pictures = batch.images
    var dropping = SeededGenerator(seed: recipe.seed, path: RandomPath.dropout, number)
    var mixup: Mixup?
    if recipe.mixup > 0 {
      var mixing = SeededGenerator(seed: recipe.seed, path: RandomPath.mixup, number)
      mixup = Mixup(alpha: recipe.mixup, count: labels.count, random: &mixing)
    }
    var options = DescentOptions(
      smoothing: Float(recipe.labelSmoothing), mixup: mixup, rates: rates)
    options.threads = threads
    do {
      let score = try state.checkpoint.network.descend(
        on: pictures, batch.indices, labels: labels, by: &state.optimizer,
        learningRate: learningRate, seed: dropping.next(), options, features: &features)
      state.average?.update(
        rates.changing, of: state.checkpoint.network.parameters, step: state.optimizer.steps)
      return score
    } catch {
      let network = state.checkpoint.network
      throw TrainingError(
        words(for: error, in: network, on: mixup?.mixed(pictures) ?? pictures, place)
          + ", at a learning rate of \(learningRate); a lower one may help"
          + aftermath(of: state))
    }
  }

  private func words(
    for error: NonFiniteStep, in network: Network, on pictures: Tensor, _ place: String
  ) -> String {
    switch error {
    case .loss:
      let origin = (0..<pictures.shape[0]).lazy.compactMap {
        network.nonFiniteOrigin(of: network.graph.scoreName, for: pictures.rows($0..<($0 + 1)))
      }.first
      return "the loss became NaN or infinite in \(place)"
        + (origin.map { ", first in '\($0.node)' (\($0.kind))" } ?? "")
    case .gradient(let parameter, let node):
      return "the gradient of '\(parameter)' became NaN or infinite in \(place), "
        + layer(node, in: network)
    }
  }

  private func layer(_ node: String, in network: Network) -> String {
    "in '\(node)'" + (network.graph[node].map { " (\($0.operation.kind))" } ?? "")
  }

  /// - Throws: `TrainingError` before weights that are not finite replace those that were saved.
  func checkWeights(_ state: TrainingState, _ place: String) throws(TrainingError) {
    let network = state.checkpoint.network
    let wrong = layers.changing.sorted().first { network.parameters[$0]?.isFinite == false }
    guard let wrong else { return }
    let node = network.graph.nodes.first { $0.parameters.contains(wrong) }
    throw TrainingError(
      "'\(wrong)' became NaN or infinite in \(place)"
        + (node.map { ", \(layer($0.name, in: network))" } ?? "")
        + "; a lower learning rate may help\(aftermath(of: state))")
  }

  /// What is left of a run that fails, as the end of a sentence.
  func aftermath(of state: TrainingState) -> String {
    state.epoch == 0
      ? ""
      : "; the network after epoch \(state.epoch) is kept in "
        + "\(folder)/\(TrainingFileNames.resume)"
  }

  var noAverage: WeightAverage? {
    recipe.optimizer.averageDecay > 0 ? WeightAverage(decay: recipe.optimizer.averageDecay) : nil
  }

  func stops(_ state: TrainingState) -> Bool {
    recipe.earlyStopping.stops(after: state.history)
  }

  /// Remembers the network if the last epoch is the best one.
  func noteBest(_ state: inout TrainingState) {
    guard recipe.earlyStopping.best(in: state.history) == state.epoch else { return }
    let network = state.evaluated
    state.best = [:]
    for name in layers.changing { state.best[name] = network.parameters[name] }
  }
}
