internal import Kernels
internal import Networks
internal import TensorCore

/// Normalizations, softmax and other functions along axes.
let normalizationTranslations: [String: Translation] = [
  "BatchNormalization": { call, builder throws(ImportProblem) in
    guard !(call.attributes.flag("training_mode") ?? false) else {
      throw ImportProblem("is in training mode; expected a network exported for inference")
    }
    // ONNX's momentum is the weight of the old statistics, PyTorch's that of the new ones.
    let normalization = BatchNormalization(
      epsilon: call.attributes.float("epsilon") ?? 1e-5,
      momentum: 1 - (call.attributes.float("momentum") ?? 0.9))
    return [
      try builder.add(
        normalization, [call.input(0)],
        parameters: [call.parameter(1), call.parameter(2), call.parameter(3), call.parameter(4)],
        name: call.name)
    ]
  },
  "InstanceNormalization": { call, builder throws(ImportProblem) in
    [
      try builder.add(
        InstanceNormalization(epsilon: call.attributes.float("epsilon") ?? 1e-5),
        [call.input(0)], parameters: [call.parameter(1), call.parameter(2)], name: call.name)
    ]
  },
  "LayerNormalization": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let axis = try call.axis(call.attributes.integer("axis") ?? -1, rank: input.shape.rank)
    let normalized = Array(input.shape.extents[axis...])
    var parameters = [try call.parameter(1).expanded(to: normalized, call.name + ".scale")]
    if call.optional(2) != nil {
      parameters.append(try call.parameter(2).expanded(to: normalized, call.name + ".shift"))
    }
    let normalization = LayerNormalization(
      axis: axis, epsilon: call.attributes.float("epsilon") ?? 1e-5)
    return [try builder.add(normalization, [input], parameters: parameters, name: call.name)]
  },
  "GroupNormalization": { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    guard let groups = call.attributes.integer("num_groups"), groups > 0, input.shape.rank > 2,
      input.shape[1] % groups == 0
    else { throw ImportProblem("expected a number of groups that divides \(input.shape)") }
    // Up to opset 20, the channels of a group share one number.
    let channels = input.shape[1]
    return [
      try builder.add(
        GroupNormalization(
          groups: groups, epsilon: call.attributes.float("epsilon") ?? 1e-5), [input],
        parameters: [
          call.parameter(1).repeated(channels / groups, times: channels, call.name + ".scale"),
          call.parameter(2).repeated(channels / groups, times: channels, call.name + ".shift"),
        ], name: call.name)
    ]
  },
  "LRN": { call, builder throws(ImportProblem) in
    guard let size = call.attributes.integer("size"), 1...(1 << 16) ~= size else {
      throw ImportProblem("expected a number of neighbouring channels, found none")
    }
    let options = LocalResponse(
      size: size, alpha: call.attributes.float("alpha") ?? 1e-4,
      beta: call.attributes.float("beta") ?? 0.75, k: call.attributes.float("bias") ?? 1)
    return [
      try builder.add(LocalResponseNormalization(options), [call.input(0)], name: call.name)
    ]
  },
  "Dropout": { call, builder throws(ImportProblem) in
    let rate = try call.number("ratio", orInput: 1) ?? 0.5
    guard rate >= 0, rate < 1 else { throw ImportProblem("expected a ratio, found \(rate)") }
    let input = try call.input(0)
    // Inference drops nothing.
    let mask = Value.known(
      KnownTensor(Tensor(shape: input.shape, repeating: 1), type: .boolean),
      name: call.name + ".mask")
    let output = try builder.add(Dropout(rate), [input], name: call.name)
    return call.outputs.count > 1 && call.outputs[1] != nil ? [output, mask] : [output]
  },
  "Softmax": softmax { Softmax(axis: $0) },
  "LogSoftmax": softmax { LogSoftmax(axis: $0) },
]

/// From opset 13 on along one axis; before that, over all axes from a given one on, as if merged.
private func softmax<S: Networks.Operation>(
  _ make: @escaping @Sendable (Int) -> S
) -> Translation {
  { call, builder throws(ImportProblem) in
    let input = try call.input(0)
    let shape = input.shape
    guard call.opset < 13 else {
      let axis = try call.axis(call.attributes.integer("axis") ?? -1, rank: shape.rank)
      return [try builder.add(make(axis), [input], name: call.name)]
    }
    let axis = try call.axis(call.attributes.integer("axis") ?? 1, rank: shape.rank)
    if shape.extents[(axis + 1)...].allSatisfy({ $0 == 1 }) {
      return [try builder.add(make(axis), [input], name: call.name)]
    }
    let joined = shape.extents[axis...].reduce(1, *)
    let rows = Reshape([shape.extents[..<axis].reduce(1, *), joined])
    let flat = try builder.add(rows, [input], name: call.name + ".rows")
    let normalized = try builder.add(make(1), [flat], name: call.name + ".softmax")
    return [try builder.add(Reshape(shape.extents), [normalized], name: call.name)]
  }
}

extension KnownParameter {
  /// The same numbers, expanded to the extents of the normalized axes.
  fileprivate func expanded(to extents: [Int], _ name: String) throws(ImportProblem) -> Self {
    guard tensor.shape.extents != extents else { return self }
    let shape = Shape(extents)
    guard broadcastShape([tensor.shape, shape]) == shape else {
      throw ImportProblem("weights of \(tensor.shape) do not fit \(extents)")
    }
    let expanded = expand(try tensor.tensor(), to: shape).arranged(as: .rowMajor)
    return KnownParameter(KnownTensor(expanded), name: name)
  }

  /// Each number repeated, if there are fewer numbers than channels.
  fileprivate func repeated(
    _ count: Int, times channels: Int, _ name: String
  ) throws(ImportProblem) -> Self {
    guard tensor.shape.elementCount * count == channels, count > 1 else { return self }
    let elements = try tensor.tensor().elements.flatMap { [Float](repeating: $0, count: count) }
    return KnownParameter(KnownTensor(Tensor(shape: [channels], elements)), name: name)
  }
}
