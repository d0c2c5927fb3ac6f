internal import Networks

/// Layer-wise relevance propagation by zennit's composite EpsilonAlpha2Beta1Flat (Anders et al.
/// 2021): the flat rule in the first layer, αβ with α = 2 and β = 1 in the other convolutions
/// (Bach et al. 2015, equation 60), ε in linear layers, with zennit's ε = 10⁻⁶.
///
/// `RuleBook.relevance` says what happens at all other nodes.
public struct RelevanceEpsilonAlphaBetaFlat: RelevanceMethod {
  public var epsilon = usualStabilizer

  public init() {}

  public var name: String { "lrp-epsilon-alpha2-beta1-flat" }
  public func explanation(of score: String) -> String {
    "The \(score), propagated back by layer-wise relevance propagation: the flat "
      + "rule in the first layer, the αβ rule (α = 2, β = 1) in the other convolutions, the ε rule "
      + "in linear layers"
  }

  public static var parameters: [MethodParameter<Self>] { [.epsilon(\.epsilon)] }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    batch.relevance(of: scores, stabilizer: usualStabilizer) { _, _ in
      [
        .init(.isFirst(among: .isConvolution || .isDense), FlatRelevance()),
        .init(.isConvolution, AlphaBetaRelevance(alpha: 2, beta: 1)),
        .init(.isDense, EpsilonRelevance(epsilon: epsilon)),
      ]
    }
  }
}
