internal import Kernels
public import TensorCore

/// Concatenates its inputs along an axis, by default the channels.
///
/// An input with one picture, combined with inputs of several, is repeated for each of them.
public struct Concatenate: Operation {
  public let axis: Int

  public init(axis: Int = 1) { self.axis = axis }

  public var kind: String { "concatenate" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .axes(
      inputs.map { input in
        (0..<input.rank).map { $0 == axis ? .everything : .along($0) }
      })
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? { axis == 1 ? inPlace(positions, of: output, from: inputs) : nil }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard let first = inputs.first, first.rank > max(axis, 0), axis >= 0 else {
      throw OperationError("has no inputs with an axis \(axis)")
    }
    var extents = first.extents
    for shape in inputs.dropFirst() {
      let fits =
        shape.rank == first.rank
        && shape.extents.indices.allSatisfy { other in
          // One picture is repeated for several; for none, there is nothing to repeat.
          other == axis || shape[other] == (other == 0 ? extents : first.extents)[other]
            || other == 0 && min(shape[0], extents[0]) == 1
        }
      guard fits else {
        let beyond = axis == 1 ? "their channels" : "axis \(axis)"
        throw OperationError("inputs \(first) and \(shape) differ beyond \(beyond)")
      }
      if axis != 0 { extents[0] = max(extents[0], shape[0]) }
      extents[axis] += shape[axis]
    }
    return try Shape.checked(extents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape), output: Kernels.concatenate(inputs, along: axis))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { separate(gradient, along: axis, into: evaluation.inputShapes) }
}
