internal import Kernels
public import TensorCore

/// The signals that reached each node in the backward pass.
public struct Backpropagation: Sendable {
  let signals: [String: Tensor]

  /// Nil for a node that no signal reached, or that was not requested.
  public subscript(node: String) -> Tensor? { signals[node] }

  /// The signal at the pixels, `[N, C, H, W]`; zero where none arrived.
  public let input: Tensor
}

extension Recording {
  /// Propagates `signal` from `node` back to the pixels, by the rules that `rules` chooses.
  ///
  /// - Parameters:
  ///   - signal: Of the shape that the recording returns for the node, like the signals kept.
  ///   - kept: The nodes whose signals are needed besides those at the pixels.
  /// - Precondition: The recording keeps what the rules read.
  public func propagate(
    _ signal: Tensor, from node: String, by rules: RuleBook = .gradient, keeping kept: [String] = []
  ) -> Backpropagation {
    propagate(signal, from: node, by: rules, keeping: kept, timedBy: nil)
  }

  /// - Parameter stopwatch: Takes the time of each step.
  func propagate(
    _ signal: Tensor, from node: String, by rules: RuleBook = .gradient,
    keeping kept: [String] = [], timedBy stopwatch: Stopwatch?
  ) -> Backpropagation {
    guard parts.isEmpty else {
      let rows = rows(of: signal, from: node)
      let passes = mapParts(parts.count, timedBy: stopwatch) { part, stopwatch in
        parts[part].propagate(
          rows[part], from: node, by: rules, keeping: kept, timedBy: stopwatch)
      }
      let input = Tensor(concatenatingRows: passes.map(\.input))
      var signals: [String: Tensor] = [:]
      for name in kept {
        let parts = passes.compactMap { $0[name] }
        guard let first = parts.first, parts.count == passes.count else { continue }
        // A node that is the same for every picture gets the sum of their signals.
        signals[name] =
          network.dependsOnPictures(name)
          ? Tensor(concatenatingRows: parts) : parts.dropFirst().reduce(first, +)
      }
      return Backpropagation(signals: signals, input: input)
    }
    let precision = rules.onlyGates ? network.precision : .float32
    let start = network.inPlace(signal, of: node)
    // A gradient of scores is rounded where it enters the last layer.
    var signals = [node: start.shape.rank > 2 ? start.converted(to: precision) : start]
    var keptSignals: [String: Tensor] = [:]
    // Layers whose gradient also is that of the batch norm after them, by the weights of both.
    var normalizations: [Int: Int] = [:]
    for (position, node) in network.graph.nodes.enumerated().reversed() {
      guard let signal = signals.removeValue(forKey: node.name) else { continue }
      if kept.contains(node.name) {
        keptSignals[node.name] = network.picturesFirst(
          signal.converted(to: .float32), of: node.name)
      }
      guard let evaluation = evaluations[position] else {
        preconditionFailure("the recording keeps nothing for the backward pass of '\(node.name)'")
      }
      let rule = rules.rule(for: node, in: network.graph)
      if let layer = normalizedLayers[position], rule is PlainGradient {
        let own = network.graph.nodes[layer]
        if rules.rule(for: own, in: network.graph) is PlainGradient, !kept.contains(own.name) {
          normalizations[layer] = position
          signals[own.name] = signal
          continue
        }
      }
      let normalization = normalizations[position]
      let site = BackwardSite(
        node: node, evaluation: evaluation,
        parameters: normalization.map {
          network.fusedParameters(of: node, with: network.graph.nodes[$0])
        } ?? network.parameters(of: node),
        origins: node.inputs.map { network.graph[$0] },
        isVariable: node.inputs.map(network.dependsOnPictures))
      stopwatch?.start()
      // Consumed, so that elementwise gradients work in place.
      let contributions = rule.propagate(
        node.operation.readsRounded && precision != .float32
          ? (consume signal).converted(to: precision) : consume signal, through: site)
      stopwatch?.stop(.inputGradient, [normalization, position].compactMap(\.self))
      for (input, contribution) in zip(node.inputs, contributions) {
        signals.add(contribution, to: input, of: network.graph, timedBy: stopwatch)
      }
    }
    let input =
      signals[Graph.inputName]?.converted(to: .float32)
      ?? Tensor(shape: self.input.shape, layout: .channelsLast, repeating: 0)
    if kept.contains(Graph.inputName) { keptSignals[Graph.inputName] = input }
    return Backpropagation(signals: keptSignals, input: input)
  }

