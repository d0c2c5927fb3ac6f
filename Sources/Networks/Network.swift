public import TensorCore

/// Weights by name, kept apart from the graph that reads them.
public struct Parameters: Sendable {
  private var tensors: [String: Tensor]

  public init(_ tensors: [String: Tensor] = [:]) { self.tensors = tensors }

  /// In alphabetical order.
  public var names: [String] { tensors.keys.sorted() }
  public var count: Int { tensors.values.reduce(0) { $0 + $1.count } }

  public subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
    _modify { yield &tensors[name] }
  }
}

/// A graph with the weights to run it.
public struct Network: Sendable {
  public let graph: Graph
  public var parameters: Parameters {
    get { ownParameters }
    _modify {
      // An observer would copy what is changed in place.
      yield &ownParameters
      folded = FoldedWeights()
    }
  }
  private var ownParameters: Parameters
  /// Each node's output for the graph's own batch and input shape, the input's among them.
  public let shapes: [String: Shape]
  /// Belongs to `parameters` as they are now.
  private(set) var folded = FoldedWeights()

  /// - Throws: `GraphError` naming the first node whose inputs or parameters do not fit.
  public init(graph: Graph, parameters: Parameters) throws(GraphError) {
    self.graph = graph
    ownParameters = parameters
    shapes = try inferShapes(
      graph, input: Shape([graph.batch] + graph.inputShape.extents),
      parameters: { parameters[$0]?.shape })
  }

  func parameters(of node: Graph.Node) -> [Tensor] {
    node.parameters.map { name in
      guard let tensor = parameters[name] else { preconditionFailure("no parameter '\(name)'") }
      return tensor
    }
  }

  /// The number of class scores.
  public var classCount: Int {
    shapes[graph.scoreName].flatMap { $0.rank > 1 ? $0[1] : nil } ?? 0
  }

  /// Multiplications with a weight for one picture, by node.
  public func multiplyAdds(of node: Graph.Node) -> Int {
    node.operation.multiplyAdds(
      inputs: node.inputs.compactMap { shapes[$0] },
      parameters: parameters(of: node).map(\.shape), output: shapes[node.name] ?? [0])
  }
}

/// Each node's output shape for an input of shape `input`, the input's among them.
public func inferShapes(
  _ graph: Graph, input: Shape, parameters: (String) -> Shape?
) throws(GraphError) -> [String: Shape] {
  var shapes = [Graph.inputName: input]
  for node in graph.nodes {
    var parameterShapes: [Shape] = []
    for name in node.parameters {
      guard let shape = parameters(name) else {
        throw GraphError(node: node.name, reason: "parameter '\(name)' is missing")
      }
      parameterShapes.append(shape)
    }
    do {
      shapes[node.name] = try node.operation.outputShape(
        for: node.inputs.compactMap { shapes[$0] }, parameters: parameterShapes)
    } catch {
      throw GraphError(node: node.name, reason: error.description)
    }
  }
  return shapes
}
