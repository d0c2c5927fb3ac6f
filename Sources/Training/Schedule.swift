internal import Foundation

/// How the learning rate changes during training.
public struct Schedule: Sendable, Hashable, Encodable {
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case constant
    /// Multiplied by `gamma` after each milestone.
    case step
    /// Half a cosine from the highest rate to `minimum` (Loshchilov and Hutter, "SGDR", 2017).
    case cosine
    /// Multiplied by `gamma` whenever the validation loss has not improved for `patience` epochs.
    case plateau
  }

  public var name: Shape
  /// In epochs.
  public var milestones: [Int]
  public var gamma: Double
  /// The length of the initial linear warm-up, in epochs or fractions of one.
  public var warmupEpochs: Double
  /// The lower bound of the rate, for a cosine and a plateau.
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

  /// The learning rate of one step.
  ///
  /// The warm-up reaches the highest rate at its last step; the cosine begins after it and would
  /// reach `minimum` at the step after the last.
  ///
  /// - Parameters:
  ///   - step: Counted from 0 over all epochs.
  ///   - peak: The highest rate.
  ///   - plateau: The state after the validation losses so far.
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

/// Detects when a loss stops improving, as PyTorch's `ReduceLROnPlateau` does.
public struct Plateau: Sendable, Hashable, Codable {
  /// A loss is better if it is lower by at least this fraction of the best.
  private static let threshold = 1e-4

  /// The number of times that the rate has been reduced.
  public private(set) var reductions = 0
  private var best: Double?
  private var epochsWithoutImprovement = 0

  public init() {}

  /// Records the loss after one epoch.
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
