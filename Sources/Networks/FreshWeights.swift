internal import Kernels
internal import TensorCore

extension Network {
  /// The same layers with fresh weights, also for a graph that no architecture describes.
  ///
  /// Weights of convolutions and linear layers are drawn as the initialization says, each parameter
  /// with its own random sequence; `paper` is He's. Biases and shifts are 0, scales 1, slopes of
  /// rectifiers 0.25 (He et al. 2015, section 2.1), and batch norms have the statistics of
  /// standardized maps. Constants that do not learn stay.
  public func withFreshWeights(
    _ initialization: Initialization, seed: UInt64
  ) throws(GraphError) -> Network {
    var starts: [String: ParameterStart] = [:]
    for node in graph.nodes {
      for (position, name) in node.parameters.enumerated() where starts[name] == nil {
        starts[name] = start(of: node, position)
      }
    }
    var changed = parameters
    let fresh = learnedParameters.union(measuredStatistics).sorted()
    for (path, name) in fresh.enumerated() {
      guard let old = parameters[name], let start = starts[name] else { continue }
      var generator = SeededGenerator(seed: seed, path: path)
      changed[name] = start.tensor(old.shape, initialization, &generator)
    }
    return try Network(graph: graph, parameters: changed, precision: precision)
  }

  /// - Parameter position: Of the parameter among the node's.
  private func start(of node: Graph.Node, _ position: Int) -> ParameterStart {
    switch node.operation {
    case is Convolution, is ConvolutionTranspose, is Linear:
      return position == 0 ? .weights : .constant(0)
    case is LocallyConnected: return position == 0 ? .weightsOfPlaces : .constant(0)
    case is PReLU: return .constant(0.25)
    case is Constant:
      let reader = graph.consumers(of: node.name).first
      if reader?.operation is MatrixProduct { return .weightsOfMatrix }
      let isScale = (reader?.operation as? Arithmetic)?.function == .multiply
      return .constant(isScale ? 1 : 0)
    default:
      // Normalizations: scale and shift, and a batch norm's mean and variance.
      return .constant(position == 0 || position == 3 ? 1 : 0)
    }
  }
}
