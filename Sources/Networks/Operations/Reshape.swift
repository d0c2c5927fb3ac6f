internal import Kernels
public import TensorCore

/// The same elements, in row-major order, under other extents.
public struct Reshape: Operation {
  /// One may be −1: as many as are left over, for example the pictures of a batch.
  public let extents: [Int]

  public init(_ extents: [Int]) { self.extents = extents }

  public var kind: String { "reshape" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.allSatisfy { output.keepsPositions(of: $0) } ? .pointwise : .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard let extents = resolved(input.elementCount) else {
      throw OperationError("inputs \(input) do not reshape to \(extents)")
    }
    return Shape(extents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs[0]
    guard let extents = resolved(input.count) else {
      preconditionFailure("inputs \(input.shape) do not reshape to \(extents)")
    }
    return Evaluation(
      inputShapes: [input.shape], output: input.renamed(to: Shape(extents)))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [gradient.renamedBack(to: evaluation.inputShapes[0])] }

  /// The extents for that many elements, or nil where they do not fit.
  private func resolved(_ count: Int) -> [Int]? {
    var known = 1
    for extent in extents where extent != -1 {
      let (product, overflows) = known.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows else { return nil }
      known = product
    }
    guard let open = extents.firstIndex(of: -1) else { return known == count ? extents : nil }
    guard open == extents.lastIndex(of: -1), known > 0, count % known == 0 else { return nil }
    var resolved = extents
    resolved[open] = count / known
    return resolved
  }
}

/// All axes before `axis` as one, and all from it on: `[N, C, …]` as `[N, C·…]`, in row-major
/// order as in PyTorch.
public struct Flatten: Operation {
  public let axis: Int

  public init(axis: Int = 1) { self.axis = axis }

  public var kind: String { "flatten" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach { .everything }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard (0...input.rank).contains(axis) else {
      throw OperationError("inputs \(input) have no axis \(axis)")
    }
    return flattened(input)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    return Evaluation(
      inputShapes: [shape], output: inputs[0].reshaped(to: flattened(shape)))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [gradient.renamedBack(to: evaluation.inputShapes[0])] }

  private func flattened(_ shape: Shape) -> Shape {
    [shape.extents[..<axis].reduce(1, *), shape.extents[axis...].reduce(1, *)]
  }
}

extension Tensor {
  /// The same elements in row-major order under another shape, without a copy where the order in
  /// memory stays.
  fileprivate func renamed(to shape: Shape) -> Tensor {
    // Between equal batch and channels, only positions are counted anew.
    if layout == .channelsLast, self.shape.rank > 2, shape.rank > 2,
      self.shape.extents[..<2] == shape.extents[..<2]
    {
      return reinterpreted(as: shape, layout: .channelsLast)
    }
    return reshaped(to: shape)
  }

  /// A gradient as the windowed operations before it want it.
  fileprivate func renamedBack(to shape: Shape) -> Tensor {
    let gradient = renamed(to: shape)
    return shape.rank > 3 ? gradient.arranged(as: .channelsLast) : gradient
  }
}
