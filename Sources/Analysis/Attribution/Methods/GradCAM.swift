internal import Networks

/// Selvaraju et al. (2017), section 3: the positive part of the sum of a layer's maps, each
/// weighted by the mean of the score's gradient with respect to it.
public struct GradCAM: ClassActivationMethod {
  /// Nil for the last layer with spatial extent, as the paper recommends.
  public var layer: String?

  public init() {}

  public var name: String { "grad-cam" }
  public var citation: String { "Selvaraju et al. 2017" }
  public func explanation(of score: String) -> String {
    "The positive part of a weighted sum of a layer's maps, resized to the picture: each map's "
      + "weight is the mean gradient of the \(score) with respect to it"
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    batch.classActivation(of: layer, scores) { map in
      let weight = map.gradients.reduce(0) { $0 + Double($1) } / Double(map.gradients.count)
      return map.activations.map { weight * Double($0) }
    }
  }
}
