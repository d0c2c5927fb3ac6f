import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Embeddings` {
  private func network() throws -> Network {
    var sketch = NetworkSketch([3, 10, 10], seed: 1)
    try sketch.convolution("conv", filters: 8, Convolution(3))
    try sketch.add("tanh", Activation.tanh)
    return try sketch.network()
  }

  private func finding(
    _ network: Network, _ images: Tensor, pooling: FeaturePooling, order: [Int]? = nil,
    batch: Int = 7, components: Int = 5, expected: Int? = nil,
    memoryLimit: Int = EmbeddingScan.memoryLimit
  ) throws -> EmbeddingFinding? {
    let scan = EmbeddingScan(
      network, layer: "tanh", pooling: pooling, expected: expected ?? images.shape[0], seed: 1,
      memoryLimit: memoryLimit)
    #expect(scan.nodes == ["tanh"])
    let order = order ?? Array(0..<images.shape[0])
    for start in stride(from: 0, to: order.count, by: batch) {
      let indices = Array(order[start..<min(start + batch, order.count)])
      let some = Tensor(concatenatingRows: indices.map { images.rows($0..<($0 + 1)) })
      scan.observe(network.record(some, keeping: .only(["tanh"])), pictures: indices)
    }
    return try scan.finding(components: components)
  }

  @Test(arguments: FeaturePooling.allCases)
  func `are the principal components of the layer's features`(pooling: FeaturePooling) throws {
    let network = try network()
    let images = Tensor.random([25, 3, 10, 10], seed: 2)
    let found = try #require(try finding(network, images, pooling: pooling))
    let maps = network.record(images)["tanh"].elements
    let features =
      pooling == .flatten
      ? Tensor(shape: [25, 512], maps)
      : Tensor(
        shape: [25, 8],
        (0..<200).map { map in
          Float(maps[(map * 64)..<(map * 64 + 64)].reduce(0) { $0 + Double($1) } / 64)
        })
    #expect(found.featureCount == features.shape[1])
    #expect(found.projectedTo == nil)
    #expect(found.pictures == Array(0..<25))
    let exact = try principalComponents(features, count: 5)
    expectClose(found.coordinates, exact.coordinates, relativeNorm: 1e-3)
    expectClose(
      found.explained.map(Float.init), exact.variances.map { $0 / exact.totalVariance },
      relative: 1e-3)
  }

  @Test func `do not depend on batches or order`() throws {
    let (network, images) = (try network(), Tensor.random([25, 3, 10, 10], seed: 2))
    let one = try #require(try finding(network, images, pooling: .mean))
    var generator = SeededGenerator(seed: 5)
    let order = (0..<25).shuffled(using: &generator)
    let other = try #require(
      try finding(network, images, pooling: .mean, order: order, batch: 4))
    #expect(other.pictures == order)
    let rows = order.map { one.coordinates.rows($0..<($0 + 1)) }
    expectClose(other.coordinates, Tensor(concatenatingRows: rows), relativeNorm: 1e-3)
  }

  @Test func `of fewer than three pictures span no plane`() throws {
    let (network, images) = (try network(), Tensor.random([2, 3, 10, 10], seed: 2))
    #expect(try finding(network, images, pooling: .mean) == nil)
    let three = Tensor.random([3, 3, 10, 10], seed: 2)
    #expect(try finding(network, three, pooling: .mean)?.coordinates.shape == [3, 2])
  }

  @Test func `of pictures that are all the same lie in one point`() throws {
    let picture = Tensor.random([1, 3, 10, 10], seed: 2)
    let same = Tensor(concatenatingRows: [picture, picture, picture, picture])
    let found = try #require(try finding(network(), same, pooling: .flatten, batch: 4))
    #expect(found.coordinates.elements.allSatisfy { abs($0) < 1e-5 })
    #expect(found.explained.allSatisfy { $0.isFinite && $0 >= 0 })
  }

  /// Pictures of four kinds that are far apart: 200 random signs preserve distances to within about
  /// √(2/200) = 10 % (Johnson and Lindenstrauss).
  @Test func `by random projection are nearly the exact ones`() throws {
    let network = try network()
    let kinds = Tensor.random([4, 3, 10, 10], seed: 3)
    let images = Tensor(
      concatenatingRows: (0..<40).map {
        kinds.rows(($0 % 4)..<($0 % 4 + 1)) + .random([1, 3, 10, 10], seed: 100 + $0) * 0.2
      })
    let exact = try #require(try finding(network, images, pooling: .flatten, components: 3))
    let near = try #require(
      try finding(
        network, images, pooling: .flatten, components: 3, expected: 2000,
        memoryLimit: 4 * 2000 * 200))
    #expect(exact.projectedTo == nil)
    #expect(near.projectedTo == 200)
    #expect(near.featureCount == 512)
    let (a, b) = (exact.coordinates.elements, near.coordinates.elements)
    for i in 0..<40 {
      for j in 0..<i where i % 4 != j % 4 {
        func distance(_ x: [Float]) -> Float {
          let differences = (0..<3).map { x[3 * i + $0] - x[3 * j + $0] }
          return differences.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        }
        #expect(abs(distance(b) / distance(a) - 1) < 0.35)
      }
    }
    let shares = [near, exact].map { $0.explained.reduce(0.0, +) }
    #expect(abs(shares[0] - shares[1]) < 0.1)
  }

  /// 512 features of many pictures: both the projections and the signs must fit.
  @Test func `by random projection hold no more than the limit`() throws {
    let images = Tensor.random([6, 3, 10, 10], seed: 3)
    for (expected, limit) in [(10, 20_000), (10_000, 1 << 20), (100, 1 << 17)] {
      let found = try #require(
        try finding(
          network(), images, pooling: .flatten, expected: expected, memoryLimit: limit))
      let rows = try #require(found.projectedTo)
      #expect(4 * rows * 512 <= limit)
      #expect(4 * rows * expected <= limit)
    }
  }
}
