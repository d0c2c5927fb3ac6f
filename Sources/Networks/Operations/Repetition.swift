public import Kernels
public import TensorCore

/// Repeats axes of extent 1, by NumPy's broadcasting rules between the input's extents and the
/// given ones.
public struct Expand: RearrangingOperation {
  /// 1 for an axis that keeps the input's extent, for example that of the batch.
  public let extents: [Int]

  public init(_ extents: [Int]) { self.extents = extents }

  public var kind: String { "expand" }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard extents.allSatisfy({ $0 >= 0 }), let shape = broadcastShape([input, Shape(extents)])
    else {
      throw OperationError("inputs \(input) do not expand to \(extents)")
    }
    return try Shape.checked(shape.extents)
  }

  public func rearrangement(of input: Shape) -> Rearrangement {
    guard let shape = broadcastShape([input, Shape(extents)]) else {
      preconditionFailure("inputs \(input) do not expand to \(extents)")
    }
    return .expansion(of: input, to: shape.extents)
  }
}

/// Repeats the whole input along every axis.
public struct Tile: RearrangingOperation {
  /// One per axis.
  public let repeats: [Int]

  public init(_ repeats: [Int]) { self.repeats = repeats }

  public var kind: String { "tile" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { input in
      .keepingAxes(of: input, mixing: repeats.indices.filter { repeats[$0] != 1 })
    } ?? .everything
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

  public func rearrangement(of input: Shape) -> Rearrangement { .tiling(of: input, repeats) }
}
