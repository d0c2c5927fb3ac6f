internal import Networks
internal import TensorCore

/// What is fine-tuned between the classifier alone and everything.
struct LastLayers {
  let label: String
  /// The parameters with given weights that learn; nil if they are none, or all.
  let parameters: [String]?
  let remark: String

  init(of network: Network) throws(GraphError) {
    let classifier = try network.classifier()
    let graph = network.graph
    let learned = network.learnedParameters
    let given = learned.subtracting(classifier.parameters)
    func weights(of nodes: some Sequence<Graph.Node>) -> [String] {
      Set(nodes.flatMap(\.parameters)).intersection(given).sorted()
    }
    let windowed = graph.nodes.filter {
      $0.operation.hasWindowedFilters && $0.name != classifier.node
    }
    let connected = graph.nodes.first { node in
      node.operation.isFullyConnected && node.name != classifier.node
        && node.inputs.contains { network.shapes[$0]?.rank == 2 && network.dependsOnPictures($0) }
        && !graph.descendants(of: node.name).contains {
          $0.operation.hasWindowedFilters && $0.name != classifier.node
        }
    }
    if let connected {
      let nodes = [connected] + graph.descendants(of: connected.name)
      // A matrix and a bias may be nodes of their own.
      let constants = nodes.flatMap(\.inputs).compactMap { graph[$0] }
        .filter { $0.operation is Constant }
      let found = weights(of: nodes + constants)
      label = "fully connected layers"
      (self.parameters, remark) = Self.unless(
        found.count == given.count || found.isEmpty, found,
        "all layers are fully connected, so there is no row for fine-tuning only those")
      return
    }
    guard let last = windowed.last, let extents = network.shapes[last.name]?.spatial else {
      (label, parameters) = ("", nil)
      remark = "no layer before the classifier is fully connected, so there is no row for those"
      return
    }
    let found = weights(
      of: graph.nodes.filter { network.shapes[$0.name]?.spatial == extents })
    let size = extents.map(String.init).joined(separator: "×")
    label = "last stage (\(size))"
    let none = "no layer before the classifier is fully connected"
    guard !found.isEmpty, found.count < given.count else {
      (parameters, remark) = (nil, "\(none), so there is no row for those")
      return
    }
    parameters = found
    remark =
      "\(none), so the last stage, the layers with maps of \(size), is fine-tuned instead"
  }

  private static func unless(
    _ isNone: Bool, _ found: [String], _ remark: String
  ) -> ([String]?, String) {
    isNone ? (nil, remark) : (found, "")
  }
}

extension Networks.Operation {
  fileprivate var isFullyConnected: Bool { self is Linear || self is MatrixProduct }
}
