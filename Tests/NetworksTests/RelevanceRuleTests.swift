import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// One layer as what it is to a relevance rule: numbers from inputs to outputs.
private struct SlowLayer {
  struct Connection {
    let input, output: Int
    let weight: Double
  }

  let network: Network
  let connections: [Connection]
  let bias: [Double]
  let image: Tensor
  var x: [Double] { image.elements.map { Double($0) } }

  /// - Parameter isDense: A linear layer; a convolution with stride, padding and groups otherwise.
  init(seed: Int, isDense: Bool) throws {
    var sketch = NetworkSketch(isDense ? [7, 1, 1] : [4, 6, 5], seed: seed)
    let groups = 1 + seed % 2
    let convolution = Convolution(
      3, stride: sketch.pick(1...2), padding: sketch.pick(0...1), groups: groups)
    if isDense {
      try sketch.add("flatten", Flatten())
      try sketch.linear("layer", outputs: 5)
    } else {
      try sketch.convolution("layer", filters: 6, convolution)
    }
    network = try sketch.network()
    image = .random(Shape([1] + network.graph.inputShape.extents), seed: seed)
    bias = try #require(network.parameters["layer.bias"]).elements.map { Double($0) }
    let weights = try #require(network.parameters["layer.weight"]).elements
    if isDense {
      connections = weights.enumerated().map { index, weight in
        Connection(input: index % 7, output: index / 7, weight: Double(weight))
      }
    } else {
      connections = Self.connections(
        convolution, weights, from: [4, 6, 5], to: sketch.shape.extents)
    }
    positions = sketch.shape.spatial.reduce(1, *)
  }

  /// Of each output map.
  private let positions: Int

  private static func connections(
    _ convolution: Convolution, _ weights: [Float], from input: [Int], to output: [Int]
  ) -> [Connection] {
    let (stride, padding) = (convolution.moves.stride[0], convolution.moves.paddingBefore[0])
    let channels = input[0] / convolution.groups
    var found: [Connection] = []
    for filter in 0..<output[1] {
      let group = filter / (output[1] / convolution.groups)
      for (row, column) in product(output[2], output[3]) {
        for channel in 0..<channels {
          for (i, j) in product(3, 3) {
            let (y, x) = (row * stride + i - padding, column * stride + j - padding)
            guard (0..<input[1]).contains(y), (0..<input[2]).contains(x) else { continue }
            found.append(
              Connection(
                input: ((group * channels + channel) * input[1] + y) * input[2] + x,
                output: (filter * output[2] + row) * output[3] + column,
                weight: Double(weights[((filter * channels + channel) * 3 + i) * 3 + j])))
          }
        }
      }
    }
    return found
  }

  private static func product(_ a: Int, _ b: Int) -> [(Int, Int)] {
    (0..<a).flatMap { first in (0..<b).map { (first, $0) } }
  }

  func bias(of output: Int) -> Double { bias[output / positions] }

  /// What the layer gives.
  var outputs: [Double] { sums(bias: { $0 }) { $0 * $1 } }

  /// Sums of contributions with a bias.
  func sums(bias part: (Double) -> Double, _ contribution: (Double, Double) -> Double) -> [Double] {
    var sums = (0..<(bias.count * positions)).map { part(bias(of: $0)) }
    for c in connections { sums[c.output] += contribution(x[c.input], c.weight) }
    return sums
  }

  /// Each output's relevance in proportion to contributions, over their sum with a bias.
  func share(
    _ relevance: [Double], bias part: (Double) -> Double = { _ in 0 }, epsilon: Double = 1e-6,
    _ contribution: (Double, Double) -> Double
  ) -> [Double] {
    let sums = sums(bias: part, contribution).map { $0 >= 0 ? $0 + epsilon : $0 - epsilon }
    var result = [Double](repeating: 0, count: image.count)
    for c in connections {
      result[c.input] += contribution(x[c.input], c.weight) * relevance[c.output] / sums[c.output]
    }
    return result
  }

  /// What the network's own rule gives.
  func found(_ rule: some BackwardRule, _ relevance: [Double]) -> [Float] {
    let recording = network.record(image)
    let shape = recording["layer"].shape
    return recording.propagate(
      Tensor(shape: shape, relevance.map { Float($0) }), from: "layer",
      by: RuleBook([.init(.named("layer"), rule)])
    ).input.elements
  }

