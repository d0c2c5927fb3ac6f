import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Where the batch axis can be tracked through a graph, and where it cannot.
@Suite struct `Pictures followed through a graph` {
  private func network(
    batch: Int = 1, _ nodes: [Graph.Node], parameters: Parameters = Parameters()
  ) throws -> Network {
    try Network(
      graph: Graph(inputShape: [3, 4, 4], batch: batch, nodes), parameters: parameters)
  }

  /// A slice of the batch axis that covers all of it.
  @Test(arguments: [
    (1, Slice(axes: [0], starts: [0], ends: [1], steps: [1]) as any Operation),
    (4, Slice(axes: [0], starts: [0], ends: [4], steps: [1])),
    (4, Slice(axes: [1, 0], starts: [1, 0], ends: [3, 9], steps: [1, 1])),
    (4, Gather(axis: 0, indices: [0, 1, 2, 3], indexShape: [4])),
  ])
  func `stay together where all of them are taken`(batch: Int, part: any Operation) throws {
    let network = try network(batch: batch, [Graph.Node("part", part, inputs: ["input"])])
    #expect(network.batchObstacle == nil)
    let images = Tensor.random([5, 3, 4, 4], seed: 1)
    let output = network.record(images)["part"]
    let channels = output.shape[1]
    #expect(output.shape == [5, channels, 4, 4])
    let first = network.record(images.rows(3..<4))["part"]
    #expect(output.rows(3..<4).elements == first.elements)
  }

  @Test(arguments: [
    Slice(axes: [0], starts: [1], ends: [4], steps: [1]) as any Operation,
    Slice(axes: [0], starts: [0], ends: [3], steps: [1]),
    Gather(axis: 0, indices: [1, 0, 2, 3], indexShape: [4]),
    Gather(axis: 0, indices: [0, 1, 2, 3, 0], indexShape: [5]),
  ])
  func `cannot be told apart where some are taken`(part: any Operation) throws {
    #expect(try network(batch: 4, [Graph.Node("p", part, inputs: ["input"])]).batchObstacle == "p")
  }

  @Test func `are not looked for in a tensor without elements`() throws {
    let network = try network([
      Graph.Node(
        "none", Slice(axes: [1], starts: [0], ends: [0], steps: [1]), inputs: ["input"]),
      Graph.Node("flat", Flatten(axis: 2), inputs: ["none"]),
      Graph.Node("first", Tile([1 << 39, 1]), inputs: ["flat"]),
      Graph.Node("second", Tile([1 << 39, 1]), inputs: ["first"]),
    ])
    #expect(network.batchObstacle == "none")
    #expect(network.shapes["second"]?.elementCount == 0)
  }

  @Test func `one is repeated for several, and not for none`() throws {
    let concatenate = Concatenate()
    for (first, second) in [(1, 0), (0, 1), (0, 3), (2, 3)] {
      #expect(throws: OperationError.self) {
        try concatenate.outputShape(for: [[first, 4], [second, 4]], parameters: [])
      }
    }
    for (first, second, both) in [(1, 3, 3), (3, 1, 3), (2, 2, 2), (0, 0, 0)] {
      let shape = try concatenate.outputShape(for: [[first, 4], [second, 4]], parameters: [])
      #expect(shape == [both, 8])
    }
  }

  @Test func `a linear layer counts every row of a picture`() throws {
    let network = try network(
      [
        Graph.Node("rows", Reshape([4, 3, 4]), inputs: ["input"]),
        Graph.Node("linear", Linear(), inputs: ["rows"], parameters: ["w"]),
      ], parameters: Parameters(["w": Tensor(shape: [7, 4], repeating: 1)]))
    let linear = try #require(network.graph["linear"])
    #expect(network.multiplyAdds(of: linear) == 12 * 4 * 7)
  }
}
