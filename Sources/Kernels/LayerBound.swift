internal import TensorCore

/// An upper bound on the sums of a convolution, inner product, batch norm or addition, before its
/// activation.
///
/// oneDNN's activations turn NaN into 0, so a layer and its activation are fused into one kernel
/// only if no sum can overflow. The bound grows from layer to layer; once it has grown too far, the
/// elements are measured again.
struct LayerBound {
  /// Sums of this size are far from overflow, whatever the order in which they are added.
  private static let safe = Float.greatestFiniteMagnitude / 1024

  private let magnitude: Float?

  /// - Parameter magnitude: Nil if there is no bound.
  init(_ magnitude: Float?) { self.magnitude = magnitude }

  /// - Parameter isNeeded: Whether an activation follows; otherwise a bound is not worth its cost.
  static func of(
    _ inputs: Tensor, weights: Tensor, bias: Tensor?, addend: Tensor? = nil, isNeeded: Bool
  ) -> LayerBound {
    guard isNeeded else { return LayerBound(nil) }
    // Weights and results may be rounded up.
    let margin = inputs.precision == .float32 ? 1 : roundingMargin * roundingMargin
    func sum(_ inputs: Float?, _ addend: Float?) -> Float? {
      guard let inputs, let addend else { return nil }
      let shift = bias.map { $0.knownMagnitude ?? $0.measuredMagnitude() } ?? 0
      return (inputs * weights.greatestRowSum() + shift + addend) * margin
    }
    let known = sum(inputs.knownMagnitude, addend.map(\.knownMagnitude) ?? 0)
    guard !isSafe(known) else { return LayerBound(known) }
    return LayerBound(
      sum(inputs.measuredMagnitude(), addend.map { $0.measuredMagnitude() } ?? 0))
  }

  var isSafe: Bool { Self.isSafe(magnitude) }

  /// Also false for NaN.
  private static func isSafe(_ magnitude: Float?) -> Bool { (magnitude ?? .infinity) < safe }

  /// Records the bound for the next layer.
  func note(on output: Tensor, after activation: ActivationFunction? = nil) {
    guard let magnitude, isSafe else { return }
    if let bound = activation.map({ $0.bound(magnitude) }) ?? magnitude {
      output.noteMagnitude(bound)
    }
  }
}
