import Analysis
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct `Neighbour embeddings` {
  /// Clusters of scattered points, as in `Fixtures/tsne.py`.
  private func features(_ count: Int) -> Tensor {
    var values: [Float] = []
    for i in 0..<count {
      for d in 1...8 {
        let cluster: Double = cos(2.4 * Double(i % 5 * d))
        let noise: Double = sin(12.9898 * Double(i + 1) + 78.233 * Double(d)) * 43_758.5453
        values.append(Float(3 * cluster + (noise - noise.rounded(.towardZero))))
      }
    }
    return Tensor(shape: [count, 8], values)
  }

  /// The output of `Fixtures/tsne.py`. The descents of features that differ by a millionth end
  /// within 1 % of each other, those with the tree within 2 %.
  @Test(.slow, arguments: [(150, 15.0, 0.0659, 0.0670), (300, 30.0, 0.1032, 0.1090)])
  func `have the divergence that scikit-learn finds`(
    count: Int, perplexity: Double, divergence: Double, withTree: Double
  ) throws {
    let method = NeighborEmbedding(perplexity: perplexity)
    let exact = try method.run(on: features(count))
    #expect(exact.isExact && exact.coordinates.shape == [count, 2])
    #expect(abs(exact.divergence - divergence) < 0.05 * divergence, "\(exact.divergence)")
    let approximate = try method.run(on: features(count), exactLimit: 0)
    #expect(!approximate.isExact)
    #expect(
      abs(approximate.divergence - withTree) < 0.05 * withTree, "\(approximate.divergence)")
  }

  @Test(arguments: [5000, 0]) func `keep clusters together, and are the same every time`(
    exactLimit: Int
  ) throws {
    var method = NeighborEmbedding(perplexity: 8)
    method.steps = 400
    let rows = features(80)
    let found = try method.run(on: rows, exactLimit: exactLimit)
    let again = try method.run(on: rows, exactLimit: exactLimit)
    #expect(found.coordinates.elements == again.coordinates.elements)
    let points = found.coordinates.elements
    #expect(points.allSatisfy { $0.isFinite })
    func distance(_ a: Int, _ b: Int) -> Float {
      let (x, y) = (points[2 * a] - points[2 * b], points[2 * a + 1] - points[2 * b + 1])
      return x * x + y * y
    }
    let clusters = (0..<80).map { $0 % 5 }
    let right = (0..<80).count { own in
      let nearest = (0..<80).filter { $0 != own }.min { distance(own, $0) < distance(own, $1) }
      return nearest.map { clusters[$0] == clusters[own] } ?? false
    }
    #expect(right >= 78, "\(right)")
  }

  @Test func `place points that coincide`() throws {
    var method = NeighborEmbedding(perplexity: 3)
    method.steps = 60
    let rows = Tensor(
      shape: [20, 2], (0..<20).flatMap { [Float($0 / 10), Float($0 / 10)] })
    for limit in [5000, 0] {
      let found = try method.run(on: rows, exactLimit: limit)
      #expect(found.coordinates.elements.allSatisfy { $0.isFinite } && found.divergence.isFinite)
    }
  }

  @Test func `need three times as many points as the perplexity`() {
    #expect(NeighborEmbedding.fewestPoints(perplexity: 30) == 92)
    #expect([92, 91, 5, 0].map(NeighborEmbedding.usualPerplexity) == [30, 29, 1, 1])
    #expect(NeighborEmbedding.fewestPoints(perplexity: 1e300) > 1_000_000_000)
    #expect(NeighborEmbedding.affinityBytes(of: .max, perplexity: 1e300) == .max)
  }
}
