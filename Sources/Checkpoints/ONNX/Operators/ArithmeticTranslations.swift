internal import Kernels
internal import Networks
internal import TensorCore

/// Arithmetic, comparisons and selection, broadcast as in NumPy.
let arithmeticTranslations: [String: Translation] = [
  "Add": arithmetic(.add),
  "Sub": arithmetic(.subtract),
  "Mul": arithmetic(.multiply),
  "Div": { call, builder throws(ImportProblem) in
    let wanted = try call.input(0).isInteger
    let name = wanted ? call.name + ".quotient" : call.name
    let quotient = try builder.add(Arithmetic(.divide), call.allInputs(), name: name)
    return [wanted ? try builder.truncated(quotient, name: call.name) : quotient]
  },
  "Pow": arithmetic(.power),
  "Sum": arithmetic(.add),
  "Min": arithmetic(.minimum),
  "Max": arithmetic(.maximum),
  "Mean": arithmetic(.mean),
  "Less": comparison(.less),
  "Greater": comparison(.greater),
  "Equal": comparison(.equal),
  "LessOrEqual": comparison(.lessOrEqual),
  "GreaterOrEqual": comparison(.greaterOrEqual),
  "And": comparison(.and),
  "Or": comparison(.or),
  "Where": { call, builder throws(ImportProblem) in
    [
      try builder.add(
        Select(), [call.input(0), call.input(1), call.input(2)], name: call.name,
        type: call.input(1).type)
    ]
  },
]

/// Type conversions: every number is a `Float` at run time.
let castTranslations: [String: Translation] = [
  "Cast": { call, builder throws(ImportProblem) in [try cast(call, &builder)] },
  "CastLike": { call, builder throws(ImportProblem) in [try cast(call, &builder)] },
]

private func arithmetic(_ function: ArithmeticFunction) -> Translation {
  { call, builder throws(ImportProblem) in
    let inputs = try call.allInputs()
    if inputs.count == 1 { return inputs }
    return [try builder.add(Arithmetic(function), inputs, name: call.name)]
  }
}

private func comparison(_ function: ComparisonFunction) -> Translation {
  { call, builder throws(ImportProblem) in
    [
      try builder.add(
        Comparison(function), [call.input(0), call.input(1)], name: call.name, type: .boolean)
    ]
  }
}

private func cast(
  _ call: OperatorCall, _ builder: inout NetworkBuilder
) throws(ImportProblem) -> Value {
  let input = try call.input(0)
  guard let type = try castType(call) else {
    throw ImportProblem("expected a type to cast to, found none")
  }
  switch type {
  case .boolean where input.type != .boolean:
    let zero = try builder.constant(KnownTensor(scalar: 0), name: call.name + ".zero")
    let isZero = try builder.add(
      Comparison(.equal), [input, zero], name: call.name + ".is_zero", type: .boolean)
    return try builder.add(Activation(.not), [isZero], name: call.name)
  case _ where type.integerRange != nil && !input.isInteger:
    return try builder.truncated(input, name: call.name).retyped(type)
  default: return try input.retyped(type)
  }
}

extension NetworkBuilder {
  /// The integer part of every number.
  mutating func truncated(_ input: Value, name: String) throws(ImportProblem) -> Value {
    let zero = try constant(KnownTensor(scalar: 0), name: name + ".zero")
    let isNegative = try add(
      Comparison(.less), [input, zero], name: name + ".is_negative", type: .boolean)
    let up = try add(Activation(.ceiling), [input], name: name + ".ceiling")
    let down = try add(Activation(.floor), [input], name: name + ".floor")
    return try add(Select(), [isNegative, up, down], name: name, type: input.type)
  }
}
