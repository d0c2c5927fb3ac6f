internal import Kernels
internal import Networks
internal import TensorCore

/// Pools over windows and over whole maps.
let poolingTranslations: [String: Translation] = [
  "MaxPool": { call, builder throws(ImportProblem) in
    let (input, geometry) = (try call.input(0), try pooling(call))
    let output = try builder.add(MaxPool(geometry), [input], name: call.name)
    guard call.outputs.count > 1, let name = call.outputs[1] else { return [output] }
    let indices = MaxPoolIndices(
      geometry, columnMajor: call.attributes.flag("storage_order") ?? false)
    return [output, try builder.add(indices, [input], name: name, type: .signed64)]
  },
  "AveragePool": { call, builder throws(ImportProblem) in
    let pool = AveragePool(
      try pooling(call), countsPadding: call.attributes.flag("count_include_pad") ?? false)
    return [try builder.add(pool, [call.input(0)], name: call.name)]
  },
  "LpPool": { call, builder throws(ImportProblem) in
    let pool = LpPool(try pooling(call), p: try exponent(call))
    return [try builder.add(pool, [call.input(0)], name: call.name)]
  },
  "GlobalAveragePool": { call, builder throws(ImportProblem) in
    [try builder.add(GlobalPool(.average), [call.input(0)], name: call.name)]
  },
  "GlobalMaxPool": { call, builder throws(ImportProblem) in
    [try builder.add(GlobalPool(.maximum), [call.input(0)], name: call.name)]
  },
  "GlobalLpPool": { call, builder throws(ImportProblem) in
    [try builder.add(GlobalPool(.power(try exponent(call))), [call.input(0)], name: call.name)]
  },
  "MaxUnpool": { call, builder throws(ImportProblem) in try unpool(call, &builder) },
]

private func pooling(_ call: OperatorCall) throws(ImportProblem) -> PoolingGeometry {
  let operands = try WindowOperands(call, extents: call.input(0).spatial())
  return PoolingGeometry(
    window: operands.window, moves: operands.moves,
    ceiling: call.attributes.flag("ceil_mode") ?? false)
}

private func exponent(_ call: OperatorCall) throws(ImportProblem) -> Int {
  let exponent = call.attributes.integer("p") ?? 2
  guard 1...64 ~= exponent else { throw ImportProblem("expected a norm, found p = \(exponent)") }
  return exponent
}

/// The indices refer to the extents that the window implies; a requested shape beyond them is
/// filled with zeros, as in ONNX's reference implementation.
private func unpool(
  _ call: OperatorCall, _ builder: inout NetworkBuilder
) throws(ImportProblem) -> [Value] {
  let input = try call.input(0)
  let extents = try input.spatial()
  let operands = try WindowOperands(call, extents: extents)
  let moves = operands.moves
  let implied = extents.indices.map { axis in
    (extents[axis] - 1) * moves.stride[axis] + operands.window[axis]
      - moves.paddingBefore[axis] - moves.paddingAfter[axis]
  }
  guard implied.allSatisfy({ 1...(1 << 24) ~= $0 }) else {
    throw ImportProblem("cannot unpool \(extents) to \(implied)")
  }
  let wanted = try call.optionalKnown(2)?.short().integers().dropFirst(2).map { $0 } ?? implied
  guard wanted.count == implied.count, wanted.allSatisfy({ 1...(1 << 24) ~= $0 }) else {
    throw ImportProblem("expected an output of \(implied.count + 2) extents")
  }
  let isWhole = wanted == implied
  let unpooled = try builder.add(
    MaxUnpool(outputExtents: implied), [input, call.input(1)],
    name: isWhole ? call.name : call.name + ".unpadded")
  if isWhole { return [unpooled] }
  let pad = Pad(
    before: [0, 0] + implied.map { _ in 0 },
    after: [0, 0] + implied.indices.map { wanted[$0] - implied[$0] })
  return [try builder.add(pad, [unpooled], name: call.name)]
}
