internal import OneDNN
public import TensorCore

/// `y = x Wᵀ + b` for `[N, C]` inputs, `[K, C]` weights and a `[K]` bias.
public func innerProduct(
  _ inputs: Tensor, with weights: Tensor, bias: Tensor? = nil,
  activation: ActivationFunction? = nil
) -> Tensor {
  precondition(
    inputs.shape.rank == 2 && weights.shape.rank == 2 && inputs.shape[1] == weights.shape[1],
    "inputs \(inputs.shape) and weights \(weights.shape) disagree on features")
  let bound = LayerBound.of(inputs, weights: weights, bias: bias, isNeeded: activation != nil)
  if let activation, !bound.isSafe {
    return activate(innerProduct(inputs, with: weights, bias: bias), activation)
  }
  let primitive = primitive(
    .innerProduct(
      .init(inputs, weights.shape),
      .forward(bias: bias != nil, Finish(function: activation?.elementwise))))
  let result = Tensor(
    shape: [inputs.shape[0], weights.shape[0]], layout: .rowMajor
  ) { output in
    inputs.withReadPointer { inputs in
      weights.withWeightsPointer(for: primitive) { weights in
        guard let bias else {
          return primitive.run([(.source, inputs), (.weights, weights), (.destination, output)])
        }
        bias.withReadPointer {
          primitive.run([
            (.source, inputs), (.weights, weights), (.bias, $0), (.destination, output),
          ])
        }
      }
    }
  }
  bound.note(on: result, after: activation)
  return result
}

/// Propagates `[N, K]` back to `[N, C]`.
public func innerProductInputGradient(of gradient: Tensor, with weights: Tensor) -> Tensor {
  let shape: Shape = [gradient.shape[0], weights.shape[1]]
  let primitive = primitive(
    .innerProduct(
      .init(batch: shape[0], inputs: shape[1], outputs: weights.shape[0]), .inputGradient))
  return Tensor(shape: shape, layout: .rowMajor) { output in
    gradient.withReadPointer { gradient in
      weights.withWeightsPointer(for: primitive) { weights in
        primitive.run([
          (.destinationGradient, gradient), (.weights, weights), (.sourceGradient, output),
        ])
      }
    }
  }
}

/// The gradient with respect to the weights, and to the bias if there is one.
public func innerProductWeightGradient(
  of gradient: Tensor, inputs: Tensor, hasBias: Bool
) -> (weights: Tensor, bias: Tensor?) {
  let shape: Shape = [gradient.shape[1], inputs.shape[1]]
  let primitive = primitive(
    .innerProduct(.init(inputs, shape), .weightGradient(bias: hasBias)))
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

extension InnerProductDescription {
  fileprivate init(_ inputs: Tensor, _ weights: Shape) {
    self.init(batch: inputs.shape[0], inputs: weights[1], outputs: weights[0])
  }
}
