import Checkpoints
import Files
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing
import Training

/// What a step does besides following the gradient, each against a slow restatement.
@Suite struct `Descent options` {
  private func pictures(_ count: Int) -> Tensor { .random([count, 3, 32, 32], seed: 2) }

  private func network(_ architecture: Architecture = .vggSmall) throws -> Network {
    try architecture.blueprint(classes: 4, inputShape: [3, 32, 32], dropout: 0)
      .network(seed: 1, initialization: .he)
  }

  private let labels = [0, 1, 2, 3, 0, 1]

  /// What one step of plain descent at rate 1 subtracts: the gradients.
  private func gradients(
    of network: Network, _ options: DescentOptions = DescentOptions(), clip: Double = 0,
    labels: [Int]? = nil, on pictures: Tensor? = nil
  ) throws -> [String: [Double]] {
    var moved = network
    var optimizer = Optimizer(
      OptimizerSettings(learningRate: 1, momentum: 0, clipNorm: clip))
    _ = try moved.descend(
      on: pictures ?? self.pictures(6), labels: labels ?? self.labels, by: &optimizer,
      learningRate: 1, seed: 3, options)
    var steps: [String: [Double]] = [:]
    for name in network.learnedParameters {
      let (before, after) = (
        try #require(network.parameters[name]).elements,
        try #require(moved.parameters[name]).elements
      )
      steps[name] = zip(before, after).map { Double($0) - Double($1) }
    }
    return steps
  }

