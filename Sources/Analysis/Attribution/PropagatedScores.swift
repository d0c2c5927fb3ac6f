internal import Networks
internal import TensorCore

extension ExplainedBatch {
  /// What reaches the pixels of each score in the shared run.
  func propagate(_ scores: ExplainedScores, by rules: RuleBook) -> Tensor {
    recording(keeping: .forGradient())
      .propagate(scores.signal, from: scores.node, by: rules).input
  }
}
