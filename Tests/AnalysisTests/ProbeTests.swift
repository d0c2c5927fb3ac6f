import Analysis
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// 45 pictures of 4 features and 3 classes.
private enum Synthetic {
  static let labels = (0..<45).map { $0 % 3 }
  static let features = Tensor(
    shape: [45, 4],
    (0..<180).map { index in
      let (row, column) = (index / 4, index % 4)
      return Float(
        sin(1.3 * Double(row) + 2.7 * Double(column * column)) + (column == row % 3 ? 0.8 : 0))
    })

  static func fitted(
    _ classifier: ProbeClassifier, cost: Double, library: Bool = true,
    scaling: FeatureScaling = .none
  ) -> LinearClassifier {
    var probe = LinearProbe(scaling: scaling, costs: [cost], memory: library ? .max : 0)
    (probe.tolerance, probe.libraryTolerance) = (1e-5, 1e-6)
    return probe.classifier(
      classifier, of: Array(0..<45), in: ProbeFeatures(features), labels: labels, classCount: 3,
      cost: cost)
  }

  /// The objective, in plain loops.
  static func objective(
    _ classifier: ProbeClassifier, _ model: LinearClassifier, cost: Double,
    features: Tensor = features, labels: [Int] = labels
  ) -> Double {
    let (x, d) = (features.elements.map(Double.init), features.shape[1])
    let classes = 0..<model.classCount
    var (penalty, loss) = (0.0, 0.0)
    for label in classes {
      for column in 0...d where column < d || classifier == .svm {
        penalty += pow(model.values[label * (d + 1) + column], 2)
      }
    }
    for row in labels.indices {
      let scores = classes.map { label in
        (0..<d).reduce(model.values[label * (d + 1) + d]) {
          $0 + x[row * d + $1] * model.values[label * (d + 1) + $1]
        }
      }
      switch classifier {
      case .softmax:
        loss += log(scores.reduce(0) { $0 + exp($1) }) - scores[labels[row]]
      case .svm:
        for label in classes {
          loss += pow(max(0, 1 - (label == labels[row] ? 1 : -1) * scores[label]), 2)
        }
      }
    }
    return penalty / 2 + cost * loss
  }
}

@Suite struct `Linear classifiers` {
  /// scikit-learn 1.9.1, on the same features: `LinearSVC(loss='squared_hinge', dual=False, C=C,
  /// tol=1e-10)` and `LogisticRegression(C=C, tol=1e-10)`, each with `max_iter=100000`; the values
  /// are rows of weights, each followed by its intercept.
  private static let references:
    [(classifier: ProbeClassifier, cost: Double, values: [Double], objective: Double)] = [
      (
        .svm, 0.05,
        [
          0.35062, -0.13315, -0.10046, -0.23324, -0.30596, -0.21551, 0.47623, -0.35354, 0.54271,
          -0.25429, -0.33533, -0.52367, 0.31986, -0.27437, -0.14634,
        ], 4.552545
      ),
      (
        .svm, 1,
        [
          2.59706, 1.17386, 1.41718, -1.49714, -1.71228, -0.79682, 1.2279, -1.20166, 2.31512,
          -0.17092, -1.63491, -2.5092, 0.03542, -1.18422, 0.63358,
        ], 35.979391
      ),
      (
        .softmax, 0.05,
        [
          0.22669, -0.07762, -0.11065, -0.06211, -0.01326, -0.09485, 0.25594, -0.1439, 0.09622,
          -0.00703, -0.13185, -0.17832, 0.25455, -0.0341, 0.02029,
        ], 2.25318
      ),
      (
        .softmax, 1,
        [
          1.33372, 0.16535, 0.3104, -0.8351, -0.40107, -0.38263, 1.52626, -0.96462, 1.86276,
          -0.09188, -0.95109, -1.6916, 0.65422, -1.02766, 0.49295,
        ], 29.653765
      ),
    ]

  @Test func `agree with those of scikit-learn, by liblinear and without it`() {
    for reference in Self.references {
      for library in [true, false] {
        let found = Synthetic.fitted(reference.classifier, cost: reference.cost, library: library)
        expectClose(
          found.values.map { Float($0) }, reference.values, absolute: 2e-3,
          "\(reference.classifier) \(reference.cost) \(library)")
        let objective = Synthetic.objective(reference.classifier, found, cost: reference.cost)
        #expect(abs(objective - reference.objective) < 1e-4 * reference.objective)
      }
    }
  }

