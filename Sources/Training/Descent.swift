internal import Datasets
internal import Kernels
public import Networks
public import TensorCore

/// A network's performance on some pictures.
public struct Score: Sendable, Hashable {
  /// The mean cross entropy.
  public let loss: Double
  /// The number of pictures whose own class was ranked first.
  public let correct: Int
  public let count: Int

  public var accuracy: Double { Double(correct) / Double(max(count, 1)) }
}

extension Network {
  /// Takes one step against the gradient of the mean cross entropy.
  ///
  /// Batch norm's running statistics are updated. Uniquely referenced weights are changed in place.
  /// If the loss is not finite, nothing is changed.
  ///
  /// - Parameters:
  ///   - pictures: `[N, C, H, W]`.
  ///   - seed: For dropout.
  ///   - smoothing: The share of each label that is spread over all classes.
  /// - Returns: The score before the step, in training mode.
  public mutating func descend(
    on pictures: Tensor, labels: [Int], by optimizer: inout Optimizer, learningRate: Double,
    seed: UInt64, smoothing: Float = 0
  ) -> Score {
    let slope = slope(on: pictures, labels: labels, seed: seed, smoothing: smoothing)
    guard slope.score.loss.isFinite else { return slope.score }
    optimizer.update(&parameters, along: slope.gradients, learningRate: learningRate)
    for (name, tensor) in slope.measured { parameters[name] = tensor }
    return slope.score
  }

  /// The recording, and with it the second reference to the weights, is released on return.
  private func slope(
    on pictures: Tensor, labels: [Int], seed: UInt64, smoothing: Float
  ) -> (gradients: [String: Tensor], measured: [String: Tensor], score: Score) {
    let recording = record(pictures, keeping: .forTraining, mode: .training(seed: seed))
    let loss = softmaxCrossEntropy(recording.scores, labels: labels, smoothing: smoothing)
    let node = graph.scoreName
    let gradient =
      recording[node].shape == loss.gradient.shape
      ? loss.gradient : loss.gradient.reshaped(to: recording[node].shape)
    return (
      recording.parameterGradients(of: gradient, from: node), recording.measuredParameters,
      Score(loss: Double(loss.loss), correct: loss.correct, count: labels.count)
    )
  }

  /// Runs the network on all pictures without learning.
  ///
  /// - Throws: `FileError` if a label is not one of the network's classes.
  public func score(on pictures: PreparedPictures, batchSize: Int = 128) throws -> Score {
    var (loss, correct, count) = (0.0, 0, 0)
    try pictures.forEachBatch(
      of: batchSize, positions: Array(0..<pictures.count), altered: nil
    ) { batch in
      guard !batch.labels.isEmpty else { return }
      let labels = try batch.labels(below: classCount)
      let scores = record(batch.images, keeping: .only([graph.scoreName])).scores
      let result = softmaxCrossEntropy(scores, labels: labels)
      loss += Double(result.loss) * Double(labels.count)
      correct += result.correct
      count += labels.count
    }
    return Score(loss: loss / Double(max(count, 1)), correct: correct, count: count)
  }
}

extension Optimizer {
  /// Moves every parameter that has a gradient one step against it, in place if possible.
  public mutating func update(
    _ parameters: inout Parameters, along gradients: [String: Tensor], learningRate: Double
  ) {
    beginStep()
    for (name, gradient) in gradients {
      guard var weights = parameters[name] else {
        preconditionFailure("a gradient of '\(name)', which is no parameter")
      }
      // Without the network's own reference, the tensor is uniquely referenced and not copied.
      parameters[name] = nil
      move(&weights, named: name, along: gradient, learningRate: learningRate)
      parameters[name] = weights
    }
  }
}
