public import TensorCore

/// How parameters follow a gradient.
///
/// An optimization works on a copy, which may remember earlier steps.
public protocol Ascent: Sendable {
  /// Takes one step.
  ///
  /// - Parameters:
  ///   - parameters: One row for each picture.
  ///   - gradient: That of the objective, of the same shape and in the same layout.
  ///   - rows: The pictures whose parameters change.
  ///   - progress: From 0 at the first step to 1 at the last.
  ///   - randomness: For each picture the random numbers of this step, which do not depend on the
  ///     other pictures.
  mutating func step(
    _ parameters: inout Tensor, along gradient: Tensor, rows: [Int], progress: Float,
    randomness: [SeededGenerator])
}
