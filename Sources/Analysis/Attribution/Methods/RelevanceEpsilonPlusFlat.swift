internal import Networks

/// Layer-wise relevance propagation by zennit's composite EpsilonPlusFlat (Anders et al. 2021;
/// Montavon et al. 2019, section 10.3): the flat rule in the first layer, z⁺ in the other
/// convolutions, ε in linear layers, with zennit's ε = 10⁻⁶.
///
/// `RuleBook.relevance` says what happens at all other nodes.
public struct RelevanceEpsilonPlusFlat: RelevanceMethod {
  public var epsilon = usualStabilizer

  public init() {}

  public var name: String { "lrp-epsilon-plus-flat" }
  public func explanation(of score: String) -> String {
    "The \(score), propagated back by layer-wise relevance propagation: the flat "
      + "rule in the first layer, the z-plus rule in the other convolutions, the ε rule in linear "
      + "layers"
  }

  public static var parameters: [MethodParameter<Self>] { [.epsilon(\.epsilon)] }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    batch.relevance(of: scores, stabilizer: usualStabilizer) { _, _ in
      [
        .init(.isFirst(among: .isConvolution || .isDense), FlatRelevance()),
        .init(.isConvolution, ZPlusRelevance()),
        .init(.isDense, EpsilonRelevance(epsilon: epsilon)),
      ]
    }
  }
}

extension MethodParameter {
  static func epsilon(_ property: any WritableKeyPath<Method, Float> & Sendable) -> Self {
    .number(
      "epsilon", "Added to the magnitude of each linear layer's outputs.", property, 1e-12...1e6)
  }
}
