internal import TensorCore

/// How large the sums of a convolution or inner product can become, before its activation.
///
/// oneDNN's activations take NaN for 0, so a layer and its activation become one kernel only if
/// no sum can leave the finite numbers. The bound grows from layer to layer; where it has grown
/// too far, the numbers are measured anew.
struct LayerBound {
  /// Sums of this size are far from overflow, whatever the order in which they are added.
  private static let safe = Float.greatestFiniteMagnitude / 1024

  private let magnitude: Float?

  /// - Parameter isNeeded: Whether an activation follows: for nothing else is a bound worth its
  ///   cost.
  static func of(
    _ inputs: Tensor, weights: Tensor, bias: Tensor?, addend: Tensor? = nil, isNeeded: Bool
  ) -> LayerBound {
    guard isNeeded else { return LayerBound(magnitude: nil) }
    func sum(_ inputs: Float?, _ addend: Float?) -> Float? {
      guard let inputs, let addend else { return nil }
      let shift = bias.map { $0.knownMagnitude ?? $0.measuredMagnitude() } ?? 0
      return inputs * weights.greatestRowSum() + shift + addend
    }
    let known = sum(inputs.knownMagnitude, addend.map(\.knownMagnitude) ?? 0)
    guard !isSafe(known) else { return LayerBound(magnitude: known) }
    return LayerBound(
      magnitude: sum(inputs.measuredMagnitude(), addend.map { $0.measuredMagnitude() } ?? 0))
  }

  var isSafe: Bool { Self.isSafe(magnitude) }

  /// False for NaN, too.
  private static func isSafe(_ magnitude: Float?) -> Bool { (magnitude ?? .infinity) < safe }

  /// Tells the next layer.
  func note(on output: Tensor, after activation: ActivationFunction?) {
    guard let magnitude, isSafe else { return }
    if let bound = activation.map({ $0.bound(magnitude) }) ?? magnitude {
      output.noteMagnitude(bound)
    }
  }
}
