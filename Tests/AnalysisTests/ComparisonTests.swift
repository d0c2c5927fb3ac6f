import Analysis
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// A convolution, a ReLU and class scores.
private func net(
  seed: Int, filters: Int = 6, classes: Int = 4, side: Int = 8, padding: Int = 1
) throws -> Network {
  var sketch = NetworkSketch([3, side, side], seed: seed)
  try sketch.convolution("conv", filters: filters, Convolution(3, padding: padding))
  try sketch.add("relu", Activation.relu)
  try sketch.add("flatten", Flatten())
  try sketch.linear("scores", outputs: classes)
  return try sketch.network()
}

@Suite struct `Common layers` {
  @Test func `of one architecture are all of them`() throws {
    let common = CommonLayers(try net(seed: 1), called: "a", try net(seed: 2), called: "b")
    #expect(common.names == ["conv", "relu", "flatten", "scores"])
    #expect(common.difference == nil && !common.differsInClassifierOnly)
  }

  @Test func `end where the classifiers differ`() throws {
    let common = CommonLayers(
      try net(seed: 1), called: "a", try net(seed: 2, classes: 7), called: "b")
    #expect(common.names == ["conv", "relu", "flatten"] && common.differsInClassifierOnly)
    #expect(
      common.difference
        == "layer 'scores' is linear with weights [4, 384] and [4], output [4] in 'a' and linear "
        + "with weights [7, 384] and [7], output [7] in 'b'")
  }

  @Test func `end at the first difference, with both shapes`() throws {
    let common = CommonLayers(
      try net(seed: 1), called: "a", try net(seed: 2, filters: 8), called: "b")
    #expect(common.names == [] && !common.differsInClassifierOnly)
    #expect(
      common.difference
        == "layer 'conv' is convolution with weights [6, 3, 3, 3] and [6], output [6, 8, 8] in 'a' "
        + "and convolution with weights [8, 3, 3, 3] and [8], output [8, 8, 8] in 'b'")
    let moved = CommonLayers(
      try net(seed: 1), called: "a", try net(seed: 2, padding: 0), called: "b")
    #expect(moved.difference?.contains("output [6, 6, 6] in 'b'") == true)
  }

  @Test func `name a layer that only one network has`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 6, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    let short = try sketch.network()
    let common = CommonLayers(try net(seed: 1), called: "a", short, called: "b")
    #expect(common.difference == "'a' has a layer 'flatten' that 'b' does not have")
    try sketch.add("pool", GlobalPool())
    let other = CommonLayers(try net(seed: 1), called: "a", try sketch.network(), called: "b")
    #expect(
      other.difference?.hasPrefix(
        "layer 3 is 'flatten' (flatten, output [384]) in 'a' and 'pool' (")
        == true)
    #expect(!other.differsInClassifierOnly)
  }

  @Test func `of representations are those after each step`() throws {
    let network = try net(seed: 1)
    #expect(network.representationLayers == ["relu", "scores"])
    for seed in 0..<6 {
      let random = try Network.random(seed: seed)
      let all = random.representationLayers
      #expect(all.first == "relu1" && all.last == "fc" && Set(all).count == all.count)
    }
    // Biases that an exporter wrote as sums are no steps.
    let biased = try Network(
      graph: Graph(
        inputShape: [1, 2, 2],
        [
          Graph.Node("bias", Constant(), inputs: [], parameters: ["b"]),
          Graph.Node("conv", Convolution(1), inputs: ["input"], parameters: ["w"]),
          Graph.Node("sum", Arithmetic(.add), inputs: ["conv", "bias"]),
          Graph.Node("twice", Arithmetic(.add), inputs: ["sum", "conv"]),
        ]),
      parameters: Parameters([
        "b": Tensor(shape: [1, 1, 1], [2]), "w": .random([3, 1, 1, 1], seed: 1),
      ]))
    #expect(biased.representationLayers == ["conv", "twice"])
  }

  @Test func `spread evenly keep the first and the last`() {
    #expect((0..<10).spreadToEnd(most: 4) == [0, 3, 6, 9])
    #expect((0..<3).spreadToEnd(most: 4) == [0, 1, 2])
    #expect((0..<3).spreadToEnd(most: 1) == [2] && (0..<3).spreadToEnd(most: 0) == [])
  }
}

