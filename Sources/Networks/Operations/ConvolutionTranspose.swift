public import Kernels
public import TensorCore

/// The transpose of a convolution, with parameters `[filters]` or `[filters, bias]`, filters
/// `[C, K / groups, …]` for inputs `[N, C, …]`.
///
/// `H' = (H − 1)·stride + dilation·(R − 1) + 1 + outputPadding − padding`.
public struct ConvolutionTranspose: Operation {
  public let window: [Int]
  /// How the windows move over the output.
  public let moves: WindowGeometry
  /// Rows and columns at the bottom and right that the last windows need not reach.
  public let outputPadding: [Int]
  public let groups: Int

  public init(window: [Int], moves: WindowGeometry, outputPadding: [Int], groups: Int = 1) {
    (self.window, self.moves) = (window, moves)
    (self.outputPadding, self.groups) = (outputPadding, groups)
  }

  public var kind: String { "transposed convolution" }

  /// Without stride, a convolution with the flipped filters.
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    guard moves.stride.allSatisfy({ $0 == 1 }) else { return .everything }
    var turned = moves
    turned.paddingBefore = window.indices.map {
      moves.dilation[$0] * (window[$0] - 1) - moves.paddingBefore[$0]
    }
    return .window(window, turned, mixesChannels: true)
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
    guard filters[0] == images[1], filters[1] > 0, groups > 0, images[1] % groups == 0 else {
      throw OperationError(
        "images \(images) and filters \(filters) in \(groups) groups disagree on channels")
    }
    let kernels = filters[1] * groups
    if parameters.count == 2, parameters[1] != [kernels] {
      throw OperationError("a bias of \(parameters[1]) does not fit \(kernels) filters")
    }
    guard outputPadding.count == window.count,
      window.indices.allSatisfy({
        (0..<max(moves.stride[$0], moves.dilation[$0])).contains(outputPadding[$0])
      })
    else {
      throw OperationError(
        "an output padding of \(outputPadding) is not below stride \(moves.stride) or dilation "
          + "\(moves.dilation)")
    }
    let extents = self.extents(images.spatial)
    guard extents.allSatisfy({ $0 > 0 }) else {
      throw OperationError("the padding removes the whole output of \(extents)")
    }
    return try Shape.checked([images[0], kernels] + extents)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    return Evaluation(
      inputShapes: [shape],
      output: convolveTransposed(
        inputs[0], with: parameters[0], bias: parameters.count > 1 ? parameters[1] : nil,
        to: extents(shape.spatial), geometry: moves, groups: groups))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [
      transposedConvolutionInputGradient(
        of: gradient, with: parameters[0], imageShape: evaluation.inputShapes[0],
        geometry: moves, groups: groups)
    ]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = transposedConvolutionFilterGradient(
      of: gradient, images: evaluation.keptInputs[0], filterShape: parameters[0].shape,
      hasBias: parameters.count > 1, geometry: moves, groups: groups)
    return parameters.count > 1 ? [result.filters, result.bias] : [result.filters]
  }

  public func scratchpadBytes(
    _ pass: LayerPass, inputs: [Shape], parameters: [Shape], output: Shape
  ) -> Int {
    guard inputs.count == 1, let filters = parameters.first else { return 0 }
    // It is the gradient of a convolution from its output to its input.
    let turned: LayerPass =
      switch pass {
      case .forward: .inputGradient
      case .inputGradient: .forward
      case .weightGradient: .weightGradient
      }
    return convolutionScratchpadBytes(
      images: output, filters: filters, output: inputs[0], geometry: moves, groups: groups, turned)
  }

  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int {
    guard let images = inputs.first, let filters = parameters.first else { return 0 }
    return images.elementCount * (filters.elementCount / max(filters[0], 1))
  }

  private func extents(_ images: [Int]) -> [Int] {
    images.indices.map { axis in
      (images[axis] - 1) * moves.stride[axis] + moves.dilation[axis] * (window[axis] - 1) + 1
        + outputPadding[axis] - moves.paddingBefore[axis] - moves.paddingAfter[axis]
    }
  }
}
