internal import Foundation
internal import Synchronization
internal import TensorCore

extension Network {
  /// The same function with batch norm fused into the convolutions, their transposes and the
  /// linear layers before it (Jacob et al. 2018, section 3.2, equation 14): `w γ/√(σ² + ε)` and
  /// `(b − μ) γ/√(σ² + ε) + β`.
  ///
  /// A batch norm is removed if it follows a layer that nothing else reads; its name becomes an
  /// alias of the layer's.
  ///
  /// - Parameter kept: Nodes whose own values are needed: nothing is fused into these.
  public func fusingBatchNormalization(keeping kept: Set<String> = []) throws(GraphError)
    -> Network
  {
    var nodes: [Graph.Node] = []
    var (aliases, parameters) = (graph.aliases, parameters)
    var replaced: [String: String] = [:]
    var readers: [String: Int] = [:]
    for name in graph.nodes.flatMap(\.parameters) { readers[name, default: 0] += 1 }
    for node in graph.nodes {
      if node.operation is BatchNormalization, let layer = graph[node.inputs[0]],
        takesNormalization(layer), !kept.contains(layer.name),
        graph.consumers(of: layer.name).count == 1,
        let position = nodes.firstIndex(where: { $0.name == layer.name })
      {
        let fused = fusedParameters(of: layer, with: node)
        for name in node.parameters where readers[name] == 1 { parameters[name] = nil }
        // Weights that another layer reads too stay as they are for that one.
        let own = layer.parameters.enumerated().map { index, name in
          readers[name] == 1 ? name : "\(layer.name).fused.\(index)"
        }
        let bias = own.count > 1 ? own[1] : "\(layer.name).bias"
        parameters[own[0]] = fused[0]
        parameters[bias] = fused[1]
        nodes[position] = Graph.Node(
          layer.name, layer.operation, inputs: nodes[position].inputs, parameters: [own[0], bias])
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
        aliases: aliases.mapValues { replaced[$0] ?? $0 }), parameters: parameters,
      precision: precision)
  }

  /// Whether a batch norm after a layer scales what each of the layer's filters gives.
  private func takesNormalization(_ layer: Graph.Node) -> Bool {
    switch layer.operation {
    case is Convolution, is ConvolutionTranspose: true
    // Of more axes, batch norm's channels are not the features.
    case is Linear: ownShapes[layer.name]?.rank == 2
    default: false
    }
  }

  /// Weights and bias of a layer that includes its batch norm.
  func fusedParameters(of layer: Graph.Node, with normalization: Graph.Node) -> [Tensor] {
    fusedWeights.tensors(of: normalization.name) {
      let (own, norm) = (parameters(of: layer), parameters(of: normalization))
      let epsilon = (normalization.operation as? BatchNormalization)?.epsilon ?? 0
      let (shift, mean) = (norm[1].elements, norm[2].elements)
      let scale = Swift.zip(norm[0].elements, norm[3].elements).map { $0 / sqrt($1 + epsilon) }
      let bias = own.count > 1 ? own[1].elements : [Float](repeating: 0, count: scale.count)
      var filters = own[0].arranged(as: .rowMajor)
      let shape = filters.shape
      let area = shape.spatial.reduce(1, *)
      let transposed = layer.operation as? ConvolutionTranspose
      filters.withUnsafeMutableElements { weights in
        for index in weights.indices {
          if let transposed {
            // [C, K / groups, …]: the inputs of a group make its filters.
            let (input, filter) = (index / (area * shape[1]), index / area % shape[1])
            let group = input / max(shape[0] / transposed.groups, 1)
            weights[index] *= scale[group * shape[1] + filter]
          } else {
            weights[index] *= scale[index / (area * shape[1])]
          }
        }
      }
      let shifts = scale.indices.map { (bias[$0] - mean[$0]) * scale[$0] + shift[$0] }
      return [filters, Tensor(shape: [shifts.count], shifts)]
    }
  }
}

/// Weights with their batch norm for one set of parameters, computed when first needed.
final class FusedWeights: Sendable {
  private let made = Mutex<[String: [Tensor]]>([:])

  func release() { made.withLock { $0 = [:] } }

  func tensors(of name: String, make: () -> [Tensor]) -> [Tensor] {
    if let found = made.withLock({ $0[name] }) { return found }
    let tensors = make()
    made.withLock { $0[name] = tensors }
    return tensors
  }
}
