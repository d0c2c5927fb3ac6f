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

/// What a step of gradient descent does besides following the gradient.
public struct DescentOptions: Sendable {
  /// The share of each label that is spread over all classes.
  public var smoothing: Float
  /// How the pictures and their labels are mixed; nil to leave them as they are.
  public var mixup: Mixup?
  /// Which parameters learn, and how fast; nil for all weights at the full rate.
  public var rates: LayerRates?
  /// What the steps of one run share.
  package var threads = PartThreads()

  public init(smoothing: Float = 0, mixup: Mixup? = nil, rates: LayerRates? = nil) {
    self.smoothing = smoothing
    self.mixup = mixup
    self.rates = rates
  }
}

/// Why a step was not taken: numbers that are NaN or infinite.
public enum NonFiniteStep: Error, Sendable, Hashable {
  case loss
  /// - Parameter node: The node nearest to the loss whose parameter has such a gradient.
  case gradient(parameter: String, node: String)
}

extension Network {
  /// Takes one step against the gradient of the mean cross entropy.
  ///
  /// Batch norm's running statistics are updated, except for frozen ones. Uniquely referenced
  /// weights are changed in place.
  ///
  /// - Parameters:
  ///   - pictures: `[N, C, H, W]`.
  ///   - seed: For dropout.
  /// - Returns: The score before the step, in training mode; of mixed pictures, `correct` counts
  ///   those recognized as the class with the greater share.
  /// - Throws: `NonFiniteStep`; nothing is changed then.
  public mutating func descend(
    on pictures: Tensor, labels: [Int], by optimizer: inout Optimizer, learningRate: Double,
    seed: UInt64, _ options: DescentOptions = DescentOptions()
  ) throws(NonFiniteStep) -> Score {
    var features: FrozenFeatures?
    return try descend(
      on: pictures, [], labels: labels, by: &optimizer, learningRate: learningRate, seed: seed,
      options, features: &features)
  }

  /// The same with what is known of the pictures' features before the layers that learn.
  ///
  /// - Parameter numbers: Of the pictures in their data set; ignored without features.
  mutating func descend(
    on pictures: Tensor, _ numbers: [Int], labels: [Int], by optimizer: inout Optimizer,
    learningRate: Double, seed: UInt64, _ options: DescentOptions,
    features: inout FrozenFeatures?
  ) throws(NonFiniteStep) -> Score {
    let rates = options.rates ?? LayerRates(all: self)
    var slope = slope(
      on: pictures, numbers, labels: labels, seed: seed, options, rates, &features)
    guard slope.score.loss.isFinite else { throw .loss }
    if let origin = nonFiniteGradient(slope.gradients) { throw origin }
    slope.gradients.clip(to: optimizer.settings.clipNorm)
    optimizer.update(
      &parameters, along: slope.gradients, learningRate: learningRate, factors: rates.factors)
    let radius = Float(optimizer.settings.filterRadius)
    if radius > 0 { renormalizeFilters(rates.factors, to: radius) }
    for (name, tensor) in slope.measured { parameters[name] = tensor }
    return slope.score
  }

  /// The slope of a whole batch: the sum of those of its parts, if threads take parts of it.
  private func slope(
    on pictures: Tensor, _ numbers: [Int], labels: [Int], seed: UInt64, _ options: DescentOptions,
    _ rates: LayerRates, _ features: inout FrozenFeatures?
  ) -> Slope {
    let pictures = options.mixup?.mixed(pictures) ?? pictures
    let targets = MixedLabels(labels, options.mixup)
    let parts = batchParts(of: labels.count, learning: rates)
    guard parts.count > 1 else {
      return slope(on: pictures, numbers, targets, seed: seed, options, rates, &features)
    }
    let slopes = options.threads.map(parts.count) { index in
      var seeds = SeededGenerator(seed: seed, path: index)
      var none: FrozenFeatures?
      return slope(
        on: pictures.rows(parts[index]), [], targets[parts[index]], of: labels.count,
        seed: seeds.next(), options, rates, &none)
    }
    return slopes.dropFirst().reduce(slopes[0], +)
  }

