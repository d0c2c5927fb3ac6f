import Analysis
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Confusion matrices` {
  /// Labels and choices of some pictures.
  private func pairs(_ count: Int, classes: Int, seed: Int) -> [(label: Int, choice: Int)] {
    let numbers = Tensor.integers([count, 2], 0...(classes - 1), seed: seed).elements
    return (0..<count).map { (Int(numbers[2 * $0]), Int(numbers[2 * $0 + 1])) }
  }

  private func matrix(_ pairs: [(label: Int, choice: Int)], classes: Int) -> ConfusionMatrix {
    var matrix = ConfusionMatrix(classCount: classes)
    for pair in pairs { matrix.add(label: pair.label, choice: pair.choice) }
    return matrix
  }

  @Test(arguments: 0..<5) func `count every pair`(seed: Int) {
    let pairs = pairs(60, classes: 5, seed: seed)
    let matrix = matrix(pairs, classes: 5)
    for label in 0..<5 {
      for choice in 0..<5 {
        #expect(matrix[label, choice] == pairs.count { $0.label == label && $0.choice == choice })
      }
      #expect(matrix.pictures(of: label) == pairs.count { $0.label == label })
      #expect(matrix.choices(of: label) == pairs.count { $0.choice == label })
    }
    #expect(matrix.total == 60 && matrix.right == pairs.count { $0.label == $0.choice })
    #expect(matrix.accuracy == Double(matrix.right) / 60)
    #expect(matrix.entries.reduce(0) { $0 + $1.count } == 60)
    let chance = (0..<5).reduce(0.0) { sum, index in
      let labels = Double(pairs.count { $0.label == index })
      return sum + labels * Double(pairs.count { $0.choice == index }) / 3600
    }
    #expect(abs((matrix.chanceAccuracy ?? 0) - chance) < 1e-12)
  }

  @Test func `the most frequent confusions come first`() {
    let matrix = matrix(
      [(0, 1), (2, 2), (3, 1), (3, 1), (1, 0), (4, 4), (4, 4)].map { ($0.0, $0.1) }, classes: 6)
    #expect(
      matrix.confusions.map { [$0.label, $0.choice, $0.count] } == [
        [3, 1, 2], [0, 1, 1], [1, 0, 1],
      ])
    #expect(matrix.mostConfused(2) == [1, 3])
    #expect(matrix.mostConfused(3) == [0, 1, 3])
    #expect(matrix.labels == [0, 1, 2, 3, 4] && matrix.choices == [0, 1, 2, 4])
  }

  @Test func `without pictures nothing is known`() {
    let matrix = ConfusionMatrix(classCount: 3)
    #expect(matrix.accuracy == nil && matrix.chanceAccuracy == nil && matrix.entries.isEmpty)
  }

  /// As accurate as its class is frequent, which is no achievement.
  @Test func `one choice for every picture is as good as chance`() {
    let labels = [0, 0, 0, 1, 2, 2]
    let matrix = matrix(labels.map { ($0, 0) }, classes: 3)
    #expect(matrix.accuracy == 0.5 && matrix.chanceAccuracy == 0.5)
  }
}

@Suite struct `Classification of a data set` {
  /// Scores are the pictures' own numbers.
  private func identity(classes: Int) throws -> Network {
    let unit = Tensor(shape: [classes, classes]) { target in
      for index in 0..<target.count { target[index] = index % (classes + 1) == 0 ? 1 : 0 }
    }
    return try Network(
      graph: Graph(
        inputShape: [classes, 1, 1],
        [
          Graph.Node("flat", Flatten(), inputs: ["input"]),
          Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["w"]),
          Graph.Node("softmax", Softmax(), inputs: ["scores"]),
        ]), parameters: Parameters(["w": unit]))
  }

  private func finding(
    _ scores: Tensor, labels: [Int?], top: Int? = nil, mistakes: Int = 0, keepsScores: Bool = false,
    batch: Int = 7
  ) throws -> ClassificationFinding {
    let (count, classes) = (scores.shape[0], scores.shape[1])
    let network = try identity(classes: classes)
    let scan = ClassificationScan(
      network, top: top, mistakes: mistakes, keepsScores: keepsScores, label: { labels[$0] })
    #expect(scan.nodes == ["scores"])
    let pictures = scores.reshaped(to: [count, classes, 1, 1])
    for start in stride(from: 0, to: count, by: batch) {
      let range = start..<min(start + batch, count)
      scan.observe(
        network.record(pictures.rows(range), keeping: .only(scan.nodes)), pictures: Array(range))
    }
    return scan.finding
  }

  private func softmax(_ row: [Float]) -> [Double] {
    let powers = row.map { slowExp(Double($0)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  private func slowExp(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for k in 1..<60 {
      term *= x / Double(k)
      sum += term
    }
    return sum
  }

  @Test(arguments: 0..<4) func `agrees with a count by hand`(seed: Int) throws {
    let (count, classes) = (40, 8)
    let scores = Tensor.random([count, classes], seed: seed)
    let numbers = Tensor.integers([count], -1...(classes - 1), seed: seed).elements
    let labels = numbers.map { $0 < 0 ? nil : Int($0) }
    let found = try finding(scores, labels: labels, top: 3, mistakes: 5, keepsScores: true)
    let rows = (0..<count).map { row in
      Array(scores.elements[row * classes..<(row + 1) * classes])
    }
    let orders = rows.map { row in (0..<classes).sorted { row[$0] > row[$1] } }
    let labelled = (0..<count).filter { labels[$0] != nil }
    #expect(found.pictures == count && found.labelled == labelled.count)
    let right = labelled.count { orders[$0][0] == labels[$0] }
    let inFive = labelled.count { orders[$0].prefix(5).contains(labels[$0] ?? -1) }
    #expect(found.top1 == Double(right) / Double(labelled.count))
    #expect(found.top5 == Double(inFive) / Double(labelled.count))
    #expect(found.each.map { $0.choices.map(\.index) } == orders.map { Array($0.prefix(3)) })
    #expect(
      found.each.map(\.isRight)
        == labels.indices.map { index in
          labels[index].map { orders[index][0] == $0 }
        })
    for index in 0..<classes {
      #expect(found.choices[index] == orders.count { $0[0] == index })
    }
    let losses = labelled.map { ($0, -slowLog(softmax(rows[$0])[labels[$0] ?? 0])) }
    for (picture, loss) in losses {
      #expect(abs((found.each[picture].loss ?? 0) - loss) < 1e-5)
    }
    let worst = losses.filter { orders[$0.0][0] != labels[$0.0] }.sorted { $0.1 > $1.1 }
    #expect(found.mistakes.map(\.picture) == worst.prefix(5).map(\.0))
    #expect(found.scores?.elements == scores.elements)
  }

  private func slowLog(_ x: Double) -> Double {
    // Newton's method for exp(y) = x.
    var y = 0.0
    for _ in 0..<100 { y += x / slowExp(y) - 1 }
    return y
  }

  @Test func `does not depend on batches`() throws {
    let scores = Tensor.random([30, 6], seed: 1)
    let labels = (0..<30).map { $0 % 6 as Int? }
    let found = try [1, 7, 30].map {
      try finding(scores, labels: labels, top: 2, mistakes: 4, batch: $0)
    }
    for other in found.dropFirst() {
      #expect(other.confusion == found[0].confusion && other.mistakes == found[0].mistakes)
      #expect(other.each == found[0].each)
    }
  }

  @Test func `scores that are not finite are left out`() throws {
    var values = Tensor.random([4, 3], seed: 1).elements
    values[4] = .nan
    let found = try finding(Tensor(shape: [4, 3], values), labels: [0, 1, 2, 0], top: 1)
    #expect(found.leftOut == [1] && found.pictures == 3 && found.labelled == 3)
  }

  @Test func `equal scores are in the order of the classes`() throws {
    let found = try finding(Tensor(shape: [1, 4], [1, 2, 2, 2]), labels: [3], top: 4)
    #expect(found.each[0].choices.map(\.index) == [1, 2, 3, 0] && found.each[0].place == 2)
  }

  @Test func `entropy is 1 for equal scores and 0 for a certain choice`() throws {
    let found = try finding(Tensor(shape: [1, 4], repeating: 2), labels: [nil])
    #expect(abs(found.entropy - 1) < 1e-6 && found.top1 == nil && found.top5 == nil)
    #expect(try finding(Tensor(shape: [1, 3], [500, 0, 0]), labels: [nil]).entropy < 1e-6)
  }
}
