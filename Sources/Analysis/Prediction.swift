internal import Kernels
public import Networks
public import TensorCore

/// What a network says of one picture.
public struct Prediction: Sendable, Hashable {
  public struct Candidate: Sendable, Hashable {
    public let index: Int
    /// Before the function that makes it a probability.
    public let score: Float
    /// Nil for a score that no function makes a probability.
    public let probability: Float?
  }

  /// Every class, by its score, greatest first; those whose score is NaN last.
  public let candidates: [Candidate]
  /// What made the probabilities.
  public let function: ProbabilityFunction

  /// Whether the scores can be compared at all.
  public var isFinite: Bool {
    candidates.allSatisfy { $0.score.isFinite && $0.probability?.isFinite != false }
  }

  public subscript(classIndex: Int) -> Candidate? {
    candidates.first { $0.index == classIndex }
  }
}

extension Prediction {
  /// - Parameters:
  ///   - scores: `[N, classes]`, before the function.
  ///   - function: What makes them probabilities: `network.probabilityFunction`.
  ///   - ranks: As many values, which order equal scores: of classes that saturate, those before.
  public static func all(
    from scores: Tensor, by function: ProbabilityFunction, ranks: Tensor? = nil
  ) -> [Prediction] {
    let classes = scores.shape[1]
    let ranks = ranks?.elements
    let values = scores.elements
    let probabilities = function.probabilities(of: scores)?.elements
    return (0..<scores.shape[0]).map { row in
      Prediction(
        candidates: (0..<classes).map {
          Candidate(
            index: $0, score: values[row * classes + $0],
            probability: probabilities?[row * classes + $0])
        }.sorted { a, b in
          guard !a.score.isNaN, !b.score.isNaN else {
            return a.score.isNaN == b.score.isNaN ? a.index < b.index : b.score.isNaN
          }
          func rank(_ index: Int) -> Float { ranks?[row * classes + index] ?? 0 }
          return (b.score, rank(b.index), a.index) < (a.score, rank(a.index), b.index)
        }, function: function)
    }
  }
}

extension ProbabilityFunction {
  /// - Parameter scores: `[N, classes]`.
  /// - Returns: Nil if there is no function.
  fileprivate func probabilities(of scores: Tensor) -> Tensor? {
    switch self {
    case .softmax: Kernels.softmax(scores)
    case .sigmoid: activate(scores, .logistic)
    case .none: nil
    }
  }
}
