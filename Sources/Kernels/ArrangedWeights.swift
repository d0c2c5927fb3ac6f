internal import OneDNN
internal import TensorCore

extension Tensor {
  /// The weights in the order that `primitive` expects, arranged once and kept with the tensor.
  func withWeightsPointer<R>(
    for primitive: Primitive, _ body: (UnsafeMutablePointer<Float>) -> R
  ) -> R {
    // Arrangements start from the checkpoint's order.
    guard layout == .rowMajor else {
      return arranged(as: .rowMajor).withWeightsPointer(for: primitive, body)
    }
    guard let arrangement = primitive.weightsArrangement else { return withReadPointer(body) }
    do {
      return try withArrangement(
        arrangement.order, count: floats(arrangement.bytes),
        make: { try arrangement.arrange($0, into: $1) }, body)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

extension Primitive {
  /// Runs with weights in the order and the element type that it expects.
  func run(
    _ arguments: [(Argument, UnsafeMutableRawPointer)], weights: Tensor, bias: Tensor? = nil
  ) {
    weights.withWeightsPointer(for: self) { weights in
      let arguments = arguments + [(.weights, UnsafeMutableRawPointer(weights))]
      guard let bias else { return run(arguments) }
      bias.withReadPointer { run(arguments + [(.bias, UnsafeMutableRawPointer($0))]) }
    }
  }
}

extension Tensor {
  /// A gradient of weights, converted from the order in which `primitive` writes it.
  init(
    weightsShape shape: Shape, from primitive: Primitive,
    filledBy body: (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let arrangement = primitive.weightsArrangement else {
      self.init(shape: shape, layout: .rowMajor, filledBy: body)
      return
    }
    let arranged = Tensor(
      shape: [floats(arrangement.bytes)], layout: .rowMajor, filledBy: body)
    self.init(shape: shape, layout: .rowMajor) { target in
      arranged.withReadPointer { source in
        do {
          try arrangement.restore(source, into: target)
        } catch {
          preconditionFailure("\(error)")
        }
      }
    }
  }
}
