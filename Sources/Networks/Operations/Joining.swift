internal import Kernels
public import TensorCore

/// Its inputs `[N, Cᵢ, …]` one behind the other along the channels.
public struct Concatenate: Operation {
  public init() {}

  public var kind: String { "concatenate" }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard let first = inputs.first, first.rank >= 2 else {
      throw OperationError("has no inputs with channels")
    }
    for shape in inputs where shape[0] != first[0] || shape.spatial != first.spatial {
      throw OperationError("inputs \(first) and \(shape) differ beyond their channels")
    }
    return Shape([first[0], inputs.reduce(0) { $0 + $1[1] }] + first.spatial)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(inputShapes: inputs.map(\.shape), output: concatenateChannels(inputs))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let gradient = gradient
    var start = 0
    return evaluation.inputShapes.map { shape in
      defer { start += shape[1] }
      return channels(start..<(start + shape[1]), of: gradient)
    }
  }
}

/// `[N, C, …]` as `[N, C·…]`, in row-major order as in PyTorch.
public struct Flatten: Operation {
  public init() {}

  public var kind: String { "flatten" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    return [input[0], input.extents.dropFirst().reduce(1, *)]
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    return Evaluation(
      inputShapes: [shape],
      output: inputs[0].reshaped(to: [shape[0], shape.extents.dropFirst().reduce(1, *)]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [gradient.reshaped(to: evaluation.inputShapes[0]).arranged(as: .channelsLast)]
  }
}
