internal import Foundation
public import Kernels
internal import TensorCore

/// What is put on top of a layer's features.
public enum ProbeClassifier: String, Sendable, Hashable, CaseIterable {
  /// Linear support vector machines, one class against the rest, with the squared hinge loss.
  case svm
  /// Multinomial logistic regression.
  case softmax

  /// As tables call it.
  public var title: String {
    switch self {
    case .svm: "SVM"
    case .softmax: "Softmax"
    }
  }
}

/// How well a classifier does in one fold.
public struct ProbeFold: Sendable, Hashable {
  /// The mean over the classes of the share of their test pictures that is right.
  public let accuracy: Double
  /// The share of all test pictures that is right.
  public let share: Double
  /// The `C` that did best on the validation pictures, or the only one.
  public let cost: Double
  /// Whether that is the least or the greatest that there was to choose from.
  public let isAtEnd: Bool
  /// How many training pictures took part in the choice, fitted and held out; 0 if there was none.
  public let searched: Int
  /// Whether the gradient fell below the tolerance.
  public let hasConverged: Bool
  /// Whether support vector machines were fitted by liblinear.
  public let usesLibrary: Bool

  public init(
    accuracy: Double, share: Double, cost: Double, isAtEnd: Bool, searched: Int,
    hasConverged: Bool, usesLibrary: Bool
  ) {
    (self.accuracy, self.share, self.cost, self.isAtEnd) = (accuracy, share, cost, isAtEnd)
    (self.searched, self.hasConverged, self.usesLibrary) = (searched, hasConverged, usesLibrary)
  }
}

/// Fits linear classifiers to the features of a layer, and tests them: how much of the classes is
/// linear in these features (Zeiler and Fergus 2014, section 5.3, table 7; Alain and Bengio 2016).
///
/// Support vector machines are fitted by liblinear. It has no multinomial logistic regression, so
/// the softmax is fitted by L-BFGS; so are the machines if liblinear's copy of the features, which
/// takes four times the memory, is too large: the objective is the same. With fewer pictures than
/// features, all are fitted to coordinates in the space that the pictures span (``RowSpan``).
public struct LinearProbe: Sendable {
  public let scaling: FeatureScaling
  /// The values of `C` to choose from, ascending; nil for seven powers of ten around the inverse of
  /// the mean squared norm of the features.
  public let costs: [Double]?
  public let seed: UInt64
  /// What liblinear's copy of the features and the coordinates may take, in bytes.
  public var memory: Int
  /// The norm of the gradient at which the softmax is done, as a share of that at zero weights.
  public var tolerance = 1e-4
  /// The same for liblinear, which multiplies it with the share of a class.
  public var libraryTolerance = 0.01

  /// More training pictures are fitted only once the regularisation is chosen.
  public static let mostSearched = 12_500
  /// With many pictures, the choice ends after this number of consecutive steps worse than the best.
  private static let patience = 2
  /// With fewer pictures fitted, all values are tried: it takes no time, and chance decides more.
  private static let fewestForPatience = 1000

  public init(
    scaling: FeatureScaling = .standardize, costs: [Double]? = nil, seed: UInt64 = 0,
    memory: Int = .max
  ) {
    self.scaling = scaling
    self.costs = costs.map { $0.sorted() }
    self.seed = seed
    self.memory = memory
  }

  /// How many fits a classifier needs at most in a fold.
  public var mostFits: Int {
    let count = costs?.count ?? Self.powers.count
    return count == 1 ? 1 : count + 1
  }

  private static let powers = Array(-2...4)

  /// The memory that a fit takes besides the features and liblinear's copy of them, in bytes.
  public static func heldBytes(classes: Int, features: Int) -> Int {
    // Ten corrections of two vectors and a few more; two blocks of rows, scaled.
    let (numbers, overflows) = classes.multipliedReportingOverflow(by: features + 1)
    let (vectors, alsoOverflows) = numbers.multipliedReportingOverflow(by: 8 * 30)
    let (blocks, evenOverflows) = features.multipliedReportingOverflow(
      by: 2 * 4 * LinearObjective.blockRows)
    let (sum, sumOverflows) = vectors.addingReportingOverflow(blocks)
    return overflows || alsoOverflows || evenOverflows || sumOverflows ? .max : sum
  }

