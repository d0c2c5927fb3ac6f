internal import Files

/// The nodes of an ONNX graph that some values need, each after those that it reads.
struct ExecutionOrder {
  /// Positions in the graph's list; in the file's own order if that is valid.
  let positions: [Int]

  /// - Parameter isGiven: Whether a value exists without a node: weights and pictures.
  /// - Throws: `FileError` of kind `.malformed` if two nodes compute the same value, no node
  ///   computes a value that is needed, or the graph has a cycle.
  init(
    of nodes: [NodeProto], for outputs: [String], path: String,
    isGiven: (String) -> Bool
  ) throws(FileError) {
    let sorter = try Sorter(nodes, path: path, isGiven: isGiven)
    positions = try sorter.order(for: outputs, isGiven: isGiven)
  }
}

private struct Sorter {
  private let nodes: [NodeProto]
  private let path: String
  /// The node that computes each value.
  private var producers: [String: Int] = [:]

  init(
    _ nodes: [NodeProto], path: String, isGiven: (String) -> Bool
  ) throws(FileError) {
    (self.nodes, self.path) = (nodes, path)
    for (position, node) in nodes.enumerated() {
      for name in node.output where !name.isEmpty {
        guard producers.updateValue(position, forKey: name) == nil, !isGiven(name) else {
          throw FileError(
            .malformed, path,
            "\(words(for: node)): expected every value once, found \(quoted(name)) twice")
        }
      }
    }
  }

  func order(for outputs: [String], isGiven: (String) -> Bool) throws(FileError) -> [Int] {
    for name in outputs where producers[name] == nil && !isGiven(name) {
      throw FileError(
        .malformed, path, "no node computes the output \(quoted(name))")
    }
    var order: [Int] = []
    var states = [State](repeating: .new, count: nodes.count)
    for position in try needed(for: outputs, isGiven: isGiven) {
      try visit(position, &states, &order)
    }
    return order
  }

  private enum State { case new, waiting, done }

  /// Depth first, with an explicit stack: a chain may be as long as the file.
  private func visit(
    _ position: Int, _ states: inout [State], _ order: inout [Int]
  ) throws(FileError) {
    guard states[position] == .new else { return }
    states[position] = .waiting
    var stack = [(position: position, rest: predecessors(of: nodes[position])[...])]
    while let (position, rest) = stack.last {
      guard let next = rest.first else {
        states[position] = .done
        order.append(position)
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].rest.removeFirst()
      switch states[next] {
      case .done: break
      case .waiting:
        throw FileError(
          .malformed, path, "\(words(for: nodes[next])): depends on its own output")
      case .new:
        states[next] = .waiting
        stack.append((next, predecessors(of: nodes[next])[...]))
      }
    }
  }

  /// In the order of the file.
  private func needed(
    for outputs: [String], isGiven: (String) -> Bool
  ) throws(FileError) -> [Int] {
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    var waiting = outputs.compactMap { producers[$0] }
    while let position = waiting.popLast() {
      guard !isNeeded[position] else { continue }
      isNeeded[position] = true
      let node = nodes[position]
      for name in node.input where !name.isEmpty && producers[name] == nil && !isGiven(name) {
        throw FileError(
          .malformed, path,
          "\(words(for: node)): reads \(quoted(name)), which no node in the file computes")
      }
      waiting.append(contentsOf: predecessors(of: node))
    }
    return nodes.indices.filter { isNeeded[$0] }
  }

  private func predecessors(of node: NodeProto) -> [Int] {
    readNames(node).compactMap { producers[$0] }
  }

  /// What a node and the bodies in it read, from any scope.
  private func readNames(_ node: NodeProto) -> [String] {
    var names = node.input
    for case let body? in node.attribute.map(\.g) {
      names += body.output.map(\.name)
      for inner in body.node { names += readNames(inner) }
    }
    return names
  }
}

/// How errors refer to a node of a file.
func words(for node: NodeProto) -> String {
  let name = node.name.isEmpty ? node.output.first { !$0.isEmpty } ?? "" : node.name
  return "node \(quoted(name)) (\(quoted(node.opType).dropFirst().dropLast()))"
}
