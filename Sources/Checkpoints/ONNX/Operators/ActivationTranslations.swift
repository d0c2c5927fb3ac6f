internal import Kernels
internal import Networks
internal import TensorCore

/// Scalar functions. Defaults are those of ONNX's operator specification.
let activationTranslations: [String: Translation] = [
  "Relu": activation { _ in .rectifier },
  "LeakyRelu": activation { .leakyRectifier(slope: $0.float("alpha") ?? 0.01) },
  "Sigmoid": activation { _ in .logistic },
  "Tanh": activation { _ in .hyperbolicTangent },
  "Elu": activation { .elu(alpha: $0.float("alpha") ?? 1) },
  "Selu": activation {
    // Klambauer et al. (2017), equation 14.
    .selu(
      alpha: $0.float("alpha") ?? 1.673_263_2, gamma: $0.float("gamma") ?? 1.050_701)
  },
  "Celu": activation { .celu(alpha: $0.float("alpha") ?? 1) },
  "HardSigmoid": activation {
    .hardSigmoid(alpha: $0.float("alpha") ?? 0.2, beta: $0.float("beta") ?? 0.5)
  },
  "HardSwish": activation { _ in .hardSwish },
  "Softplus": activation { _ in .softplus },
  "Softsign": activation { _ in .softsign },
  "Gelu": activation { $0.text("approximate") == "tanh" ? .tanhGelu : .gelu },
  "Mish": activation { _ in .mish },
  "Exp": activation { _ in .exponential },
  "Log": activation { _ in .logarithm },
  "Sqrt": activation { _ in .squareRoot },
  "Abs": activation { _ in .absolute },
  "Neg": activation { _ in .negation },
  "Reciprocal": activation { _ in .reciprocal },
  "Floor": activation { _ in .floor },
  "Ceil": activation { _ in .ceiling },
  "Round": activation { _ in .rounding },
  "Erf": activation { _ in .errorFunction },
  "Not": activation { _ in .not },
  "Clip": { call, builder throws(ImportProblem) in try clip(call, &builder) },
  "PRelu": { call, builder throws(ImportProblem) in
    [
      try builder.add(
        PReLU(), [call.input(0)], parameters: [call.parameter(1)], name: call.name)
    ]
  },
]

private func activation(
  _ function: @escaping @Sendable (Attributes) -> ActivationFunction
) -> Translation {
  { call, builder throws(ImportProblem) in
    [
      try builder.add(
        Activation(function(call.attributes)), [call.input(0)], name: call.name)
    ]
  }
}

/// Bounds are attributes up to opset 10, operands from 11 on.
private func clip(
  _ call: OperatorCall, _ builder: inout NetworkBuilder
) throws(ImportProblem) -> [Value] {
  let missing = Float.greatestFiniteMagnitude
  let lower = try call.number("min", orInput: 1) ?? -missing
  let upper = try call.number("max", orInput: 2) ?? missing
  guard !lower.isNaN, !upper.isNaN else { throw ImportProblem("expected numbers as bounds") }
  let function = ActivationFunction.clip(
    lower: max(-missing, min(lower, missing)), upper: max(-missing, min(upper, missing)))
  return [try builder.add(Activation(function), [call.input(0)], name: call.name)]
}
