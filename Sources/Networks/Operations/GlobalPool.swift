internal import Kernels
public import TensorCore

/// The mean, the maximum or the p-norm of each whole map: `[N, C, …]` to `[N, C, 1, …]`.
public struct GlobalPool: Operation {
  public enum Kind: Sendable, Hashable, Codable {
    case average, maximum
    /// `(Σ |x|ᵖ)^(1/p)`.
    case power(Int)
  }

  public let pools: Kind

  public init(_ pools: Kind = .average) { self.pools = pools }

  public var kind: String {
    switch pools {
    case .average: "global average pool"
    case .maximum: "global max pool"
    case .power: "global Lp pool"
    }
  }

  public var pullbackReads: PullbackReads {
    if case .power = pools { return [.inputs, .output] }
    return []
  }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach { .everything }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    if case .power(let p) = pools, p < 1 { throw OperationError("p = \(p) is not a norm") }
    return try geometry(images).checkedShape(for: images)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let (images, shapes) = (inputs[0], inputs.map(\.shape))
    let geometry = geometry(images.shape)
    switch pools {
    case .average:
      return Evaluation(
        inputShapes: shapes, output: averagePool(images, geometry, countsPadding: false))
    case .maximum:
      let (output, switches) = maxPool(images, geometry)
      return Evaluation(inputShapes: shapes, output: output, saved: .switches(switches))
    case .power(let p):
      return Evaluation(inputShapes: shapes, output: powerPool(images, geometry, p: p))
    }
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let shape = evaluation.inputShapes[0]
    let geometry = geometry(shape)
    switch (pools, evaluation.saved) {
    case (.power(let p), _):
      return [
        powerPoolInputGradient(
          of: gradient, images: evaluation.keptInputs[0], output: evaluation.keptOutput,
          geometry, p: p)
      ]
    case (_, .switches(let switches)):
      return [
        maxPoolInputGradient(of: gradient, switches: switches, imageShape: shape, geometry)
      ]
    default:
      return [
        averagePoolInputGradient(
          of: gradient, imageShape: shape, geometry, countsPadding: false)
      ]
    }
  }

  /// A single window over the whole map.
  private func geometry(_ images: Shape) -> PoolingGeometry {
    PoolingGeometry(window: images.spatial, moves: .still(images.spatial.count))
  }
}
