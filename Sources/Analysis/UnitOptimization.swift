public import Networks
public import TensorCore

/// The picture that activates a unit strongly.
public struct OptimizedUnitFinding: Sendable {
  /// `[1, C, H, W]`, in the network's input units; add the training mean to show it.
  public let image: Tensor
  /// The objective at the start and after each step.
  public let values: [Float]
  /// The node whose mean was raised: the layer, or the input of its ReLU.
  public let node: String
  /// Whether no step had a gradient to follow, so that the picture is random.
  public let isUnguided: Bool
  /// The step, from 0, before which the objective or its gradient was not finite; nil if they
  /// always were.
  public let stoppedAt: Int?
}

/// Activation maximization for a single unit (Erhan, Bengio, Courville and Vincent 2009; the
/// ascent is that of Simonyan, Vedaldi and Zisserman 2014, section 2): from the zero picture, a few
/// steps of gradient ascent on ``UnitObjective`` minus λ‖I‖².
///
/// It departs from the papers as `ClassModelAnalysis` does, with fewer and larger steps.
public struct UnitOptimization: Sendable {
  public var ascent: ClassModelAnalysis

  public init() {
    ascent = ClassModelAnalysis()
    (ascent.steps, ascent.rate) = (24, 0.1)
  }

  /// Optimizes one picture.
  ///
  /// - Parameters:
  ///   - network: The network of the unit.
  ///   - unit: What the picture is to activate.
  ///   - progress: Called after each step with the number of steps done.
  public func run(
    on network: Network, unit: LayerUnit, progress: (Int) -> Void = { _ in }
  ) -> OptimizedUnitFinding {
    let objective = UnitObjective(unit, of: network)
    let found = ascent.optimization(of: objective, on: network)
      .run(on: network, identities: [unit.unit], progress: progress)
    return OptimizedUnitFinding(
      image: found.pictures, values: found.courses[0].values, node: objective.node,
      isUnguided: found.courses[0].isUnguided, stoppedAt: found.courses[0].stoppedAt)
  }
}
