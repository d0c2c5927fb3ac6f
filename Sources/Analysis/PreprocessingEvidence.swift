internal import Foundation

/// How pictures fare in a network with one of several preprocessings.
public struct PreprocessingEvidence: Sendable {
  /// What tells it from the others.
  public let name: String
  /// By picture, in the order that all share: whether the choice is right; nil without a label.
  public let isRight: [Bool?]
  /// Nil for a network without batch norm.
  public let fit: NormalizationFit?
  /// See ``ClassificationFinding/entropy``.
  public let entropy: Double
  /// The position among the evidence of that with the usual order of channels, if this differs from
  /// it in nothing else; nil if it has the usual order itself.
  public let usualOrder: Int?

  public init(
    name: String, isRight: [Bool?], fit: NormalizationFit?, entropy: Double, usualOrder: Int? = nil
  ) {
    (self.name, self.isRight, self.fit, self.entropy) = (name, isRight, fit, entropy)
    self.usualOrder = usualOrder
  }

  /// How many pictures have labels.
  public var labelled: Int { isRight.count { $0 != nil } }

  /// Nil without labels.
  public var accuracy: Double? {
    labelled > 0 ? Double(isRight.count { $0 == true }) / Double(labelled) : nil
  }
}

/// Which of several preprocessings is the right one, and how sure that is.
///
/// Many networks are nearly as accurate, and their batch norm fits nearly as well, with the colours
/// in the other order. It must not do worse for a preset to be taken, but the usual order is kept
/// unless the other one does clearly better.
public struct PreprocessingVerdict: Sendable, Hashable {
  public enum Basis: Sendable, Hashable { case accuracy, statistics }

  /// A position among the evidence; nil if nothing tells them apart.
  public let best: Int?
  /// What it is judged by; nil if there is neither a label nor a batch norm.
  public let basis: Basis?
  /// Whether the best one can be taken without asking.
  public let isOverwhelming: Bool

  /// With labels: in how many standard errors another one must do worse, by McNemar's test on the
  /// pictures that only one of the two gets right (McNemar 1947).
  static let standardErrors = 3.0
  /// Fewer labelled pictures are not enough.
  static let fewestPictures = 20
  /// Without labels: how many times as far as the best one every other must be from the
  /// statistics of the training.
  static let distanceRatio = 2.0

  /// - Parameter evidence: On the same pictures in the same order.
  public init(_ evidence: [PreprocessingEvidence]) {
    if evidence.contains(where: { $0.labelled > 0 }) {
      self.init(byAccuracy: evidence)
    } else {
      self.init(byStatistics: evidence)
    }
  }

  /// Entropy has no say: values that are far too large give certain nonsense.
  private init(byAccuracy evidence: [PreprocessingEvidence]) {
    // Of equally accurate ones, the one nearer to the statistics of the training.
    let order = evidence.indices.sorted { a, b in
      func key(_ index: Int) -> (Double, Double, Int) {
        (
          -(evidence[index].accuracy ?? 0),
          evidence[index].fit?.distance ?? 0, index
        )
      }
      return key(a) < key(b)
    }
    var best = order[0]
    if let usual = evidence[best].usualOrder,
      Self.standardErrors(of: evidence[best].isRight, over: evidence[usual].isRight)
        < Self.standardErrors
    {
      best = usual
    }
    let isClear = evidence.indices.allSatisfy { other in
      Self.areTwins(best, other, evidence)
        || Self.standardErrors(of: evidence[best].isRight, over: evidence[other].isRight)
          >= Self.standardErrors
    }
    let fits = evidence[best].fit.map { !$0.isFar } ?? true
    (self.best, basis) = (best, .accuracy)
    isOverwhelming = isClear && fits && evidence[best].labelled >= Self.fewestPictures
  }

  private init(byStatistics evidence: [PreprocessingEvidence]) {
    let known = evidence.indices.filter { evidence[$0].fit != nil }
      .sorted { (evidence[$0].fit?.distance ?? 0) < (evidence[$1].fit?.distance ?? 0) }
    guard let nearest = known.first else {
      (self.best, basis, isOverwhelming) = (nil, nil, false)
      return
    }
    // Statistics do not tell the orders of channels apart.
    let best = evidence[nearest].usualOrder ?? nearest
    guard let fit = evidence[best].fit else {
      (self.best, basis, isOverwhelming) = (nil, nil, false)
      return
    }
    let isClear = evidence.indices.allSatisfy { other in
      guard !Self.areTwins(best, other, evidence) else { return true }
      guard let otherFit = evidence[other].fit else { return false }
      return otherFit.isFar && otherFit.distance > Self.distanceRatio * fit.distance
    }
    (self.best, basis) = (best, .statistics)
    isOverwhelming = isClear && !fit.isFar && fit.pictures >= NormalizationFit.fewestPictures
  }

  /// Whether two are the same, or differ only in the order of the channels.
  private static func areTwins(
    _ a: Int, _ b: Int, _ evidence: [PreprocessingEvidence]
  ) -> Bool {
    (evidence[a].usualOrder ?? a) == (evidence[b].usualOrder ?? b)
  }

  /// How much better the first is, in standard errors of the number of pictures that only one of
  /// the two gets right.
  static func standardErrors(of first: [Bool?], over second: [Bool?]) -> Double {
    let pairs = zip(first, second)
    let better = pairs.count { $0 == true && $1 == false }
    let worse = pairs.count { $0 == false && $1 == true }
    guard better + worse > 0 else { return 0 }
    return Double(better - worse) / Double(better + worse).squareRoot()
  }
}
