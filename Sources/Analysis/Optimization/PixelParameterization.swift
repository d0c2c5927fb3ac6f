public import TensorCore

/// The pixels themselves, from a zero picture on, as Simonyan et al. (2014), section 2, have it.
public struct PixelParameterization: Parameterization {
  /// `[C, H, W]`.
  public let shape: Shape

  public init(_ shape: Shape) { self.shape = shape }

  public func initialParameters(for identities: [Int]) -> Tensor {
    Tensor(shape: Shape([identities.count] + shape.extents), layout: .channelsLast, repeating: 0)
  }

  public func pictures(of parameters: Tensor) -> TensorWithPullback { (parameters, { $0 }) }
}