  @Test(arguments: ProbeClassifier.allCases, FeatureScaling.allCases)
  func `are best: whatever is changed makes the objective worse`(
    classifier: ProbeClassifier, scaling: FeatureScaling
  ) {
    guard scaling == .none else {
      // Scaling changes what is fitted, not how: classes are still told apart.
      let probe = LinearProbe(scaling: scaling, costs: [10])
      let split = ProbeSplit(training: Array(0..<45), test: Array(0..<45))
      let fold = probe.fold(
        split, of: ProbeFeatures(Synthetic.features), labels: Synthetic.labels,
        classes: [0, 1, 2], by: [classifier])[0]
      #expect(fold.accuracy > 0.8 && fold.hasConverged && fold.searched == 0)
      return
    }
    let found = Synthetic.fitted(classifier, cost: 0.3)
    let least = Synthetic.objective(classifier, found, cost: 0.3)
    for index in found.values.indices {
      for step in [-0.05, 0.05] {
        var other = found
        other.values[index] += step
        #expect(Synthetic.objective(classifier, other, cost: 0.3) > least)
      }
    }
  }

  @Test func `score features by weights and intercepts`() {
    let model = LinearClassifier(
      classCount: 2, featureCount: 2, values: [1, 2, 0.5, -1, 0, 3])
    expectClose(
      model.scores(of: Tensor(shape: [1, 2], [4, 5])).elements, [14.5, -1], absolute: 1e-5)
  }

  @Test func `are chosen on held-out pictures, and say so`() {
    let split = ProbeSplit(training: Array(0..<30), test: Array(30..<45))
    let probe = LinearProbe(costs: [1e-6, 1, 100])
    var fits = 0
    let folds = probe.fold(
      split, of: ProbeFeatures(Synthetic.features), labels: Synthetic.labels, classes: [0, 1, 2],
      by: ProbeClassifier.allCases
    ) { fits += 1 }
    #expect(fits == 2 * probe.mostFits && folds.count == 2)
    for (classifier, fold) in zip(ProbeClassifier.allCases, folds) {
      #expect([1e-6, 1, 100].contains(fold.cost) && fold.searched == 30)
      #expect((0...1).contains(fold.accuracy))
      #expect(fold.usesLibrary == (classifier == .svm))
    }
  }

  @Test func `stand features without variance, of any size, and of zeros`() {
    var values = Synthetic.features.elements
    for row in 0..<45 {
      values[row * 4 + 3] = 7e30
      if row < 3 { for column in 0..<4 { values[row * 4 + column] = 0 } }
    }
    let features = ProbeFeatures(Tensor(shape: [45, 4], values))
    let split = ProbeSplit(training: Array(0..<40), test: Array(40..<45))
    for scaling in [FeatureScaling.standardize, .normalize] {
      let folds = LinearProbe(scaling: scaling).fold(
        split, of: features, labels: Synthetic.labels, classes: [0, 1, 2],
        by: ProbeClassifier.allCases)
      #expect(folds.allSatisfy { $0.accuracy.isFinite && $0.cost > 0 })
    }
  }

  /// 24 pictures of 4 classes, with more features than pictures.
  private func wide(_ d: Int, dependent: Bool = false) -> (features: Tensor, labels: [Int]) {
    var values = Tensor.random([24, d], seed: 7).elements
    for row in 0..<24 {
      values[row * d + row % 4] += 1.5
      guard dependent, row >= 12 else { continue }
      // Sums of others, and zeros.
      for column in 0..<d {
        values[row * d + column] =
          row < 20 ? values[(row - 12) * d + column] - 2 * values[(row - 11) * d + column] : 0
      }
    }
    return (Tensor(shape: [24, d], values), (0..<24).map { $0 % 4 })
  }

  @Test(.slow, arguments: ProbeClassifier.allCases, [(100, false), (25, false), (100, true)])
  func `of few pictures are the same in the space that these span`(
    classifier: ProbeClassifier, shape: (features: Int, isDependent: Bool)
  ) {
    let (features, labels) = wide(shape.features, dependent: shape.isDependent)
    for cost in [1e-4, 0.01, 1] {
      func fitted(memory: Int) -> LinearClassifier {
        var probe = LinearProbe(scaling: .none, costs: [cost], memory: memory)
        (probe.tolerance, probe.libraryTolerance) = (1e-6, 1e-7)
        return probe.classifier(
          classifier, of: Array(0..<24), in: ProbeFeatures(features), labels: labels,
          classCount: 4, cost: cost)
      }
      func objective(_ model: LinearClassifier) -> Double {
        Synthetic.objective(classifier, model, cost: cost, features: features, labels: labels)
      }
      // Without memory there are no coordinates.
      let (found, slow) = (fitted(memory: .max), fitted(memory: 0))
      #expect(found.featureCount == shape.features)
      #expect(abs(objective(found) - objective(slow)) < 1e-6 * objective(slow), "\(cost)")
      // The softmax's intercepts hardly change its objective if C is small.
      let width = shape.features + 1
      let weights = slow.values.indices.filter { classifier == .svm || $0 % width != width - 1 }
      let greatest = weights.reduce(0) { max($0, abs(slow.values[$1])) }
      expectClose(
        weights.map { Float(found.values[$0]) }, weights.map { slow.values[$0] },
        absolute: 1e-3 * greatest, "\(cost)")
    }
  }