  /// Fits classifiers in one fold, and tests them.
  ///
  /// - Parameters:
  ///   - classifiers: They share the coordinates of the pictures.
  ///   - features: All finite in the rows of the split.
  ///   - labels: The class of each row.
  ///   - classes: Those that occur.
  ///   - progress: Called after each fit.
  /// - Returns: What each of the classifiers does.
  public func fold(
    _ split: ProbeSplit, of features: ProbeFeatures, labels: [Int], classes: [Int],
    by classifiers: [ProbeClassifier], progress: () -> Void = {}
  ) -> [ProbeFold] {
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    func own(_ rows: [Int]) -> [Int] { rows.map { places[labels[$0]] ?? 0 } }
    let rows = ScaledRows(features, split.training, scaling: scaling)
    let training = own(split.training)
    let costs = costs ?? Self.usualCosts(for: rows)
    let choices =
      costs.count > 1
      ? chosen(costs, features, split.training, training, classes.count, classifiers, progress)
      : classifiers.map { _ in Choice(cost: costs[0], start: nil, searched: 0) }
    let fitted = FittedRows(rows, memory: memory)
    let (test, tested) = (rows.scaledAlike(split.test), own(split.test))
    return zip(classifiers, choices).map { classifier, choice in
      let fit = Fit(self, classifier, fitted, training, classCount: classes.count)
      let found = fit.classifier(cost: choice.cost, from: choice.start.map(fitted.reduced))
      progress()
      let answers = Self.choices(of: fitted.expanded(found), for: test)
      let (accuracy, share) = Self.accuracy(of: answers, labels: tested, classCount: classes.count)
      return ProbeFold(
        accuracy: accuracy, share: share, cost: choice.cost,
        isAtEnd: costs.count > 1 && (choice.cost == costs.first || choice.cost == costs.last),
        searched: choice.searched,
        hasConverged: fit.hasConverged(found, cost: choice.cost), usesLibrary: fit.usesLibrary)
    }
  }

  /// The classifier of some rows, of their features as they are scaled.
  ///
  /// - Parameters:
  ///   - features: All finite in these rows.
  ///   - labels: The class of each of them, from zero; each class occurs.
  ///   - cost: `C`.
  public func classifier(
    _ classifier: ProbeClassifier, of rows: [Int], in features: ProbeFeatures, labels: [Int],
    classCount: Int, cost: Double
  ) -> LinearClassifier {
    let fitted = FittedRows(ScaledRows(features, rows, scaling: scaling), memory: memory)
    return fitted.expanded(
      Fit(self, classifier, fitted, labels, classCount: classCount)
        .classifier(cost: cost, from: nil))
  }

  private struct Choice {
    var cost: Double
    /// The classifier of features with this `C`, of the pictures that the choice was made with.
    var start: LinearClassifier?
    var searched: Int
  }

  /// The best of several values of `C` on validation pictures, for each classifier, ascending: each
  /// fit begins where the one before ended, as liblinear's own search does (Chu et al. 2015). The
  /// least of equals.
  private func chosen(
    _ costs: [Double], _ features: ProbeFeatures, _ rows: [Int], _ labels: [Int],
    _ classCount: Int, _ classifiers: [ProbeClassifier], _ progress: () -> Void
  ) -> [Choice] {
    let (places, held) = validationSplit(labels: labels, most: Self.mostSearched, seed: seed)
    let own = ScaledRows(features, places.map { rows[$0] }, scaling: scaling)
    let fitted = FittedRows(own, memory: memory)
    let ownLabels = places.map { labels[$0] }
    let test = own.scaledAlike(held.map { rows[$0] })
    let heldLabels = held.map { labels[$0] }
    return classifiers.map { classifier in
      let fit = Fit(self, classifier, fitted, ownLabels, classCount: classCount)
      var best = Choice(cost: costs[0], start: nil, searched: places.count + held.count)
      var bestAccuracy = -1.0
      var last: LinearClassifier?
      var worse = 0
      for cost in costs {
        let found = fit.classifier(cost: cost, from: last)
        progress()
        last = found
        let expanded = fitted.expanded(found)
        let accuracy = Self.accuracy(
          of: Self.choices(of: expanded, for: test), labels: heldLabels, classCount: classCount
        ).mean
        if accuracy > bestAccuracy {
          (best.cost, best.start, bestAccuracy) = (cost, expanded, accuracy)
          worse = 0
        } else if accuracy < bestAccuracy, places.count >= Self.fewestForPatience {
          worse += 1
          if worse >= Self.patience { break }
        }
      }
      return best
    }
  }

