internal import Kernels
internal import TensorCore

/// Builds a graph node by node and keeps track of the shapes.
struct BlueprintBuilder {
  let inputShape: Shape
  /// The node that the next one reads: the last one added, or one to branch from.
  var current = Graph.inputName
  var unusedPrefixes: [String] = []
  private var nodes: [Graph.Node] = []
  private var parameters: [String: Blueprint.Parameter] = [:]
  private var formerNames: [String: String] = [:]
  private var shapes: [String: Shape]
  private var problem: GraphError?

  init(inputShape: Shape) {
    self.inputShape = inputShape
    shapes = [Graph.inputName: Shape([1] + inputShape.extents)]
  }

  /// `[1, C, H, W]` or `[1, C]` after the current node.
  var shape: Shape { shape(of: current) }

  /// - Precondition: The node has been added.
  func shape(of node: String) -> Shape {
    guard let shape = shapes[node] else { preconditionFailure("no node '\(node)' is written") }
    return shape
  }

  /// How the paper initializes a layer with weights.
  struct PaperStart {
    var weights: ParameterStart = .weights
    var bias: Float = 0
  }

  mutating func convolution(
    _ name: String, filters: Int, _ convolution: Convolution, bias: Bool = true,
    paper: PaperStart = PaperStart()
  ) {
    // There may be no channels left if an earlier node has a problem.
    let channels = shape[1] / max(convolution.groups, 1)
    let filterShape = Shape([filters, channels] + convolution.window)
    weighted(name, convolution, weights: filterShape, bias: bias, paper)
  }

  mutating func locallyConnected(_ name: String, filters: Int, _ layer: LocallyConnected) {
    // There may be no place if an earlier node has a problem; `append` says so for this one.
    let places = layer.moves.outputExtents(shape.spatial, window: layer.window) ?? layer.window
    let channels = shape.rank > 1 ? shape[1] : 1
    declare(
      "\(name).weight",
      Blueprint.Parameter(
        shape: Shape(places + [filters, channels] + layer.window), paperStart: .weightsOfPlaces,
        start: .weightsOfPlaces))
    let bias = constant("\(name).bias", [places.reduce(filters, *)], 0)
    append(name, layer, ["\(name).weight", bias])
  }

  /// Over the last axis.
  mutating func linear(_ name: String, outputs: Int, paper: PaperStart = PaperStart()) {
    weighted(name, Linear(), weights: [outputs, shape[shape.rank - 1]], bias: true, paper)
  }

  mutating func batchNormalization(
    _ name: String, _ normalization: BatchNormalization = BatchNormalization()
  ) {
    let names = [("weight", Float(1)), ("bias", 0), ("running_mean", 0), ("running_var", 1)].map {
      constant("\(name).\($0)", [shape[1]], $1)
    }
    append(name, normalization, names)
  }

  /// - Parameters:
  ///   - parameters: By name; they must already be declared.
  ///   - inputs: Read instead of the current node.
  mutating func append(
    _ name: String, _ operation: any Operation, _ parameters: [String] = [],
    of inputs: [String]? = nil
  ) {
    let inputs = inputs ?? [current]
    // After a problem, the rest is only built to be discarded. Its shapes are not checked by any
    // operation, so that none has to handle what is left of the maps.
    shapes[name] = shape
    if problem == nil {
      do {
        shapes[name] = try operation.outputShape(
          for: inputs.map(shape(of:)),
          parameters: parameters.compactMap { self.parameters[$0]?.shape })
      } catch {
        problem = GraphError(node: name, reason: error.description)
      }
    }
    nodes.append(Graph.Node(name, operation, inputs: inputs, parameters: parameters))
    current = name
  }

  /// Declares a parameter that is initialized to a constant.
  ///
  /// - Returns: Its name.
  mutating func constant(_ name: String, _ shape: Shape, _ value: Float) -> String {
    parameters[name] = Blueprint.Parameter(
      shape: shape, paperStart: .constant(value), start: .constant(value))
    return name
  }

  mutating func declare(_ name: String, _ parameter: Blueprint.Parameter) {
    parameters[name] = parameter
  }

  /// Registers the prefix that older files use for the parameters of a node.
  mutating func rename(_ former: String, to name: String) {
    guard let node = nodes.last(where: { $0.name == name }) else { return }
    for parameter in node.parameters {
      formerNames[former + parameter.dropFirst(name.count)] = parameter
    }
  }

  func blueprint() throws(GraphError) -> Blueprint {
    if let problem { throw problem }
    return Blueprint(
      graph: try Graph(inputShape: inputShape, nodes), parameters: parameters,
      unusedPrefixes: unusedPrefixes, formerNames: formerNames)
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
