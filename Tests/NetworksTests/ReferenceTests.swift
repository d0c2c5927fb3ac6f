import Checkpoints
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// The networks of the reference values from PyTorch and Captum, as their descriptions say.
private enum Reference: String, CaseIterable {
  case plain, wide

  var graph: Graph {
    get throws {
      switch self {
      case .plain: try Self.plainGraph()
      case .wide: try Self.wideGraph()
      }
    }
  }

  static func chain(
    _ layers: [(String, any Operation, [String])], inputShape: Shape
  ) throws -> Graph {
    var last = Graph.inputName
    return try Graph(
      inputShape: inputShape,
      layers.map { name, operation, parameters in
        defer { last = name }
        return Graph.Node(name, operation, inputs: [last], parameters: parameters)
      })
  }

  static func plainGraph() throws -> Graph {
    func weights(_ name: String) -> [String] { ["\(name).weight", "\(name).bias"] }
    return try chain(
      [
        ("conv1", Convolution(7, stride: 2, padding: 3), weights("conv1")),
        ("relu1", Activation.relu, []),
        (
          "norm1",
          LocalResponseNormalization(LocalResponse(size: 5, alpha: 1e-4, beta: 0.75, k: 2)), []
        ),
        ("pool1", MaxPool(PoolingGeometry(window: 3, stride: 2)), []),
        ("conv2", Convolution(5, padding: 2, groups: 2), weights("conv2")),
        ("relu2", Activation.relu, []),
        ("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)), []),
        ("conv3", Convolution(3, padding: 1), weights("conv3")),
        ("relu3", Activation.relu, []),
        ("flatten", Flatten(), []),
        ("fc4", Linear(), weights("fc4")),
        ("relu4", Activation.relu, []),
        // The reference trained with dropout off.
        ("drop4", Dropout(0), []),
        ("fc5", Linear(), weights("fc5")),
      ], inputShape: [3, 64, 64])
  }

  static func wideGraph() throws -> Graph {
    func norm(_ name: String, of input: String) -> Graph.Node {
      Graph.Node(
        name, BatchNormalization(), inputs: [input],
        parameters: ["weight", "bias", "running_mean", "running_var"].map { "\(name).\($0)" })
    }
    func node(_ name: String, _ operation: any Operation, _ inputs: String...) -> Graph.Node {
      Graph.Node(name, operation, inputs: inputs)
    }
    func convolution(
      _ name: String, _ operation: Convolution, of input: String, bias: Bool = false
    ) -> Graph.Node {
      Graph.Node(
        name, operation, inputs: [input],
        parameters: bias ? ["\(name).weight", "\(name).bias"] : ["\(name).weight"])
    }
    return try Graph(
      inputShape: [3, 64, 64],
      [
        convolution("stem", Convolution(3, stride: 2, padding: 1), of: Graph.inputName),
        norm("bn0", of: "stem"),
        node("relu0", Activation.relu, "bn0"),
        convolution("conv1", Convolution(3, padding: 2, dilation: 2), of: "relu0"),
        norm("bn1", of: "conv1"),
        node("relu1", Activation.relu, "bn1"),
        convolution("dw", Convolution(3, padding: 1, groups: 12), of: "relu1"),
        norm("bn2", of: "dw"),
        node("sum", Add(), "relu0", "bn2"),
        node("relu2", Activation.relu, "sum"),
        node("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)), "relu2"),
        convolution("a", Convolution(1), of: "pool2", bias: true),
        convolution("b", Convolution(3, padding: 1), of: "pool2", bias: true),
        node("concat", Concatenate(), "a", "b"),
        node("relu3", Activation.relu, "concat"),
        node("avg", AveragePool(PoolingGeometry(window: 2, stride: 2)), "relu3"),
        convolution("head", Convolution(1), of: "avg", bias: true),
        node("gap", GlobalPool(.average), "head"),
        node("flatten", Flatten(), "gap"),
      ])
  }

  func load() throws -> (network: Network, expected: SafeTensorsFile) {
    let weights = try SafeTensorsFile(
      SharedData.path("reference/captum/\(rawValue).weights.safetensors"))
    var parameters = Parameters()
    for entry in weights.entries { parameters[entry.name] = try weights.tensor(entry.name) }
    return (
      try Network(graph: graph, parameters: parameters),
      try SafeTensorsFile(SharedData.path("reference/captum/\(rawValue).expected.safetensors"))
    )
  }
}

@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
struct `Reference values of PyTorch and Captum` {
  @Test(arguments: Reference.allCases)
  fileprivate func `every activation agrees`(reference: Reference) throws {
    let (network, expected) = try reference.load()
    let recording = network.record(try expected.tensor("input"))
    for entry in expected.entries where entry.name.hasPrefix("act.") {
      let node = String(entry.name.dropFirst(4))
      expectClose(
        recording[node], try expected.tensor(entry.name), relativeNorm: 1e-4, node)
    }
    expectClose(recording.scores, try expected.tensor("logits"), relativeNorm: 1e-4, "logits")
  }

  @Test(arguments: Reference.allCases)
  fileprivate func `gradient, guided backpropagation and deconvnet agree`(
    reference: Reference
  ) throws {
    let (network, expected) = try reference.load()
    let targets = try expected.tensor("target").elements.map { Int($0) }
    let classes = network.classCount
    let signal = Tensor(shape: [targets.count, classes]) { signal in
      for index in 0..<signal.count {
        signal[index] = targets[index / classes] == index % classes ? 1 : 0
      }
    }
    let input = try expected.tensor("input")
    for keep in [Keep.everything, .forGradient()] {
      let recording = network.record(input, keeping: keep)
      for (name, rules) in [
        ("gradient", RuleBook.gradient), ("guided_backprop", .guidedBackpropagation),
        ("deconvnet", .deconvnet),
      ] {
        let result = recording.propagate(signal, from: network.graph.scoreName, by: rules)
        expectClose(result.input, try expected.tensor(name), relativeNorm: 1e-3, name)
      }
    }
  }

  /// SGD with learning rate 0.05, momentum 0.9, weight decay 5e-4, dropout off.
  @Test(arguments: Reference.allCases)
  fileprivate func `three training steps agree`(reference: Reference) throws {
    var (network, expected) = try reference.load()
    let (input, losses) = (try expected.tensor("input"), try expected.tensor("train.losses"))
    let targets = try expected.tensor("target").elements.map { Int($0) }
    var momenta: [String: Tensor] = [:]
    for step in 0..<3 {
      let recording = network.record(input, keeping: .forTraining, mode: .training(seed: 0))
      let loss = softmaxCrossEntropy(recording.scores, labels: targets)
      #expect(abs(loss.loss - losses.elements[step]) <= 1e-4 * abs(losses.elements[step]))
      let gradients = recording.parameterGradients(
        of: loss.gradient, from: network.graph.scoreName)
      for (name, gradient) in gradients {
        let value = try #require(network.parameters[name])
        if step == 0 {
          expectClose(
            gradient, try expected.tensor("train.grad.\(name)"), relativeNorm: 1e-3, name)
        }
        let decayed = gradient + value * 5e-4
        let momentum = momenta[name].map { $0 * 0.9 + decayed } ?? decayed
        momenta[name] = momentum
        network.parameters[name] = value - momentum * 0.05
      }
      for (name, measured) in recording.measuredParameters {
        network.parameters[name] = measured
      }
    }
    for name in network.parameters.names {
      expectClose(
        try #require(network.parameters[name]), try expected.tensor("train.after.\(name)"),
        relativeNorm: 1e-4, name)
    }
  }
}
