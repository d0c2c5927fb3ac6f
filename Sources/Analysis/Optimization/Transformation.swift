public import TensorCore

/// A random change of the pictures before each forward run, so that the objective rises for the
/// changed pictures too, and not for one accidental arrangement of pixels.
///
/// Several are applied one after the other; their gradients go back in reverse order.
public protocol Transformation: Sendable {
  /// The changed pictures, `[N, C, H, W]`, of a size that the network accepts. What happens to one
  /// does not depend on the others in the batch.
  func transform(
    _ pictures: Tensor, using generator: inout SeededGenerator
  ) -> TensorWithPullback
}
