internal import Foundation
internal import Synchronization
internal import TensorCore

extension Network {
  /// The same function with batch norm folded into the convolutions before it (Jacob et al.
  /// 2018, section 3.2, equation 14): `w γ/√(σ² + ε)` and `(b − μ) γ/√(σ² + ε) + β`.
  ///
  /// A batch norm is removed if it follows a convolution that nothing else reads; its name becomes
  /// an alias of the convolution's.
  public func foldingBatchNormalization() throws(GraphError) -> Network {
    var nodes: [Graph.Node] = []
    var (aliases, parameters) = (graph.aliases, parameters)
    var replaced: [String: String] = [:]
    for node in graph.nodes {
      if node.operation is BatchNormalization, let layer = graph[node.inputs[0]],
        layer.operation is Convolution, graph.consumers(of: layer.name).count == 1,
        let position = nodes.firstIndex(where: { $0.name == layer.name })
      {
        let bias = layer.parameters.count > 1 ? layer.parameters[1] : "\(layer.name).bias"
        let folded = foldedParameters(of: layer, with: node)
        for name in node.parameters { parameters[name] = nil }
        parameters[layer.parameters[0]] = folded[0]
        parameters[bias] = folded[1]
        nodes[position] = Graph.Node(
          layer.name, layer.operation, inputs: nodes[position].inputs,
          parameters: [layer.parameters[0], bias])
        replaced[node.name] = layer.name
        aliases[node.name] = layer.name
      } else {
        nodes.append(
          Graph.Node(
            node.name, node.operation, inputs: node.inputs.map { replaced[$0] ?? $0 },
            parameters: node.parameters))
      }
    }
    return try Network(
      graph: Graph(
        inputShape: graph.inputShape, batch: graph.batch, nodes,
        aliases: aliases.mapValues { replaced[$0] ?? $0 }), parameters: parameters)
  }

  /// Filters and bias of a convolution that includes its batch norm.
  func foldedParameters(of layer: Graph.Node, with normalization: Graph.Node) -> [Tensor] {
    folded.tensors(of: normalization.name) {
      let (own, norm) = (parameters(of: layer), parameters(of: normalization))
      let epsilon = (normalization.operation as? BatchNormalization)?.epsilon ?? 0
      let (shift, mean) = (norm[1].elements, norm[2].elements)
      let scale = Swift.zip(norm[0].elements, norm[3].elements).map { $0 / sqrt($1 + epsilon) }
      let bias = own.count > 1 ? own[1].elements : [Float](repeating: 0, count: scale.count)
      var filters = own[0].arranged(as: .rowMajor)
      let width = filters.count / max(scale.count, 1)
      filters.withUnsafeMutableElements { weights in
        for (filter, factor) in scale.enumerated() {
          for index in (filter * width)..<((filter + 1) * width) { weights[index] *= factor }
        }
      }
      let shifts = scale.indices.map { (bias[$0] - mean[$0]) * scale[$0] + shift[$0] }
      return [filters, Tensor(shape: [shifts.count], shifts)]
    }
  }
}

/// Folded weights for one set of parameters, computed when first needed.
final class FoldedWeights: Sendable {
  private let made = Mutex<[String: [Tensor]]>([:])

  func tensors(of name: String, make: () -> [Tensor]) -> [Tensor] {
    if let found = made.withLock({ $0[name] }) { return found }
    let tensors = make()
    made.withLock { $0[name] = tensors }
    return tensors
  }
}
