internal import Kernels
public import Networks
public import TensorCore

/// Changes pictures until an objective is high: any objective, of pictures made from any
/// parameters, under any transformations, by any ascent.
///
/// - Note: The four parts are those of Olah, Mordvintsev and Schubert, "Feature Visualization"
///   (2017).
public struct PictureOptimization: Sendable {
  public var objective: any Objective
  public var parameterization: any Parameterization
  /// In the order in which they are applied.
  public var transformations: [any Transformation]
  public var ascent: any Ascent
  public var steps: Int
  public var seed: UInt64

  public init(
    of objective: any Objective, in parameterization: any Parameterization,
    under transformations: [any Transformation] = [], by ascent: any Ascent, steps: Int,
    seed: UInt64 = 0
  ) {
    (self.objective, self.parameterization) = (objective, parameterization)
    (self.transformations, self.ascent) = (transformations, ascent)
    (self.steps, self.seed) = (steps, seed)
  }

  /// Optimizes several pictures in one batch.
  ///
  /// - Parameters:
  ///   - identities: What tells the pictures apart, one for each: the random numbers of a picture
  ///     depend on it, and not on the others in the batch.
  ///   - progress: Called after each step with the number of steps done.
  public func run(
    on network: Network, identities: [Int], progress: (Int) -> Void = { _ in }
  ) -> OptimizedPictures {
    var ascent = ascent
    var generator = SeededGenerator(seed: seed)
    var parameters = parameterization.initialParameters(for: identities)
    var values = identities.map { _ in [Float]() }
    var isGuided = identities.map { _ in false }
    var stopped = [Int?](repeating: nil, count: identities.count)

    func note(_ new: [Float]) {
      for row in identities.indices { values[row].append(new[row]) }
    }
    for step in 0..<steps where stopped.contains(nil) {
      let (new, gradient) = slope(at: parameters, on: network, using: &generator)
      note(new)
      for row in identities.indices where stopped[row] == nil {
        let part = gradient.rows(row..<(row + 1))
        guard part.isFinite, new[row].isFinite else {
          stopped[row] = step
          continue
        }
        isGuided[row] = isGuided[row] || part.withUnsafeElements { $0.contains { $0 != 0 } }
      }
      ascent.step(
        &parameters, along: gradient, rows: identities.indices.filter { stopped[$0] == nil },
        progress: Float(step) / Float(max(steps - 1, 1)),
        randomness: identities.map { SeededGenerator(seed: seed, path: step, $0) })
      progress(step + 1)
    }
    let recording = network.record(
      parameterization.pictures(of: parameters).value, keeping: .only(objective.nodes),
      through: lastNode(of: network))
    note(objective.values(in: recording))
    for row in identities.indices where stopped[row] == nil {
      if let last = values[row].last, !last.isFinite { stopped[row] = steps }
    }
    return OptimizedPictures(
      recording: recording,
      courses: identities.indices.map { row in
        OptimizedPictures.Course(
          values: values[row], isUnguided: steps > 0 && !isGuided[row] && stopped[row] == nil,
          stoppedAt: stopped[row])
      })
  }

  /// The last node that the objective reads: no run goes further.
  private func lastNode(of network: Network) -> String? {
    let nodes = Set(objective.nodes)
    return network.graph.nodes.last { nodes.contains($0.name) }?.name
  }

  /// The objective's values of the transformed pictures, and its gradient with respect to the
  /// parameters.
  private func slope(
    at parameters: Tensor, on network: Network, using generator: inout SeededGenerator
  ) -> (values: [Float], gradient: Tensor) {
    var (pictures, pullback) = parameterization.pictures(of: parameters)
    var pullbacks = [pullback]
    for transformation in transformations {
      (pictures, pullback) = transformation.transform(pictures, using: &generator)
      pullbacks.append(pullback)
    }
    let recording = network.record(
      pictures, keeping: .forGradient(and: objective.nodes), through: lastNode(of: network))
    let gradient = pullbacks.reversed().reduce(recording.gradient(of: objective)) { $1($0) }
    return (objective.values(in: recording), gradient.arranged(as: parameters.layout))
  }
}

/// The pictures with which an optimization ended.
public struct OptimizedPictures: Sendable {
  /// How a picture came about.
  public struct Course: Sendable, Hashable {
    /// The objective before each step, of the picture as it was transformed, and at the end, of
    /// the picture as it is.
    public let values: [Float]
    /// Whether no step had a gradient to follow.
    public let isUnguided: Bool
    /// The step, from 0, before which the objective or its gradient was not finite; nil if they
    /// always were. The picture stays as it was then.
    public let stoppedAt: Int?
  }

  /// A run of the pictures, without transformations, that keeps the nodes of the objective.
  public let recording: Recording
  /// One for each picture.
  public let courses: [Course]

  /// `[N, C, H, W]`.
  public var pictures: Tensor { recording.input }
}

extension Recording {
  /// The gradient of an objective with respect to the pixels.
  fileprivate func gradient(of objective: any Objective) -> Tensor {
    let gradients = objective.signals(in: self).map { propagate($0.signal, from: $0.node).input }
    guard let first = gradients.first else {
      return Tensor(shape: input.shape, layout: .channelsLast, repeating: 0)
    }
    return gradients.dropFirst().reduce(first, +)
  }
}
