public import Kernels
public import TensorCore

/// Krizhevsky, Sutskever and Hinton (2012), section 3.3, across channels.
public struct LocalResponseNormalization: Operation {
  public let options: LocalResponse

  public init(_ options: LocalResponse) { self.options = options }

  public var kind: String { "local response norm" }
  public var pullbackReads: PullbackReads { .inputs }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .keepingAxes(of: $0, mixing: [1]) } ?? .everything
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? { inPlace(positions, of: output, from: inputs) }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    guard (2...5).contains(images.rank), images.elementCount > 0 else {
      throw OperationError("takes images of two to five axes, not \(images)")
    }
    guard options.size > 0, options.alpha.isFinite, options.beta.isFinite, options.k.isFinite else {
      throw OperationError("normalizes by \(options.size) neighbours with unusable numbers")
    }
    return images
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let (output, workspace) = normalizeLocalResponse(inputs[0], options)
    return Evaluation(
      inputShapes: inputs.map(\.shape), output: output, saved: .tensor(workspace))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    guard case .tensor(let workspace) = evaluation.saved else {
      preconditionFailure("a local response norm without its workspace")
    }
    return [
      localResponseGradient(
        of: gradient, images: evaluation.keptInputs[0], workspace: workspace, options)
    ]
  }
}
