import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Dominators` {
  /// Each node sums one to three earlier ones; some are constants.
  private func graph(seed: Int) throws -> Graph {
    var sketch = NetworkSketch([1, 2, 2], seed: seed)
    var names = [Graph.inputName]
    for step in 0..<sketch.pick(1...14) {
      if sketch.pick(0...7) == 0 {
        try sketch.add(
          "n\(step)", Constant(), of: [], parameters: [("p\(step)", Tensor(shape: [1], [1]))])
      } else {
        let inputs = (0..<sketch.pick(1...3)).map { _ in
          names[max(0, names.count - 1 - sketch.pick(0...3))]
        }
        try sketch.add("n\(step)", Arithmetic(.add), of: inputs)
      }
      names.append(sketch.last)
    }
    return try sketch.network().graph
  }

  /// Whether a path leads from the picture to a node without passing another.
  private func reaches(_ target: String, in graph: Graph, without removed: String?) -> Bool {
    var reached: Set<String> = [Graph.inputName]
    for node in graph.nodes where node.name != removed {
      if node.inputs.contains(where: reached.contains) { reached.insert(node.name) }
    }
    return reached.contains(target)
  }

  @Test(arguments: 0..<60)
  func `are the nodes without which no path leads to a node`(seed: Int) throws {
    let graph = try graph(seed: seed)
    for node in graph.nodes {
      let expected =
        reaches(node.name, in: graph, without: nil)
        ? graph.nodes.map(\.name).filter { !reaches(node.name, in: graph, without: $0) } : []
      #expect(graph.dominators(of: node.name) == expected, "\(node.name)")
    }
  }

  @Test func `of a residual network are the ends of its blocks`() throws {
    let graph = try Architecture.resnet20.blueprint().graph
    let trunk = graph.dominators(of: graph.scoreName)
    #expect(trunk.contains("layer2.1.relu2") && !trunk.contains("layer2.1.relu1"))
    #expect(trunk.last == graph.scoreName)
    #expect(graph.dominators(of: "nothing") == [])
  }
}
