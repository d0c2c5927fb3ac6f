import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `What does not hold together` {
  private func problem(
    _ node: Graph.Node, _ shapes: [String: Shape], behind: [Graph.Node] = []
  ) -> String {
    do {
      let graph = try Graph(inputShape: [3, 8, 8], behind + [node])
      _ = try inferShapes(graph, input: [1, 3, 8, 8], parameters: { shapes[$0] })
      return "nothing"
    } catch {
      return "\(error)"
    }
  }

  private func node(
    _ name: String, _ operation: any Operation, _ inputs: [String] = [Graph.inputName],
    _ parameters: [String] = []
  ) -> Graph.Node { Graph.Node(name, operation, inputs: inputs, parameters: parameters) }

  @Test func `a graph names the node and the name that is wrong`() {
    #expect(
      problem(node("sum", Arithmetic(.add), ["a"]), [:])
        == "node 'sum': reads 'a', which no earlier node produces")
    #expect(
      problem(node("one", Activation.relu), [:], behind: [node("one", Activation.relu)])
        == "node 'one': the name is taken")
    #expect(problem(node("input", Activation.relu), [:]) == "node 'input': the name is taken")
    #expect(throws: GraphError(node: "input", reason: "no node follows the input")) {
      try Graph(inputShape: [3, 8, 8], [])
    }
  }

  @Test func `a convolution names both shapes`() {
    let convolution = node("conv", Convolution(3), [Graph.inputName], ["w"])
    #expect(problem(convolution, [:]) == "node 'conv': parameter 'w' is missing")
    #expect(
      problem(convolution, ["w": [4, 2, 3, 3]])
        == "node 'conv': images [1, 3, 8, 8] and filters [4, 2, 3, 3] in 1 groups disagree on "
        + "channels")
    #expect(
      problem(convolution, ["w": [4, 3, 5, 5]])
        == "node 'conv': filters [4, 3, 5, 5] have no window of [3, 3]")
    #expect(
      problem(
        node("conv", Convolution(3), [Graph.inputName], ["w", "b"]),
        ["w": [4, 3, 3, 3], "b": [3]]) == "node 'conv': a bias of [3] does not fit 4 filters")
    #expect(
      problem(node("conv", Convolution(9), [Graph.inputName], ["w"]), ["w": [4, 3, 9, 9]])
        == "node 'conv': a window of [9, 9] does not fit into images [1, 3, 8, 8]")
  }

  @Test func `a linear layer and batch norm name both shapes`() {
    let flat = [node("flatten", Flatten())]
    #expect(
      problem(node("fc", Linear(), ["flatten"], ["w"]), ["w": [10, 100]], behind: flat)
        == "node 'fc': inputs [1, 192] and weights [10, 100] disagree on features")
    #expect(
      problem(node("fc", Linear(), [Graph.inputName], ["w"]), ["w": [10, 192]])
        == "node 'fc': inputs [1, 3, 8, 8] and weights [10, 192] disagree on features")
    #expect(
      problem(
        node("norm", BatchNormalization(), [Graph.inputName], ["g", "b", "m", "v"]),
        ["g": [3], "b": [3], "m": [4], "v": [3]])
        == "node 'norm': a parameter of [4] does not fit images [1, 3, 8, 8]")
    #expect(
      problem(node("norm", BatchNormalization()), [:])
        == "node 'norm': takes scale, shift, mean and variance, not 0")
  }

  @Test func `what joins names both inputs`() {
    let pooled = [node("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))]
    #expect(
      problem(node("sum", Arithmetic(.add), [Graph.inputName, "pool"]), [:], behind: pooled)
        == "node 'sum': inputs [1, 3, 8, 8] and [1, 3, 4, 4] do not broadcast")
    #expect(
      problem(node("both", Concatenate(), [Graph.inputName, "pool"]), [:], behind: pooled)
        == "node 'both': inputs [1, 3, 8, 8] and [1, 3, 4, 4] differ beyond their channels")
    #expect(
      problem(node("relu", Activation.relu, [Graph.inputName, Graph.inputName]), [:])
        == "node 'relu': takes one input, not 2")
    #expect(
      problem(node("pool", MaxPool(PoolingGeometry(window: 9, stride: 2))), [:])
        == "node 'pool': a window of [9, 9] does not fit into images [1, 3, 8, 8]")
  }

  @Test func `the scores lie before a closing softmax, also where it is flattened`() throws {
    func scores(_ closing: [(String, any Operation)]) throws -> String {
      var sketch = NetworkSketch([3, 8, 8], seed: 1)
      try sketch.convolution("head", filters: 4, Convolution(1))
      try sketch.add("gap", GlobalPool())
      for (name, operation) in closing { try sketch.add(name, operation) }
      let network = try sketch.network()
      #expect(network.classCount == 4)
      let recording = network.record(.random([2, 3, 8, 8], seed: 1), keeping: .only(["gap"]))
      #expect(recording.scores.elements == recording["gap"].elements)
      #expect(recording.scores.shape == [2, 4])
      return network.graph.scoreName
    }
    #expect(try scores([]) == "gap")
    #expect(try scores([("flatten", Flatten())]) == "flatten")
    #expect(try scores([("softmax", Softmax())]) == "gap")
    #expect(try scores([("flatten", Flatten()), ("softmax", Softmax())]) == "flatten")
    #expect(try scores([("softmax", Softmax()), ("flatten", Flatten())]) == "gap")
  }
}
