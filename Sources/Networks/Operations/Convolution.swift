public import Kernels
public import TensorCore

/// Correlation of `[N, C, …]` with parameters `[filters]` or `[filters, bias]`, filters
/// `[K, C / groups, …]`.
public struct Convolution: Operation {
  public let window: [Int]
  public let moves: WindowGeometry
  public let groups: Int

  public init(window: [Int], moves: WindowGeometry, groups: Int = 1) {
    (self.window, self.moves, self.groups) = (window, moves, groups)
  }

  /// A square window on pictures.
  public init(_ window: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1)
  {
    self.init(
      window: [window, window],
      moves: WindowGeometry(stride: stride, padding: padding, dilation: dilation), groups: groups)
  }

  public var kind: String { groups == 1 ? "convolution" : "grouped convolution" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(window, moves, mixesChannels: true)
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? {
    moves.cropped(to: positions, window: window, of: inputs[0].spatial).map { moves, part in
      CroppedOperation(Convolution(window: window, moves: moves, groups: groups), parts: [part])
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    guard parameters.count == 1 || parameters.count == 2 else {
      throw OperationError("takes filters and an optional bias, not \(parameters.count) tensors")
    }
    let filters = parameters[0]
    try moves.check(window: window, over: images)
    guard filters.rank == images.rank, filters.spatial == window else {
      throw OperationError("filters \(filters) have no window of \(window)")
    }
    guard (1...images[1]).contains(groups), filters[1] * groups == images[1],
      filters[0] > 0, filters[0] % groups == 0
    else {
      throw OperationError(
        "images \(images) and filters \(filters) in \(groups) groups disagree on channels")
    }
    if parameters.count == 2, parameters[1] != [filters[0]] {
      throw OperationError("a bias of \(parameters[1]) does not fit \(filters[0]) filters")
    }
    let spatial = try moves.checkedOutput(of: images, window: window)
    return try Shape.checked([images[0], filters[0]] + spatial)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: convolve(
        inputs[0], with: parameters[0], bias: parameters.count > 1 ? parameters[1] : nil,
        geometry: moves, groups: groups))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [
      convolutionInputGradient(
        of: gradient, with: parameters[0], imageShape: evaluation.inputShapes[0],
        geometry: moves, groups: groups)
    ]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = convolutionFilterGradient(
      of: gradient, images: evaluation.keptInputs[0], filterShape: parameters[0].shape,
      hasBias: parameters.count > 1, geometry: moves, groups: groups)
    return parameters.count > 1 ? [result.filters, result.bias] : [result.filters]
  }

  public func scratchpadBytes(
    _ pass: LayerPass, inputs: [Shape], parameters: [Shape], output: Shape
  ) -> Int {
    guard inputs.count == 1, let filters = parameters.first else { return 0 }
    return convolutionScratchpadBytes(
      images: inputs[0], filters: filters, output: output, geometry: moves, groups: groups, pass)
  }

  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int {
    output.elementCount * (parameters.first.map { $0.elementCount / max($0[0], 1) } ?? 0)
  }
}
