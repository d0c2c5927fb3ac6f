internal import HeapModule
public import Networks
public import TensorCore

/// What a network says of one picture of a data set.
public struct ClassifiedPicture: Sendable, Hashable {
  /// The picture's index in the data set.
  public let picture: Int
  /// The true class, one of the network's; nil if it is not known.
  public let label: Int?
  /// The best classes, greatest score first.
  public let choices: [Prediction.Candidate]
  /// Score and probability of the true class.
  public let truth: Prediction.Candidate?
  /// The number of classes with a greater score than the true class; 0 if the choice is right.
  public let place: Int?
  /// `−ln p` of the true class; nil without a probability.
  public let loss: Double?

  /// Nil if the true class is not known.
  public var isRight: Bool? { place.map { $0 == 0 } }
}

/// What a network says of a data set.
public struct ClassificationFinding: Sendable {
  public let classCount: Int
  /// How many pictures have class scores.
  public fileprivate(set) var pictures = 0
  /// Pictures that are left out, because some of their scores are NaN or infinite.
  public fileprivate(set) var leftOut: [Int] = []
  /// Of the pictures whose class is known.
  public fileprivate(set) var confusion: ConfusionMatrix
  /// For how many pictures each class is the first choice, with and without a label.
  public fileprivate(set) var choices: [Int]
  /// Every picture in turn; empty unless it was asked for.
  public fileprivate(set) var each: [ClassifiedPicture] = []
  /// The wrong choices with the greatest loss, the worst first, as many as were asked for.
  public fileprivate(set) var mistakes: [ClassifiedPicture] = []
  /// `[pictures, classes]`, before softmax or sigmoid; nil unless it was asked for.
  public fileprivate(set) var scores: Tensor?
  fileprivate var hitsOfFive = 0
  fileprivate var entropySum = 0.0

  fileprivate init(classCount: Int) {
    self.classCount = classCount
    confusion = ConfusionMatrix(classCount: classCount)
    choices = [Int](repeating: 0, count: classCount)
  }

  /// How many pictures have a known class.
  public var labelled: Int { confusion.total }

  /// The share of labelled pictures whose first choice is right; nil without labels.
  public var top1: Double? { confusion.accuracy }

  /// The share of labelled pictures whose class is among the first five; nil without labels.
  public var top5: Double? { labelled > 0 ? Double(hitsOfFive) / Double(labelled) : nil }

  /// The mean entropy of the probabilities as a share of the greatest possible: 0 if the network is
  /// always certain, 1 if it never prefers an answer.
  public var entropy: Double { pictures > 0 ? entropySum / Double(pictures) : 0 }

  /// The class that is chosen most often, and for which share of the pictures; nil without any.
  public var commonest: (choice: Int, share: Double)? {
    guard pictures > 0, let most = choices.max(), let choice = choices.firstIndex(of: most) else {
      return nil
    }
    return (choice, Double(most) / Double(pictures))
  }
}

/// Collects what a network says of the pictures of a data set, and how much of it is right.
///
/// Only what is asked for grows with the number of pictures.
public final class ClassificationScan: ScanObserver {
  private var collected: ClassificationFinding
  public let nodes: [String]
  private let function: ProbabilityFunction
  private let ranking: Ranking?
  private let top: Int?
  private let mistakes: Int
  private let keepsScores: Bool
  private let label: (Int) -> Int?
  private var worst = Heap<Mistake>()
  private var rows: [Tensor] = []

  private struct Mistake: Comparable {
    let picture: ClassifiedPicture
    private var key: (Double, Int) { (picture.loss ?? 0, -picture.picture) }
    init(_ picture: ClassifiedPicture) { self.picture = picture }
    static func < (a: Mistake, b: Mistake) -> Bool { a.key < b.key }
    static func == (a: Mistake, b: Mistake) -> Bool { a.key == b.key }
  }

  /// - Parameters:
  ///   - top: How many choices to keep of each picture; nil to keep no picture.
  ///   - mistakes: How many of the worst mistakes to keep.
  ///   - label: The class of a picture by its index in the data set, one of the network's; nil if
  ///     it is not known.
  /// - Precondition: The network ends in class scores.
  public init(
    _ network: Network, top: Int? = nil, mistakes: Int = 0, keepsScores: Bool = false,
    label: @escaping (Int) -> Int?
  ) {
    collected = ClassificationFinding(classCount: network.classCount)
    function = network.probabilityFunction
    ranking = network.ranking(of: network.graph.scoreName)
    nodes = [network.graph.scoreName] + [ranking?.node].compactMap(\.self)
    (self.top, self.mistakes, self.keepsScores) = (top, mistakes, keepsScores)
    self.label = label
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    let all = ClassifiedScores(
      recording.scores, by: function, ranks: ranking?.values(in: recording))
    for (row, picture) in pictures.enumerated() {
      guard all.isFinite(row) else {
        collected.leftOut.append(picture)
        continue
      }
      if keepsScores { rows.append(recording.scores.rows(row..<(row + 1))) }
      add(all, row, picture)
    }
  }

  private func add(_ all: ClassifiedScores, _ row: Int, _ picture: Int) {
    let label = label(picture)
    let classified = ClassifiedPicture(
      picture: picture, label: label, choices: all.best(max(top ?? 1, 1), of: row),
      truth: label.map { all.candidate($0, of: row) },
      place: label.map { all.place(of: $0, of: row) },
      loss: label.flatMap { all.loss(of: $0, of: row) })
    collected.pictures += 1
    collected.choices[classified.choices[0].index] += 1
    collected.entropySum += all.entropy(of: row)
    if top != nil { collected.each.append(classified) }
    guard let label, let place = classified.place else { return }
    collected.confusion.add(label: label, choice: classified.choices[0].index)
    if place < 5 { collected.hitsOfFive += 1 }
    guard place > 0, mistakes > 0 else { return }
    worst.insert(Mistake(classified))
    if worst.count > mistakes { _ = worst.popMin() }
  }

  /// What was collected so far.
  ///
  /// - Complexity: The scores of all pictures are copied if they were asked for.
  public var finding: ClassificationFinding {
    var finding = collected
    finding.mistakes = worst.unordered.sorted { $1 < $0 }.map(\.picture)
    if keepsScores, !rows.isEmpty { finding.scores = Tensor(concatenatingRows: rows) }
    return finding
  }
}
