import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

import Training

@Suite("Parts of a batch") struct BatchParts {
  private let labels = (0..<37).map { $0 * 7 % 5 }

  private func pictures() -> Tensor { .random([37, 1, 12, 12], seed: 3) }

  /// LeNet's layers in small; with dropout where asked.
  private func network(dropout: Bool = false) throws -> Network {
    let layers: [(String, any Operation, Bool)] = [
      ("conv", Convolution(3, padding: 1), true), ("relu", Activation.relu, false),
      ("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)), false),
      ("flatten", Flatten(), false),
      ("drop", Dropout(dropout ? 0.5 : 0), false), ("fc", Linear(), true),
    ]
    var last = Graph.inputName
    let graph = try Graph(
      inputShape: [1, 12, 12],
      layers.map { name, operation, hasWeights in
        defer { last = name }
        return Graph.Node(
          name, operation, inputs: [last],
          parameters: hasWeights ? ["\(name).weight", "\(name).bias"] : [])
      })
    return try Network(
      graph: graph,
      parameters: Parameters([
        "conv.weight": .random([4, 1, 3, 3], seed: 1), "conv.bias": .random([4], seed: 2),
        "fc.weight": .random([5, 144], seed: 4), "fc.bias": .random([5], seed: 5),
      ]))
  }

  private func trained(
    steps: Int, mixup: Mixup? = nil, dropout: Bool = false, threads: () -> PartThreads
  ) throws -> (weights: [Tensor], scores: [Score]) {
    var network = try network(dropout: dropout)
    var optimizer = Optimizer(OptimizerSettings(momentum: 0.9))
    var options = DescentOptions(smoothing: 0.1, mixup: mixup)
    let scores = try (0..<steps).map { step in
      options.threads = threads()
      return try network.descend(
        on: pictures(), labels: labels, by: &optimizer, learningRate: 0.05, seed: UInt64(step),
        options)
    }
    return (network.parameters.names.compactMap { network.parameters[$0] }, scores)
  }

  @Test(arguments: [false, true])
  func `give the step of the whole batch`(isMixed: Bool) throws {
    let mixup = isMixed ? Mixup(share: 0.3, partners: (0..<37).map { ($0 + 11) % 37 }) : nil
    let divided = try trained(steps: 3, mixup: mixup) { PartThreads() }
    let together = try withSingleThread {
      try trained(steps: 3, mixup: mixup) { PartThreads() }
    }
    for (one, other) in zip(divided.weights, together.weights) {
      expectClose(one, other, relativeNorm: 1e-5)
    }
    for (one, other) in zip(divided.scores, together.scores) {
      #expect(abs(one.loss - other.loss) < 1e-5 * other.loss)
      #expect(one.correct == other.correct && one.count == 37)
    }
  }

  @Test func `give the same bits on several threads and one after the other`() throws {
    // One object tries both ways; new ones take all threads.
    let threads = PartThreads()
    let tried = try trained(steps: 12, dropout: true) { threads }
    let shared = try trained(steps: 12, dropout: true) { PartThreads() }
    #expect(tried.weights.map(\.elements) == shared.weights.map(\.elements))
    #expect(tried.scores == shared.scores)
  }

  @Test func `are for threads, and for layers that measure no batch`() throws {
    let network = try network()
    #expect(withSingleThread { network.batchParts(of: 64, learning: nil) }.isEmpty)
    #expect(network.batchParts(of: 31, learning: nil).isEmpty)
    let parts = network.batchParts(of: 37, learning: LayerRates(all: network))
    if ThreadCount.current > 1 {
      #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == 37)
      #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      #expect(parts.allSatisfy { $0.count >= 16 })
    }
    let onFixedFeatures = LayerRates(["fc.weight": 1, "fc.bias": 1], in: network)
    #expect(network.batchParts(of: 64, learning: onFixedFeatures).isEmpty)
    let normalized = try Architecture.vggSmall.blueprint(classes: 4, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    #expect(normalized.batchParts(of: 64, learning: LayerRates(all: normalized)).isEmpty)
    #expect(normalized.batchParts(of: 64, learning: nil).isEmpty == (ThreadCount.current == 1))
  }
}

@Suite("The choice of threads") struct ChoiceOfThreads {
  /// How many of `count` batches were shared if a part takes so long.
  private func shared(
    _ count: Int, _ choice: inout ThreadChoice, shared: Int, alone: Int
  ) -> Int {
    (0..<count).count { _ in
      let isShared = choice.next()
      choice.took(.milliseconds(isShared ? shared : alone), isShared: isShared)
      return isShared
    }
  }

  @Test func `is the faster way, but for trials`() {
    var choice = ThreadChoice()
    #expect(shared(1000, &choice, shared: 2, alone: 4) >= 980)
    var other = ThreadChoice()
    #expect(shared(1000, &other, shared: 4, alone: 2) <= 30)
  }

  @Test func `follows the machine`() {
    var choice = ThreadChoice()
    _ = shared(2000, &choice, shared: 2, alone: 4)
    // Busy: noticed at the latest after the longest pause.
    _ = shared(600, &choice, shared: 9, alone: 5)
    #expect(shared(200, &choice, shared: 9, alone: 5) <= 20)
    _ = shared(600, &choice, shared: 2, alone: 4)
    #expect(shared(200, &choice, shared: 2, alone: 4) >= 180)
  }
}
