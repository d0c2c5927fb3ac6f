public import TensorCore

/// The least magnitude of a denominator in layer-wise relevance propagation, as in zennit.
public let usualStabilizer: Float = 1e-6

/// The ε rule (Bach et al. 2015, equation 58): in proportion to `z = x·w`, over `Σ z + b`, of whose
/// magnitude ε is added.
public struct EpsilonRelevance: BackwardRule {
  public let epsilon: Float

  public init(epsilon: Float = usualStabilizer) { self.epsilon = epsilon }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    [site.share(signal, over: [.init(site)], stabilizer: epsilon)]
  }
}

/// The γ rule (Montavon et al. 2019, section 10.2.3), generalized to inputs and outputs of both
/// signs as in zennit: if the output is positive, positive contributions count `1 + γ` times,
/// and if it is negative, negative ones do.
public struct GammaRelevance: BackwardRule {
  public let gamma: Float
  public let stabilizer: Float

  public init(gamma: Float = 0.25, stabilizer: Float = usualStabilizer) {
    (self.gamma, self.stabilizer) = (gamma, stabilizer)
  }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let (signal, output) = (signal, site.evaluation.keptOutput)
    let gamma = gamma
    func raised(_ part: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
      { $0.zip(part($0)) { $0 + gamma * $1 } }
    }
    func share(
      _ signal: Tensor, _ same: @escaping (Tensor) -> Tensor,
      _ opposite: @escaping (Tensor) -> Tensor
    ) -> Tensor {
      site.share(
        signal,
        over: [
          .init(site.rerun(inputs: positive, weights: raised(same), bias: raised(same))),
          .init(site.rerun(inputs: negative, weights: raised(opposite), bias: nothing)),
        ], stabilizer: stabilizer)
    }
    let ofPositive = share(signal.zip(output) { $1 > 0 ? $0 : 0 }, positive, negative)
    let ofNegative = share(signal.zip(output) { $1 < 0 ? $0 : 0 }, negative, positive)
    return [ofPositive + ofNegative]
  }
}

/// The z⁺ rule (Montavon et al. 2017, section 4.3): in proportion to the positive contributions,
/// those of negative inputs by negative weights among them.
public struct ZPlusRelevance: BackwardRule {
  public let stabilizer: Float

  public init(stabilizer: Float = usualStabilizer) { self.stabilizer = stabilizer }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    [site.share(signal, over: site.positiveContributions, stabilizer: stabilizer)]
  }
}

/// The αβ rule (Bach et al. 2015, equation 60): α of the positive contributions less β of the
/// negative ones, each over their own sum; `α − β = 1`.
public struct AlphaBetaRelevance: BackwardRule {
  public let alpha: Float
  public let beta: Float
  public let stabilizer: Float

  /// - Precondition: `α − β = 1` and `β ≥ 0`, so that relevance is conserved.
  public init(alpha: Float = 2, beta: Float = 1, stabilizer: Float = usualStabilizer) {
    precondition(beta >= 0 && alpha - beta == 1, "α = \(alpha) and β = \(beta)")
    (self.alpha, self.beta, self.stabilizer) = (alpha, beta, stabilizer)
  }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let signal = signal
    let excited = site.share(signal, over: site.positiveContributions, stabilizer: stabilizer)
    let inhibited = site.share(signal, over: site.negativeContributions, stabilizer: stabilizer)
    return [excited.zip(inhibited) { alpha * $0 - beta * $1 }]
  }
}

/// The zᴮ rule (Montavon et al. 2017, section 4.2) for inputs within a box: in proportion to
/// `x·w − low·w⁺ − high·w⁻`.
public struct BoxRelevance: BackwardRule {
  /// Of the input's shape, or of one that broadcasts to it as `[1, C, 1, 1]` does.
  public let low: Tensor
  public let high: Tensor
  public let stabilizer: Float

  public init(low: Tensor, high: Tensor, stabilizer: Float = usualStabilizer) {
    (self.low, self.high, self.stabilizer) = (low, high, stabilizer)
  }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let zero = site.evaluation.keptInputs[0].map { _ in 0 }
    return [
      site.share(
        signal,
        over: [
          .init(site),
          .init(
            site.rerun(inputs: { _ in zero.adding(low) }, weights: positive, bias: positive),
            isSubtracted: true),
          .init(
            site.rerun(inputs: { _ in zero.adding(high) }, weights: negative, bias: negative),
            isSubtracted: true),
        ], stabilizer: stabilizer)
    ]
  }
}

/// The flat rule (Lapuschkin et al. 2019, supplement): equally to all inputs of a window, whatever
/// they are.
public struct FlatRelevance: BackwardRule {
  public let stabilizer: Float

  public init(stabilizer: Float = usualStabilizer) { self.stabilizer = stabilizer }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    func ones(_ tensor: Tensor) -> Tensor { tensor.map { _ in 1 } }
    return [
      site.share(
        signal, over: [.init(site.rerun(inputs: ones, weights: ones, bias: nothing))],
        stabilizer: stabilizer)
    ]
  }
}

func positive(_ tensor: Tensor) -> Tensor { tensor.map { $0 < 0 ? 0 : $0 } }
func negative(_ tensor: Tensor) -> Tensor { tensor.map { $0 > 0 ? 0 : $0 } }
private func nothing(_ tensor: Tensor) -> Tensor { tensor.map { _ in 0 } }

extension Tensor {
  /// A denominator that is not zero: `x + ε` where `x ≥ 0`, and `x − ε` elsewhere.
  func stabilized(_ epsilon: Float) -> Tensor { map { $0 >= 0 ? $0 + epsilon : $0 - epsilon } }
}

/// Some of the contributions that make up an output.
struct Contributions {
  let site: BackwardSite
  /// Whether they are taken off the others.
  let isSubtracted: Bool

  init(_ site: BackwardSite, isSubtracted: Bool = false) {
    (self.site, self.isSubtracted) = (site, isSubtracted)
  }
}

extension BackwardSite {
  /// Positive inputs by positive weights and negative ones by negative; of the bias what is
  /// positive.
  fileprivate var positiveContributions: [Contributions] {
    [
      Contributions(rerun(inputs: positive, weights: positive, bias: positive)),
      Contributions(rerun(inputs: negative, weights: negative, bias: nothing)),
    ]
  }

  fileprivate var negativeContributions: [Contributions] {
    [
      Contributions(rerun(inputs: positive, weights: negative, bias: negative)),
      Contributions(rerun(inputs: negative, weights: positive, bias: nothing)),
    ]
  }

  /// Every rule of layer-wise relevance propagation: with `z` the sum of all contributions, each
  /// input gets the part of `signal / z` that it contributed.
  func share(
    _ signal: consuming Tensor, over parts: [Contributions], stabilizer: Float
  ) -> Tensor {
    let first = parts[0].site.evaluation.keptOutput
    let total = parts.dropFirst().reduce(first) { sum, part in
      let output = part.site.evaluation.keptOutput
      return part.isSubtracted ? sum - output : sum + output
    }
    let shares = signal / total.stabilized(stabilizer)
    let relevances = parts.map { part in
      part.site.evaluation.keptInputs[0] * part.site.gradient(shares)[0]
    }
    return zip(parts, relevances).dropFirst().reduce(relevances[0]) { sum, next in
      next.0.isSubtracted ? sum - next.1 : sum + next.1
    }
  }
}
