internal import TensorCore

extension Network {
  /// The nodes through which everything that training changes depends on the pictures, if what comes
  /// before them stays the same: their outputs stand for the pictures.
  ///
  /// A node may change from step to step if one of its parameters does, if it is random or measures
  /// its batch in training (dropout, batch norm), or if a node before it may.
  ///
  /// - Parameters:
  ///   - parameters: Those that training changes.
  ///   - frozen: The nodes that run as in inference.
  /// - Returns: In the graph's order; nil if there is nothing before them that is worth keeping, or
  ///   their rows are not the pictures.
  public func frozenBoundary(changing parameters: Set<String>, frozen: Set<String>) -> [String]? {
    guard batchObstacle == nil else { return nil }
    var changing: Set<String> = []
    var boundary: Set<String> = []
    for node in graph.nodes {
      let isOwn =
        !parameters.isDisjoint(with: node.parameters)
        || !frozen.contains(node.name)
          && (node.operation is BatchNormalization
            || (node.operation as? Dropout).map { $0.rate > 0 } == true)
      guard isOwn || node.inputs.contains(where: changing.contains) else { continue }
      changing.insert(node.name)
      for input in node.inputs where !changing.contains(input) && dependsOnPictures(input) {
        boundary.insert(input)
      }
    }
    let hasWork = graph.nodes.contains {
      !changing.contains($0.name) && dependsOnPictures($0.name) && !$0.parameters.isEmpty
    }
    guard hasWork, !boundary.isEmpty, !boundary.contains(Graph.inputName),
      let last = graph.nodes.last, changing.contains(last.name),
      changing.contains(graph.scoreName), boundary.allSatisfy(hasPicturesFirst)
    else { return nil }
    return graph.nodes.map(\.name).filter(boundary.contains)
  }

  /// The nodes that a run needs if the outputs of some are given.
  func nodes(after given: Set<String>, to last: String) -> Set<String> {
    var needed: Set<String> = []
    var waiting = [last, graph.scoreName]
    while let name = waiting.popLast() {
      guard !given.contains(name), let node = graph[name], needed.insert(name).inserted else {
        continue
      }
      waiting += node.inputs
    }
    return needed
  }
}
