public import TensorCore

/// How pictures are made from the numbers that an optimization changes.
///
/// Each picture is made from its own row of the parameters, `[N, …]`.
public protocol Parameterization: Sendable {
  /// The parameters to start from, one row for each picture.
  ///
  /// - Parameter identities: What tells the pictures apart, for random numbers.
  func initialParameters(for identities: [Int]) -> Tensor

  /// The pictures, `[N, C, H, W]` in the network's input units; the pullback takes a gradient with
  /// respect to them to the gradient with respect to the parameters.
  func pictures(of parameters: Tensor) -> TensorWithPullback
}

/// A function's value, and what takes a gradient with respect to the value to the gradient with
/// respect to the argument.
public typealias TensorWithPullback = (value: Tensor, pullback: (Tensor) -> Tensor)
