public import TensorCore

/// One forward run: the activations that were kept, from which backward passes can start.
public struct Recording: Sendable {
  public let network: Network
  public let input: Tensor
  let evaluations: [Evaluation?]
  private let outputs: [String: Tensor]
  /// The batch norms that ran as part of a layer, with the position of that layer, by position.
  let normalizedLayers: [Int: Int]
  /// The runs of parts of the pictures, if not all were run together.
  let parts: [Recording]

  /// The output of a node, with the pictures along the first axis and at least one number for each;
  /// a single tensor for all pictures if it does not depend on them.
  ///
  /// - Precondition: The run kept it. The graph's scores and output are always kept.
  public subscript(node: String) -> Tensor {
    if node == Graph.inputName { return input }
    if let first = parts.first {
      return network.dependsOnPictures(node)
        ? Tensor(concatenatingRows: parts.map { $0[node] }) : first[node]
    }
    return network.picturesFirst(ownOutput(of: node), of: node)
  }

  /// The output of a node with its axes in the graph's own order.
  ///
  /// - Precondition: The run kept it, and pictures could be run together.
  public func ownOutput(of node: String) -> Tensor {
    guard parts.isEmpty else { return network.inPlace(self[node], of: node) }
    guard let output = outputs[node] else {
      preconditionFailure("the recording did not keep '\(node)'")
    }
    return output.converted(to: .float32)
  }

  /// Whether all pictures were run together, not in parts.
  package var isTogether: Bool { parts.isEmpty }

  /// The class scores before a final softmax or sigmoid, `[N, classes]`.
  public var scores: Tensor {
    let scores = self[network.graph.scoreName]
    return scores.shape.rank == 2
      ? scores : scores.reshaped(to: [scores.shape[0], scores.count / max(scores.shape[0], 1)])
  }

  /// Batch norm's running statistics after a run in training mode, by parameter name.
  public var measuredParameters: [String: Tensor] {
    var measured: [String: Tensor] = [:]
    // Only runs of single pictures have parts in training.
    for part in parts {
      measured.merge(part.measuredParameters.mapValues { $0 * (1 / Float(parts.count)) }) {
        $0 + $1
      }
    }
    for (node, evaluation) in zip(network.graph.nodes, evaluations) {
      guard let evaluation else { continue }
      for (position, tensor) in node.operation.measuredParameters(
        after: evaluation, parameters: network.parameters(of: node))
      {
        measured[node.parameters[position]] = tensor
      }
    }
    return measured
  }

  init(
    network: Network, input: Tensor, evaluations: [Evaluation?], outputs: [String: Tensor],
    normalizedLayers: [Int: Int] = [:]
  ) {
    self.network = network
    self.input = input
    self.evaluations = evaluations
    self.outputs = outputs
    self.normalizedLayers = normalizedLayers
    parts = []
  }

  init(_ parts: [Recording], of network: Network, input: Tensor) {
    self.network = network
    self.input = input
    self.parts = parts
    (evaluations, outputs, normalizedLayers) = ([], [:], [:])
  }

  /// The same as one run, if there is no backward pass; it has what all parts kept.
  var joined: Recording {
    guard let first = parts.first else { return self }
    return Recording(
      network: network, input: input, evaluations: [],
      outputs: Dictionary(
        uniqueKeysWithValues: first.outputs.keys.map { name in
          let output = ownOutput(of: name)
          let magnitudes = parts.compactMap { $0.outputs[name]?.knownMagnitude }
          if magnitudes.count == parts.count, let greatest = magnitudes.max() {
            output.noteMagnitude(greatest)
          }
          return (name, output)
        }))
  }

  /// The shape of `self[node]`, without the copy that it may be.
  public func shape(of node: String) -> Shape {
    guard network.dependsOnPictures(node), !parts.isEmpty else { return self[node].shape }
    return parts[0][node].shape.withCount(input.shape[0])
  }

  /// Whether each node that was kept has as many pictures as the input.
  var hasEveryPicture: Bool {
    outputs.allSatisfy { node, output in
      guard let axis = network.batchAxes[node], let one = network.ownShapes[node] else {
        return true
      }
      return output.shape == axis.shape(one, pictures: input.shape[0])
    }
  }
}
