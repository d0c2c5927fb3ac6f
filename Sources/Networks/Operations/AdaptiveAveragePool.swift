internal import Kernels
public import TensorCore

/// Means over windows that are as equal as the extents allow: output i of m averages inputs
/// `⌊i·n/m⌋ ..< ⌈(i+1)·n/m⌉`, as in PyTorch.
public struct AdaptiveAveragePool: Operation {
  /// The spatial extents of the output.
  public let extents: [Int]

  public init(extents: [Int]) { self.extents = extents }

  public var kind: String { "adaptive average pool" }

  /// If all windows have the same size and spacing, it is an ordinary pool.
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    guard let input = inputs.first?.spatial, input.count == extents.count else {
      return .everything
    }
    var moves = WindowGeometry.still(input.count)
    var window: [Int] = []
    for axis in input.indices {
      let ranges = (0..<extents[axis]).map {
        AxisTable.adaptiveRange($0, input: input[axis], output: extents[axis])
      }
      let distances = Set(zip(ranges, ranges.dropFirst()).map { $1.lowerBound - $0.lowerBound })
      guard Set(ranges.map(\.count)).count == 1, distances.count <= 1 else { return .everything }
      window.append(ranges[0].count)
      moves.stride[axis] = distances.first ?? 0
    }
    return .window(window, moves, mixesChannels: false)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard input.rank > 2, input.rank == extents.count + 2, !input.extents.contains(0) else {
      throw OperationError("takes images of \(extents.count + 2) axes, not \(input)")
    }
    guard extents.allSatisfy({ (1...(1 << 31)).contains($0) }) else {
      throw OperationError("output extents must be from 1 to 2³¹, not \(extents)")
    }
    return try Shape.checked([input[0], input[1]] + extents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    let output = changedAxes(shape).reduce(inputs[0]) { tensor, axis in
      apply(table(shape, axis), along: axis, of: tensor)
    }
    return Evaluation(inputShapes: [shape], output: output)
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let (shape, gradient) = (evaluation.inputShapes[0], gradient)
    return [
      changedAxes(shape).reversed().reduce(gradient) { tensor, axis in
        applyTransposed(table(shape, axis), along: axis, of: tensor)
      }
    ]
  }

  private func changedAxes(_ shape: Shape) -> [Int] {
    (2..<shape.rank).filter { shape[$0] != extents[$0 - 2] }
  }

  private func table(_ shape: Shape, _ axis: Int) -> AxisTable {
    .adaptiveMeans(input: shape[axis], output: extents[axis - 2])
  }
}
