public import Networks

/// Springenberg et al. (2015), section 3.4: the gradient, of which each ReLU passes back only
/// the positive part.
public struct GuidedBackpropagationMethod: AttributionMethod {
  public init() {}

  public var name: String { "guided-backpropagation" }
  public var citation: String { "Springenberg et al. 2015" }
  public func explanation(of score: String) -> String {
    "The \(score), propagated back to the pixels by guided backpropagation: "
      + "each ReLU passes only positive signals, and only if it was active"
  }
  public var isSigned: Bool { false }

  public func caveat(about network: Network) -> String? {
    network.hasRectifiers
      ? nil : "The network has no ReLU, so guided backpropagation is the plain gradient."
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    Attribution(maps: batch.propagate(scores, by: .guidedBackpropagation))
  }
}
