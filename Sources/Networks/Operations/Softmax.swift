internal import Kernels
public import TensorCore

/// A softmax or its logarithm: normalizes along one axis, and has a gradient that follows from the
/// output.
public protocol SoftmaxOperation: Operation {
  var axis: Int { get }
}

extension SoftmaxOperation {
  public var pullbackReads: PullbackReads { .output }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .keepingAxes(of: $0, mixing: [axis]) } ?? .everything
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? { axis == 1 ? inPlace(positions, of: output, from: inputs) : nil }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try single(inputs, along: axis) }

  public func following(_ batch: BatchedInputs) -> [FollowedOperation] {
    batch.others(than: [axis], self)
  }
}

/// `eˣ / Σ eˣ` along an axis.
public struct Softmax: SoftmaxOperation {
  public let axis: Int

  public init(axis: Int = 1) { self.axis = axis }

  public var kind: String { "softmax" }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(inputShapes: inputs.map(\.shape), output: softmax(inputs[0], along: axis))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [softmaxGradient(of: gradient, output: evaluation.keptOutput, along: axis)] }
}

/// The logarithm of a softmax.
public struct LogSoftmax: SoftmaxOperation {
  public let axis: Int

  public init(axis: Int = 1) { self.axis = axis }

  public var kind: String { "log softmax" }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(inputShapes: inputs.map(\.shape), output: logSoftmax(inputs[0], along: axis))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [logSoftmaxGradient(of: gradient, output: evaluation.keptOutput, along: axis)] }
}
