internal import Kernels
internal import Networks
internal import TensorCore

/// A run of nodes whose maps have one size.
struct Stage {
  let extents: [Int]
  /// The node that shows the features of the stage as a whole.
  let end: String
  let convolutions: Int
}

extension Network {
  /// The stages in the order in which they end.
  func stages() -> [Stage] {
    var members: [[Int]: [Graph.Node]] = [:]
    // Inside a block, axes may be permuted: a map must have the size of some convolution's output.
    let sizes = Set(
      graph.nodes.filter { $0.operation.hasWindowedFilters }.compactMap { shapes[$0.name]?.spatial }
    )
    for node in graph.nodes {
      guard let shape = shapes[node.name], hasPositions(node.name), sizes.contains(shape.spatial),
        node.operation.givesFeatures, shape.spatial.contains(where: { $0 > 1 }),
        !leadsOnlyToScores(node.name)
      else { continue }
      members[shape.spatial, default: []].append(node)
    }
    let trunk = Set(graph.dominators(of: graph.scoreName))
    let stages = members.compactMap { extents, nodes -> Stage? in
      let convolutions = nodes.count { $0.operation.hasWindowedFilters }
      guard convolutions > 0, let end = end(of: nodes, along: trunk) else { return nil }
      return Stage(extents: extents, end: end, convolutions: convolutions)
    }
    // An expanding path, as in a U-Net, returns to a size: the later end counts.
    let order = Dictionary(
      graph.nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    return stages.sorted { order[$0.end, default: 0] < order[$1.end, default: 0] }
  }

  /// The last node of a stage through which everything goes, and that is in no branch of the next
  /// stage's first block.
  ///
  /// - Parameters:
  ///   - nodes: Those that show features, in the order they run.
  ///   - trunk: The nodes through which all paths to the class scores lead.
  private func end(of nodes: [Graph.Node], along trunk: Set<String>) -> String? {
    let main = nodes.filter { trunk.contains($0.name) }
    guard let last = main.last else {
      // In a U-Net, a shortcut leads past each of the smaller stages, to larger maps. Otherwise
      // all nodes of this size are in branches of the next stage's first block.
      return nodes.last.flatMap { leadsIntoBlock($0, along: trunk) ? nil : $0.name }
    }
    // Blocks that end in a sum or a concatenation may be followed by an expansion, as in
    // MobileNetV2, or a transition, as in DenseNet, which prepares the next stage.
    guard let join = main.last(where: joins), last.operation.hasWindowedFilters || isReduced(last)
    else { return last.name }
    return rectified(join.name)
  }

  /// Whether maps follow on the trunk, and only smaller ones.
  private func leadsIntoBlock(_ node: Graph.Node, along trunk: Set<String>) -> Bool {
    func area(_ name: String) -> Int { shapes[name]?.spatial.reduce(1, *) ?? 0 }
    let areas = graph.nodes.drop { $0.name != node.name }.map(\.name).filter(trunk.contains)
      .map(area).filter { $0 > 1 }
    return !areas.isEmpty && areas.allSatisfy { $0 < area(node.name) }
  }

  /// Whether a node joins branches, by concatenating or adding them.
  func joins(_ node: Graph.Node) -> Bool {
    guard node.operation is Concatenate || (node.operation as? Arithmetic)?.function == .add else {
      return false
    }
    return node.inputs.count(where: dependsOnPictures) > 1
  }

  /// Whether a convolution makes the maps of a node smaller.
  private func isReduced(_ node: Graph.Node) -> Bool {
    graph.consumers(of: node.name).contains { next in
      next.operation.hasWindowedFilters && shapes[next.name]?.spatial != shapes[node.name]?.spatial
        || next.operation is Pad && isReduced(next)
    }
  }

  /// Whether a node is a map of class scores, followed only by a mean and a softmax.
  private func leadsOnlyToScores(_ name: String) -> Bool {
    guard hasClassScores, shapes[name]?[1] == classCount else { return false }
    var name = name
    while name != graph.scoreName {
      let consumers = graph.consumers(of: name)
      guard consumers.count == 1, let next = consumers.first, next.parameters.isEmpty,
        shapes[next.name]?.extents.dropFirst().reduce(1, *) ?? 0 >= classCount
      else { return false }
      name = next.name
    }
    return true
  }
}

extension Networks.Operation {
  /// Whether the output shows features: rectified values, or a combination of them.
  fileprivate var givesFeatures: Bool {
    self is Activation || self is Concatenate || self is Convolution
      || (self as? Arithmetic)?.function == .add
  }
}
