internal import Foundation

/// How the learning rate changes while the network is trained.
public struct Schedule: Sendable, Hashable, Encodable {
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case constant
    /// Times `gamma` after each milestone.
    case step
    /// Half a cosine from the highest rate to `minimum` (Loshchilov and Hutter, "SGDR", 2017).
    case cosine
    /// Times `gamma` whenever the validation loss has not improved for `patience` epochs.
    case plateau
  }

  public var name: Shape
  /// In epochs.
  public var milestones: [Int]
  public var gamma: Double
  /// How long the rate rises in a straight line before, in epochs or parts of one.
  public var warmupEpochs: Double
  /// Neither a cosine nor a plateau falls below this rate.
  public var minimum: Double
  /// In epochs.
  public var patience: Int

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, milestones, gamma, warmupEpochs, minimum, patience
  }

  public init(
    name: Shape = .constant, milestones: [Int] = [], gamma: Double = 0.1,
    warmupEpochs: Double = 0, minimum: Double = 0, patience: Int = 10
  ) {
    self.name = name
    self.milestones = milestones
    self.gamma = gamma
    self.warmupEpochs = warmupEpochs
    self.minimum = minimum
    self.patience = patience
  }

  /// The rate of one step.
  ///
  /// The warm-up reaches the highest rate with its last step; the cosine begins after it and
  /// would reach `minimum` with the step after the last.
  ///
  /// - Parameters:
  ///   - step: Counted from 0 over all epochs.
  ///   - peak: The highest rate.
  ///   - plateau: What the validation losses so far have asked for.
  public func learningRate(
    step: Int, stepsPerEpoch: Int, epochs: Int, peak: Double, plateau: Plateau = Plateau()
  ) -> Double {
    let warmupSteps = Int((warmupEpochs * Double(stepsPerEpoch)).rounded())
    let warmth = step < warmupSteps ? Double(step + 1) / Double(warmupSteps) : 1
    switch name {
    case .constant:
      return warmth * peak
    case .step:
      let passed = milestones.count { $0 * stepsPerEpoch <= step }
      return warmth * (0..<passed).reduce(peak) { rate, _ in rate * gamma }
    case .cosine:
      let length = max(epochs * stepsPerEpoch - warmupSteps, 1)
      let progress = min(Double(max(step - warmupSteps, 0)) / Double(length), 1)
      let share = (1 + Foundation.cos(Double.pi * progress)) / 2
      return warmth * (minimum + (peak - minimum) * share)
    case .plateau:
      let reduced = (0..<plateau.reductions).reduce(peak) { rate, _ in rate * gamma }
      return warmth * max(reduced, min(minimum, peak))
    }
  }
}

/// Watches a loss for the end of its improvement, as PyTorch's `ReduceLROnPlateau` does.
public struct Plateau: Sendable, Hashable, Codable {
  /// A loss counts as better when it falls by this part of the best.
  private static let threshold = 1e-4

  /// How often the rate has been reduced.
  public private(set) var reductions = 0
  private var best: Double?
  private var epochsWithoutImprovement = 0

  public init() {}

  /// Notes the loss after one epoch.
  public mutating func observe(_ loss: Double, patience: Int) {
    if let best, !(loss < best * (1 - Self.threshold)) {
      epochsWithoutImprovement += 1
    } else {
      best = loss
      epochsWithoutImprovement = 0
    }
    if epochsWithoutImprovement > patience {
      reductions += 1
      epochsWithoutImprovement = 0
    }
  }
}
