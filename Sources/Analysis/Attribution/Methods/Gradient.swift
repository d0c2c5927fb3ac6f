internal import Networks

/// Simonyan, Vedaldi and Zisserman (2014), section 3: the gradient of the score with
/// respect to the picture.
public struct GradientMethod: AttributionMethod {
  public init() {}

  public var name: String { "gradient" }
  public var citation: String { "Simonyan et al. 2014" }
  public func explanation(of score: String) -> String {
    "The gradient of the \(score) with respect to the pixels"
  }
  public var isSigned: Bool { false }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    Attribution(maps: batch.propagate(scores, by: .gradient))
  }
}

extension AttributionMethod where Self == GradientMethod {
  public static var gradient: Self { GradientMethod() }
}
