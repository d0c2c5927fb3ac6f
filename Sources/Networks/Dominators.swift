extension Graph {
  /// The nodes through which every path from the picture to a node leads, in the order they run,
  /// with the node itself as the last.
  ///
  /// Each node's immediate dominator is the nearest common dominator of its inputs (Cooper, Harvey
  /// and Kennedy 2001, "A Simple, Fast Dominance Algorithm", figure 3). Nodes are stored in the
  /// order they run, so one pass suffices.
  ///
  /// - Returns: Empty if no path leads from the picture to the node.
  /// - Complexity: O(E·d) for E inputs of nodes and d dominators of a node.
  public func dominators(of name: String) -> [String] {
    // By position; the picture has position −1 and is stored first.
    var immediate: [Int?] = [-1]
    func parent(_ position: Int) -> Int? { immediate[position + 1] }
    for node in nodes {
      let inputs = node.inputs.compactMap { positions[$0] }.filter { parent($0) != nil }
      immediate.append(
        inputs.dropFirst().reduce(inputs.first) { common, input in
          common.map { nearestCommon($0, input, parent) }
        })
    }
    guard var position = self[name].flatMap({ positions[$0.name] }), parent(position) != nil
    else { return [] }
    var chain: [String] = []
    while position >= 0 {
      chain.append(nodes[position].name)
      position = parent(position) ?? -1
    }
    return chain.reversed()
  }
}

/// The nearest dominator of two nodes by their positions: the one further on is replaced by its
/// own, until both are the same.
private func nearestCommon(_ first: Int, _ second: Int, _ parent: (Int) -> Int?) -> Int {
  var (first, second) = (first, second)
  while first != second {
    if first > second { first = parent(first) ?? -1 } else { second = parent(second) ?? -1 }
  }
  return first
}