@Suite struct `Weight distances` {
  @Test(arguments: 0..<3) func `agree with sums by hand`(seed: Int) throws {
    let (a, b) = (try net(seed: seed), try net(seed: seed + 50))
    let found = WeightDistanceAnalysis().run(
      from: a, to: b, layers: ["conv", "relu", "flatten", "scores"])
    #expect(found.map(\.layer) == ["conv", "scores"])
    for distance in found {
      let x = try #require(a.parameters["\(distance.layer).weight"])
      let y = try #require(b.parameters["\(distance.layer).weight"])
      #expect(distance.shape == x.shape.extents)
      func relative(_ x: [Float], _ y: [Float]) -> Double {
        var (difference, size) = (0.0, 0.0)
        for (p, q) in zip(x, y) {
          difference += (Double(p) - Double(q)) * (Double(p) - Double(q))
          size += Double(p) * Double(p)
        }
        return difference.squareRoot() / size.squareRoot()
      }
      let whole = try #require(distance.relative)
      #expect(abs(whole - relative(x.elements, y.elements)) < 1e-12)
      let cosine = x.dot(y) / (x.dot(x).squareRoot() * y.dot(y).squareRoot())
      #expect(abs(try #require(distance.cosine) - cosine) < 1e-12)
      #expect(distance.units.count == x.shape[0])
      for unit in 0..<x.shape[0] {
        let own = try #require(distance.units[unit])
        let expected = relative(
          x.rows(unit..<(unit + 1)).elements, y.rows(unit..<(unit + 1)).elements)
        #expect(abs(own - expected) < 1e-12)
      }
      let order = distance.mostMoved.compactMap { distance.units[$0] }
      #expect(order == order.sorted(by: >))
    }
  }

  @Test func `from a network to itself are zero`() throws {
    let network = try net(seed: 1)
    for distance in WeightDistanceAnalysis().run(
      from: network, to: network, layers: ["conv", "scores"])
    {
      #expect(distance.relative == 0 && abs((distance.cosine ?? 0) - 1) < 1e-12)
      #expect(distance.units.allSatisfy { $0 == 0 })
    }
  }

  @Test func `of twice the weights are 1 at a cosine of 1`() throws {
    let network = try net(seed: 1)
    var twice = network
    twice.parameters["conv.weight"] = network.parameters["conv.weight"]?.map { 2 * $0 }
    let found = WeightDistanceAnalysis().run(from: network, to: twice, layers: ["conv"])[0]
    #expect(abs((found.relative ?? 0) - 1) < 1e-12 && abs((found.cosine ?? 0) - 1) < 1e-12)
  }

  @Test func `from weights of zero or to weights that are not finite are unknown`() throws {
    let network = try net(seed: 1)
    var zero = network
    zero.parameters["conv.weight"] = network.parameters["conv.weight"]?.map { _ in 0 }
    let found = WeightDistanceAnalysis().run(from: zero, to: network, layers: ["conv"])[0]
    #expect(found.relative == nil && found.cosine == nil)
    var strange = network
    strange.parameters["conv.weight"]?.withUnsafeMutableElements { $0[0] = .nan }
    let other = WeightDistanceAnalysis().run(from: network, to: strange, layers: ["conv"])[0]
    #expect(other.relative == nil && other.cosine == nil)
    #expect(other.units[0] == nil && other.units[1] != nil && other.mostMoved.last == 0)
  }
}

