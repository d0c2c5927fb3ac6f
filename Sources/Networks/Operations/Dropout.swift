public import TensorCore

/// Drops elements at random in training and scales the rest by `1 / (1 − rate)`, so that it is the
/// identity in inference (Srivastava et al. 2014, in its inverted form).
public struct Dropout: Operation {
  /// The fraction that is dropped, in `0..<1`.
  public let rate: Float

  public init(_ rate: Float) { self.rate = rate }

  public var kind: String { "dropout" }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try single(inputs) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs.removeLast()
    guard case .training(let seed) = mode, rate > 0 else {
      return Evaluation(inputShapes: [input.shape], output: input)
    }
    var generator = SeededGenerator(seed: seed)
    let kept = 1 / (1 - rate)
    let mask = Tensor(shape: input.shape, layout: input.layout) { mask in
      for index in 0..<mask.count { mask[index] = generator.uniform() < rate ? 0 : kept }
    }
    return Evaluation(inputShapes: [input.shape], output: input * mask, saved: .tensor(mask))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    guard case .tensor(let mask) = evaluation.saved else { return [gradient] }
    return [gradient * mask]
  }
}
