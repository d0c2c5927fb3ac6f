import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `What turns scores into probabilities` {
  private func network(
    outputs: Int, _ closing: [(String, any Operation)] = []
  ) throws -> Network {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("head", filters: outputs, Convolution(1))
    try sketch.add("gap", GlobalPool())
    try sketch.add("flat", Flatten())
    for (name, operation) in closing { try sketch.add(name, operation) }
    return try sketch.network()
  }

  @Test(arguments: [Softmax() as any Operation, LogSoftmax()], [1, 4])
  func `a final softmax, or its logarithm, does`(operation: any Operation, outputs: Int) throws {
    let network = try network(outputs: outputs, [("end", operation)])
    #expect(network.probabilityFunction == .softmax && network.graph.scoreName == "flat")
  }

  @Test(arguments: [1, 2, 5]) func `a final sigmoid does for each class`(outputs: Int) throws {
    let network = try network(outputs: outputs, [("end", Activation.sigmoid)])
    #expect(network.probabilityFunction == .sigmoid && network.graph.scoreName == "flat")
    #expect(network.classCount == outputs)
    let recording = network.record(.random([3, 3, 8, 8], seed: 2), keeping: .only(["flat"]))
    #expect(recording.scores.elements == recording["flat"].elements)
  }

  @Test func `a sigmoid is also found before dropout and before one output loses its axis`() throws
  {
    let dropout = try network(outputs: 3, [("end", Activation.sigmoid), ("drop", Dropout(0.5))])
    #expect(dropout.probabilityFunction == .sigmoid && dropout.graph.scoreName == "flat")
    let squeezed = try network(
      outputs: 1, [("end", Activation.sigmoid), ("squeeze", Reshape([-1]))])
    #expect(squeezed.probabilityFunction == .sigmoid && squeezed.graph.scoreName == "flat")
    #expect(squeezed.record(.random([3, 3, 8, 8], seed: 2)).scores.shape == [3, 1])
  }

  @Test func `scores of several classes are for a softmax, a single one is for nothing`() throws {
    #expect(try network(outputs: 4).probabilityFunction == .softmax)
    #expect(try network(outputs: 1).probabilityFunction == .none)
    #expect(try network(outputs: 1, [("squeeze", Reshape([-1]))]).probabilityFunction == .none)
    // Another function at the end does not make probabilities.
    #expect(try network(outputs: 1, [("end", Activation.tanh)]).probabilityFunction == .none)
  }

  @Test func `a sigmoid in the middle is none at the end`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 3, Convolution(1))
    try sketch.add("gate", Activation.sigmoid)
    try sketch.add("product", Arithmetic(.multiply), of: ["gate", "conv"])
    try sketch.add("gap", GlobalPool())
    try sketch.add("flat", Flatten())
    #expect(try sketch.network().probabilityFunction == .softmax)
    #expect(try sketch.network().graph.scoreName == "flat")
  }

  @Test func `the pictures themselves are never the scores`() throws {
    let graph = try Graph(
      inputShape: [1, 1, 1], [Graph.Node("end", Activation.sigmoid, inputs: [Graph.inputName])])
    #expect(graph.scoreName == "end")
  }
}