/// Linear CKA as in Kornblith et al. 2019, equation 3: centred Gram matrices, entry by entry.
private func slowAlignment(_ x: [[Double]], _ y: [[Double]]) -> Double {
  let n = x.count
  func gram(_ rows: [[Double]]) -> [[Double]] {
    rows.map { a in rows.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
  }
  func centred(_ k: [[Double]]) -> [[Double]] {
    // H K H with H = I − 1/n.
    let means = k.map { $0.reduce(0, +) / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    return (0..<n).map { i in (0..<n).map { j in k[i][j] - means[i] - means[j] + mean } }
  }
  func independence(_ k: [[Double]], _ l: [[Double]]) -> Double {
    var sum = 0.0
    for i in 0..<n { for j in 0..<n { sum += k[i][j] * l[i][j] } }
    return sum / Double((n - 1) * (n - 1))
  }
  let (k, l) = (centred(gram(x)), centred(gram(y)))
  return independence(k, l) / (independence(k, k) * independence(l, l)).squareRoot()
}

private func matrix(_ n: Int, _ d: Int, seed: Int) -> [[Double]] {
  let values = Tensor.random([n, d], seed: seed).elements.map { Double($0) + 0.5 }
  return (0..<n).map { Array(values[($0 * d)..<(($0 + 1) * d)]) }
}

private func alignment(_ x: [[Double]], _ y: [[Double]]) -> Double {
  CentredFeatures(x.flatMap(\.self), width: x[0].count)
    .alignment(with: CentredFeatures(y.flatMap(\.self), width: y[0].count))
}

@Suite struct `Centred kernel alignment` {
  /// More pictures than features, fewer, and one of each.
  @Test(arguments: [(30, 5, 7), (6, 20, 30), (12, 40, 5), (12, 5, 40), (3, 1, 1)])
  func `agrees with Gram matrices by hand`(n: Int, p: Int, q: Int) {
    let (x, y) = (matrix(n, p, seed: 1), matrix(n, q, seed: 2))
    #expect(abs(alignment(x, y) - slowAlignment(x, y)) < 1e-10)
  }

  @Test(arguments: [(20, 6), (6, 20)]) func `with itself is 1`(n: Int, d: Int) {
    let x = matrix(n, d, seed: 3)
    #expect(abs(alignment(x, x) - 1) < 1e-12)
  }

  @Test(arguments: [(20, 6), (6, 20)], 0..<3)
  func `is not changed by permuted, turned, scaled or moved features`(
    size: (n: Int, d: Int), seed: Int
  ) {
    let (n, d) = size
    let (x, y) = (matrix(n, d, seed: seed), matrix(n, d, seed: seed + 10))
    let expected = alignment(x, y)
    var generator = SeededGenerator(seed: UInt64(seed))
    let order = (0..<d).shuffled(using: &generator)
    #expect(abs(alignment(x, y.map { row in order.map { row[$0] } }) - expected) < 1e-12)
    #expect(abs(alignment(x, y.map { $0.map { -3 * $0 + 8 } }) - expected) < 1e-12)
    // A Householder reflection I − 2 v vᵀ is orthogonal.
    let v = matrix(1, d, seed: seed + 20)[0]
    let square = v.reduce(0) { $0 + $1 * $1 }
    let turned = y.map { row in
      let along = 2 * zip(row, v).reduce(0) { $0 + $1.0 * $1.1 } / square
      return zip(row, v).map { $0 - along * $1 }
    }
    #expect(abs(alignment(x, turned) - expected) < 1e-12)
    #expect(abs(alignment(y, x) - expected) < 1e-12)
  }

  @Test func `of constant features is not a number`() {
    let x = matrix(10, 3, seed: 1)
    #expect(alignment(x, x.map { _ in [0.1, 7, -2e6] }).isNaN)
  }

  @Test func `of very large or small features is the same`() {
    let (x, y) = (matrix(10, 3, seed: 1), matrix(10, 4, seed: 2))
    let expected = alignment(x, y)
    for factor in [1e-30, 1e30] {
      #expect(abs(alignment(x, y.map { $0.map { factor * $0 } }) - expected) < 1e-10)
    }
  }
}

@Suite struct `Features of layers` {
  private func features(
    _ network: Network, _ images: Tensor, layers: [String], batch: Int = 7,
    order: [Int]? = nil, pictures: Set<Int>? = nil
  ) -> LayerFeatures {
    let scan = FeatureScan(layers: layers, pictures: pictures)
    let order = order ?? Array(0..<images.shape[0])
    for start in stride(from: 0, to: order.count, by: batch) {
      let indices = Array(order[start..<min(start + batch, order.count)])
      let some = Tensor(concatenatingRows: indices.map { images.rows($0..<($0 + 1)) })
      scan.observe(network.record(some, keeping: .only(layers)), pictures: indices)
    }
    return scan.finding
  }

  @Test func `are the means of maps and the values of others`() throws {
    let network = try net(seed: 1)
    let images = Tensor.random([10, 3, 8, 8], seed: 2)
    let found = features(network, images, layers: ["relu", "scores"])
    let recording = network.record(images)
    let maps = recording["relu"].elements
    let means = (0..<60).map { map in
      maps[(map * 64)..<(map * 64 + 64)].reduce(0) { $0 + Double($1) } / 64
    }
    expectClose(found.features[0].elements, means, absolute: 1e-5)
    #expect(found.features[1].shape == [10, 4])
    expectClose(found.features[1], recording["scores"], relativeNorm: 1e-5)
  }

  @Test func `do not depend on batches, order or the other pictures`() throws {
    let network = try net(seed: 1)
    let images = Tensor.random([10, 3, 8, 8], seed: 2)
    let wanted: Set = [1, 4, 8]
    let one = features(network, images, layers: ["relu"])
    let other = features(
      network, images, layers: ["relu"], batch: 3, order: [9, 8, 1, 0, 4, 2, 3, 5, 6, 7],
      pictures: wanted)
    #expect(Set(other.pictures) == wanted)
    let (a, b) = (one.rows(of: 0, for: wanted), other.rows(of: 0, for: wanted))
    #expect(a.count == 18 && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// The filters of one network in another order, with the weights after them.
  private func permuted(_ network: Network, _ order: [Int]) throws -> Network {
    var copy = network
    for name in ["conv.weight", "conv.bias"] {
      let tensor = try #require(network.parameters[name])
      copy.parameters[name] = Tensor(
        concatenatingRows: order.map { tensor.rows($0..<($0 + 1)) })
    }
    let weights = try #require(network.parameters["scores.weight"])
    let (classes, size) = (weights.shape[0], weights.shape[1] / order.count)
    let values = weights.elements
    var moved: [Float] = []
    for row in 0..<classes {
      for unit in order {
        let start = (row * order.count + unit) * size
        moved += values[start..<(start + size)]
      }
    }
    copy.parameters["scores.weight"] = Tensor(shape: weights.shape, moved)
    return copy
  }

  @Test(arguments: 0..<3)
  func `of permuted units are as alike as those of the same network`(seed: Int) throws {
    let network = try net(seed: seed)
    var generator = SeededGenerator(seed: UInt64(seed))
    let other = try permuted(network, (0..<6).shuffled(using: &generator))
    let images = Tensor.random([24, 3, 8, 8], seed: 2)
    let layers = ["relu", "scores"]
    let own = features(network, images, layers: layers)
    let found = try #require(
      KernelAlignmentAnalysis().run(own, features(other, images, layers: layers)))
    #expect(abs(found["relu", "relu"] ?? 0) > 1 - 1e-6)
    #expect(abs(found["scores", "scores"] ?? 0) > 1 - 1e-6)
    let same = try #require(KernelAlignmentAnalysis().run(own, own))
    #expect(zip(same.values, found.values).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(abs(same.values[0] - 1) < 1e-12 && abs(same.values[3] - 1) < 1e-12)
    #expect(found.pictures == 24 && found.mostFeatures == 6)
    let diagonal = KernelAlignmentAnalysis().sameLayers(
      own, features(other, images, layers: layers), pictures: Set(0..<24))
    #expect(diagonal == ["relu": found.values[0], "scores": found.values[3]])
    #expect(own.only(["scores"]).features[0].shape == [24, 4])
    #expect(found.rows == layers && found.columns == layers)
  }

  @Test func `that are not finite are left out on both sides`() throws {
    var values = Tensor.random([6, 3], seed: 1)
    values.withUnsafeMutableElements { $0[4] = .infinity }
    let one = LayerFeatures(
      layers: ["a"], pictures: Array(0..<6), features: [.random([6, 3], seed: 2)])
    let other = LayerFeatures(layers: ["a"], pictures: Array(0..<6), features: [values])
    #expect(other.finitePictures == [0, 2, 3, 4, 5])
    #expect(KernelAlignmentAnalysis().run(one, other)?.pictures == 5)
    #expect(KernelAlignmentAnalysis().run(one, other, pictures: [0, 2]) == nil)
  }
}

@Suite struct `Overlaps of top pictures` {
  @Test func `count common pictures once`() {
    let found = PatchOverlap(
      layer: "conv",
      [([1, 2, 3], [3, 2, 9]), ([1, 1, 4], [4, 4, 4]), ([], []), ([5], []), ([7], [7])])
    #expect(found.units.map(\.common) == [2, 1, 0, 0, 1])
    #expect(found.units.map(\.most) == [3, 2, 0, 1, 1])
    #expect(found.units.map(\.jaccard) == [0.5, 0.5, nil, 0, 1])
    #expect(found.meanJaccard == 0.5 && found.meanCommon == 1)
    #expect(PatchOverlap(layer: "conv", [([], [])]).meanJaccard == nil)
  }

  @Test func `of a network with itself are complete`() throws {
    let network = try net(seed: 1)
    let scan = TopActivationScan(network, layers: ["relu"])
    scan.observe(
      network.record(.random([20, 3, 8, 8], seed: 2), keeping: .only(scan.nodes)),
      pictures: Array(0..<20))
    let finding = scan.findings()[0]
    let found = PatchOverlap(finding, finding)
    #expect(found.units.allSatisfy { $0.jaccard == 1 && $0.common == 9 })
  }
}

@Suite struct `Changed predictions` {
  private func said(_ scores: Tensor, labels: [Int?]) throws -> [ClassifiedPicture] {
    let classes = scores.shape[1]
    let network = try Network(
      graph: Graph(
        inputShape: [classes, 1, 1], [Graph.Node("flat", Flatten(), inputs: ["input"])]),
      parameters: Parameters())
    let scan = ClassificationScan(network, top: 1, label: { labels[$0] })
    scan.observe(
      network.record(scores.reshaped(to: [scores.shape[0], classes, 1, 1])),
      pictures: Array(0..<scores.shape[0]))
    return scan.finding.each
  }

  @Test(arguments: 0..<4) func `are counted by kind`(seed: Int) throws {
    let (n, classes) = (60, 3)
    let (a, b) = (
      Tensor.random([n, classes], seed: seed), Tensor.random([n, classes], seed: seed + 9)
    )
    let labels = Tensor.integers([n], -1...(classes - 1), seed: seed).elements.map {
      $0 < 0 ? nil : Int($0)
    }
    let found = PredictionChanges(
      from: try said(a, labels: labels), to: try said(b, labels: labels))
    func best(_ scores: Tensor, _ row: Int) -> Int {
      let own = Array(scores.elements[row * classes..<(row + 1) * classes])
      return own.indices.max { own[$0] < own[$1] } ?? 0
    }
    var expected: [ChangedPrediction.Kind: [Int]] = [:]
    for row in 0..<n {
      let (before, after) = (best(a, row), best(b, row))
      guard before != after else { continue }
      var kind = ChangedPrediction.Kind.unlabelled
      if let label = labels[row] {
        kind = .wrongToOtherWrong
        if before == label { kind = .rightToWrong }
        if after == label { kind = .wrongToRight }
      }
      expected[kind, default: []].append(row)
    }
    for kind in ChangedPrediction.Kind.allCases {
      #expect(found.changed.filter { $0.kind == kind }.map(\.picture) == expected[kind] ?? [])
      #expect(found.count(kind) == expected[kind]?.count ?? 0)
    }
    #expect(found.compared == n)
  }

  @Test func `of pictures without scores in one network are not counted`() throws {
    var values = Tensor.random([4, 3], seed: 1)
    let first = try said(values, labels: [0, 1, 2, 0])
    values.withUnsafeMutableElements { $0[4] = .nan }
    let found = PredictionChanges(from: first, to: try said(values, labels: [0, 1, 2, 0]))
    #expect(found.compared == 3 && found.changed.isEmpty)
  }
}

@Suite struct `Aligned embeddings` {
  private func embedding(_ network: Network, _ images: Tensor) throws -> EmbeddingFinding {
    let scan = EmbeddingScan(
      network, layer: "scores", pooling: .mean, expected: images.shape[0], seed: 0)
    scan.observe(
      network.record(images, keeping: .only(["scores"])), pictures: Array(0..<images.shape[0]))
    return try #require(try scan.finding())
  }

  @Test func `of a network with turned features coincide`() throws {
    let network = try net(seed: 1)
    // The last layer's outputs in another order and with other signs: an orthogonal matrix.
    var turned = network
    let weights = try #require(network.parameters["scores.weight"])
    turned.parameters["scores.weight"] = Tensor(
      concatenatingRows: [2, 0, 3, 1].map { weights.rows($0..<($0 + 1)) * ($0 == 0 ? -5 : 5) })
    let images = Tensor.random([30, 3, 8, 8], seed: 3)
    let (first, second) = (try embedding(network, images), try embedding(turned, images))
    let found = try #require(try AlignedEmbedding(of: second, to: first))
    #expect(found.residual < 1e-6 && found.components == 4)
    let size = found.fixed.map { ($0 * $0).sum() }.max() ?? 0
    for (a, b) in zip(found.fixed, found.aligned) {
      #expect(((a - b) * (a - b)).sum() < 1e-5 * size)
    }
    #expect(found.pictures == Array(0..<30))
    #expect(found.explained.first > 0.999 && found.explained.second > 0.999)
  }

  @Test func `of other networks leave a residual`() throws {
    let images = Tensor.random([30, 3, 8, 8], seed: 3)
    let found = try #require(
      try AlignedEmbedding(
        of: embedding(try net(seed: 5), images), to: embedding(try net(seed: 1), images)))
    #expect(found.residual > 0.05 && found.residual < 1)
  }
}
