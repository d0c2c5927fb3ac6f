public import TensorCore

/// A graph with the shapes and starts of its parameters: a network before it has weights.
public struct Blueprint: Sendable {
  public struct Parameter: Sendable {
    public let shape: Shape
    /// By the paper of the architecture.
    let paperStart: ParameterStart
    /// By any other initialization.
    let start: ParameterStart
  }

  public let graph: Graph
  public let parameters: [String: Parameter]
  /// What the names of tensors begin with that files of this network hold and nothing here reads:
  /// those of classifiers that only training has.
  public let unusedPrefixes: [String]
  /// Today's names of parameters by those that older files have.
  public let formerNames: [String: String]

  /// A network with fresh weights. Each parameter has random numbers of its own.
  public func network(seed: UInt64, initialization: Initialization) throws(GraphError) -> Network {
    var tensors: [String: Tensor] = [:]
    for (position, name) in parameters.keys.sorted().enumerated() {
      guard let parameter = parameters[name] else { continue }
      var generator = SeededGenerator(seed: seed, path: position)
      let start = initialization == .paper ? parameter.paperStart : parameter.start
      tensors[name] = start.tensor(parameter.shape, initialization, &generator)
    }
    return try Network(graph: graph, parameters: Parameters(tensors))
  }
}
