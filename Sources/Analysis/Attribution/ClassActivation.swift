internal import Kernels
public import Networks
internal import TensorCore

/// A method that weights the maps of a layer.
public protocol ClassActivationMethod: AttributionMethod {
  /// Nil for the last layer with spatial extent.
  var layer: String? { get set }
}

extension ClassActivationMethod {
  public var isSigned: Bool { false }
  public static var parameters: [MethodParameter<Self>] { [.mapLayer(\.layer)] }
  public func keep(in network: Network) -> Keep { network.keepMaps(of: layer) }
  public func check(_ network: Network) throws(SelectionError) {
    _ = try network.mapLayer(layer)
  }
}

/// One map of a layer, row by row, with the score's gradient at it.
struct LayerMap {
  let activations: [Float]
  let gradients: [Float]
}

extension ExplainedBatch {
  /// Maps made of those of a layer: each is weighted, they are added up, and what is positive is
  /// resized to the picture, bilinearly between the middles of the positions.
  ///
  /// - Parameter weigh: What one map adds, position by position.
  func classActivation(
    of layer: String?, _ scores: ExplainedScores, _ weigh: (LayerMap) -> [Double]
  ) -> Attribution {
    guard let name = try? network.mapLayer(layer) else {
      preconditionFailure("the method was not checked: no layer \(layer ?? "") with maps")
    }
    let recording = recording(keeping: network.keepMaps(of: layer))
    let activations = recording[name]
    let shape = activations.shape
    let gradients =
      recording.propagate(scores.signal, from: scores.node, keeping: [name])[name]
      ?? Tensor(shape: shape, repeating: 0)
    let (a, g) = (activations.elements, gradients.elements)
    let area = shape.spatial.reduce(1, *)
    var sums = [Double](repeating: 0, count: shape[0] * area)
    for map in 0..<(shape[0] * shape[1]) {
      let range = (map * area)..<((map + 1) * area)
      let added = weigh(LayerMap(activations: Array(a[range]), gradients: Array(g[range])))
      let start = map / shape[1] * area
      for (position, value) in added.enumerated() { sums[start + position] += value }
    }
    let maps = Tensor(
      shape: Shape([shape[0], 1] + shape.spatial), sums.map { $0 < 0 ? 0 : Float($0) })
    let stretched = Resample(
      ResamplingRule(mode: .linear), axes: [2, 3], extents: pictures.shape.spatial
    ).infer([maps], parameters: [])
    let size = shape.spatial.map(String.init).joined(separator: "×")
    return Attribution(
      maps: stretched, layerMaps: maps,
      remark: layer == nil
        ? "The layer is \(name), the last with spatial extent, of \(size) positions."
        : "The layer is \(name), of \(size) positions.")
  }
}

extension Network {
  /// The layer of a class activation map.
  ///
  /// - Parameter name: Nil for the last layer with spatial extent that the scores depend on.
  /// - Throws: `SelectionError` for a layer that is not there, or has no maps.
  public func mapLayer(_ name: String?) throws(SelectionError) -> String {
    let before = Set(graph.ancestors(of: graph.scoreName).map(\.name))
    let obstacles = mapObstacles
    let candidates = graph.nodes.map(\.name).filter {
      before.contains($0) && obstacles[$0] == nil
    }
    guard let name else {
      guard let last = candidates.last else {
        throw SelectionError(
          "layer: none before the class scores has maps of more than one position")
      }
      return last
    }
    guard let node = graph[name] else {
      throw SelectionError("layer: no layer '\(name)'\(suggestion(for: name, among: candidates))")
    }
    guard candidates.contains(node.name) else {
      let isBefore = before.contains(node.name) || node.name == graph.scoreName
      let reason =
        isBefore
        ? obstacles[node.name] ?? "is the network's output" : "does not affect the class scores"
      throw SelectionError(
        "layer: '\(name)' \(reason)\(suggestion(for: name, among: candidates))")
    }
    return node.name
  }

  /// Why nodes have no maps of the picture, as the end of a sentence that begins with a node's name;
  /// those that have are left out.
  var mapObstacles: [String: String] {
    let channelsFirst = nodesWithChannelsFirst
    return graph.nodes.reduce(into: [:]) { reasons, node in
      guard hasMaps(node.name) else {
        return reasons[node.name] = "has no maps of more than one position"
      }
      if !channelsFirst.contains(node.name) {
        reasons[node.name] = "does not have its channels on axis 1"
      }
    }
  }

  /// The nodes whose outputs `[N, C, H, W]` have maps of the picture: not those between
  /// transpositions of a graph that computes channels last, nor the heads of an attention layer.
  private var nodesWithChannelsFirst: Set<String> {
    graph.nodes.reduce(into: [Graph.inputName]) { found, node in
      let keeps =
        switch node.operation {
        case is Convolution, is ConvolutionTranspose, is LocallyConnected: true
        case let transpose as Transpose: transpose.order == Array(transpose.order.indices)
        case is Reshape, is Flatten: false
        default: true
        }
      let isMoved =
        !(node.operation.hasWindowedFilters || node.operation is ConvolutionTranspose)
        && node.inputs.contains { dependsOnPictures($0) && !found.contains($0) }
      if keeps, !isMoved { found.insert(node.name) }
    }
  }

  private func hasMaps(_ name: String) -> Bool {
    guard dependsOnPictures(name), let shape = shapes[name], shape.rank == 4 else { return false }
    return shape[1] > 0 && shape.spatial.reduce(1, *) > 1
  }

  /// - Parameter layer: As of `mapLayer`.
  func keepMaps(of layer: String?) -> Keep {
    .forGradient(and: [try? mapLayer(layer)].compactMap(\.self))
  }
}

extension MethodParameter {
  static func mapLayer(_ property: any WritableKeyPath<Method, String?> & Sendable) -> Self {
    .layer(
      "The layer whose maps are weighted.", property, default: "the last with spatial extent")
  }
}
