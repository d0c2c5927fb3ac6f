internal import Kernels
public import TensorCore

/// What a network says of one picture.
public struct Prediction: Sendable, Hashable {
  public struct Candidate: Sendable, Hashable {
    public let index: Int
    /// Before softmax.
    public let score: Float
    /// After softmax.
    public let probability: Float
  }

  /// Every class, by its score, greatest first; those whose score is NaN last.
  public let candidates: [Candidate]

  /// Whether the scores can be compared at all.
  public var isFinite: Bool {
    candidates.allSatisfy { $0.score.isFinite && $0.probability.isFinite }
  }

  public subscript(classIndex: Int) -> Candidate? {
    candidates.first { $0.index == classIndex }
  }
}

extension Prediction {
  /// - Parameters:
  ///   - scores: `[N, classes]`, before softmax.
  ///   - ranks: As many values, which order equal scores: of classes that saturate, those before.
  public static func all(from scores: Tensor, ranks: Tensor? = nil) -> [Prediction] {
    let classes = scores.shape[1]
    let ranks = ranks?.elements
    let (values, probabilities) = (scores.elements, softmax(scores).elements)
    return (0..<scores.shape[0]).map { row in
      Prediction(
        candidates: (0..<classes).map {
          Candidate(
            index: $0, score: values[row * classes + $0],
            probability: probabilities[row * classes + $0])
        }.sorted { a, b in
          guard !a.score.isNaN, !b.score.isNaN else {
            return a.score.isNaN == b.score.isNaN ? a.index < b.index : b.score.isNaN
          }
          func rank(_ index: Int) -> Float { ranks?[row * classes + index] ?? 0 }
          return (b.score, rank(b.index), a.index) < (a.score, rank(a.index), b.index)
        })
    }
  }
}
