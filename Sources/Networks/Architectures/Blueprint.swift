public import TensorCore

/// A graph with the shapes and initial distributions of its parameters: a network without weights.
public struct Blueprint: Sendable {
  public struct Parameter: Sendable {
    public let shape: Shape
    /// According to the architecture's paper.
    let paperStart: ParameterStart
    /// According to any other initialization.
    let start: ParameterStart
  }

  public let graph: Graph
  public let parameters: [String: Parameter]
  /// Prefixes of tensors that files of this network contain but nothing here reads: those of
  /// auxiliary classifiers, which are only used in training.
  public let unusedPrefixes: [String]
  /// Current names of parameters by those in older files.
  public let formerNames: [String: String]

  /// A network with fresh weights. Each parameter has its own random sequence.
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

  /// A network for questions that no weight answers: shapes, counts, receptive fields.
  ///
  /// Its weights are memory that nobody writes, so that even the largest network takes none.
  package func networkWithoutWeights() throws(GraphError) -> Network {
    try Network(
      graph: graph,
      parameters: Parameters(parameters.mapValues { Tensor(shape: $0.shape) { _ in } }))
  }
}

extension Blueprint {
  /// The number of weights and biases, without the statistics of batch norms, which are measured
  /// and not learned.
  public var parameterCount: Int {
    let statistics = Set(
      graph.nodes.filter { $0.operation is BatchNormalization }
        .flatMap { $0.parameters.dropFirst(2) })
    return parameters.reduce(0) {
      statistics.contains($1.key) ? $0 : $0 + $1.value.shape.elementCount
    }
  }
}