  private func norm(_ gradients: [String: [Double]]) -> Double {
    gradients.values.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test func `gradients are scaled to a norm, all by the same factor`() throws {
    let network = try network(.lenet5)
    let plain = try gradients(of: network)
    let length = norm(plain)
    let clipped = try gradients(of: network, clip: length / 4)
    for (name, gradient) in plain {
      expectClose(
        (clipped[name] ?? []).map(Float.init), gradient.map { $0 / 4 }, relative: 1e-3,
        absolute: 1e-6, name)
    }
    let loose = try gradients(of: network, clip: length * 2)
    for (name, gradient) in plain { #expect(loose[name] == gradient) }
  }

  @Test func `mixed pictures have the gradient of mixed labels`() throws {
    let network = try network(.lenet5)
    let mixup = Mixup(share: 0.7, partners: [3, 0, 5, 1, 4, 2])
    let plain = pictures(6)
    var elements = plain.elements
    let width = elements.count / 6
    let source = elements
    for (slot, partner) in mixup.partners.enumerated() {
      for index in 0..<width {
        elements[slot * width + index] =
          0.7 * source[slot * width + index] + 0.3 * source[partner * width + index]
      }
    }
    let mixed = Tensor(shape: plain.shape, elements)
    let own = try gradients(of: network, on: mixed)
    let other = try gradients(
      of: network, labels: mixup.partners.map { labels[$0] }, on: mixed)
    let found = try gradients(of: network, DescentOptions(mixup: mixup))
    for (name, gradient) in found {
      let expected = zip(own[name] ?? [], other[name] ?? []).map { 0.7 * $0 + 0.3 * $1 }
      expectClose(gradient.map(Float.init), expected, relative: 1e-3, absolute: 1e-6, name)
    }
  }

  @Test func `shares of a mixture have the moments of the beta distribution`() {
    for alpha in [0.2, 1, 3] {
      var random = SeededGenerator(seed: 4)
      let shares = (0..<20_000).map { _ in
        Double(Mixup(alpha: alpha, count: 3, random: &random).share)
      }
      let mean = shares.reduce(0, +) / Double(shares.count)
      let variance =
        shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)
      #expect(abs(mean - 0.5) < 0.01, "\(alpha)")
      #expect(abs(variance - 1 / (4 * (2 * alpha + 1))) < 0.004, "\(alpha)")
      #expect(shares.allSatisfy { (0...1).contains($0) })
    }
    var random = SeededGenerator(seed: 5)
    let tiny = Mixup(alpha: 1e-300, count: 7, random: &random)
    #expect(tiny.share == 0 || tiny.share == 1)
    #expect(tiny.partners.sorted() == Array(0..<7))
  }

  @Test func `filters whose root mean square is too great are scaled to it`() throws {
    var network = try network()
    let radius = 0.05
    var free = network
    var settings = OptimizerSettings(momentum: 0)
    var optimizer = Optimizer(settings)
    _ = try free.descend(
      on: pictures(6), labels: labels, by: &optimizer, learningRate: 0.1, seed: 3)
    settings.filterRadius = radius
    var limited = Optimizer(settings)
    _ = try network.descend(
      on: pictures(6), labels: labels, by: &limited, learningRate: 0.1, seed: 3)
    var (scaled, kept) = (0, 0)
    for node in network.graph.nodes {
      for name in node.parameters {
        let (free, found) = (
          try #require(free.parameters[name]), try #require(network.parameters[name])
        )
        guard node.operation is Convolution, name == node.parameters[0] else {
          #expect(found.elements == free.elements, "\(name)")
          continue
        }
        let width = free.count / free.shape[0]
        for row in 0..<free.shape[0] {
          let range = (row * width)..<((row + 1) * width)
          let filter = free.elements[range].map(Double.init)
          let size = (filter.reduce(0) { $0 + $1 * $1 } / Double(width)).squareRoot()
          let factor = size > radius ? radius / size : 1
          if factor < 1 { scaled += 1 } else { kept += 1 }
          expectClose(
            Array(found.elements[range]), filter.map { $0 * factor }, relative: 1e-5,
            absolute: 1e-8, name)
        }
      }
    }
    #expect(scaled > 0 && kept > 0)
  }

  @Test func `frozen weights and statistics do not change by a bit`() throws {
    var network = try network()
    let norms = network.graph.nodes.filter { $0.operation is BatchNormalization }
    let before = network
    let frozen = Set(
      network.graph.nodes.prefix { $0.name != norms[1].name }.flatMap(\.parameters)
        + norms[1].parameters)
    let rates = LayerRates(
      Dictionary(
        uniqueKeysWithValues: network.learnedParameters.subtracting(frozen).map { ($0, 1.0) }),
      in: network)
    #expect(rates.frozenNodes == Set(norms.prefix(2).map(\.name)))
    var optimizer = Optimizer(
      OptimizerSettings(
        name: .adamw, learningRate: 0.1, weightDecay: 0.1, clipNorm: 1, filterRadius: 0.01))
    for seed in 0..<3 {
      _ = try network.descend(
        on: pictures(6), labels: labels, by: &optimizer, learningRate: 0.1, seed: UInt64(seed),
        DescentOptions(rates: rates))
    }
    for name in network.parameters.names {
      let isSame = network.parameters[name]?.elements == before.parameters[name]?.elements
      #expect(isSame == frozen.contains(name), "\(name)")
    }
  }

  @Test func `a factor scales a parameter's step and no other`() throws {
    let start = try network(.lenet5)
    func moved(_ factors: [String: Double]) throws -> Network {
      var network = start
      var optimizer = Optimizer(OptimizerSettings(momentum: 0))
      _ = try network.descend(
        on: pictures(6), labels: labels, by: &optimizer, learningRate: 0.1, seed: 1,
        DescentOptions(rates: LayerRates(factors, in: start)))
      return network
    }
    let all = Dictionary(uniqueKeysWithValues: start.learnedParameters.map { ($0, 1.0) })
    let name = try #require(all.keys.sorted().first)
    let (full, slow) = (try moved(all), try moved(all.merging([name: 0.25]) { $1 }))
    for parameter in all.keys {
      let begin = try #require(start.parameters[parameter]).elements
      let expected = zip(begin, try #require(full.parameters[parameter]).elements).map {
        Double($0) + (parameter == name ? 0.25 : 1) * (Double($1) - Double($0))
      }
      expectClose(
        try #require(slow.parameters[parameter]).elements, expected, relative: 1e-5,
        absolute: 1e-7, parameter)
    }
  }

  @Test func `Adam counts the steps of a parameter that learns later from its own first one`() {
    let settings = OptimizerSettings(name: .adam, learningRate: 0.1)
    let gradient = Tensor(shape: [2], [1, -2])
    var (late, early) = (Optimizer(settings), Optimizer(settings))
    var (a, b) = (
      ["x": Tensor(shape: [2], repeating: 0), "y": Tensor(shape: [2], repeating: 0)],
      ["y": Tensor(shape: [2], repeating: 0)]
    )
    for _ in 0..<3 { late.update(&a, along: ["x": gradient], learningRate: 0.1) }
    for _ in 0..<2 {
      late.update(&a, along: ["x": gradient, "y": gradient], learningRate: 0.1)
      early.update(&b, along: ["y": gradient], learningRate: 0.1)
    }
    #expect(a["y"]?.elements == b["y"]?.elements)
    #expect(late.lateStarts == ["y": 3])
  }

  @Test func `an average follows its formula`() throws {
    var average = WeightAverage(decay: 0.9)
    var expected: Double?
    for step in 1...30 {
      let weight = Float(step * step % 7)
      average.update(["w"], of: Parameters(["w": Tensor(shape: [1], [weight])]), step: step)
      let decay = min(0.9, Double(1 + step) / Double(10 + step))
      expected = expected.map { decay * $0 + (1 - decay) * Double(weight) } ?? Double(weight)
      expectClose(
        try #require(average.tensors["w"]).elements, [try #require(expected)], relative: 1e-5)
    }
  }

  @Test func `a gradient that is not finite is named, and nothing changes`() throws {
    let graph = try Graph(
      inputShape: [1, 1, 1],
      [
        Graph.Node("flat", Flatten(), inputs: [Graph.inputName]),
        Graph.Node("hidden", Linear(), inputs: ["flat"], parameters: ["w1", "b1"]),
        Graph.Node("relu", Activation.relu, inputs: ["hidden"]),
        Graph.Node("scores", Linear(), inputs: ["relu"], parameters: ["w2", "b2"]),
      ])
    var network = try Network(
      graph: graph,
      parameters: Parameters([
        "w1": Tensor(shape: [1, 1], [0]), "b1": Tensor(shape: [1], [1]),
        "w2": Tensor(shape: [2, 1], [10, -10]), "b2": Tensor(shape: [2], [0, 0]),
      ]))
    let before = network
    var optimizer = Optimizer(OptimizerSettings())
    #expect(throws: NonFiniteStep.gradient(parameter: "w1", node: "hidden")) {
      // The hidden unit is 1 whatever the pixel is, but its weight's gradient is 20 times as great.
      try network.descend(
        on: Tensor(shape: [1, 1, 1, 1], [3e38]), labels: [1], by: &optimizer, learningRate: 0.1,
        seed: 0)
    }
    #expect(throws: NonFiniteStep.loss) {
      try network.descend(
        on: Tensor(shape: [1, 1, 1, 1], [.nan]), labels: [1], by: &optimizer, learningRate: 0.1,
        seed: 0)
    }
    #expect(optimizer.steps == 0)
    for name in before.parameters.names {
      #expect(network.parameters[name]?.elements == before.parameters[name]?.elements)
    }
  }
}
