internal import Networks
internal import TensorCore

/// Shrikumar et al. (2016), section 2: the gradient times what the network reads there, the first
/// term of a Taylor series about the zero input.
public struct GradientTimesInput: AttributionMethod {
  public init() {}

  public var name: String { "gradient-times-input" }
  public var citation: String { "Shrikumar et al. 2016" }
  public func explanation(of score: String) -> String {
    "The gradient of the \(score), times the network's input"
  }
  public var isSigned: Bool { true }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    Attribution(maps: batch.propagate(scores, by: .gradient) * batch.pictures)
  }
}
