internal import Kernels
public import TensorCore

/// Permutes the axes.
public struct Transpose: Operation {
  /// For each axis of the output, the axis of the input.
  public let order: [Int]

  public init(_ order: [Int]) { self.order = order }

  public var kind: String { "transpose" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .axes([order.indices.map { axis in .along(order.firstIndex(of: axis) ?? axis) }])
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard order.sorted() == Array(0..<input.rank) else {
      throw OperationError("\(order) is not an order of the axes of inputs \(input)")
    }
    return Shape(order.map { input[$0] })
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    return Evaluation(
      inputShapes: [shape],
      output: Rearrangement.transposition(of: shape, order: order).apply(to: inputs[0]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let inverse = order.indices.sorted { order[$0] < order[$1] }
    let gradient = gradient
    return [Rearrangement.transposition(of: gradient.shape, order: inverse).apply(to: gradient)]
  }
}
