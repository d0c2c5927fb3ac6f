public import Kernels
public import TensorCore

/// The position of each window's maximum: ONNX's second output of MaxPool, as numbers.
///
/// Indices count within one picture `[C, H, W]`, so they do not depend on the batch.
public struct MaxPoolIndices: Operation {
  /// The greatest number up to which every integer is exactly a `Float`.
  private static let mostElements = 1 << 24

  public let geometry: PoolingGeometry
  /// Whether the first spatial axis varies fastest.
  public let columnMajor: Bool

  public init(_ geometry: PoolingGeometry, columnMajor: Bool = false) {
    (self.geometry, self.columnMajor) = (geometry, columnMajor)
  }

  public var kind: String { "max pool indices" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(geometry.window, geometry.moves, mixesChannels: false)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    let shape = try geometry.checkedShape(for: images)
    guard try Shape.checked(images.extents).elementCount / images[0] <= Self.mostElements else {
      throw OperationError("pictures \(images) have more elements than a Float counts exactly")
    }
    return shape
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: maximumIndices(inputs[0], geometry, columnMajor: columnMajor))
  }

  /// Indices are piecewise constant, so their derivative is 0.
  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [Tensor(shape: evaluation.inputShapes[0], repeating: 0)] }
}

/// Puts values back where they were pooled from, with zeros elsewhere. Its inputs are
/// `[values, indices]`; the indices are those of `MaxPoolIndices`, for the output's pictures.
public struct MaxUnpool: Operation {
  /// The spatial extents of the output.
  public let outputExtents: [Int]

  public init(outputExtents: [Int]) { self.outputExtents = outputExtents }

  public var kind: String { "max unpool" }
  public var pullbackReads: PullbackReads { .inputs }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach { .everything }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard inputs.count == 2, inputs[0] == inputs[1] else {
      throw OperationError("takes values and indices of equal shapes, not \(inputs)")
    }
    guard inputs[0].rank == outputExtents.count + 2 else {
      throw OperationError("values \(inputs[0]) cannot be unpooled to \(outputExtents)")
    }
    return try Shape.checked([inputs[0][0], inputs[0][1]] + outputExtents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let (values, indices) = (inputs[0], inputs[1])
    return Evaluation(
      inputShapes: [values.shape, indices.shape],
      output: unpool(values, at: indices, extents: outputExtents))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let indices = evaluation.keptInputs[1]
    return [
      unpoolInputGradient(of: gradient, at: indices), Tensor(shape: indices.shape, repeating: 0),
    ]
  }
}
