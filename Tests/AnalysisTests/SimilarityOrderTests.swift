import Analysis
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The order of similar vectors` {
  private func vectors(_ count: Int, seed: Int) -> [[Float]] {
    let numbers = Tensor.random([count, 5], seed: seed)
    return (0..<count).map { numbers.rows($0..<($0 + 1)).elements }
  }

  private func distance(_ first: [Float], _ second: [Float]) -> Double {
    func product(_ first: [Float], _ second: [Float]) -> Double {
      zip(first, second).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return 1 - product(first, second)
      / (product(first, first) * product(second, second)).squareRoot()
  }

  /// Joins the two clusters with the least mean distance of all, each turned as it is nearest.
  private func slowOrder(of vectors: [[Float]]) -> [Int] {
    var clusters = vectors.indices.map { [$0] }
    func distance(_ first: Int, _ second: Int) -> Double {
      self.distance(vectors[first], vectors[second])
    }
    while clusters.count > 1 {
      var best = (first: 0, second: 1, mean: Double.infinity)
      for first in clusters.indices {
        for second in clusters.indices.dropFirst(first + 1) {
          let distances = clusters[first].flatMap { one in
            clusters[second].map { distance(one, $0) }
          }
          let mean = distances.reduce(0, +) / Double(distances.count)
          if mean < best.mean { best = (first, second, mean) }
        }
      }
      let joined = clusters.remove(at: best.second)
      let kept = clusters[best.first]
      var nearest = (leaves: kept + joined, gap: Double.infinity)
      for head in [kept, kept.reversed()] {
        for tail in [joined, joined.reversed()] {
          let gap = distance(head[head.count - 1], tail[0])
          if gap < nearest.gap { nearest = (head + tail, gap) }
        }
      }
      clusters[best.first] = nearest.leaves
    }
    return clusters[0]
  }

  @Test(arguments: 1..<25)
  func `is that of a slow average linkage`(count: Int) {
    let vectors = vectors(count, seed: count)
    let order = SimilarityOrder(of: vectors)
    let expected = slowOrder(of: vectors)
    // Which cluster was found first decides only the direction.
    #expect(order.indices == expected || order.indices == expected.reversed())
    #expect(order.directionless == 0)
  }

  @Test(arguments: 0..<5)
  func `brings groups together that were mixed`(seed: Int) {
    let noise = vectors(30, seed: seed)
    let mixed = noise.enumerated().map { index, noise in
      noise.enumerated().map { 0.2 * $1 + ($0 == index % 3 ? 4 : 0) }
    }
    let groups = SimilarityOrder(of: mixed).indices.map { $0 % 3 }
    #expect(zip(groups, groups.dropFirst()).count { $0 != $1 } == 2)
  }

  @Test func `depends on directions, not on lengths`() {
    let vectors = vectors(12, seed: 3)
    let scaled = vectors.enumerated().map { index, vector in
      vector.map { $0 * Float(1 << index) }
    }
    #expect(SimilarityOrder(of: scaled) == SimilarityOrder(of: vectors))
  }

  @Test func `ends with vectors that have no direction`() {
    let order = SimilarityOrder(of: [[0, 0], [1, 0], [.nan, 1], [0, 1], [2, 0.1]])
    #expect(order.directionless == 2)
    #expect(order.indices.suffix(2) == [0, 2])
    #expect(Set(order.indices) == Set(0..<5))
    // 1 and 4 point in nearly the same direction.
    #expect(order.indices.firstIndex(of: 4).map { abs($0 - 1) } == 0)
    #expect(SimilarityOrder(of: []).indices.isEmpty)
    #expect(SimilarityOrder(of: [[0], [0]]).indices == [0, 1])
  }
}

@Suite struct `Clustered filters` {
  @Test func `and channels are ordered by the weights between them`() throws {
    // Filters 0 and 2 read channels 0 and 3; filter 1 reads the others.
    let weights: [Float] = [1, 0, 0, 1, 0, 1, 1, 0, 2, 0, 0, 1.9]
    var sketch = NetworkSketch([4, 2, 2], seed: 1)
    try sketch.add(
      "conv", Convolution(1), parameters: [("w", Tensor(shape: [3, 4, 1, 1], weights))])
    let finding = try FilterAnalysis().run(on: sketch.network(), layer: "conv")
    let clustering = FilterClustering(of: finding, shown: [0, 1, 2])
    #expect([[0, 2, 1], [2, 0, 1], [1, 0, 2], [1, 2, 0]].contains(clustering.filters.indices))
    let channels = clustering.channels.indices
    #expect(Set(channels.prefix(2)) == [0, 3] || Set(channels.prefix(2)) == [1, 2])
    // Of filters 0 and 2 alone, channels 1 and 2 have no weights.
    let two = FilterClustering(of: finding, shown: [0, 2])
    #expect(two.channels.directionless == 2 && two.channels.indices.suffix(2) == [1, 2])
  }
}
