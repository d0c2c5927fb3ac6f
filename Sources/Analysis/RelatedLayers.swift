public import Networks

extension Network {
  /// The last hidden layer: what the class scores are computed from. Of a network without class
  /// scores, it is the last layer.
  public var penultimateLayer: String {
    let last = graph.nodes.last { $0.operation is Linear || $0.operation.hasWindowedFilters }
    var name = hasClassScores ? last?.inputs[0] ?? graph.outputName : graph.outputName
    // These only pass the layer's values on.
    while let node = graph[name], node.operation.isCarrier, let input = node.inputs.first {
      name = input
    }
    return name
  }

  /// The activation after a node, past batch norm; the node itself if there is none.
  public func rectified(_ name: String) -> String {
    var current = name
    while true {
      let consumers = graph.consumers(of: current)
      guard consumers.count == 1, let next = consumers.first else { return name }
      if next.operation is Activation { return next.name }
      guard next.operation is BatchNormalization else { return name }
      current = next.name
    }
  }

  /// The convolution or linear layer whose values a node carries, for captions: `conv1` of
  /// `relu1`.
  public func origin(of name: String) -> String {
    var current = name
    while let node = graph[current],
      node.operation is Activation || node.operation is BatchNormalization
        || node.operation is Dropout, let input = node.inputs.first
    { current = input }
    return current
  }
}

extension Networks.Operation {
  fileprivate var isCarrier: Bool { self is Dropout || self is Flatten || self is Reshape }
}
