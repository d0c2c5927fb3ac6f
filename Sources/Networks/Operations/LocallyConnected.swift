public import Kernels
public import TensorCore

/// A convolution whose places share no filters (LeCun 1989, "Generalization and Network Design
/// Strategies", section 4.2), of `[N, C, …]` with parameters `[filters]` or `[filters, bias]`.
///
/// Filters are `[…places, K, C, …window]`, so `[H', W', K, C, R, S]` for pictures, and the bias has
/// one number for each filter of each place, `[H' · W' · K]` in that order.
public struct LocallyConnected: Operation {
  public let window: [Int]
  public let moves: WindowGeometry

  public init(window: [Int], moves: WindowGeometry) {
    (self.window, self.moves) = (window, moves)
  }

  /// A square window on pictures.
  public init(_ window: Int, stride: Int = 1, padding: Int = 0) {
    self.init(
      window: [window, window], moves: WindowGeometry(stride: stride, padding: padding))
  }

  public var kind: String { "locally connected" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window(window, moves, mixesChannels: true)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    guard parameters.count == 1 || parameters.count == 2 else {
      throw OperationError("takes filters and an optional bias, not \(parameters.count) tensors")
    }
    let places = try moves.checkedOutput(of: images, window: window)
    let filters = parameters[0]
    let axes = window.count
    guard filters.rank == 2 * axes + 2, Array(filters.extents.prefix(axes)) == places,
      Array(filters.extents.suffix(axes)) == window, filters[axes] > 0
    else {
      throw OperationError(
        "filters \(filters) are not one set with a window of \(window) for each of \(places) places"
      )
    }
    guard filters[axes + 1] == images[1] else {
      throw OperationError("images \(images) and filters \(filters) disagree on channels")
    }
    let biases = filters.extents.prefix(axes + 1).reduce(1, *)
    if parameters.count == 2, parameters[1] != [biases] {
      throw OperationError(
        "a bias of \(parameters[1]) does not fit \(filters[axes]) filters at \(places) places")
    }
    return try Shape.checked([images[0], filters[axes]] + places)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: connectLocally(
        inputs[0], with: parameters[0], bias: parameters.count > 1 ? parameters[1] : nil,
        geometry: moves))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [
      localConnectionInputGradient(
        of: gradient, with: parameters[0], imageShape: evaluation.inputShapes[0], geometry: moves)
    ]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = localConnectionFilterGradient(
      of: gradient, images: evaluation.keptInputs[0], filterShape: parameters[0].shape,
      hasBias: parameters.count > 1, geometry: moves)
    return parameters.count > 1 ? [result.filters, result.bias] : [result.filters]
  }

  public func scratchpadBytes(
    _ pass: LayerPass, inputs: [Shape], parameters: [Shape], output: Shape
  ) -> Int {
    guard inputs.count == 1, let filters = parameters.first else { return 0 }
    return localConnectionScratchpadBytes(images: inputs[0], filters: filters)
  }

  /// Each weight is used once for each picture.
  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int {
    (inputs.first?[0] ?? 0) * (parameters.first?.elementCount ?? 0)
  }
}