  /// The gradient of `Σ signal · node` with respect to parameters, by name.
  ///
  /// - Parameter wanted: Which parameters; nil for all that have a gradient. The signal goes no
  ///   further back than these need.
  /// - Precondition: The recording was made for training, or keeps everything.
  public func parameterGradients(
    of signal: Tensor, from node: String, for wanted: Set<String>? = nil
  ) -> [String: Tensor] {
    parameterGradients(of: signal, from: node, for: wanted, timedBy: nil)
  }

  /// - Parameter stopwatch: Takes the time of each step.
  func parameterGradients(
    of signal: Tensor, from node: String, for wanted: Set<String>? = nil,
    timedBy stopwatch: Stopwatch?
  ) -> [String: Tensor] {
    func isWanted(_ name: String) -> Bool { wanted?.contains(name) ?? true }
    let learning = nodesBehind { $0.parameters.contains(where: isWanted) }
    var signals = parts.isEmpty ? [node: network.inPlace(signal, of: node)] : [:]
    var gradients: [String: Tensor] = [:]
    if !parts.isEmpty {
      let rows = rows(of: signal, from: node)
      // As many at once as there are threads, so that few sets of gradients are in memory.
      for start in stride(from: 0, to: parts.count, by: ThreadCount.current) {
        let group = start..<min(start + ThreadCount.current, parts.count)
        let sets = mapParts(group.count, timedBy: stopwatch) { index, stopwatch in
          parts[start + index].parameterGradients(
            of: rows[start + index], from: node, for: wanted, timedBy: stopwatch)
        }
        for set in sets {
          for (name, gradient) in set { gradients.add(gradient, to: name) }
        }
      }
    }
    for (position, node) in network.graph.nodes.enumerated().reversed() {
      guard let signal = signals.removeValue(forKey: node.name) else { continue }
      guard let evaluation = evaluations[position] else {
        preconditionFailure("the recording keeps nothing for the backward pass of '\(node.name)'")
      }
      let parameters = network.parameters(of: node)
      if node.parameters.contains(where: isWanted) {
        stopwatch?.start()
        let own = node.operation.parameterGradients(
          signal, through: evaluation, parameters: parameters)
        stopwatch?.stop(.weightGradient, [position])
        for (name, gradient) in zip(node.parameters, own) where isWanted(name) {
          if let gradient { gradients.add(gradient, to: name) }
        }
      }
      guard node.inputs.contains(where: learning.contains) else { continue }
      stopwatch?.start()
      let contributions = node.operation.pullback(
        consume signal, through: evaluation, parameters: parameters)
      stopwatch?.stop(.inputGradient, [position])
      for (input, contribution) in zip(node.inputs, contributions) where learning.contains(input) {
        signals.add(contribution, to: input, of: network.graph, timedBy: stopwatch)
      }
    }
    return gradients
  }

  /// A signal's part for each part of the pictures. One at a node that is the same for all pictures
  /// enters once.
  private func rows(of signal: Tensor, from node: String) -> [Tensor] {
    guard network.dependsOnPictures(node) else {
      let zero = Tensor(shape: signal.shape, layout: signal.layout, repeating: 0)
      return parts.indices.map { $0 == 0 ? signal : zero }
    }
    var start = 0
    return parts.map { part in
      let end = start + part.input.shape[0]
      defer { start = end }
      return signal.rows(start..<end)
    }
  }

  /// The nodes that learn or come after one that does: only these need a gradient.
  private func nodesBehind(_ learns: (Graph.Node) -> Bool) -> Set<String> {
    var learning: Set<String> = []
    for node in network.graph.nodes
    where learns(node) || node.inputs.contains(where: learning.contains) {
      learning.insert(node.name)
    }
    return learning
  }
}

extension [String: Tensor] {
  fileprivate mutating func add(
    _ signal: Tensor, to name: String, of graph: Graph, timedBy stopwatch: Stopwatch?
  ) {
    guard let stopwatch, keys.contains(name), let position = graph.positions[name] else {
      return add(signal, to: name)
    }
    stopwatch.start()
    add(signal, to: name)
    stopwatch.stop(.sumOfSignals, [position])
  }

  fileprivate mutating func add(_ tensor: Tensor, to name: String) {
    if let present = removeValue(forKey: name) {
      self[name] = combine(present, tensor, .add)
    } else {
      self[name] = tensor
    }
  }
}
