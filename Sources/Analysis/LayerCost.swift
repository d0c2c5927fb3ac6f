public import Networks
internal import TensorCore

/// What layers take: their weights, and the multiplications with them for one picture.
public struct LayerCost: Sendable, Hashable {
  /// Each counted once, also where layers share them; without the statistics of batch norms, which
  /// are measured and not learned.
  public let parameters: Int
  public let multiplyAdds: Int

  /// - Parameters:
  ///   - parameters: Each counted once.
  ///   - multiplyAdds: For one picture.
  public init(parameters: Int, multiplyAdds: Int) {
    (self.parameters, self.multiplyAdds) = (parameters, multiplyAdds)
  }
}

extension Network {
  /// What a layer takes together with the convolution or linear layer whose values it carries, and
  /// what is between them, such as batch norm.
  public func cost(of layer: String) -> LayerCost {
    let carries = graph[layer].flatMap(role(of:)).map { $0 != .pooling } ?? false
    let origin =
      carries ? convolutionBlock(of: layer)?.first ?? origin(of: layer) : origin(of: layer)
    var names: Set = [layer]
    var current = layer
    while current != origin, let input = graph[current]?.inputs.first(where: dependsOnPictures) {
      names.insert(input)
      current = input
    }
    // A bias may be a node of its own.
    names.formUnion(
      names.flatMap { graph[$0]?.inputs ?? [] }.filter { graph[$0]?.operation is Constant })
    return cost(of: graph.nodes.filter { names.contains($0.name) })
  }

  /// What all layers take from which a layer is computed, and the layer itself.
  public func cost(upTo layer: String) -> LayerCost {
    var names: Set = [layer]
    for node in graph.nodes.reversed() where names.contains(node.name) {
      names.formUnion(node.inputs)
    }
    return cost(of: graph.nodes.filter { names.contains($0.name) })
  }

  /// What nodes take together.
  public func cost(of nodes: [Graph.Node]) -> LayerCost {
    LayerCost(
      parameters: Set(nodes.flatMap(\.parameters)).subtracting(measuredStatistics).reduce(0) {
        $0 + (parameters[$1]?.count ?? 0)
      },
      multiplyAdds: nodes.reduce(0) { $0 + multiplyAdds(of: $1) })
  }
}
