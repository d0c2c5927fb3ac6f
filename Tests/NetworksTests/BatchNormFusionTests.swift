import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Fusing batch norm` {
  private func expectSameScores(
    _ network: Network, fused: Int, keeping kept: Set<String> = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let images = Tensor.random(Shape([3] + network.graph.inputShape.extents), seed: 4)
    let other = try network.fusingBatchNormalization(keeping: kept)
    #expect(network.graph.nodes.count - other.graph.nodes.count == fused)
    expectClose(
      other.record(images).scores, network.record(images).scores, relativeNorm: 1e-5,
      sourceLocation: sourceLocation)
  }

  @Test(arguments: 0..<6) func `leaves scores unchanged`(seed: Int) throws {
    try expectSameScores(Network.random(seed: seed), fused: 1)
  }

  @Test(arguments: [1, 2]) func `reaches transposed and linear layers`(groups: Int) throws {
    var sketch = NetworkSketch([4, 5, 5], seed: groups)
    let up = ConvolutionTranspose(
      window: [3, 3], moves: WindowGeometry(stride: 2), outputPadding: [0, 0], groups: groups)
    try sketch.add(
      "up", up,
      parameters: [
        ("up.weight", .random([4, 6 / groups, 3, 3], seed: 1)), ("up.bias", .random([6], seed: 2)),
      ])
    try sketch.batchNormalization("norm1")
    try sketch.add("gap", GlobalPool())
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc1", outputs: 7)
    try sketch.batchNormalization("norm2")
    try sketch.linear("fc2", outputs: 3)
    try expectSameScores(try sketch.network(), fused: 2)
    try expectSameScores(try sketch.network(), fused: 1, keeping: ["fc1"])
  }

  @Test func `leaves weights that others read as they are`() throws {
    let shared = Graph.Node("a", Convolution(3, padding: 1), inputs: ["input"], parameters: ["w"])
    let norm = ["scale", "shift", "mean", "variance"]
    let graph = try Graph(
      inputShape: [3, 6, 6],
      [
        shared, Graph.Node("norm", BatchNormalization(), inputs: ["a"], parameters: norm),
        Graph.Node("b", Convolution(3, padding: 1), inputs: ["norm"], parameters: ["w"]),
        Graph.Node("norm2", BatchNormalization(), inputs: ["b"], parameters: norm),
        Graph.Node("c", Convolution(3), inputs: ["norm2"], parameters: ["w"]),
        Graph.Node("flatten", Flatten(), inputs: ["c"]),
      ])
    let network = try Network(
      graph: graph,
      parameters: Parameters([
        "w": .random([3, 3, 3, 3], seed: 1), "scale": Tensor(shape: [3], [2, 0.5, 1]),
        "shift": Tensor(shape: [3], [1, 2, 3]), "mean": Tensor(shape: [3], [0.1, 0.2, 0.3]),
        "variance": Tensor(shape: [3], [0.5, 1, 2]),
      ]))
    try expectSameScores(network, fused: 2)
  }
}
