import Analysis
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The pictures of a class` {
  /// A network of `classes` class scores, and its pictures.
  private struct Case {
    let network: Network
    let pictures: Tensor
    let labels: [Int?]
    let classes = 7

    init(seed: Int, end: (any Networks.Operation)? = nil, count: Int = 60, weight: Float = 2) throws
    {
      var sketch = NetworkSketch([3, 4, 4], seed: seed)
      try sketch.convolution("conv", filters: 6, .init(3))
      try sketch.add("relu", Activation.relu)
      try sketch.add("flat", Flatten(axis: 1))
      try sketch.linear("fc", outputs: 7)
      if let end { try sketch.add("end", end) }
      var network = try sketch.network()
      let scale = try #require(network.parameters["fc.weight"])
      network.parameters["fc.weight"] = scale.map { weight * $0 }
      self.network = network
      pictures = .random([count, 3, 4, 4], seed: seed)
      var generator = SeededGenerator(seed: UInt64(seed))
      // One in eight has no known class.
      labels = (0..<count).map { _ in
        let label = Int.random(in: 0..<8, using: &generator)
        return label < 7 ? label : nil
      }
    }

    func finding(
      layer: String = "fc", count: Int = 4, batch: Int = 7, order: [Int]? = nil,
      isLabelled: Bool = true
    ) throws -> TopActivationFinding {
      let labels = labels
      let scan = TopClassPictureScan(network, layer: layer, count: count) {
        isLabelled ? labels[$0] : nil
      }
      let order = order ?? Array(0..<pictures.shape[0])
      for start in stride(from: 0, to: order.count, by: batch) {
        let indices = Array(order[start..<min(start + batch, order.count)])
        let images = Tensor(concatenatingRows: indices.map { pictures.rows($0..<($0 + 1)) })
        scan.observe(network.record(images), pictures: indices)
      }
      return try #require(scan.finding)
    }

    /// `[picture][class]`.
    var scores: [[Double]] {
      let values = network.record(pictures)["fc"].elements.map(Double.init)
      return (0..<pictures.shape[0]).map { Array(values[$0 * classes..<($0 + 1) * classes]) }
    }

    /// Sorts all pictures, then takes the first of each class, and the class's own at last.
    func restated(
      _ unit: Int, by probabilities: [[Double]], count: Int, isLabelled: Bool = true
    ) -> [Int] {
      let order = probabilities.indices.sorted {
        (probabilities[$1][unit], $0) < (probabilities[$0][unit], $1)
      }
      guard isLabelled else { return Array(order.prefix(count)) }
      var seen: Set<Int> = []
      let best = order.filter { picture in
        labels[picture].map { seen.insert($0).inserted } ?? true
      }
      guard let own = best.first(where: { labels[$0] == unit }), !best.prefix(count).contains(own)
      else { return Array(best.prefix(count)) }
      return best.prefix(count - 1) + [own]
    }
  }

  private func softmax(_ scores: [Double]) -> [Double] {
    let sum = scores.reduce(0) { $0 + exp($1) }
    return scores.map { exp($0) / sum }
  }

  @Test(arguments: 0..<8)
  func `are those of its greatest probabilities, one of each known class`(seed: Int) throws {
    let net = try Case(seed: seed)
    let probabilities = net.scores.map(softmax)
    for (count, isLabelled) in [(4, true), (1, true), (9, true), (5, false)] {
      let finding = try net.finding(count: count, isLabelled: isLabelled)
      #expect(finding.pictureCount == 60 && finding.dead == [] && finding.units.count == 7)
      #expect(finding.classRanking?.function == .softmax)
      #expect(finding.classRanking?.labelled == (isLabelled ? net.labels.count { $0 != nil } : 0))
      for (unit, found) in finding.units.enumerated() {
        #expect(
          found.map(\.picture)
            == net.restated(unit, by: probabilities, count: count, isLabelled: isLabelled))
        for excitation in found {
          let expected = probabilities[excitation.picture][unit]
          #expect(abs(Double(excitation.probability ?? .nan) - expected) < 1e-5)
          #expect(Double(excitation.value) == net.scores[excitation.picture][unit])
        }
      }
    }
  }

  /// In the order of scores, all classes show the picture with the greatest of all.
  @Test func `are not those of another class with greater scores`() throws {
    let net = try Case(seed: 3, count: 2)
    var network = net.network
    network.parameters["fc.weight"] = Tensor(
      shape: [7, 24], [Float](repeating: 0.1, count: 24) + [Float](repeating: 0.2, count: 24 * 6))
    let recording = network.record(net.pictures)
    let scan = TopClassPictureScan(network, layer: "fc", count: 1) { _ in nil }
    scan.observe(recording, pictures: [0, 1])
    let byScore = TopActivationScan(network, layers: ["fc"], count: 1)
    byScore.observe(recording, pictures: [0, 1])
    let byProbability = try #require(scan.finding).units.map { $0[0].picture }
    let strongest = try #require(byScore.findings().first).units.map { $0[0].picture }
    #expect(Set(strongest).count == 1)
    #expect(byProbability[0] != byProbability[1] && byProbability[1] == strongest[1])
  }

  @Test(.slow, arguments: 0..<4)
  func `do not depend on batches, nor on the order of the pictures`(seed: Int) throws {
    let net = try Case(seed: seed)
    var generator = SeededGenerator(seed: UInt64(seed))
    let one = try net.finding(batch: 60).units.map { $0.map(\.picture) }
    for batch in [1, 8] {
      let order = (0..<60).shuffled(using: &generator)
      #expect(try net.finding(batch: batch, order: order).units.map { $0.map(\.picture) } == one)
    }
  }

  /// With scores so great that nearly all probabilities round to 0 or 1.
  @Test func `are told apart if their probabilities round to 0 or 1`() throws {
    let net = try Case(seed: 1, weight: 400)
    let scores = net.scores
    // The logarithm of the odds, with the greatest of the others as its reference.
    let odds = scores.map { scores in
      scores.indices.map { unit in
        let others = scores.indices.filter { $0 != unit }.map { scores[$0] }
        let greatest = others.max() ?? 0
        return scores[unit] - greatest - log(others.reduce(0) { $0 + exp($1 - greatest) })
      }
    }
    let finding = try net.finding(count: 5)
    for (unit, found) in finding.units.enumerated() {
      #expect(found.map(\.picture) == net.restated(unit, by: odds, count: 5))
    }
    #expect(finding.units.contains { $0.count { $0.probability == 1 } > 1 })
  }

  @Test func `are the same at the softmax that the network ends in, which is applied once`()
    throws
  {
    let bare = try Case(seed: 2)
    let own = try Case(seed: 2, end: Softmax(axis: 1))
    #expect(own.network.classNodes == ["fc", "end"] && bare.network.classNodes == ["fc"])
    let (scores, ends) = (try own.finding(layer: "fc"), try own.finding(layer: "end"))
    #expect(try scores.units == bare.finding().units)
    for (one, other) in zip(scores.units.joined(), ends.units.joined()) {
      #expect(one.picture == other.picture && one.probability == other.probability)
      #expect(other.value == other.probability)
    }
  }

  @Test func `are by the score if each class has a sigmoid of its own`() throws {
    let net = try Case(seed: 5, end: Activation.sigmoid)
    let finding = try net.finding()
    #expect(finding.classRanking?.function == .sigmoid)
    for (unit, found) in finding.units.enumerated() {
      #expect(found.map(\.picture) == net.restated(unit, by: net.scores, count: 4))
      for excitation in found {
        let expected = 1 / (1 + exp(-net.scores[excitation.picture][unit]))
        #expect(abs(Double(excitation.probability ?? .nan) - expected) < 1e-5)
      }
    }
  }

  @Test func `are not those whose scores are not finite`() throws {
    let net = try Case(seed: 4)
    var numbers = net.pictures.elements
    // A NaN in one score makes every probability of the picture one.
    numbers[5 * 48] = .nan
    let pictures = Tensor(shape: net.pictures.shape, numbers)
    let scan = TopClassPictureScan(net.network, layer: "fc", count: 60) { _ in nil }
    scan.observe(net.network.record(pictures), pictures: Array(0..<60))
    let finding = try #require(scan.finding)
    #expect(finding.nonFinitePictures == 1 && finding.nonFiniteUnits == Array(0..<7))
    #expect(finding.units.allSatisfy { $0.count == 59 && !$0.contains { $0.picture == 5 } })
  }
}
