import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// An architecture with uninitialized weights, for the smallest pictures that it takes.
private func blank(_ architecture: Architecture, _ inputShape: Shape) throws -> Network {
  let blueprint = try architecture.blueprint(classes: 2, inputShape: inputShape)
  let zeros = blueprint.parameters.mapValues { Tensor(shape: $0.shape, repeating: 0) }
  return try Network(graph: blueprint.graph, parameters: Parameters(zeros))
}

@Suite struct `Layers by name` {
  private func problem(_ patterns: [String], _ network: Network) -> String {
    do {
      return "\(try network.layers(matching: patterns))"
    } catch {
      return "\(error)"
    }
  }

  @Test func `match patterns, in the order they run`() throws {
    let network = try blank(.lenet5, [1, 28, 28])
    func matching(_ patterns: String...) throws -> [String] {
      try network.layers(matching: patterns)
    }
    #expect(try matching("conv2", "conv1") == ["conv1", "conv2"])
    #expect(try matching("conv*") == ["conv1", "conv2"])
    #expect(try matching("c*1", "*c5") == ["conv1", "fc5"])
    #expect(try matching("?c?") == ["fc3", "fc4", "fc5"])
    #expect(try matching("*") == network.graph.nodes.map(\.name))
    #expect(try matching("*o*1") == ["conv1", "pool1"])
    #expect(problem(["conv"], network).hasPrefix("no layer 'conv'"))
    #expect(problem(["?"], network).hasPrefix("no layer '?'"))
  }

  /// A search that tries every way to match the name to the stars would never finish.
  @Test(.timeLimit(.minutes(1))) func `take no longer for many stars`() throws {
    let name = String(repeating: "a", count: 60)
    var sketch = NetworkSketch([1, 2, 2], seed: 1)
    try sketch.add(name, Activation.relu)
    let pattern = String(repeating: "*a", count: 25)
    #expect(try sketch.network().layers(matching: [pattern]) == [name])
    #expect(throws: SelectionError.self) { try sketch.network().layers(matching: [pattern + "b"]) }
  }

  @Test func `suggest the nearest names, or say which there are`() throws {
    let network = try blank(.alexnet, [3, 64, 64])
    #expect(
      problem(["features.99"], network)
        == "no layer 'features.99'; did you mean 'features.9', 'features.0', 'features.1'?")
    #expect(
      problem(["CLASSIFIER.6x"], network)
        == "no layer 'CLASSIFIER.6x'; did you mean 'classifier.6', 'classifier.0', "
        + "'classifier.1'?")
    #expect(
      problem(["qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"], network)
        == "no layer 'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq'; there are "
        + network.graph.nodes.prefix(20).map { "'\($0.name)'" }.joined(separator: ", ") + ", …")
    #expect(
      problem(["conv1", "cov2"], try blank(.lenet5, [1, 28, 28]))
        == "no layer 'cov2'; did you mean 'conv2', 'conv1'?")
  }
}

@Suite struct `Layers by what they do` {
  @Test func `AlexNet's are its five rectified convolutions`() throws {
    let network = try blank(.alexnet, [3, 64, 64])
    #expect(
      network.featureLayers()
        == ["features.1", "features.4", "features.7", "features.9", "features.11"])
    #expect(network.featureLayers(most: 2) == ["features.1", "features.11"])
    #expect(network.penultimateLayer == "classifier.5")
    #expect(network.rectified("features.0") == "features.1")
    #expect(network.rectified("features.12") == "features.12")
    #expect(network.origin(of: "features.4") == "features.3")
    #expect(network.origin(of: "features.5") == "features.5")
    #expect(network.unitCount("features.5") == 192)
    #expect(network.unitCount("nothing") == 0)
  }

  @Test func `with batch norm they lie behind it, spread from first to last`() throws {
    let network = try blank(.vgg16BatchNorm, [3, 32, 32])
    #expect(
      network.featureLayers()
        == ["features.2", "features.12", "features.22", "features.32", "features.42"])
    #expect(network.rectified("features.0") == "features.2")
    #expect(network.origin(of: "features.42") == "features.40")
    #expect(network.penultimateLayer == "classifier.4")
  }

  @Test func `without linear layers the scores come from the last convolution's input`() throws {
    let network = try blank(.allcnn, [3, 32, 32])
    #expect(network.penultimateLayer == "relu8")
    #expect(try blank(.lenet5, [1, 28, 28]).penultimateLayer == "relu4")
    #expect(try blank(.alexnetSmall, [3, 64, 64]).penultimateLayer == "relu5")
  }

  @Test func `of a network without class scores the last maps are the last hidden layer`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    for name in ["conv1", "conv2"] {
      try sketch.convolution(name, filters: 4, Convolution(3, padding: 1))
      try sketch.add("relu\(name.last!)", Activation.relu)
    }
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    #expect(try sketch.network().penultimateLayer == "pool")
    try sketch.add("drop", Dropout(0.5))
    #expect(try sketch.network().penultimateLayer == "pool")
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `in a graph with branches`() throws {
    let network = try ReferenceNetwork.wide.load().network
    #expect(network.featureLayers() == ["relu0", "relu2", "relu3"])
    #expect(network.penultimateLayer == "avg")
    // The normalized values are added to others before the ReLU.
    #expect(network.rectified("dw") == "dw")
    #expect(network.origin(of: "relu1") == "conv1")
    #expect(network.origin(of: "relu2") == "sum")
  }

  @Test func `a large network shows its first convolution and the end of each stage`() throws {
    let network = try blank(.resnet18, [3, 64, 64])
    #expect(
      network.galleryLayers() == [
        UsualLayer(name: "relu", reason: "first convolution"),
        UsualLayer(name: "layer1.1.relu2", reason: "end of the 16×16 stage"),
        UsualLayer(name: "layer2.1.relu2", reason: "end of the 8×8 stage"),
        UsualLayer(name: "layer3.1.relu2", reason: "end of the 4×4 stage"),
        UsualLayer(name: "layer4.1.relu2", reason: "end of the 2×2 stage, the last maps"),
        UsualLayer(name: "fc", reason: "class scores, before softmax"),
      ])
  }

  @Test func `maps of class scores are no stage`() throws {
    // conv9 has one map per class, of which only the mean is used.
    let network = try blank(.squeezenet11, [3, 64, 64])
    #expect(network.hasClassScores)
    #expect(network.featureLayers().last?.hasPrefix("features.12") == true)
    #expect(!network.featureLayers().contains { $0.hasPrefix("classifier") })
  }

  @Test func `axes that have changed places are no maps`() throws {
    let network = try blank(.convnextTiny, [3, 64, 64])
    let sizes = network.featureLayers().compactMap { network.shapes[$0]?.spatial }
    #expect(sizes.map { $0[0] } == sizes.map { $0[1] })
    #expect(sizes.last == [2, 2])
  }

  @Test func `a network that ends in maps has no class scores`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 4, Convolution(3))
    #expect(try !sketch.network().hasClassScores)
    #expect(try sketch.network().galleryLayers().map(\.name) == ["conv"])
  }
}
