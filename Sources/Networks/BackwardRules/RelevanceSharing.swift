internal import Kernels
public import TensorCore

/// Hands relevance on unchanged, to the first input alone: activations and normalizations, whose
/// outputs stand for their inputs one by one.
public struct PassRelevance: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let shapes = site.evaluation.inputShapes
    guard let first = shapes.first, first == signal.shape else { return site.gradient(signal) }
    let others = shapes.dropFirst().map { Tensor(shape: $0, repeating: 0) }
    return [signal] + others
  }
}

/// In proportion to what each element contributes to a sum or a mean, as the ε rule without
/// weights.
public struct ProportionalRelevance: BackwardRule {
  public let stabilizer: Float
  /// How many times over the contributions make up the output: twice for a square.
  public let degree: Float

  public init(stabilizer: Float = usualStabilizer, degree: Float = 1) {
    (self.stabilizer, self.degree) = (stabilizer, degree)
  }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let denominators = site.evaluation.keptOutput.stabilized(stabilizer)
    let shares = signal.zip(denominators) { $0 / ($1 * degree) }
    return zip(site.evaluation.keptInputs, site.gradient(shares)).map { $0 * $1 }
  }
}

/// A product of what depends on the pictures: in equal parts to each factor, in proportion to what
/// its elements contribute (Achtibat et al. 2024, equation 11).
public struct BilinearRelevance: BackwardRule {
  public let stabilizer: Float

  public init(stabilizer: Float = usualStabilizer) { self.stabilizer = stabilizer }

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let factors = Float(max(site.isVariable.count { $0 }, 1))
    return ProportionalRelevance(stabilizer: stabilizer, degree: factors)
      .propagate(signal, through: site)
  }
}

/// Element by element, everything to the signal and nothing to what gates it (Arras et al. 2017,
/// section 3.3): of a product, the factor that is no gate; of a quotient the numerator, of a power
/// the base.
///
/// A gate is what is repeated over positions, as in squeeze-and-excitation, or comes from a
/// function that ends at 0 and 1. Several signals get equal parts; what does not depend on the
/// pictures gets nothing.
public struct SignalTakesAll: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    let (signal, shapes) = (signal, site.evaluation.inputShapes)
    let takers = takers(site, of: signal.shape)
    guard !takers.isEmpty else { return site.gradient(signal) }
    let share = signal * (1 / Float(takers.count))
    return shapes.indices.map { index in
      takers.contains(index)
        ? sum(share, to: shapes[index]) : Tensor(shape: shapes[index], repeating: 0)
    }
  }

  private func takers(_ site: BackwardSite, of shape: Shape) -> [Int] {
    let shapes = site.evaluation.inputShapes
    let variable = shapes.indices.filter { site.isVariable[$0] }
    guard variable.count > 1 else { return variable }
    if let arithmetic = site.node.operation as? Arithmetic, arithmetic.function != .multiply {
      return [variable[0]]
    }
    let whole = variable.filter { shapes[$0].elementCount == shape.elementCount }
    let signals = whole.filter { !(site.origins[$0]?.operation.isGate ?? false) }
    return !signals.isEmpty ? signals : !whole.isEmpty ? whole : variable
  }
}

/// Maximum or minimum of several: relevance goes to the inputs that attain it, none to the others.
public struct ExtremeRelevance: BackwardRule {
  public init() {}

  public func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
    site.isVariable.count { $0 } == 1
      ? SignalTakesAll().propagate(signal, through: site) : site.gradient(signal)
  }
}

extension Operation {
  /// Whether its values lie within 0 and a bound, so that a product with them lets part of the
  /// other factor through.
  fileprivate var isGate: Bool {
    if self is Softmax { return true }
    guard let activation = self as? Activation else { return false }
    switch activation.function {
    case .logistic, .hardSigmoid: return true
    case .clip(let lower, let upper): return lower == 0 && upper < .greatestFiniteMagnitude
    default: return false
    }
  }
}

extension Tensor {
  /// With what broadcasts to it.
  func adding(_ other: Tensor) -> Tensor { combine(self, other, .add) }
}
