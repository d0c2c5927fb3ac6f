internal import OneDNN
public import TensorCore

/// `y = x Wᵀ + b` for `[N, C]` inputs, `[K, C]` weights and a `[K]` bias.
///
/// - Parameter precision: In which the result is stored, if the inputs are not `float32`; theirs by
///   default.
public func innerProduct(
  _ inputs: Tensor, with weights: Tensor, bias: Tensor? = nil,
  activation: ActivationFunction? = nil, storing precision: Precision? = nil
) -> Tensor {
  precondition(
    inputs.shape.rank == 2 && weights.shape.rank == 2 && inputs.shape[1] == weights.shape[1],
    "inputs \(inputs.shape) and weights \(weights.shape) disagree on features")
  let bound = LayerBound.of(inputs, weights: weights, bias: bias, isNeeded: activation != nil)
  if let activation, !bound.isSafe {
    return activate(
      innerProduct(inputs, with: weights, bias: bias, storing: precision), activation)
  }
  let stored = inputs.precision == .float32 ? .float32 : precision ?? inputs.precision
  let description = PrimitiveDescription.innerProduct(
    .init(
      batch: inputs.shape[0], inputs: weights.shape[1], outputs: weights.shape[0],
      operands: inputs.precision.elementType, result: stored.elementType),
    .forward(bias: bias != nil, Finish(function: activation?.elementwise)))
  guard let primitive = primitive(description, of: inputs.precision) else {
    return innerProduct(
      inputs.converted(to: .float32), with: weights, bias: bias, activation: activation
    ).converted(to: stored)
  }
  let result = Tensor(
    shape: [inputs.shape[0], weights.shape[0]], layout: .rowMajor, precision: stored
  ) { output in
    inputs.withMemory(as: inputs.precision) { inputs in
      primitive.run([(.source, inputs), (.destination, output)], weights: weights, bias: bias)
    }
  }
  bound.note(on: result, after: activation)
  return result
}

/// Propagates `[N, K]` back to `[N, C]`.
public func innerProductInputGradient(of gradient: Tensor, with weights: Tensor) -> Tensor {
  let shape: Shape = [gradient.shape[0], weights.shape[1]]
  let precision = gradient.precision
  let description = InnerProductDescription(
    batch: shape[0], inputs: shape[1], outputs: weights.shape[0], operands: precision.elementType,
    result: precision.elementType)
  guard let primitive = primitive(.innerProduct(description, .inputGradient), of: precision) else {
    return innerProductInputGradient(of: gradient.converted(to: .float32), with: weights)
      .converted(to: precision)
  }
  return Tensor(shape: shape, layout: .rowMajor, precision: precision) { output in
    gradient.withMemory(as: precision) { gradient in
      primitive.run(
        [(.source, gradient), (.destination, output)], weights: weights)
    }
  }
}

/// The gradient with respect to the weights, and to the bias if there is one.
public func innerProductWeightGradient(
  of gradient: Tensor, inputs: Tensor, hasBias: Bool
) -> (weights: Tensor, bias: Tensor?) {
  let shape: Shape = [gradient.shape[1], inputs.shape[1]]
  let primitive = primitive(
    .innerProduct(
      .init(batch: inputs.shape[0], inputs: shape[1], outputs: shape[0]),
      .weightGradient(bias: hasBias)))
  var bias = hasBias ? Tensor(shape: [shape[0]], repeating: 0) : nil
  let weights = Tensor(weightsShape: shape, from: primitive) { weights in
    gradient.withReadPointer { gradient in
      inputs.withReadPointer { inputs in
        let arguments: [(Argument, UnsafeMutablePointer<Float>)] = [
          (.source, inputs), (.destinationGradient, gradient), (.weightsGradient, weights),
        ]
        if bias?.withWritePointer({ primitive.run(arguments + [(.biasGradient, $0)]) }) == nil {
          primitive.run(arguments)
        }
      }
    }
  }
  return (weights, bias)
}
