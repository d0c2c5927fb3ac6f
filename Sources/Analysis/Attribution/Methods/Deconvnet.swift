public import Networks

/// Zeiler and Fergus (2014), section 2.1: each ReLU passes only positive signals back,
/// whatever its input was.
public struct DeconvnetMethod: AttributionMethod {
  public init() {}

  public var name: String { "deconvnet" }
  public var citation: String { "Zeiler and Fergus 2014" }
  public func explanation(of score: String) -> String {
    "The \(score), propagated back to the pixels by a deconvnet: each ReLU "
      + "passes only positive signals"
  }
  public var isSigned: Bool { false }

  public func caveat(about network: Network) -> String? {
    guard network.hasRectifiers else {
      return "The network has no ReLU, so the deconvnet is the plain gradient."
    }
    return network.hasConstantDeconvnet
      ? "The network has no max pooling, nor another layer whose backward pass depends on the "
        + "picture, so the deconvnet's map of a class is the same for every picture."
      : nil
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    Attribution(maps: batch.propagate(scores, by: .deconvnet))
  }
}
