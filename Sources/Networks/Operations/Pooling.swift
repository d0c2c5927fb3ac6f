public import Kernels
public import TensorCore

/// The greatest value of each window, with switches for the way back.
public struct MaxPool: Operation {
  public let geometry: PoolingGeometry

  public init(_ geometry: PoolingGeometry) { self.geometry = geometry }

  public var kind: String { "max pool" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(geometry.window, geometry.moves)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try geometry.checkedShape(for: single(inputs)) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let (output, switches) = maxPool(inputs[0], geometry)
    return Evaluation(
      inputShapes: inputs.map(\.shape), output: output, saved: .switches(switches))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    guard case .switches(let switches) = evaluation.saved else {
      preconditionFailure("a max pool without switches")
    }
    return [
      maxPoolInputGradient(
        of: gradient, switches: switches, imageShape: evaluation.inputShapes[0], geometry)
    ]
  }
}

/// The mean of each window.
public struct AveragePool: Operation {
  public let geometry: PoolingGeometry
  /// Whether the padding's zeros count as elements.
  public let countsPadding: Bool

  public init(_ geometry: PoolingGeometry, countsPadding: Bool = true) {
    self.geometry = geometry
    self.countsPadding = countsPadding
  }

  public var kind: String { "average pool" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(geometry.window, geometry.moves)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try geometry.checkedShape(for: single(inputs)) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: averagePool(inputs[0], geometry, countsPadding: countsPadding))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [
      averagePoolInputGradient(
        of: gradient, imageShape: evaluation.inputShapes[0], geometry,
        countsPadding: countsPadding)
    ]
  }
}

/// The mean or the greatest value of each whole map: `[N, C, …]` to `[N, C, 1, …]`.
public struct GlobalPool: Operation {
  public enum Kind: Sendable, Hashable, Codable { case average, maximum }

  public let pools: Kind

  public init(_ pools: Kind = .average) { self.pools = pools }

  public var kind: String { pools == .average ? "global average pool" : "global max pool" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .everything
  }

  private func geometry(_ images: Shape) -> PoolingGeometry {
    let ones = images.spatial.map { _ in 1 }
    let zeros = images.spatial.map { _ in 0 }
    return PoolingGeometry(
      window: images.spatial,
      moves: WindowGeometry(
        stride: ones, dilation: ones, paddingBefore: zeros, paddingAfter: zeros))
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    return try geometry(images).checkedShape(for: images)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let (images, shapes) = (inputs[0], inputs.map(\.shape))
    switch pools {
    case .average:
      return Evaluation(
        inputShapes: shapes,
        output: averagePool(images, geometry(images.shape), countsPadding: false))
    case .maximum:
      let (output, switches) = maxPool(images, geometry(images.shape))
      return Evaluation(inputShapes: shapes, output: output, saved: .switches(switches))
    }
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let shape = evaluation.inputShapes[0]
    guard case .switches(let switches) = evaluation.saved else {
      return [
        averagePoolInputGradient(
          of: gradient, imageShape: shape, geometry(shape), countsPadding: false)
      ]
    }
    return [
      maxPoolInputGradient(
        of: gradient, switches: switches, imageShape: shape, geometry(shape))
    ]
  }
}

extension PoolingGeometry {
  fileprivate func checkedShape(for images: Shape) throws(OperationError) -> Shape {
    guard images.rank == window.count + 2 else {
      throw OperationError("takes images of \(window.count + 2) axes, not \(images)")
    }
    guard let shape = outputShape(for: images) else {
      throw OperationError("a window of \(window) does not fit into images \(images)")
    }
    return shape
  }
}