  /// Powers of ten around the inverse of the mean squared norm of the rows, of which the first
  /// thousand tell enough.
  static func usualCosts(for rows: ScaledRows) -> [Double] {
    let sample = min(rows.count, 1000)
    let block = rows.block(0..<sample)
    let mean = block.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(sample, 1))
    let unit = mean > 0 && mean.isFinite ? -log10(mean).rounded() : 0
    return powers.map { pow(10, unit + Double($0)) }
  }

  /// The class with the greatest score of each row.
  static func choices(of classifier: LinearClassifier, for rows: ScaledRows) -> [Int] {
    var choices: [Int] = []
    for start in stride(from: 0, to: rows.count, by: LinearObjective.blockRows) {
      let places = start..<min(start + LinearObjective.blockRows, rows.count)
      classifier.scores(of: rows.block(places)).withUnsafeElements { scores in
        for place in 0..<places.count {
          let own = (place * classifier.classCount)..<((place + 1) * classifier.classCount)
          let best = own.max { scores[$0] < scores[$1] } ?? own.lowerBound
          choices.append(best - own.lowerBound)
        }
      }
    }
    return choices
  }

  /// The mean over the classes that occur, and over all rows.
  static func accuracy(
    of choices: [Int], labels: [Int], classCount: Int
  ) -> (mean: Double, share: Double) {
    var (right, all) = (
      [Int](repeating: 0, count: classCount), [Int](repeating: 0, count: classCount)
    )
    for (choice, label) in zip(choices, labels) {
      all[label] += 1
      if choice == label { right[label] += 1 }
    }
    let shares = zip(right, all).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
    return (
      shares.reduce(0, +) / Double(max(shares.count, 1)),
      Double(right.reduce(0, +)) / Double(max(labels.count, 1))
    )
  }
}

/// Classifiers of the same labelled rows.
private struct Fit {
  private let probe: LinearProbe
  private let kind: ProbeClassifier
  private let rows: FittedRows
  private let labels: [Int]
  private let classCount: Int
  /// Nil if liblinear is not used.
  private let problem: SupportVectorProblem?

  var usesLibrary: Bool { problem != nil }

  init(
    _ probe: LinearProbe, _ kind: ProbeClassifier, _ rows: FittedRows, _ labels: [Int],
    classCount: Int
  ) {
    (self.probe, self.kind, self.rows) = (probe, kind, rows)
    (self.labels, self.classCount) = (labels, classCount)
    let bytes = SupportVectorProblem.mostBytes(rows: rows.count, features: rows.featureCount)
    problem =
      kind == .svm && bytes <= probe.memory - rows.bytes
      ? SupportVectorProblem(count: rows.count, featureCount: rows.featureCount) { rows.block($0) }
      : nil
  }

  /// Of what is fitted, as is the start.
  func classifier(cost: Double, from start: LinearClassifier?) -> LinearClassifier {
    if let problem {
      return problem.machines(
        classCount: classCount, labels: labels, cost: cost, tolerance: probe.libraryTolerance,
        from: start)
    }
    let objective = objective(cost)
    let zero = LinearClassifier(classCount: classCount, featureCount: rows.featureCount)
    let reference = norm(objective.evaluate(zero.values).gradient)
    let found = LimitedMemoryBFGS(tolerance: probe.tolerance).minimize(
      from: (start ?? zero).values, referenceNorm: reference, objective.evaluate)
    return LinearClassifier(
      classCount: classCount, featureCount: rows.featureCount, values: found.point)
  }

  /// Whether the gradient is as small as the tolerance asks for. liblinear says so only in what it
  /// prints, so the gradient is computed here.
  func hasConverged(_ found: LinearClassifier, cost: Double) -> Bool {
    let objective = objective(cost)
    let zero = [Double](repeating: 0, count: found.values.count)
    let (before, after) = (
      objective.evaluate(zero).gradient, objective.evaluate(found.values).gradient
    )
    guard problem != nil else { return norm(after) <= 1.01 * probe.tolerance * norm(before) }
    let width = rows.featureCount + 1
    return (0..<classCount).allSatisfy { label in
      let own = (label * width)..<((label + 1) * width)
      let positive = labels.count { $0 == label }
      let rarer = max(min(positive, labels.count - positive), 1)
      let wanted =
        probe.libraryTolerance * Double(rarer) / Double(labels.count) * norm(before[own])
      // This gradient is computed in single precision.
      return norm(after[own]) <= 1.1 * wanted + 1e-5 * norm(before[own])
    }
  }

  private func objective(_ cost: Double) -> LinearObjective {
    LinearObjective(
      rows: rows, labels: labels, classCount: classCount, classifier: kind, cost: cost)
  }
}

private func norm(_ values: some Sequence<Double>) -> Double {
  values.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
