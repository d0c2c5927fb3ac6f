/// Scalar functions that networks apply to every element.
public enum ActivationFunction: Sendable, Hashable, Codable {
  /// `max(x, 0)`.
  case rectifier
  /// `x` if that is positive, otherwise `slope · x` (Maas et al. 2013).
  case leakyRectifier(slope: Float)
  /// `1 / (1 + e⁻ˣ)`.
  case logistic
  case hyperbolicTangent
  /// `x` if that is positive, otherwise `α (eˣ − 1)` (Clevert et al. 2016).
  case elu(alpha: Float)
  /// The ELU times `γ` (Klambauer et al. 2017).
  case selu(alpha: Float, gamma: Float)
  /// `max(x, 0) + min(α (e^{x/α} − 1), 0)` (Barron 2017).
  case celu(alpha: Float)
  /// `α x + β`, clamped to 0…1.
  case hardSigmoid(alpha: Float, beta: Float)
  /// `x` times the hard sigmoid of 1/6 and 1/2 (Howard et al. 2019).
  case hardSwish
  /// `x / (1 + e⁻ˣ)` (Ramachandran et al. 2017).
  case swish
  /// `log(1 + eˣ)`.
  case softplus
  /// `x / (1 + |x|)`.
  case softsign
  /// `x Φ(x)` with the normal cumulative distribution function `Φ` (Hendrycks and Gimpel 2016).
  case gelu
  /// The authors' approximation of GELU by a hyperbolic tangent.
  case tanhGelu
  /// `x · tanh(log(1 + eˣ))` (Misra 2019).
  case mish
  /// `x` clamped to two bounds; `upper` if they cross. A missing bound is
  /// `±Float.greatestFiniteMagnitude`.
  case clip(lower: Float, upper: Float)
  case exponential
  /// The natural logarithm.
  case logarithm
  case squareRoot
  case absolute
  case negation
  case reciprocal
  case floor
  case ceiling
  /// To the nearest integer, ties to even.
  case rounding
  case errorFunction
  /// 1 if `x` is 0, otherwise 0.
  case not
}

extension ActivationFunction {
  /// Whether this is a ReLU, with or without an upper bound; guided backpropagation and the
  /// deconvnet treat these specially.
  public var isRectifier: Bool {
    switch self {
    case .rectifier: true
    case .clip(let lower, let upper): lower == 0 && upper > 0
    default: false
    }
  }

  /// What the derivative is computed from.
  public enum DerivativeSource: Sendable, Hashable { case input, output, nothing }

  public var derivativeSource: DerivativeSource {
    switch self {
    case .rectifier, .logistic, .hyperbolicTangent, .hardSigmoid, .clip, .exponential, .squareRoot,
      .reciprocal:
      .output
    // If the function falls for negative inputs, the output no longer tells the input's sign.
    case .leakyRectifier(let parameter), .elu(let parameter): parameter >= 0 ? .output : .input
    case .negation, .floor, .ceiling, .rounding, .not: .nothing
    case .selu, .celu, .hardSwish, .swish, .softplus, .softsign, .gelu, .tanhGelu, .mish,
      .logarithm, .absolute, .errorFunction:
      .input
    }
  }

  /// The parameters of the function.
  public var parameters: [Float] {
    switch self {
    case .leakyRectifier(let a), .elu(let a), .celu(let a): [a]
    case .selu(let a, let b), .hardSigmoid(let a, let b), .clip(let a, let b): [a, b]
    default: []
    }
  }
}