  /// The recording, and with it the second reference to the weights, is released on return.
  ///
  /// - Parameter whole: The number of pictures over which the mean is taken; nil for all given.
  private func slope(
    on pictures: Tensor, _ numbers: [Int], _ labels: MixedLabels, of whole: Int? = nil,
    seed: UInt64, _ options: DescentOptions, _ rates: LayerRates,
    _ features: inout FrozenFeatures?
  ) -> Slope {
    let known = features?.outputs(of: numbers)
    let recording = record(
      pictures, keeping: .forTraining.and(known == nil ? features?.boundary ?? [] : []),
      mode: .training(seed: seed), frozen: rates.frozenNodes, given: known ?? [:])
    if known == nil { features?.keep(recording, of: numbers) }
    let loss = labels.loss(of: recording.scores, smoothing: options.smoothing)
    let node = graph.scoreName
    var gradient =
      recording[node].shape == loss.gradient.shape
      ? loss.gradient : loss.gradient.reshaped(to: recording[node].shape)
    if let whole { gradient = gradient * (Float(labels.count) / Float(whole)) }
    return Slope(
      gradients: recording.parameterGradients(
        of: gradient, from: node, for: Set(rates.factors.keys)),
      measured: recording.measuredParameters,
      score: Score(loss: loss.loss, correct: loss.correct, count: labels.count))
  }

  /// The gradient that became non-finite first in the backward pass.
  private func nonFiniteGradient(_ gradients: [String: Tensor]) -> NonFiniteStep? {
    guard !gradients.values.allSatisfy(\.isFinite) else { return nil }
    for node in graph.nodes.reversed() {
      for name in node.parameters where gradients[name]?.isFinite == false {
        return .gradient(parameter: name, node: node.name)
      }
    }
    return nil
  }

  /// Scales filters whose root mean square exceeds a radius down to it.
  private mutating func renormalizeFilters(_ learning: [String: Double], to radius: Float) {
    for node in graph.nodes where node.operation is Convolution {
      let name = node.parameters[0]
      guard learning[name] != nil, var filters = parameters[name] else { continue }
      parameters[name] = nil
      filters.limitRows(toRMS: radius)
      parameters[name] = filters
    }
  }

  /// Runs the network on all pictures without learning.
  ///
  /// - Throws: `FileError` if a label is not one of the network's classes.
  public func score(on pictures: PreparedPictures, batchSize: Int = 128) throws -> Score {
    var (loss, correct, count) = (0.0, 0, 0)
    let all = (0..<pictures.count).map { SampledPicture(position: $0) }
    try pictures.forEachBatch(of: batchSize, all, altered: nil) { batch in
      guard !batch.labels.isEmpty else { return }
      for score in scores(of: batch.images, try batch.labels(below: classCount)) {
        loss += score.loss * Double(score.count)
        correct += score.correct
        count += score.count
      }
    }
    return Score(loss: loss / Double(max(count, 1)), correct: correct, count: count)
  }

  /// Of each part that a thread takes, or of the whole batch.
  private func scores(of images: Tensor, _ labels: [Int]) -> [Score] {
    @Sendable func score(_ images: Tensor, _ labels: [Int]) -> Score {
      let scores = record(images, keeping: .only([graph.scoreName])).scores
      let result = softmaxCrossEntropy(scores, labels: labels)
      return Score(loss: Double(result.loss), correct: result.correct, count: labels.count)
    }
    let parts = batchParts(of: labels.count, learning: nil)
    guard parts.count > 1 else { return [score(images, labels)] }
    return concurrentMapWithSingleThreads(parts.count) {
      score(images.rows(parts[$0]), Array(labels[parts[$0]]))
    }
  }
}

/// What one step follows, and what it measured on the way.
private struct Slope: Sendable {
  var gradients: [String: Tensor]
  let measured: [String: Tensor]
  let score: Score

  /// Of two parts of a batch, whose gradients are already weighted by their pictures.
  static func + (a: Slope, b: Slope) -> Slope {
    Slope(
      gradients: a.gradients.merging(b.gradients) { $0 + $1 }, measured: a.measured,
      score: a.score + b.score)
  }
}

