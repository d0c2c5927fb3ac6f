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
  /// Within `± bound / fan-in`.
  case uniformByFanIn(bound: Float)
  /// By the chosen `Initialization`, with the fan-in and fan-out of the shape.
  case weights
  /// The same for the filters `[…places, K, C, …window]` of a locally connected layer, with those
  /// of a single place.
  case weightsOfPlaces
  /// The same for a matrix `[…, C, K]` that activations are multiplied by.
  case weightsOfMatrix

  func tensor(
    _ shape: Shape, _ initialization: Initialization, _ generator: inout SeededGenerator
  ) -> Tensor {
    switch self {
    case .constant(let value): return Tensor(shape: shape, repeating: value)
    case .normal(let deviation):
      return Tensor(shape: shape) { target in
        for index in 0..<target.count { target[index] = deviation * generator.normal() }
      }
    case .uniformByFanIn(let bound):
      let fanIn = shape.elementCount / max(shape[0], 1)
      return ParameterStart.uniform(bound / Float(fanIn), shape, &generator)
    case .weights:
      let window = Float(shape.spatial.reduce(1, *))
      return initialization.tensor(
        shape, fanIn: Float(shape[1]) * window, fanOut: Float(shape[0]) * window, &generator)
    case .weightsOfPlaces:
      let axes = shape.rank / 2 - 1
      let window = Float(shape.extents.suffix(axes).reduce(1, *))
      return initialization.tensor(
        shape, fanIn: Float(shape[axes + 1]) * window, fanOut: Float(shape[axes]) * window,
        &generator)
    case .weightsOfMatrix:
      return initialization.tensor(
        shape, fanIn: Float(shape[shape.rank - 2]), fanOut: Float(shape[shape.rank - 1]),
        &generator)
    }
  }

  fileprivate static func uniform(
    _ bound: Float, _ shape: Shape, _ generator: inout SeededGenerator
  ) -> Tensor {
    Tensor(shape: shape) { target in
      for index in 0..<target.count { target[index] = bound * (2 * generator.uniform() - 1) }
    }
  }
}

extension Initialization {
  fileprivate func tensor(
    _ shape: Shape, fanIn: Float, fanOut: Float, _ generator: inout SeededGenerator
  ) -> Tensor {
    guard self == .glorot else {
      return ParameterStart.normal(deviation: (2 / fanIn).squareRoot())
        .tensor(shape, self, &generator)
    }
    return ParameterStart.uniform((6 / (fanIn + fanOut)).squareRoot(), shape, &generator)
  }
}
