public import Kernels
public import TensorCore

/// The maximum of each window, with switches for the backward pass.
public struct MaxPool: Operation {
  public let geometry: PoolingGeometry

  public init(_ geometry: PoolingGeometry) { self.geometry = geometry }

  public var kind: String { "max pool" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(geometry.window, geometry.moves, mixesChannels: false)
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? {
    geometry.cropped(to: positions, of: inputs[0].spatial).map { geometry, part in
      CroppedOperation(MaxPool(geometry), parts: [part])
    }
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

  public func infer(_ inputs: consuming [Tensor], parameters: [Tensor]) -> Tensor {
    maxPoolWithoutSwitches(inputs[0], geometry)
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
    .window(geometry.window, geometry.moves, mixesChannels: false)
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? {
    geometry.cropped(to: positions, of: inputs[0].spatial, countsPadding: countsPadding).map {
      CroppedOperation(AveragePool($0.geometry, countsPadding: countsPadding), parts: [$0.part])
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    try geometry.checkedShape(for: single(inputs), needsElements: !countsPadding)
  }

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

/// The p-norm of each window, `(Σ |x|ᵖ)^(1/p)`.
public struct LpPool: Operation {
  public let geometry: PoolingGeometry
  public let p: Int

  public init(_ geometry: PoolingGeometry, p: Int = 2) {
    (self.geometry, self.p) = (geometry, p)
  }

  public var kind: String { "Lp pool" }
  public var pullbackReads: PullbackReads { [.inputs, .output] }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(geometry.window, geometry.moves, mixesChannels: false)
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? {
    geometry.cropped(to: positions, of: inputs[0].spatial).map { geometry, part in
      CroppedOperation(LpPool(geometry, p: p), parts: [part])
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard p > 0 else { throw OperationError("p = \(p) is not a norm") }
    return try geometry.checkedShape(for: single(inputs), needsElements: false)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(inputShapes: inputs.map(\.shape), output: powerPool(inputs[0], geometry, p: p))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [
      powerPoolInputGradient(
        of: gradient, images: evaluation.keptInputs[0], output: evaluation.keptOutput, geometry,
        p: p)
    ]
  }
}