extension Score {
  /// Of two sets of pictures together.
  fileprivate static func + (a: Score, b: Score) -> Score {
    let count = a.count + b.count
    return Score(
      loss: (a.loss * Double(a.count) + b.loss * Double(b.count)) / Double(max(count, 1)),
      correct: a.correct + b.correct, count: count)
  }
}

/// The labels of pictures, and of those that they are mixed with.
private struct MixedLabels: Sendable {
  private let own: [Int]
  private let partners: [Int]?
  /// What each picture keeps of itself.
  private let share: Float

  var count: Int { own.count }

  init(_ labels: [Int], _ mixup: Mixup?) {
    own = labels
    partners = mixup?.partners.map { labels[$0] }
    share = mixup?.share ?? 1
  }

  private init(own: [Int], partners: [Int]?, share: Float) {
    (self.own, self.partners, self.share) = (own, partners, share)
  }

  subscript(range: Range<Int>) -> MixedLabels {
    MixedLabels(own: Array(own[range]), partners: partners.map { Array($0[range]) }, share: share)
  }

  /// *λ* times the loss of the own labels and *1 − λ* times that of the partners' ones, as cross
  /// entropy is linear in the labels.
  func loss(
    of scores: Tensor, smoothing: Float
  ) -> (loss: Double, gradient: Tensor, correct: Int) {
    let own = softmaxCrossEntropy(scores, labels: own, smoothing: smoothing)
    guard let partners else { return (Double(own.loss), own.gradient, own.correct) }
    let other = softmaxCrossEntropy(scores, labels: partners, smoothing: smoothing)
    return (
      Double(share) * Double(own.loss) + Double(1 - share) * Double(other.loss),
      own.gradient.zip(other.gradient) { share * $0 + (1 - share) * $1 },
      share >= 0.5 ? own.correct : other.correct
    )
  }
}

extension Tensor {
  /// Scales each slice of the first axis whose root mean square is greater than `radius` down to
  /// it.
  fileprivate mutating func limitRows(toRMS radius: Float) {
    let count = shape.rank > 0 ? shape[0] : 0
    guard count > 0, !shape.extents.contains(0) else { return }
    if layout != .rowMajor { self = arranged(as: .rowMajor) }
    let width = self.count / count
    // Without a filter that is too great, what was derived from the weights stays valid.
    let factors = withUnsafeElements { elements in
      (0..<count).map { row -> Float in
        let sum = elements[(row * width)..<((row + 1) * width)].reduce(0.0) {
          $0 + Double($1) * Double($1)
        }
        let size = (sum / Double(width)).squareRoot()
        return size > Double(radius) ? Float(Double(radius) / size) : 1
      }
    }
    guard factors.contains(where: { $0 != 1 }) else { return }
    withUnsafeMutableElements { elements in
      for row in 0..<count where factors[row] != 1 {
        for index in (row * width)..<((row + 1) * width) { elements[index] *= factors[row] }
      }
    }
  }
}

extension [String: Tensor] {
  /// Scales all tensors by one factor, so that their norm together is at most `limit`.
  fileprivate mutating func clip(to limit: Double) {
    guard limit > 0 else { return }
    // In order, so that the sum is the same in every run.
    let squares = keys.sorted().reduce(0.0) { sum, name in
      sum + (self[name]?.reduce(0.0) { $0 + Double($1) * Double($1) } ?? 0)
    }
    let norm = squares.squareRoot()
    guard norm > limit else { return }
    let factor = Float(limit / norm)
    for name in keys { self[name] = self[name].map { $0 * factor } }
  }
}

extension Optimizer {
  /// Moves every parameter that has a gradient one step against it, in place if possible.
  ///
  /// - Parameter factors: Of the learning rate, by parameter; 1 for those without.
  public mutating func update(
    _ parameters: inout Parameters, along gradients: [String: Tensor], learningRate: Double,
    factors: [String: Double] = [:]
  ) {
    beginStep()
    for (name, gradient) in gradients {
      guard var weights = parameters[name] else {
        preconditionFailure("a gradient of '\(name)', which is no parameter")
      }
      // Without the network's own reference, the tensor is uniquely referenced and not copied.
      parameters[name] = nil
      move(
        &weights, named: name, along: gradient,
        learningRate: learningRate * (factors[name] ?? 1))
      parameters[name] = weights
    }
  }
}
