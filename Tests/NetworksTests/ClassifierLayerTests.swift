import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Classifier layers` {
  /// As a file spells a network out: pictures without their mean, a convolution, pooling, a matrix
  /// and a bias, reshaped to the number of classes and passed to a softmax.
  private func spelledOut() throws -> Network {
    let graph = try Graph(
      inputShape: [3, 8, 8],
      [
        Graph.Node("mean", Constant(), inputs: [], parameters: ["mean"]),
        Graph.Node("centred", Arithmetic(.subtract), inputs: [Graph.inputName, "mean"]),
        Graph.Node("std", Constant(), inputs: [], parameters: ["std"]),
        Graph.Node("scaled", Arithmetic(.multiply), inputs: ["centred", "std"]),
        Graph.Node("conv", Convolution(3), inputs: ["scaled"], parameters: ["w", "b"]),
        Graph.Node("gamma", Constant(), inputs: [], parameters: ["gamma"]),
        Graph.Node("gain", Arithmetic(.multiply), inputs: ["conv", "gamma"]),
        Graph.Node("relu", Activation.relu, inputs: ["gain"]),
        Graph.Node("pool", GlobalPool(.average), inputs: ["relu"]),
        Graph.Node("flat", Reshape([-1, 4]), inputs: ["pool"]),
        Graph.Node("matrix", Constant(), inputs: [], parameters: ["matrix"]),
        Graph.Node("product", MatrixProduct(), inputs: ["flat", "matrix"]),
        Graph.Node("bias", Constant(), inputs: [], parameters: ["bias"]),
        Graph.Node("sum", Arithmetic(.add), inputs: ["product", "bias"]),
        Graph.Node("scores", Reshape([-1, 5]), inputs: ["sum"]),
        Graph.Node("softmax", Softmax(axis: 1), inputs: ["scores"]),
      ])
    return try Network(
      graph: graph,
      parameters: Parameters([
        "mean": .random([1, 3, 1, 1], seed: 1), "std": .random([1, 3, 1, 1], seed: 2),
        "w": .random([4, 3, 3, 3], seed: 3), "b": .random([4], seed: 4),
        "gamma": .random([1, 4, 1, 1], seed: 5),
        "matrix": .random([4, 5], seed: 6), "bias": .random([5], seed: 7),
      ]))
  }

  @Test func `a picture's mean is no weight, a scale after a layer is`() throws {
    #expect(try spelledOut().learnedParameters == ["w", "b", "gamma", "matrix", "bias"])
  }

  @Test func `statistics are measured, not learned`() throws {
    let network = try Architecture.vggSmall.blueprint(classes: 4, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    let measured = network.measuredStatistics
    #expect(!measured.isEmpty)
    #expect(network.learnedParameters.isDisjoint(with: measured))
    #expect(network.learnedParameters.union(measured) == Set(network.parameters.names))
  }

  @Test(
    .slow,
    arguments: [
      (Architecture.lenet5, [1, 28, 28]), (.allcnn, [3, 32, 32]), (.resnet20, [3, 32, 32]),
      (.squeezenet11, [3, 64, 64]), (.alexnetSmall, [3, 64, 64]), (.mobilenetV2, [3, 32, 32]),
    ])
  func `every architecture's classifier takes other classes`(
    architecture: Architecture, input: [Int]
  ) throws {
    let blueprint = try architecture.blueprint(classes: 6, inputShape: Shape(input))
    let network = try blueprint.network(seed: 3, initialization: .he)
    let rows: [Int?] = [4, nil, 1]
    let changed = try network.classifying(rows, initialization: .he, seed: 9)
    #expect(changed.classCount == 3)
    let classifier = try network.classifier()
    let expected = try architecture.blueprint(classes: 3, inputShape: Shape(input))
    for name in changed.parameters.names {
      #expect(changed.parameters[name]?.shape == expected.parameters[name]?.shape, "\(name)")
      guard !classifier.parameters.contains(name) else { continue }
      #expect(changed.parameters[name]?.elements == network.parameters[name]?.elements, "\(name)")
    }
    // The scores of classes that were kept are the same.
    let pictures = Tensor.random(Shape([2] + input), seed: 8)
    let (before, after) = (network.record(pictures).scores, changed.record(pictures).scores)
    for picture in 0..<2 {
      for (new, old) in rows.enumerated() {
        guard let old else { continue }
        let (a, b) = (before.elements[picture * 6 + old], after.elements[picture * 3 + new])
        #expect(abs(a - b) <= 1e-4 * max(1, abs(a)))
      }
    }
  }

  @Test func `a matrix with a bias of its own is a classifier, whatever spells the classes out`()
    throws
  {
    let network = try spelledOut()
    let classifier = try network.classifier()
    #expect(classifier.node == "product")
    #expect(classifier.parameters == ["matrix", "bias"])
    let changed = try network.classifying([2, nil], initialization: .he, seed: 1)
    #expect(changed.classCount == 2)
    #expect(changed.parameters["matrix"]?.shape == [4, 2])
    let old = try #require(network.parameters["matrix"]).elements
    let new = try #require(changed.parameters["matrix"]).elements
    for row in 0..<4 { #expect(new[row * 2] == old[row * 5 + 2]) }
    let biases = try #require(network.parameters["bias"]).elements
    #expect(changed.parameters["bias"]?.elements == [biases[2], 0])
    // All rows in their own order: nothing changes.
    let same = try network.classifying(Array(0..<5), initialization: .he, seed: 1)
    for name in network.parameters.names {
      #expect(same.parameters[name]?.elements == network.parameters[name]?.elements)
    }
  }

  @Test func `scores from two branches have no classifier`() throws {
    let graph = try Graph(
      inputShape: [1, 1, 4],
      [
        Graph.Node("flat", Flatten(), inputs: [Graph.inputName]),
        Graph.Node("a", Linear(), inputs: ["flat"], parameters: ["a"]),
        Graph.Node("b", Linear(), inputs: ["flat"], parameters: ["b"]),
        Graph.Node("sum", Arithmetic(.add), inputs: ["a", "b"]),
      ])
    let network = try Network(
      graph: graph,
      parameters: Parameters(["a": .random([3, 4], seed: 1), "b": .random([3, 4], seed: 2)]))
    #expect(
      throws: GraphError(
        node: "sum",
        reason: "the class scores come from add, not from one convolution or linear layer that "
          + "could be replaced")
    ) { try network.classifier() }
  }

  @Test func `frozen batch norms use and keep their statistics`() throws {
    let network = try Architecture.vggSmall.blueprint(classes: 4, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    let norms = network.graph.nodes.filter { $0.operation is BatchNormalization }.map(\.name)
    let pictures = Tensor.random([3, 3, 32, 32], seed: 4)
    let recording = network.record(
      pictures, keeping: .forTraining, mode: .training(seed: 1), frozen: Set(norms))
    #expect(recording.measuredParameters.isEmpty)
    expectClose(recording.scores, network.record(pictures).scores, relativeNorm: 1e-5)
    let one = network.record(
      pictures, keeping: .forTraining, mode: .training(seed: 1), frozen: [norms[0]])
    #expect(one.measuredParameters.count == 2 * (norms.count - 1))
  }

  @Test func `gradients of some parameters are those of all`() throws {
    let network = try Architecture.resnet20.blueprint(classes: 3, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    let recording = network.record(
      .random([2, 3, 32, 32], seed: 5), keeping: .forTraining, mode: .training(seed: 1))
    let signal = Tensor.random([2, 3], seed: 6)
    let node = network.graph.scoreName
    let all = recording.parameterGradients(of: signal, from: node)
    for wanted in [Set(all.keys.sorted().suffix(3)), Set(all.keys.sorted().prefix(2))] {
      let some = recording.parameterGradients(of: signal, from: node, for: wanted)
      #expect(Set(some.keys) == wanted)
      for (name, gradient) in some { #expect(gradient.elements == all[name]?.elements) }
    }
  }
}
