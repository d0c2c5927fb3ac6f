internal import Foundation
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
    let scores = ClassifiedScores(scores, ranks: ranks)
    return (0..<scores.pictures).map { Prediction(candidates: scores.best(scores.classes, of: $0)) }
  }
}

/// The class scores of a batch, in an order without ties.
struct ClassifiedScores {
  let pictures: Int
  let classes: Int
  private let values: [Float]
  private let probabilities: [Float]
  private let ranks: [Float]?

  /// - Parameters: As for `Prediction.all`.
  init(_ scores: Tensor, ranks: Tensor?) {
    (pictures, classes) = (scores.shape[0], scores.shape[1])
    (values, probabilities) = (scores.elements, softmax(scores).elements)
    self.ranks = ranks?.elements
  }

  func candidate(_ index: Int, of picture: Int) -> Prediction.Candidate {
    let place = picture * classes + index
    return .init(index: index, score: values[place], probability: probabilities[place])
  }

  /// Some classes by their score, greatest first; those whose score is NaN last.
  func best(_ count: Int, of picture: Int) -> [Prediction.Candidate] {
    guard count < classes else {
      return (0..<classes).sorted { precedes($0, $1, of: picture) }
        .map { candidate($0, of: picture) }
    }
    var best: [Int] = []
    for index in 0..<classes
    where best.count < count || precedes(index, best[count - 1], of: picture) {
      let place = best.firstIndex { precedes(index, $0, of: picture) } ?? best.count
      best.insert(index, at: place)
      if best.count > count { best.removeLast() }
    }
    return best.map { candidate($0, of: picture) }
  }

  /// The number of classes before this one.
  func place(of index: Int, of picture: Int) -> Int {
    (0..<classes).count { precedes($0, index, of: picture) }
  }

  /// Whether all scores of a picture can be compared.
  func isFinite(_ picture: Int) -> Bool {
    (picture * classes..<(picture + 1) * classes).allSatisfy {
      values[$0].isFinite && probabilities[$0].isFinite
    }
  }

  /// `−ln p` of a class, exact also if its probability rounds to 0.
  func loss(of index: Int, of picture: Int) -> Double {
    let row = values[picture * classes..<(picture + 1) * classes]
    let greatest = Double(row.max() ?? 0)
    let sum = row.reduce(0) { $0 + exp(Double($1) - greatest) }
    return greatest + log(sum) - Double(values[picture * classes + index])
  }

  /// `−Σ p ln p` of a picture, in nats.
  func entropy(of picture: Int) -> Double {
    probabilities[picture * classes..<(picture + 1) * classes].reduce(0) { sum, probability in
      probability > 0 ? sum - Double(probability) * log(Double(probability)) : sum
    }
  }

  private func precedes(_ a: Int, _ b: Int, of picture: Int) -> Bool {
    let start = picture * classes
    let (first, second) = (values[start + a], values[start + b])
    guard !first.isNaN, !second.isNaN else {
      return first.isNaN == second.isNaN ? a < b : second.isNaN
    }
    if first != second { return first > second }
    let (rank, other) = (ranks?[start + a] ?? 0, ranks?[start + b] ?? 0)
    return rank != other ? rank > other : a < b
  }
}