  @Test func `of few pictures test and choose as those of all features do`() {
    let (features, labels) = wide(60)
    let split = ProbeSplit(training: Array(0..<16), test: Array(16..<24))
    func folds(memory: Int) -> [ProbeFold] {
      LinearProbe(memory: memory).fold(
        split, of: ProbeFeatures(features), labels: labels, classes: [0, 1, 2, 3],
        by: ProbeClassifier.allCases)
    }
    let (found, slow) = (folds(memory: .max), folds(memory: 0))
    #expect(found.map(\.accuracy) == slow.map(\.accuracy))
    #expect(found.map(\.cost) == slow.map(\.cost))
    #expect(found.allSatisfy(\.hasConverged) && slow.allSatisfy(\.hasConverged))
    #expect(found.map(\.usesLibrary) == [true, false])
    #expect(slow.map(\.usesLibrary) == [false, false])
  }

  @Test(.slow) func `of few pictures stand any size of features`() {
    for factor: Float in [1e-38, 1e-20, 1e15, 1e37] {
      let (features, labels) = wide(60)
      let scaled = ProbeFeatures(features.map { $0 * factor })
      let split = ProbeSplit(training: Array(0..<16), test: Array(16..<24))
      for scaling in FeatureScaling.allCases {
        let folds = LinearProbe(scaling: scaling).fold(
          split, of: scaled, labels: labels, classes: [0, 1, 2, 3],
          by: ProbeClassifier.allCases)
        #expect(folds.allSatisfy { $0.accuracy.isFinite && $0.cost > 0 }, "\(factor) \(scaling)")
      }
    }
  }

  @Test func `of one fold have no deviation`() {
    func fold(_ accuracy: Double) -> ProbeFold {
      ProbeFold(
        accuracy: accuracy, share: accuracy, cost: 1, isAtEnd: false, searched: 0,
        hasConverged: true, usesLibrary: true)
    }
    #expect([fold(0.5)].deviation == nil)
    let three = [fold(0.5), fold(0.6), fold(0.7)]
    #expect(abs(three.meanAccuracy - 0.6) < 1e-12)
    #expect(abs((three.deviation ?? 0) - 0.1) < 1e-12)
  }
}

@Suite struct `Folds of a probe` {
  /// Classes of different sizes: 11, 17 and 23 pictures.
  private let labels = (0..<51).map { $0 < 11 ? 2 : $0 < 28 ? 5 : 7 }

  @Test(arguments: [2, 3, 5])
  func `are disjoint, balanced and cover all pictures`(count: Int) throws {
    let splits = try ProbeSplits(labels: labels)
    #expect(splits.classes == [2, 5, 7] && !splits.hasTestPart)
    let folds = try splits.folds(perClass: nil, folds: count, seed: 1)
    #expect(folds.count == count)
    #expect(folds.flatMap(\.test).sorted() == Array(0..<51))
    for fold in folds {
      #expect(Set(fold.training).isDisjoint(with: fold.test))
      #expect((fold.training + fold.test).sorted() == Array(0..<51))
      #expect([51 / count, (51 + count - 1) / count].contains(fold.test.count))
      for (label, size) in [(2, 11), (5, 17), (7, 23)] {
        let own = fold.test.count { labels[$0] == label }
        #expect([size / count, (size + count - 1) / count].contains(own))
      }
    }
    #expect(try splits.folds(perClass: nil, folds: count, seed: 1) == folds)
    #expect(try splits.folds(perClass: nil, folds: count, seed: 2) != folds)
  }

  @Test func `draw as many pictures of each class as asked for, and test others`() throws {
    let folds = try ProbeSplits(labels: labels).folds(
      perClass: 6, folds: 4, testPerClass: 7, seed: 3)
    #expect(folds.count == 4 && Set(folds.map(\.training)).count == 4)
    for fold in folds {
      #expect(Set(fold.training).isDisjoint(with: fold.test))
      for (label, tested) in [(2, 5), (5, 7), (7, 7)] {
        #expect(fold.training.count { labels[$0] == label } == 6)
        #expect(fold.test.count { labels[$0] == label } == tested)
      }
    }
  }

  @Test func `test on the data set's own part if there is one`() throws {
    let splits = try ProbeSplits(labels: labels + [2, 5, 7, 7], testRows: 51..<55)
    #expect(splits.hasTestPart)
    let one = try splits.folds(perClass: nil, folds: 5, seed: 0)
    #expect(one == [ProbeSplit(training: Array(0..<51), test: Array(51..<55))])
    let several = try splits.folds(perClass: 11, folds: 3, seed: 0)
    #expect(several.count == 3 && several.allSatisfy { $0.test == Array(51..<55) })
    #expect(several.allSatisfy { $0.training.count == 33 && $0.training.allSatisfy { $0 < 51 } })
  }

