internal import Kernels
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

/// Writes a graph node by node, following the shapes.
struct BlueprintBuilder {
  let inputShape: Shape
  private var nodes: [Graph.Node] = []
  private var parameters: [String: Blueprint.Parameter] = [:]
  private var last = Graph.inputName
  /// `[1, C, H, W]` or `[1, C]` behind the last node.
  private(set) var shape: Shape
  private var problem: GraphError?

  init(inputShape: Shape) {
    self.inputShape = inputShape
    shape = Shape([1] + inputShape.extents)
  }

  /// How the paper starts a layer with weights.
  struct PaperStart {
    var weights: ParameterStart = .weights
    var bias: Float = 0
  }

  mutating func convolution(
    _ name: String, filters: Int, _ convolution: Convolution, bias: Bool = true,
    paper: PaperStart = PaperStart()
  ) {
    let filterShape = Shape([filters, shape[1] / convolution.groups] + convolution.window)
    weighted(name, convolution, weights: filterShape, bias: bias, paper)
  }

  mutating func linear(_ name: String, outputs: Int, paper: PaperStart = PaperStart()) {
    weighted(name, Linear(), weights: [outputs, shape[1]], bias: true, paper)
  }

  mutating func batchNormalization(_ name: String) {
    var names: [String] = []
    for (suffix, start) in [
      ("weight", Float(1)), ("bias", 0), ("running_mean", 0), ("running_var", 1),
    ] {
      names.append("\(name).\(suffix)")
      parameters["\(name).\(suffix)"] = Blueprint.Parameter(
        shape: [shape[1]], paperStart: .constant(start), start: .constant(start))
    }
    append(name, BatchNormalization(), names)
  }

  mutating func append(_ name: String, _ operation: any Operation, _ parameters: [String] = []) {
    do {
      shape = try operation.outputShape(
        for: [shape], parameters: parameters.compactMap { self.parameters[$0]?.shape })
    } catch {
      problem = problem ?? GraphError(node: name, reason: error.description)
    }
    nodes.append(Graph.Node(name, operation, inputs: [last], parameters: parameters))
    last = name
  }

  func blueprint() throws(GraphError) -> Blueprint {
    if let problem { throw problem }
    return Blueprint(
      graph: try Graph(inputShape: inputShape, nodes), parameters: parameters, unusedPrefixes: [],
      formerNames: [:])
  }

  private mutating func weighted(
    _ name: String, _ operation: any Operation, weights: Shape, bias: Bool, _ paper: PaperStart
  ) {
    parameters["\(name).weight"] = Blueprint.Parameter(
      shape: weights, paperStart: paper.weights, start: .weights)
    if bias {
      parameters["\(name).bias"] = Blueprint.Parameter(
        shape: [weights[0]], paperStart: .constant(paper.bias), start: .constant(0))
    }
    append(name, operation, bias ? ["\(name).weight", "\(name).bias"] : ["\(name).weight"])
  }
}