  var relevance: [Double] {
    Tensor.random([outputs.count], seed: 5).elements.map { Double($0) }
  }
}

@Suite struct `Relevance rules` {
  private func layers(_ seed: Int) throws -> [SlowLayer] {
    [try SlowLayer(seed: seed, isDense: true), try SlowLayer(seed: seed, isDense: false)]
  }

  private func expect(_ found: [Float], _ expected: [Double]) {
    let size = expected.reduce(0) { max($0, abs($1)) }
    expectClose(found, expected, absolute: 2e-5 * size)
  }

  /// Bach et al. (2015), equation 58.
  @Test(arguments: 0..<8) func `epsilon is in proportion to x w`(seed: Int) throws {
    for layer in try layers(seed) {
      let relevance = layer.relevance
      expect(
        layer.found(EpsilonRelevance(epsilon: 0.25), relevance),
        layer.share(relevance, bias: { $0 }, epsilon: 0.25) { $0 * $1 })
    }
  }

  /// Montavon et al. (2017), section 4.3.
  @Test(arguments: 0..<8) func `z plus counts what is positive`(seed: Int) throws {
    for layer in try layers(seed) {
      let relevance = layer.relevance
      expect(
        layer.found(ZPlusRelevance(), relevance),
        layer.share(relevance, bias: { max($0, 0) }) { max($0 * $1, 0) })
    }
  }

  /// Bach et al. (2015), equation 60.
  @Test(arguments: 0..<8)
  func `alpha beta counts what is positive against what is negative`(seed: Int) throws {
    for layer in try layers(seed) {
      let relevance = layer.relevance
      let up = layer.share(relevance, bias: { max($0, 0) }) { max($0 * $1, 0) }
      let down = layer.share(relevance, bias: { min($0, 0) }) { min($0 * $1, 0) }
      expect(
        layer.found(AlphaBetaRelevance(alpha: 3, beta: 2), relevance),
        zip(up, down).map { 3 * $0 - 2 * $1 })
    }
  }

  /// Montavon et al. (2019), section 10.2.3, for both signs.
  @Test(arguments: 0..<8)
  func `gamma prefers contributions of the output's sign`(seed: Int) throws {
    for layer in try layers(seed) {
      let (relevance, z) = (layer.relevance, layer.outputs)
      let (positive, negative) = (
        zip(relevance, z).map { $1 > 0 ? $0 : 0 }, zip(relevance, z).map { $1 < 0 ? $0 : 0 }
      )
      let up = layer.share(positive, bias: { $0 + 0.25 * max($0, 0) }) {
        $0 * $1 + 0.25 * max($0 * $1, 0)
      }
      let down = layer.share(negative, bias: { $0 + 0.25 * min($0, 0) }) {
        $0 * $1 + 0.25 * min($0 * $1, 0)
      }
      // A sum near zero divides by nearly nothing, in Float and in Double.
      let found = layer.found(GammaRelevance(gamma: 0.25), relevance)
      expect(found, zip(up, down).map(+))
    }
  }

  /// Montavon et al. (2017), section 4.2.
  @Test(arguments: 0..<8) func `the box counts from its walls`(seed: Int) throws {
    for layer in try layers(seed) {
      let relevance = layer.relevance
      let channels = layer.network.graph.inputShape[0]
      let (low, high) = (
        Tensor(shape: [1, channels, 1, 1], repeating: -4),
        Tensor(shape: [1, channels, 1, 1], repeating: 5)
      )
      guard layer.image.shape[2] > 1 else { continue }
      expect(
        layer.found(BoxRelevance(low: low, high: high), relevance),
        layer.share(relevance) { $0 * $1 + 4 * max($1, 0) - 5 * min($1, 0) })
    }
  }

  @Test(arguments: 0..<8) func `flat counts all alike`(seed: Int) throws {
    for layer in try layers(seed) {
      let relevance = layer.relevance
      expect(layer.found(FlatRelevance(), relevance), layer.share(relevance) { _, _ in 1 })
    }
  }

