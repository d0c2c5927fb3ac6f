internal import TensorCore

/// Which pictures a classifier is fitted to, and which it is tested on: rows of the features.
public struct ProbeSplit: Sendable, Hashable {
  public let training: [Int]
  public let test: [Int]

  public init(training: [Int], test: [Int]) { (self.training, self.test) = (training, test) }
}

/// Why labelled pictures cannot be split as asked.
public enum ProbeSplitError: Error, Sendable, Hashable {
  /// Fewer than two classes have pictures.
  case oneClass
  /// A class has too few pictures: how many it has, and how many it needs.
  case tooFew(label: Int, found: Int, needed: Int)
  /// A class has pictures only in the test part.
  case onlyTested(label: Int)
}

/// The pictures of a probe by class, and how they are split.
public struct ProbeSplits: Sendable {
  /// Classes that have pictures, in the data set's order.
  public let classes: [Int]
  /// The rows of each class that can be trained on, in order.
  private let training: [[Int]]
  /// The rows of each class of the data set's own test part; nil if there is none.
  private let test: [[Int]]?

  /// The number of training pictures of the class that has the fewest.
  public var fewestPerClass: Int { training.map(\.count).min() ?? 0 }

  /// - Parameters:
  ///   - labels: The class of each row, one of the data set's.
  ///   - testRows: Those of the data set's test part; nil if it has none.
  ///   - missing: Rows without features.
  /// - Throws: `.oneClass` or `.onlyTested`.
  public init(
    labels: [Int], testRows: Range<Int>? = nil, missing: Set<Int> = []
  ) throws(ProbeSplitError) {
    var (own, tested): ([Int: [Int]], [Int: [Int]]) = ([:], [:])
    for (row, label) in labels.enumerated() where !missing.contains(row) {
      if testRows?.contains(row) == true {
        tested[label, default: []].append(row)
      } else {
        own[label, default: []].append(row)
      }
    }
    let classes = own.keys.sorted()
    guard classes.count > 1 else { throw .oneClass }
    if let label = tested.keys.sorted().first(where: { own[$0] == nil }) {
      throw .onlyTested(label: label)
    }
    self.classes = classes
    training = classes.map { own[$0] ?? [] }
    test = testRows == nil ? nil : classes.map { tested[$0] ?? [] }
  }

  /// Whether the data set has a test part.
  public var hasTestPart: Bool { test != nil }

  /// The number of folds that differ: all training pictures and one test part are one fold.
  public func foldCount(perClass: Int?, folds: Int) -> Int {
    perClass == nil && hasTestPart ? 1 : folds
  }

  /// The folds of a probe.
  ///
  /// - With a number of pictures per class, each fold draws that number at random, and is tested on the
  ///   others, or on the data set's own test part (Zeiler and Fergus 2014, section 4.4).
  /// - Without one, every picture is tested once, in one of as many parts as there are folds; the
  ///   others are trained on. These parts have equal numbers of each class, up to one.
  /// - Without one, and with a test part, there is one fold.
  ///
  /// - Parameters:
  ///   - perClass: How many pictures of each class to train on; nil for all.
  ///   - testPerClass: The most pictures of each class to test on; nil for all.
  ///   - fewest: The fewest pictures of a class to train on: two, if one of them is to choose the
  ///     regularisation.
  /// - Throws: `.tooFew` for the first class with too few pictures.
  public func folds(
    perClass: Int?, folds: Int, testPerClass: Int? = nil, fewest: Int = 2, seed: UInt64
  ) throws(ProbeSplitError) -> [ProbeSplit] {
    for (label, rows) in zip(classes, training) {
      let needed =
        if let perClass { hasTestPart ? perClass : perClass + 1 } else {
          // The largest part of the rows is tested, and the fewest of the others are left.
          hasTestPart ? fewest : max(folds, Self.fewestRows(leaving: fewest, folds: folds))
        }
      guard rows.count >= needed else {
        throw .tooFew(label: label, found: rows.count, needed: needed)
      }
    }
    let count = foldCount(perClass: perClass, folds: folds)
    if perClass == nil, !hasTestPart { return parts(count, testPerClass, seed) }
    return (0..<count).map { fold in
      var (own, tested): ([Int], [Int]) = ([], [])
      for (place, rows) in training.enumerated() {
        var generator = SeededGenerator(seed: seed, path: 1, fold, place)
        let order = perClass == nil ? rows : rows.shuffled(using: &generator)
        own += order.prefix(perClass ?? order.count)
        let others = test.map { $0[place] } ?? Array(order.dropFirst(perClass ?? 0))
        tested += limited(others, testPerClass, &generator)
      }
      return ProbeSplit(training: own.sorted(), test: tested.sorted())
    }
  }

  /// How many rows a class needs so that all folds leave at least `fewest` of them.
  private static func fewestRows(leaving fewest: Int, folds: Int) -> Int {
    var rows = fewest + 1
    while rows - (rows + folds - 1) / folds < fewest { rows += 1 }
    return rows
  }

  private func limited(
    _ rows: [Int], _ most: Int?, _ generator: inout SeededGenerator
  ) -> [Int] {
    guard let most, rows.count > most else { return rows }
    return Array(rows.shuffled(using: &generator).prefix(most))
  }

  /// Every row is tested in one of the folds.
  private func parts(_ count: Int, _ testPerClass: Int?, _ seed: UInt64) -> [ProbeSplit] {
    var tested = [[[Int]]](repeating: [], count: count)
    var next = 0
    for (place, rows) in training.enumerated() {
      var generator = SeededGenerator(seed: seed, path: 0, place)
      var own = [[Int]](repeating: [], count: count)
      // Classes go on where the one before ended, so the parts are equally large, too.
      for row in rows.shuffled(using: &generator) {
        own[next % count].append(row)
        next += 1
      }
      for fold in own.indices { tested[fold].append(own[fold]) }
    }
    return tested.enumerated().map { fold, byClass in
      let all = Set(byClass.joined())
      var generator = SeededGenerator(seed: seed, path: 2, fold)
      return ProbeSplit(
        training: training.joined().filter { !all.contains($0) }.sorted(),
        test: byClass.flatMap { limited($0, testPerClass, &generator) }.sorted())
    }
  }
}

/// Splits rows into those that a classifier is fitted to while its regularisation is chosen, and
/// those that the choice is made on: a fifth of each class, but at least one.
///
/// - Parameters:
///   - labels: The class of each row.
///   - most: If there are more rows, as large a share of each class takes part.
/// - Returns: Places among the rows; the classes with a single row are only fitted.
public func validationSplit(
  labels: [Int], most: Int, seed: UInt64
) -> (fitted: [Int], held: [Int]) {
  let share = min(Double(most) / Double(max(labels.count, 1)), 1)
  var (fitted, held): ([Int], [Int]) = ([], [])
  let byClass = Dictionary(grouping: labels.indices, by: { labels[$0] })
  for label in byClass.keys.sorted() {
    var generator = SeededGenerator(seed: seed, path: 3, label)
    let rows = (byClass[label] ?? []).shuffled(using: &generator)
    let taken = rows.prefix(max(Int((Double(rows.count) * share).rounded()), 2))
    let heldCount = taken.count > 1 ? max(taken.count / 5, 1) : 0
    held += taken.prefix(heldCount)
    fitted += taken.dropFirst(heldCount)
  }
  return (fitted.sorted(), held.sorted())
}
