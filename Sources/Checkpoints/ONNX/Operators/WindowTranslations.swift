internal import Kernels
internal import Networks
internal import TensorCore

/// Convolutions.
let windowTranslations: [String: Translation] = [
  "Conv": { call, builder throws(ImportProblem) in
    let bias = call.optional(2) == nil ? [] : [try call.parameter(2)]
    return [
      try builder.add(
        convolution(call, input: call.input(0), filters: call.known(1).shape), [call.input(0)],
        parameters: [call.parameter(1)] + bias, name: call.name)
    ]
  },
  "ConvTranspose": { call, builder throws(ImportProblem) in
    let bias = call.optional(2) == nil ? [] : [try call.parameter(2)]
    return [
      try builder.add(
        transposedConvolution(call), [call.input(0)], parameters: [call.parameter(1)] + bias,
        name: call.name)
    ]
  },
  "ConvInteger": { call, builder throws(ImportProblem) in
    let input = try builder.centered(call.input(0), zeroPoint: call.optional(2), call.name + ".x")
    let filters = try call.known(1)
    let zero = try call.optionalKnown(3).map { known throws(ImportProblem) in try known.tensor() }
    guard (zero?.count ?? 1) == 1 else {
      throw ImportProblem("expected one zero point for all filters")
    }
    let centered = try filters.tensor().map { $0 - (zero?.elements[0] ?? 0) }
    return [
      try builder.add(
        convolution(call, input: input, filters: filters.shape), [input],
        parameters: [KnownParameter(KnownTensor(centered), name: call.name + ".weight")],
        name: call.name, type: .signed32)
    ]
  },
]

/// The convolution of a node with filters `[K, C / groups, …]`.
func convolution(
  _ call: OperatorCall, input: Value, filters: Shape
) throws(ImportProblem) -> Convolution {
  guard filters.rank > 2 else {
    throw ImportProblem("expected filters of at least three axes, found \(filters)")
  }
  let operands = try WindowOperands(call, extents: input.spatial(), window: filters.spatial)
  return Convolution(
    window: operands.window, moves: operands.moves, groups: try groups(call))
}

private func groups(_ call: OperatorCall) throws(ImportProblem) -> Int {
  let groups = call.attributes.integer("group") ?? 1
  guard 1...(1 << 24) ~= groups else { throw ImportProblem("expected groups, found \(groups)") }
  return groups
}

private func transposedConvolution(
  _ call: OperatorCall
) throws(ImportProblem) -> ConvolutionTranspose {
  let filters = try call.known(1).shape
  let extents = try call.input(0).spatial()
  guard filters.rank == extents.count + 2 else {
    throw ImportProblem("expected filters of \(extents.count + 2) axes, found \(filters)")
  }
  let zeros = extents.map { _ in 0 }
  let automatic = call.attributes.text("auto_pad") ?? "NOTSET"
  let operands = try WindowOperands(call, extents: extents, window: filters.spatial)
  var outputPadding = call.attributes.integers("output_padding") ?? zeros
  let sensible = 0...(1 << 24)
  guard outputPadding.count == extents.count, outputPadding.allSatisfy(sensible.contains) else {
    throw ImportProblem("expected \(extents.count) output paddings, found \(outputPadding)")
  }
  // The output extents without any padding.
  let moves = operands.moves
  let full = extents.indices.map { axis in
    (extents[axis] - 1) * moves.stride[axis] + (operands.window[axis] - 1) * moves.dilation[axis]
      + 1 + outputPadding[axis]
  }
  var wanted = call.attributes.integers("output_shape")
  if let given = wanted, given.count == extents.count + 2 { wanted = Array(given.dropFirst(2)) }
  if wanted == nil, automatic.hasPrefix("SAME") {
    wanted = extents.indices.map { extents[$0] * moves.stride[$0] }
  }
  guard let wanted else {
    return ConvolutionTranspose(
      window: operands.window, moves: moves, outputPadding: outputPadding,
      groups: try groups(call))
  }
  guard wanted.count == extents.count, wanted.allSatisfy({ 1...(1 << 24) ~= $0 }) else {
    throw ImportProblem("expected \(extents.count) output extents, found \(wanted)")
  }
  let surplus = extents.indices.map { full[$0] - wanted[$0] }
  for axis in extents.indices where surplus[axis] < 0 { outputPadding[axis] -= surplus[axis] }
  // According to the specification, the odd pixel goes to the beginning, except for SAME_UPPER.
  let padding = WindowOperands.shared(
    surplus.map { max($0, 0) }, oddAtEnd: automatic == "SAME_UPPER")
  return ConvolutionTranspose(
    window: operands.window, moves: moves.padded(padding), outputPadding: outputPadding,
    groups: try groups(call))
}

extension NetworkBuilder {
  /// A quantized value with its zero point subtracted.
  mutating func centered(
    _ value: Value, zeroPoint: Value?, _ name: String
  ) throws(ImportProblem) -> Value {
    guard let zeroPoint else { return value }
    return try add(Arithmetic(.subtract), [value, zeroPoint], name: name, type: .float32)
  }
}
