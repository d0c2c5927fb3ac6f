internal import Foundation
internal import TensorCore

/// How weights are initialized.
public enum Initialization: String, Sendable, Hashable, CaseIterable, Codable {
  /// Normal with variance `2 / fan-in` (He et al. 2015, equation 10).
  case he
  /// Uniform within `±√(6 / (fan-in + fan-out))` (Glorot and Bengio 2010, equation 16).
  case glorot
  /// As in the architecture's paper; He's if it does not say.
  case paper
}

/// How a parameter is initialized.
enum ParameterStart: Sendable, Hashable {
  case constant(Float)
  case normal(deviation: Float)
  case uniform(bound: Float)
  /// By the chosen `Initialization`, with the fan-in and fan-out of the shape.
  case weights

  func tensor(
    _ shape: Shape, _ initialization: Initialization, _ generator: inout SeededGenerator
  ) -> Tensor {
    switch self {
    case .constant(let value): return Tensor(shape: shape, repeating: value)
    case .normal(let deviation):
      return Tensor(shape: shape) { target in
        for index in 0..<target.count { target[index] = deviation * generator.normal() }
      }
    case .uniform(let bound):
      return Tensor(shape: shape) { target in
        for index in 0..<target.count { target[index] = bound * (2 * generator.uniform() - 1) }
      }
    case .weights:
      let window = Float(shape.spatial.reduce(1, *))
      let (fanIn, fanOut) = (Float(shape[1]) * window, Float(shape[0]) * window)
      let start: ParameterStart =
        initialization == .glorot
        ? .uniform(bound: (6 / (fanIn + fanOut)).squareRoot())
        : .normal(deviation: (2 / fanIn).squareRoot())
      return start.tensor(shape, initialization, &generator)
    }
  }
}
