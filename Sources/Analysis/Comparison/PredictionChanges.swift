/// A picture for which two networks make different first choices.
public struct ChangedPrediction: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case rightToWrong = "right to wrong"
    case wrongToRight = "wrong to right"
    case wrongToOtherWrong = "wrong to other wrong"
    /// The true class is not known.
    case unlabelled
  }

  /// The picture's index in the data set.
  public let picture: Int
  /// The true class; nil if it is not known.
  public let label: Int?
  public let before: Prediction.Candidate
  public let after: Prediction.Candidate

  public var kind: Kind {
    guard let label else { return .unlabelled }
    if before.index == label { return .rightToWrong }
    return after.index == label ? .wrongToRight : .wrongToOtherWrong
  }
}

/// The pictures for which two networks of the same classes make different first choices.
public struct PredictionChanges: Sendable, Hashable {
  /// How many pictures have class scores in both.
  public let compared: Int
  /// In the order of the data set.
  public let changed: [ChangedPrediction]

  public func count(_ kind: ChangedPrediction.Kind) -> Int { changed.count { $0.kind == kind } }

  /// - Parameters: What each says of the pictures, in any order.
  public init(from first: [ClassifiedPicture], to second: [ClassifiedPicture]) {
    let others = Dictionary(second.map { ($0.picture, $0) }) { first, _ in first }
    let pairs = first.compactMap { own in others[own.picture].map { (own, $0) } }
    compared = pairs.count
    changed = pairs.filter { $0.choices[0].index != $1.choices[0].index }
      .map { own, other in
        ChangedPrediction(
          picture: own.picture, label: own.label, before: own.choices[0], after: other.choices[0])
      }.sorted { $0.picture < $1.picture }
  }
}
