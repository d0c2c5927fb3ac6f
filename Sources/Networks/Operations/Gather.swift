internal import Kernels
public import TensorCore

/// Selects entries along one axis by fixed indices, in any order and number.
///
/// The axis is replaced by the axes of `indexShape`: by none for a single index.
public struct Gather: Operation {
  public let axis: Int
  /// Row-major; negative ones count from the end.
  public let indices: [Int]
  public let indexShape: [Int]

  public init(axis: Int, indices: [Int], indexShape: [Int]) {
    (self.axis, self.indices, self.indexShape) = (axis, indices, indexShape)
  }

  public var kind: String { "gather" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { input in
      .axes([
        (0..<input.rank).map { other in
          other == axis
            ? .everything : .along(other > axis ? other + indexShape.count - 1 : other)
        }
      ])
    } ?? .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    try input.check(axis: axis)
    guard try Shape.checked(indexShape).elementCount == indices.count else {
      throw OperationError("\(indices.count) indices do not fill \(indexShape)")
    }
    let extent = input[axis]
    guard let wrong = indices.first(where: { !(-extent..<extent).contains($0) }) else {
      return try Shape.checked(extents(input))
    }
    throw OperationError("inputs \(input) have no index \(wrong) on axis \(axis)")
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    let gathered = apply(table(shape), along: axis, of: inputs[0])
    return Evaluation(
      inputShapes: [shape],
      output: indexShape.count == 1 ? gathered : gathered.reshaped(to: Shape(extents(shape))))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let shape = evaluation.inputShapes[0]
    var flat = shape.extents
    flat[axis] = indices.count
    let rows = indexShape.count == 1 ? gradient : gradient.reshaped(to: Shape(flat))
    return [applyTransposed(table(shape), along: axis, of: rows)]
  }

  private func table(_ shape: Shape) -> AxisTable {
    AxisTable(
      inputCount: shape[axis], copies: indices.map { $0 < 0 ? $0 + shape[axis] : $0 })
  }

  private func extents(_ shape: Shape) -> [Int] {
    shape.extents[..<axis] + indexShape + shape.extents[(axis + 1)...]
  }
}
