import Checkpoints
import Files
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct Descent {
  private func pictures(_ shape: Shape, seed: UInt64) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return Tensor(shape: shape, (0..<shape.elementCount).map { _ in random.normal() })
  }

  /// `reference/captum/plain`, built from its description, with dropout off.
  private func plainGraph() throws -> Graph {
    let layers: [(name: String, operation: any Operation, hasWeights: Bool)] = [
      ("conv1", Convolution(7, stride: 2, padding: 3), true),
      ("relu1", Activation.relu, false),
      (
        "norm1", LocalResponseNormalization(LocalResponse(size: 5, alpha: 1e-4, beta: 0.75, k: 2)),
        false
      ),
      ("pool1", MaxPool(PoolingGeometry(window: 3, stride: 2)), false),
      ("conv2", Convolution(5, padding: 2, groups: 2), true),
      ("relu2", Activation.relu, false),
      ("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)), false),
      ("conv3", Convolution(3, padding: 1), true),
      ("relu3", Activation.relu, false),
      ("flatten", Flatten(), false),
      ("fc4", Linear(), true),
      ("relu4", Activation.relu, false),
      ("fc5", Linear(), true),
    ]
    var last = Graph.inputName
    return try Graph(
      inputShape: [3, 64, 64],
      layers.map { name, operation, hasWeights in
        defer { last = name }
        return Graph.Node(
          name, operation, inputs: [last],
          parameters: hasWeights ? ["\(name).weight", "\(name).bias"] : [])
      })
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `three steps agree with PyTorch`() throws {
    let weights = try SafeTensorsFile(
      SharedData.path("reference/captum/plain.weights.safetensors"))
    let expected = try SafeTensorsFile(
      SharedData.path("reference/captum/plain.expected.safetensors"))
    var parameters = Parameters()
    for entry in weights.entries { parameters[entry.name] = try weights.tensor(entry.name) }
    var network = try Network(graph: plainGraph(), parameters: parameters)
    var optimizer = Optimizer(OptimizerSettings(momentum: 0.9, weightDecay: 5e-4))
    let input = try expected.tensor("input")
    let labels = try expected.tensor("target").elements.map { Int($0) }
    let losses = try expected.tensor("train.losses").elements
    #expect(losses.count == 3)
    for loss in losses {
      let score = try network.descend(
        on: input, labels: labels, by: &optimizer, learningRate: 0.05, seed: 0)
      #expect(abs(score.loss - Double(loss)) <= 1e-4 * Double(loss))
      #expect(score.count == 4)
    }
    for name in network.parameters.names {
      expectClose(
        try #require(network.parameters[name]), try expected.tensor("train.after.\(name)"),
        relativeNorm: 1e-4, name)
    }
  }

  @Test func `weights change in place and running statistics follow`() throws {
    var network = try Architecture.vggSmall.blueprint(classes: 4, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    let batch = pictures([6, 3, 32, 32], seed: 2)
    let before = network.record(batch, mode: .training(seed: 3))
    let statistics = before.measuredParameters
    var optimizer = Optimizer(OptimizerSettings())
    func places(_ network: Network) -> [String: UnsafePointer<Float>?] {
      var places: [String: UnsafePointer<Float>?] = [:]
      for name in network.parameters.names where statistics[name] == nil {
        places[name] = network.parameters[name]?.withUnsafeElements { $0.baseAddress }
      }
      return places
    }
    // The recording above shares the weights, so that the first step has to copy them.
    _ = try network.descend(
      on: batch, labels: [0, 1, 2, 3, 0, 1], by: &optimizer, learningRate: 0.01, seed: 3)
    #expect(!statistics.isEmpty)
    for (name, tensor) in statistics {
      #expect(network.parameters[name]?.elements == tensor.elements, "\(name)")
    }
    let first = places(network)
    _ = try network.descend(
      on: batch, labels: [0, 1, 2, 3, 0, 1], by: &optimizer, learningRate: 0.01, seed: 4)
    #expect(places(network) == first)
    #expect(withExtendedLifetime(before) { $0.input.shape } == [6, 3, 32, 32])
  }

  @Test func `a score counts every picture once whatever the batch`() throws {
    let network = try Architecture.mlp.blueprint(classes: 3, inputShape: [1, 4, 4])
      .network(seed: 1, initialization: .he)
    let all = pictures([23, 1, 4, 4], seed: 5)
    let labels = (0..<23).map { $0 % 3 }
    let prepared = PreparedPictures(all, labels: labels)
    let expected = softmaxCrossEntropy(network.record(all).scores, labels: labels)
    for batchSize in [1, 7, 23, 100] {
      let score = try network.score(on: prepared, batchSize: batchSize)
      #expect(score.count == 23)
      #expect(score.correct == expected.correct)
      #expect(abs(score.loss - Double(expected.loss)) < 1e-5)
    }
  }

  @Test func `a label that is no class is refused`() throws {
    let network = try Architecture.mlp.blueprint(classes: 3, inputShape: [1, 4, 4])
      .network(seed: 1, initialization: .he)
    let prepared = PreparedPictures(pictures([2, 1, 4, 4], seed: 5), labels: [0, 3])
    #expect(throws: FileError(.malformed, "labels", "expected classes from 0 to 2, found 3")) {
      try network.score(on: prepared)
    }
  }
}
