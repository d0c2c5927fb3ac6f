public import Kernels
public import TensorCore

/// An operation that only moves the elements of its input.
public protocol RearrangingOperation: Operation {
  /// - Parameter input: A shape that fits.
  func rearrangement(of input: Shape) -> Rearrangement
}

extension RearrangingOperation {
  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: rearrangement(of: inputs[0].shape).apply(to: inputs[0]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [rearrangement(of: evaluation.inputShapes[0]).transposed(gradient)] }
}
