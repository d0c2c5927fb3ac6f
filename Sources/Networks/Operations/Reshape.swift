internal import Kernels
public import TensorCore

/// The same elements, in row-major order, under other extents.
public struct Reshape: Operation {
  /// One may be −1, to be inferred from the others, for example the number of pictures.
  public let extents: [Int]

  public init(_ extents: [Int]) { self.extents = extents }

  public var kind: String { "reshape" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .renamingAxes(of: $0, to: output) } ?? .everything
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

  /// The extents for that many elements, or nil if they do not fit.
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

/// Merges all axes before `axis` into one, and all from it on into another: `[N, C, …]` to
/// `[N, C·…]`, in row-major order as in PyTorch.
public struct Flatten: Operation {
  public let axis: Int

  public init(axis: Int = 1) { self.axis = axis }

  public var kind: String { "flatten" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .renamingAxes(of: $0, to: output) } ?? .everything
  }

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
  /// The same elements in row-major order under another shape, without a copy if the order in
  /// memory stays the same.
  fileprivate func renamed(to shape: Shape) -> Tensor {
    // If batch and channels are unchanged, only the positions are renumbered.
    if layout == .channelsLast, self.shape.rank > 2, shape.rank > 2,
      self.shape.extents[..<2] == shape.extents[..<2]
    {
      return reinterpreted(as: shape, layout: .channelsLast)
    }
    return reshaped(to: shape)
  }

  /// A gradient in the layout that the windowed operations before it expect.
  fileprivate func renamedBack(to shape: Shape) -> Tensor {
    let gradient = renamed(to: shape)
    return shape.rank > 3 ? gradient.arranged(as: .channelsLast) : gradient
  }
}