  @Test(arguments: 0..<12)
  func `relevance is conserved where there are no biases`(seed: Int) throws {
    let network = try Network.random(seed: seed, weights: .positive)
    let pictures = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
      .map { abs($0) + 0.1 }
    let recording = network.record(pictures)
    let scores = recording.scores
    let node = network.graph.scoreName
    for rule: any BackwardRule in [
      EpsilonRelevance(), ZPlusRelevance(), GammaRelevance(),
      // Nothing here is negative, so that all of β would be missing.
      AlphaBetaRelevance(alpha: 1, beta: 0),
    ] {
      let book = RuleBook.relevance([entry(.isConvolution || .isDense, rule)])
      let back = recording.propagate(scores, from: node, by: book).input
      for row in 0..<2 {
        let (sum, expected) = (
          back.rows(row..<(row + 1)).sum(), scores.rows(row..<(row + 1)).sum()
        )
        #expect(abs(sum - expected) < 1e-3 * abs(expected), "\(rule): \(sum) of \(expected)")
      }
    }
  }

  private func entry(_ predicate: NodePredicate, _ rule: some BackwardRule) -> RuleBook.Entry {
    .init(predicate, rule)
  }

  /// Hard-swish written as a product, squeeze-and-excitation, a residual addition, a local response
  /// norm, a mean over axes, a quotient and an extreme.
  @Test(arguments: 0..<4) func `gates, sums and norms conserve relevance`(seed: Int) throws {
    var sketch = NetworkSketch([2, 8, 8], seed: seed, weights: .positive)
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.add("gate1", Activation(.hardSigmoid(alpha: 0.05, beta: 0.1)))
    try sketch.add("swish", Arithmetic(.multiply), of: ["conv1", "gate1"])
    try sketch.add(
      "norm", LocalResponseNormalization(LocalResponse(size: 3, alpha: 0.3, beta: 0.75, k: 1)))
    try sketch.add("squeeze", GlobalPool())
    try sketch.convolution("excite", filters: 4, Convolution(1))
    try sketch.add("gate2", Activation.sigmoid)
    try sketch.add("scaled", Arithmetic(.multiply), of: ["gate2", "norm"])
    try sketch.add("sum", Arithmetic(.add), of: ["scaled", "conv1"])
    try sketch.add("two", Constant(), of: [], parameters: [("two", Tensor(shape: [], [2]))])
    try sketch.add("half", Arithmetic(.divide), of: ["sum", "two"])
    try sketch.add("least", Arithmetic(.maximum), of: ["half", "two"])
    try sketch.add("mean", Reduce(.mean, axes: [2, 3], keepsAxes: false))
    try sketch.linear("fc", outputs: 3)
    let network = try sketch.network()
    let recording = network.record(Tensor.random([3, 2, 8, 8], seed: seed).map { abs($0) + 0.1 })
    let back = recording.propagate(
      recording.scores, from: "fc", by: .relevance([]), keeping: ["gate1", "gate2", "norm"])
    #expect(abs(back.input.sum() - recording.scores.sum()) < 1e-3 * abs(recording.scores.sum()))
    #expect(back["gate1"].map { $0.norm } == 0)
    #expect(back["gate2"].map { $0.norm } == 0)
    #expect(try #require(back["norm"]).norm > 0)
  }
}

@Suite struct `Node predicates` {
  private func names(_ predicate: NodePredicate, seed: Int = 1) throws -> [String] {
    let graph = try Network.random(seed: seed).graph
    return graph.nodes.filter { predicate.matches($0, in: graph) }.map(\.name)
  }

  @Test func `know types and names`() throws {
    #expect(try names(.isConvolution) == ["conv1", "a", "b", "conv3"])
    #expect(try names(.isDense || .named("conv?")) == ["conv1", "conv3", "fc"])
    #expect(try names(.isConvolution && !.named("conv*")) == ["a", "b"])
    #expect(try names(.type(Convolution.self) { $0.groups == 2 }) == ["a"])
    #expect(try names(.isRectifier) == ["relu1", "relu2", "relu3"])
  }

  @Test func `know positions`() throws {
    #expect(try names(.isFirst(among: .isConvolution)) == ["conv1"])
    #expect(try names(.isFirst(among: .named("a") || .named("b") || .isDense)) == ["a", "b"])
    #expect(try names(.isLast(among: .isConvolution)) == ["conv3"])
    #expect(try names(.isLast(among: .isConvolution || .isDense)) == ["fc"])
    // Through batch norm and ReLU to the max pool, and through a ReLU to the average.
    #expect(try names(.isBeforePooling && .isConvolution) == ["conv1", "conv3"])
  }
}
