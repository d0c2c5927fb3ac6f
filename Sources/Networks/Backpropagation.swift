public import TensorCore

/// What reached each node on the way back.
public struct Backpropagation: Sendable {
  let signals: [String: Tensor]

  /// Nil for a node that nothing reached, or that was not asked for.
  public subscript(node: String) -> Tensor? { signals[node] }

  /// What reached the pixels, `[N, C, H, W]`; zero where nothing did.
  public let input: Tensor
}

extension Recording {
  /// Carries `signal` from `node` back to the pixels, by the rules that `rules` chooses.
  ///
  /// - Parameters:
  ///   - signal: Of the node's output shape.
  ///   - kept: The nodes whose signals are wanted besides the pixels'.
  /// - Precondition: The recording keeps what the rules read.
  public func propagate(
    _ signal: Tensor, from node: String, by rules: RuleBook = .gradient, keeping kept: [String] = []
  ) -> Backpropagation {
    var signals = [node: signal]
    var keptSignals: [String: Tensor] = [:]
    for (position, node) in network.graph.nodes.enumerated().reversed() {
      guard let signal = signals.removeValue(forKey: node.name) else { continue }
      if kept.contains(node.name) { keptSignals[node.name] = signal }
      guard let evaluation = evaluations[position] else {
        preconditionFailure("the recording keeps no way back from '\(node.name)'")
      }
      let site = BackwardSite(
        node: node, evaluation: evaluation, parameters: network.parameters(of: node))
      // Handed over, so that elementwise gradients work in place.
      let contributions = rules.rule(for: node).propagate(consume signal, through: site)
      for (input, contribution) in zip(node.inputs, contributions) {
        signals.add(contribution, to: input)
      }
    }
    let input =
      signals[Graph.inputName]
      ?? Tensor(shape: self.input.shape, layout: .channelsLast, repeating: 0)
    if kept.contains(Graph.inputName) { keptSignals[Graph.inputName] = input }
    return Backpropagation(signals: keptSignals, input: input)
  }

  /// The gradient of `Σ signal · node` at every learned parameter, by name.
  ///
  /// - Precondition: The recording was made for training, or keeps everything.
  public func parameterGradients(of signal: Tensor, from node: String) -> [String: Tensor] {
    let learning = nodesBehindParameters()
    var signals = [node: signal]
    var gradients: [String: Tensor] = [:]
    for (position, node) in network.graph.nodes.enumerated().reversed() {
      guard let signal = signals.removeValue(forKey: node.name) else { continue }
      guard let evaluation = evaluations[position] else {
        preconditionFailure("the recording keeps no way back from '\(node.name)'")
      }
      let parameters = network.parameters(of: node)
      let own = node.operation.parameterGradients(
        signal, through: evaluation, parameters: parameters)
      for (name, gradient) in zip(node.parameters, own) {
        if let gradient { gradients.add(gradient, to: name) }
      }
      guard node.inputs.contains(where: learning.contains) else { continue }
      let contributions = node.operation.pullback(
        consume signal, through: evaluation, parameters: parameters)
      for (input, contribution) in zip(node.inputs, contributions) where learning.contains(input) {
        signals.add(contribution, to: input)
      }
    }
    return gradients
  }

  /// The nodes that a parameter comes before, or belongs to: only there must a gradient go.
  private func nodesBehindParameters() -> Set<String> {
    var learning: Set<String> = []
    for node in network.graph.nodes
    where !node.parameters.isEmpty || node.inputs.contains(where: learning.contains) {
      learning.insert(node.name)
    }
    return learning
  }
}

extension [String: Tensor] {
  fileprivate mutating func add(_ tensor: Tensor, to name: String) {
    if let present = removeValue(forKey: name) {
      self[name] = present + tensor
    } else {
      self[name] = tensor
    }
  }
}
