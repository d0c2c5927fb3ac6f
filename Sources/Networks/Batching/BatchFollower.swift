internal import TensorCore

/// Tracks the pictures of a batch through a graph, node by node.
///
/// A file's graph is written for some number of pictures, often one, and does not say which axis of
/// a tensor indexes them: attention moves them after the positions, windows multiply them, and a
/// reshape to fixed extents merges that axis with another. Tracking them yields every node's
/// ``BatchAxis`` and operations that take any number of pictures. If an operation, such as a
/// reshape, can be read in several ways, these are tried in turn until the rest of the graph
/// agrees.
struct BatchFollower {
  /// A graph for any number of pictures.
  struct Followed {
    let graph: Graph
    let parameters: Parameters
    let axes: [String: BatchAxis]
  }

  enum Outcome {
    case followed(Followed)
    /// The node after which the pictures of a batch can no longer be told apart.
    case obstacle(String)
  }

  private let graph: Graph
  private var nodes: [Graph.Node]
  private var parameters: Parameters
  private var shapes: [String: Shape]
  private var axes: [String: BatchAxis] = [:]
  /// The nodes that return the first row of a constant that is the same for every picture.
  private var firstRows: [String: String?] = [:]
  private var added: [Graph.Node] = []

  /// - Parameter shapes: The shape of every node, for the graph's own batch.
  init(_ graph: Graph, _ parameters: Parameters, shapes: [String: Shape]) {
    (self.graph, self.parameters, self.shapes) = (graph, parameters, shapes)
    nodes = graph.nodes
  }

  mutating func follow() throws(GraphError) -> Outcome {
    axes[Graph.inputName] = BatchAxis(0)
    let dependent = graph.nodesAfterPictures
    let path = nodes.indices.filter { dependent.contains(nodes[$0].name) }
    /// Readings that have not been tried yet, each with the position on the path to return to.
    var untried: [(place: Int, reading: FollowedOperation)] = []
    var (place, furthest) = (0, 0)
    // A wrong reading is found within a few nodes; a graph that needs more is run in groups.
    var steps = 64 * path.count + 1024
    while place < path.count {
      steps -= 1
      var readings = readings(at: path[place])
      if readings.isEmpty {
        furthest = max(furthest, place)
        guard steps > 0, let next = untried.popLast() else {
          return .obstacle(nodes[path[furthest]].name)
        }
        place = next.place
        readings = [next.reading]
      } else {
        untried += readings.dropFirst().reversed().map { (place, $0) }
      }
      let node = nodes[path[place]]
      axes[node.name] = readings[0].axis
      nodes[path[place]] = node.with(readings[0].operation)
      place += 1
    }
    let read = Set(nodes.flatMap(\.inputs))
    for node in added where !read.contains(node.name) { parameters[node.parameters[0]] = nil }
    return .followed(
      Followed(
        graph: try Graph(
          inputShape: graph.inputShape, added.filter { read.contains($0.name) } + nodes,
          aliases: graph.aliases),
        parameters: parameters, axes: axes))
  }

  /// What a node may do for any number of pictures, the likeliest reading first.
  private mutating func readings(at position: Int) -> [FollowedOperation] {
    // An earlier attempt may have changed it.
    let original = graph.nodes[position]
    nodes[position] = original
    let readings = readings(of: nodes[position])
    guard readings.isEmpty, graph.batch > 1 else { return readings }
    let inputs = original.inputs.map { firstRow(of: $0) ?? $0 }
    guard inputs != original.inputs else { return [] }
    let node = Graph.Node(
      original.name, original.operation, inputs: inputs, parameters: original.parameters)
    let more = self.readings(of: node)
    if !more.isEmpty { nodes[position] = node }
    return more
  }

  private func readings(of node: Graph.Node) -> [FollowedOperation] {
    let output = shapes[node.name] ?? []
    // An empty tensor does not show how many pictures it is for.
    guard output.elementCount > 0 else { return [] }
    let batch = BatchedInputs(
      axes: node.inputs.map { axes[$0] }, shapes: node.inputs.map { shapes[$0] ?? [] },
      output: output, pictures: graph.batch)
    return node.operation.following(batch).filter { reading in
      let axis = reading.axis
      return output.extents.indices.contains(axis.axis)
        && output[axis.axis] == axis.outer * graph.batch * axis.inner
        && [1, 2, 5].allSatisfy { holds(reading, at: node, batch, pictures: $0) }
    }
  }

  /// Whether the operation's output for that number of pictures agrees with the rule.
  private func holds(
    _ reading: FollowedOperation, at node: Graph.Node, _ batch: BatchedInputs, pictures: Int
  ) -> Bool {
    let inputs = zip(batch.axes, batch.shapes).map { axis, shape in
      axis.map { $0.shape(shape, pictures: pictures) } ?? shape
    }
    let found = try? reading.operation.outputShape(
      for: inputs, parameters: node.parameters.map { parameters[$0]?.shape ?? [] })
    return found == reading.axis.shape(batch.output, pictures: pictures)
  }

  /// The first row of a constant that a file repeats for its own batch, such as a class token; nil
  /// for other nodes.
  private mutating func firstRow(of name: String) -> String? {
    if let known = firstRows[name] { return known }
    let new = addFirstRow(of: name)
    firstRows.updateValue(new, forKey: name)
    return new
  }

  private mutating func addFirstRow(of name: String) -> String? {
    guard let node = graph[name], node.operation is Constant, axes[name] == nil,
      let tensor = parameters[node.parameters[0]], tensor.shape.rank > 0,
      tensor.shape[0] == graph.batch
    else { return nil }
    let first = tensor.rows(0..<1)
    let rows = (1..<graph.batch).map { tensor.rows($0..<($0 + 1)) }
    guard rows.allSatisfy({ $0.elements == first.elements }) else { return nil }
    var new = name + ".first"
    while graph[new] != nil || parameters[new] != nil { new += "_" }
    parameters[new] = first
    shapes[new] = first.shape
    added.append(Graph.Node(new, Constant(), inputs: [], parameters: [new]))
    return new
  }
}

extension Graph {
  /// The nodes whose output depends on the pictures.
  var nodesAfterPictures: Set<String> {
    var behind: Set<String> = [Self.inputName]
    for node in nodes where node.inputs.contains(where: behind.contains) {
      behind.insert(node.name)
    }
    return behind
  }
}

extension Graph.Node {
  fileprivate func with(_ operation: any Operation) -> Graph.Node {
    Graph.Node(name, operation, inputs: inputs, parameters: parameters)
  }
}
