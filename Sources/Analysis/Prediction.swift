internal import Foundation
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
    let scores = ClassifiedScores(scores, by: function, ranks: ranks)
    return (0..<scores.pictures).map {
      Prediction(candidates: scores.best(scores.classes, of: $0), function: function)
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

/// The class scores of a batch, in an order without ties.
struct ClassifiedScores {
  let pictures: Int
  let classes: Int
  private let function: ProbabilityFunction
  private let values: [Float]
  private let probabilities: [Float]?
  private let ranks: [Float]?

  /// - Parameters: As for `Prediction.all`.
  init(_ scores: Tensor, by function: ProbabilityFunction, ranks: Tensor?) {
    (pictures, classes) = (scores.shape[0], scores.shape[1])
    (values, probabilities) = (scores.elements, function.probabilities(of: scores)?.elements)
    self.function = function
    self.ranks = ranks?.elements
  }

  func candidate(_ index: Int, of picture: Int) -> Prediction.Candidate {
    let place = picture * classes + index
    return .init(index: index, score: values[place], probability: probabilities?[place])
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
      values[$0].isFinite && probabilities?[$0].isFinite != false
    }
  }

  /// `−ln p` of a class, exact also if its probability rounds to 0; nil without a probability.
  func loss(of index: Int, of picture: Int) -> Double? {
    let score = Double(values[picture * classes + index])
    switch function {
    case .softmax:
      let row = values[picture * classes..<(picture + 1) * classes]
      let greatest = Double(row.max() ?? 0)
      return greatest + log(row.reduce(0) { $0 + exp(Double($1) - greatest) }) - score
    case .sigmoid: return max(-score, 0) + log1p(exp(-abs(score)))
    case .none: return nil
    }
  }

  /// `ln(p / (1 − p))` of each class: its order is that of the probabilities, also of those that
  /// round to 0 or 1; nil without probabilities.
  func logOdds(of picture: Int) -> [Double]? {
    let row = values[picture * classes..<(picture + 1) * classes].map(Double.init)
    switch function {
    case .softmax:
      // Against the sum of all others, which for the greatest is added up without it, because a
      // difference would be rounded to 0.
      guard let greatest = row.indices.max(by: { row[$0] < row[$1] }) else { return [] }
      let shares = row.map { exp($0 - row[greatest]) }
      let sum = shares.reduce(0, +)
      return row.indices.map { index in
        guard index == greatest else {
          return row[index] - row[greatest] - log(sum - shares[index])
        }
        let others = row.indices.filter { $0 != greatest }.map { row[$0] }
        guard let second = others.max() else { return .infinity }
        let rest = others.reduce(0) { $0 + exp($1 - second) }
        return row[greatest] - second - log(rest)
      }
    case .sigmoid: return row
    case .none: return nil
    }
  }

  /// The entropy of a picture's probabilities as a share of the greatest possible, 0…1: of one
  /// distribution over the classes, or on average of one yes or no for each; 0 without any.
  func entropy(of picture: Int) -> Double {
    guard let row = probabilities?[picture * classes..<(picture + 1) * classes] else { return 0 }
    func nats(_ probability: Double) -> Double {
      probability > 0 ? -probability * log(probability) : 0
    }
    switch function {
    case .softmax:
      guard classes > 1 else { return 0 }
      return row.reduce(0) { $0 + nats(Double($1)) } / log(Double(classes))
    case .sigmoid:
      let sum = row.reduce(0) { $0 + nats(Double($1)) + nats(1 - Double($1)) }
      return sum / Double(classes) / log(2)
    case .none: return 0
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
