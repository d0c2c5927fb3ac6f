internal import Networks

/// Jiang et al. (2021), equations 5 to 7: the positive part of the sum of a layer's maps, each
/// position weighted by its own positive gradient.
public struct LayerCAM: ClassActivationMethod {
  /// Nil for the last layer with spatial extent; the method also suits earlier ones.
  public var layer: String?

  public init() {}

  public var name: String { "layer-cam" }
  public var citation: String { "Jiang et al. 2021" }
  public func explanation(of score: String) -> String {
    "The positive part of a weighted sum of a layer's maps, resized to the picture: each "
      + "position's weight is its own positive gradient of the \(score)"
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    batch.classActivation(of: layer, scores) { map in
      zip(map.activations, map.gradients).map { $0 * max($1, 0) }.map { Double($0) }
    }
  }
}
