internal import Kernels
public import TensorCore

/// Repeats axes of extent 1, by NumPy's broadcasting rules between the input's extents and the
/// given ones.
public struct Expand: Operation {
  /// 1 for an axis that keeps the input's extent, for example that of the batch.
  public let extents: [Int]

  public init(_ extents: [Int]) { self.extents = extents }

  public var kind: String { "expand" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.allSatisfy { output.rank < 3 || output.keepsPositions(of: $0) }
      ? .pointwise : .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard let extents = expanded(input) else {
      throw OperationError("inputs \(input) do not expand to \(extents)")
    }
    return try Shape.checked(extents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape), output: expansion(inputs[0].shape).apply(to: inputs[0]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [expansion(evaluation.inputShapes[0]).transposed(gradient)] }

  private func expansion(_ shape: Shape) -> Rearrangement {
    guard let extents = expanded(shape) else {
      preconditionFailure("inputs \(shape) do not expand to \(extents)")
    }
    return .expansion(of: shape, to: extents)
  }

  private func expanded(_ input: Shape) -> [Int]? {
    let rank = max(input.rank, extents.count)
    let ones = { [Int](repeating: 1, count: rank - $0) }
    var result: [Int] = []
    for (own, wanted) in zip(ones(input.rank) + input.extents, ones(extents.count) + extents) {
      guard own == wanted || own == 1 || wanted == 1 else { return nil }
      result.append(own == 1 ? wanted : own)
    }
    return result
  }
}

/// Repeats the whole input along every axis.
public struct Tile: Operation {
  /// One per axis.
  public let repeats: [Int]

  public init(_ repeats: [Int]) { self.repeats = repeats }

  public var kind: String { "tile" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    repeats.dropFirst(2).allSatisfy { $0 == 1 } ? .pointwise : .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard repeats.count == input.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw OperationError("repeats \(repeats) do not fit inputs \(input)")
    }
    var extents: [Int] = []
    for (extent, count) in zip(input.extents, repeats) {
      let (product, overflows) = extent.multipliedReportingOverflow(by: count)
      guard !overflows else { throw OperationError("repeats \(repeats) are too many") }
      extents.append(product)
    }
    return try Shape.checked(extents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: Rearrangement.tiling(of: inputs[0].shape, repeats).apply(to: inputs[0]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [Rearrangement.tiling(of: evaluation.inputShapes[0], repeats).transposed(gradient)]
  }
}
