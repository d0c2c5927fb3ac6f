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
      // A property observer would copy what is changed in place.
      yield &ownParameters
      fusedWeights = FusedWeights()
    }
  }
  private var ownParameters: Parameters
  /// How runs for inference store activations and gradients, and read weights; sums are `float32`.
  ///
  /// With `bfloat16`, the graph's last layers with weights store what they add up unrounded, and
  /// operations without a kernel of that kind, and rules that do more than gate the gradient, compute
  /// with `float32`. Training ignores it. Without the instructions, runs are slow or use `float32`.
  public var precision: Precision
  /// Each node's output shape for one picture as returned by a recording, `[1, …]`, and that of the
  /// input; nodes that do not depend on the pictures keep their own shape.
  public let shapes: [String: Shape]
  /// The shapes with the axes in the graph's own order, for the graph's own batch.
  let ownShapes: [String: Shape]
  /// The position of the pictures in each node's output; empty if they are run one by one.
  let batchAxes: [String: BatchAxis]
  /// The nodes whose output depends on the pictures, including the input.
  private let afterPictures: Set<String>
  /// The node after which the pictures of a batch can no longer be told apart, so that they are run
  /// one by one; nil if any number can be run together.
  ///
  /// A graph written for several pictures then takes exactly that number.
  public let batchObstacle: String?
  /// Valid for the current `parameters`.
  private(set) var fusedWeights = FusedWeights()

  /// Tracks the pictures through the graph, so that any number of them can be run together; the
  /// network's graph is then the same function for a batch of one.
  ///
  /// - Throws: `GraphError` naming the first node whose inputs or parameters do not fit.
  public init(
    graph: Graph, parameters: Parameters, precision: Precision = .float32
  ) throws(GraphError) {
    self.precision = precision
    let shapes = try Self.shapes(of: graph, parameters)
    var follower = BatchFollower(graph, parameters, shapes: shapes)
    switch try follower.follow() {
    case .followed(let followed):
      (self.graph, ownParameters) = (followed.graph, followed.parameters)
      (batchAxes, batchObstacle) = (followed.axes, nil)
      ownShapes = try Self.shapes(of: followed.graph, followed.parameters)
    case .obstacle(let node):
      (self.graph, ownParameters) = (graph, parameters)
      (batchAxes, batchObstacle, ownShapes) = ([:], node, shapes)
    }
    let (axes, behind) = (batchAxes, graph.nodesAfterPictures)
    afterPictures = behind
    self.shapes = ownShapes.reduce(into: [:]) { first, entry in
      let (name, shape) = entry
      first[name] =
        axes[name].map { $0.picturesFirst(shape, pictures: 1) }
        ?? (behind.contains(name) && graph.batch == 1 ? shape.onePicture : shape)
    }
  }

  private static func shapes(
    of graph: Graph, _ parameters: Parameters
  ) throws(GraphError) -> [String: Shape] {
    try inferShapes(
      graph, input: Shape([graph.batch] + graph.inputShape.extents),
      parameters: { parameters[$0]?.shape })
  }

  /// Whether a node's own output has its pictures alone along the first axis, for any number of
  /// them: a recording then returns exactly what the next operation reads.
  public func hasPicturesFirst(_ node: String) -> Bool {
    batchAxes[node] == BatchAxis(0) && (ownShapes[node]?.rank ?? 0) > 1
  }

  /// Whether a node's output depends on the pictures; other outputs have no axis for them.
  public func dependsOnPictures(_ node: String) -> Bool { afterPictures.contains(node) }

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

  /// The number of multiplications with a weight for one picture in a node.
  public func multiplyAdds(of node: Graph.Node) -> Int {
    node.operation.multiplyAdds(
      inputs: node.inputs.compactMap { ownShapes[$0] },
      parameters: parameters(of: node).map(\.shape), output: ownShapes[node.name] ?? [0])
  }
}

/// Each node's output shape for an input of shape `input`, including the input's.
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
