public import Networks
internal import TensorCore

/// Layer-wise relevance propagation by zennit's composite EpsilonGammaBox (Anders et al. 2021;
/// Montavon et al. 2019, section 10.3): zᴮ in the first convolution, γ in the others, ε in linear
/// layers, with zennit's ε = 10⁻⁶ and γ = 0.25.
///
/// Pixels lie between `low` and `high`. If these are not given, they are black and white after the
/// preprocessing, or each picture's own lowest and highest value of a channel if that is not known.
/// `RuleBook.relevance` says what happens at all other nodes.
public struct RelevanceEpsilonGammaBox: RelevanceMethod {
  public var epsilon = usualStabilizer
  public var gamma: Float = 0.25
  /// In the network's input units, as is `high`.
  public var low = PixelValues()
  public var high = PixelValues()

  public init() {}

  public var name: String { "lrp-epsilon-gamma-box" }
  public func explanation(of score: String) -> String {
    "The \(score), propagated back by layer-wise relevance propagation: the z-box "
      + "rule in the first convolution, the γ rule in the others, the ε rule in linear layers"
  }

  public static var parameters: [MethodParameter<Self>] {
    [
      .epsilon(\.epsilon),
      .number(
        "gamma", "Additional weight of contributions of the output's sign.", \.gamma, 0...1e6),
      .pixelValues(
        "low", "Lowest value of a pixel in the network's input: one number, or one per channel.",
        \.low, default: "black"),
      .pixelValues(
        "high", "Highest value of a pixel, in the same form.", \.high,
        default: "white"),
    ]
  }

  public func check(_ network: Network) throws(SelectionError) {
    try low.check("low", channels: network.graph.inputShape[0])
    try high.check("high", channels: network.graph.inputShape[0])
    guard !low.numbers.isEmpty, !high.numbers.isEmpty else { return }
    for channel in 0..<network.graph.inputShape[0] where low[channel] >= high[channel] {
      throw SelectionError(
        "low: expected less than high in every channel, found \(low) and \(high)")
    }
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    let remark = PixelBox(of: batch, low: low, high: high).remark
    return batch.relevance(of: scores, stabilizer: usualStabilizer, remark: remark) {
      recording, batch in
      let box = PixelBox(of: batch, low: low, high: high)
      let (network, first) = (recording.network, NodePredicate.isFirst(among: .isConvolution))
      let boxes = network.graph.nodes.filter { first.matches($0, in: network.graph) }.map { node in
        let bounds = box.bounds(before: node, in: network)
        return RuleBook.Entry.at(node.name, BoxRelevance(low: bounds.low, high: bounds.high))
      }
      return boxes + [
        .init(.isConvolution, GammaRelevance(gamma: gamma)),
        .init(.isDense, EpsilonRelevance(epsilon: epsilon)),
      ]
    }
  }
}
