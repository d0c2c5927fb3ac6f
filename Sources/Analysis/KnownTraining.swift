internal import Foundation

/// What is known of a network's training: whether it, and no wrong setup, explains what the network
/// makes of pictures.
public struct KnownTraining: Sendable, Hashable {
  /// The number of complete epochs; 0 for a network before its first step.
  public let epochs: Int
  public let steps: Int
  /// Then, if possible on pictures that no step saw; nil if it was not measured.
  public let accuracy: Double?
  public let classes: Int

  public init(epochs: Int, steps: Int, accuracy: Double?, classes: Int) {
    (self.epochs, self.steps) = (epochs, steps)
    (self.accuracy, self.classes) = (accuracy, classes)
  }

  /// Accuracies on two sets of pictures of one kind may differ by this much.
  private static let tolerance = 0.05
  private static let standardErrors = 3.0
  /// Batch norms average over about ten steps, of which as many forget e⁻³ of what they began with.
  private static let fewSteps = 30

  /// Whether the network was as little able when it was trained.
  public func explains(_ doubt: SetupDoubt) -> Bool {
    guard epochs > 0 else { return true }
    switch doubt {
    case .chance(let seen, let expected, let pictures):
      guard let accuracy else { return false }
      let share = max(seen, expected)
      let error = (share * (1 - share) / Double(max(pictures, 1))).squareRoot()
      return accuracy - share < max(Self.tolerance, Self.standardErrors * error)
    case .oneChoice(_, let share, _):
      // Of classes that are equally frequent, one choice is right for one of them; all others were
      // right at best.
      guard let accuracy else { return false }
      return accuracy < 1 / Double(max(classes, 1)) + (1 - share) + Self.tolerance
    case .statistics:
      return steps < Self.fewSteps
    }
  }
}
