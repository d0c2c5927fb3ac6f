internal import Networks

/// Springenberg et al. (2015), section 3.4: the gradient, of which each ReLU passes on only what is
/// positive.
public struct GuidedBackpropagationMethod: AttributionMethod {
  public init() {}

  public var name: String { "guided-backpropagation" }
  public var citation: String { "Springenberg et al. 2015" }
  public var explanation: String {
    "The class score before softmax carried back to the pixels by guided backpropagation, which "
      + "passes only positive signals through active rectifiers"
  }
  public var isSigned: Bool { false }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    Attribution(maps: batch.propagate(scores, by: .guidedBackpropagation))
  }
}