  @Test func `leave out missing pictures`() throws {
    let splits = try ProbeSplits(labels: labels, missing: Set(0..<11))
    #expect(splits.classes == [5, 7])
    #expect(try splits.folds(perClass: nil, folds: 2, seed: 0).flatMap(\.test).count == 40)
  }

  @Test func `are refused for too few classes or pictures`() {
    #expect(throws: ProbeSplitError.oneClass) { try ProbeSplits(labels: [1, 1, 1]) }
    #expect(throws: ProbeSplitError.oneClass) { try ProbeSplits(labels: []) }
    #expect(throws: ProbeSplitError.onlyTested(label: 3)) {
      try ProbeSplits(labels: [0, 1, 3], testRows: 2..<3)
    }
    #expect(throws: ProbeSplitError.tooFew(label: 2, found: 11, needed: 12)) {
      try ProbeSplits(labels: labels).folds(perClass: 11, folds: 2, seed: 0)
    }
    #expect(throws: ProbeSplitError.tooFew(label: 0, found: 1, needed: 4)) {
      try ProbeSplits(labels: [0, 1, 1, 1, 1]).folds(perClass: nil, folds: 2, seed: 0)
    }
  }

  @Test func `hold out a fifth of each class to choose the regularisation`() {
    let labels = (0..<60).map { $0 % 3 } + [3]
    let (fitted, held) = validationSplit(labels: labels, most: .max, seed: 0)
    #expect(Set(fitted).isDisjoint(with: held) && fitted.count + held.count == 61)
    #expect(held.count == 12 && fitted.contains(60))
    let fewer = validationSplit(labels: labels, most: 30, seed: 0)
    for label in 0..<3 { #expect(fewer.held.count { labels[$0] == label } == 2) }
  }
}

@Suite struct `Features of a probe` {
  @Test(arguments: [(8, 7, 5), (100, 9, 12), (5000, 3, 3)])
  func `are means over a grid of at most 4,096 values`(channels: Int, height: Int, width: Int) {
    let maps = Tensor.random([2, channels, height, width], seed: 4)
    let found = ProbePooling.grid.features(of: maps)
    let side =
      (1...max(height, width)).last {
        channels * min($0, height) * min($0, width) <= 4096
      } ?? 1
    let (rows, columns) = (min(side, height), min(side, width))
    #expect(found.shape == [2, channels * rows * columns])
    #expect(ProbePooling.grid.featureCount(of: maps.shape) == found.shape[1])
    let x = maps.elements
    var slow: [Double] = []
    for map in 0..<(2 * channels) {
      for row in 0..<rows {
        for column in 0..<columns {
          let ys = (row * height / rows)..<(((row + 1) * height + rows - 1) / rows)
          let xs = (column * width / columns)..<(((column + 1) * width + columns - 1) / columns)
          var sum = 0.0
          for y in ys { for z in xs { sum += Double(x[(map * height + y) * width + z]) } }
          slow.append(sum / Double(ys.count * xs.count))
        }
      }
    }
    expectClose(found.elements, slow, absolute: 1e-5)
  }

  @Test func `are the means of maps, or all values`() {
    let maps = Tensor.random([3, 4, 5, 6], seed: 1)
    #expect(ProbePooling.flatten.features(of: maps).elements == maps.elements)
    let means = (0..<12).map { map in
      maps.elements[(map * 30)..<(map * 30 + 30)].reduce(0) { $0 + Double($1) } / 30
    }
    expectClose(ProbePooling.mean.features(of: maps).elements, means, absolute: 1e-5)
    #expect(ProbePooling.grid.features(of: Tensor.random([3, 9], seed: 1)).shape == [3, 9])
  }

  @Test func `know which rows are missing or not finite`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 5, Convolution(3))
    let net = try sketch.network()
    let features = ProbeFeatures(net, layer: "conv", pooling: .mean, rows: 5)
    let recording = net.record(Tensor.random([2, 3, 8, 8], seed: 1), keeping: .only(["conv"]))
    features.take(recording, rows: [4, 1])
    #expect(features.missing == [0, 2, 3])
    #expect(features.known(0..<2) == nil && features.known(4..<5) != nil)
    #expect(features.nonFinite.isEmpty)
    var values = [Float](repeating: 1, count: 12)
    (values[4], values[11]) = (.nan, -.infinity)
    #expect(ProbeFeatures(Tensor(shape: [4, 3], values)).nonFinite == [1, 3])
  }
}
