public import TensorCore

extension Network {
  /// Runs the network on `[N, C, H, W]` images.
  ///
  /// - Parameters:
  ///   - frozen: Nodes that run as in inference whatever the mode is.
  ///   - last: Where to stop; the nodes after it are not run.
  ///   - given: Outputs that are known for these images, as `ownOutput(of:)` returns them: what only
  ///     they depend on does not run. Not for inference, nor for networks that run pictures one by
  ///     one.
  /// - Precondition: Every node's inputs fit, which is the case for the graph's own input shape.
  public func record(
    _ images: Tensor, keeping keep: Keep = .everything, mode: Mode = .inference,
    frozen: Set<String> = [], through last: String? = nil, given: [String: Tensor] = [:]
  ) -> Recording {
    record(
      images, keeping: keep, mode: mode, frozen: frozen, through: last, given: given, timedBy: nil)
  }

  /// - Parameter stopwatch: Takes the time of each step.
  func record(
    _ images: Tensor, keeping keep: Keep, mode: Mode, frozen: Set<String> = [],
    through last: String? = nil, given: [String: Tensor] = [:], timedBy stopwatch: Stopwatch?
  ) -> Recording {
    @Sendable func recordTogether(
      _ images: Tensor, _ given: [String: Tensor], timedBy stopwatch: Stopwatch?
    ) -> Recording {
      self.recordTogether(
        images, keeping: keep, mode: mode, frozen: frozen, through: last, given: given,
        timedBy: stopwatch)
    }
    func recordParts(_ ranges: [Range<Int>]) -> Recording {
      let parts = mapParts(ranges.count, timedBy: stopwatch) { part, stopwatch in
        recordTogether(images.rows(ranges[part]), [:], timedBy: stopwatch)
      }
      return Recording(parts, of: self, input: images)
    }
    if batchObstacle == nil || images.shape[0] == graph.batch {
      let ranges =
        mode == .inference && given.isEmpty
        ? pictureParts(of: images.shape[0], for: keep, through: last) : []
      // The shapes were computed beforehand; what the run returns is decisive.
      if ranges.isEmpty {
        let recording = recordTogether(images, given, timedBy: stopwatch)
        if recording.hasEveryPicture { return recording }
      } else {
        let recording = recordParts(ranges)
        if recording.parts.allSatisfy(\.hasEveryPicture) {
          return keep.backward == .none ? recording.joined : recording
        }
      }
    }
    precondition(graph.batch == 1, "a network for \(graph.batch) pictures, not \(images.shape)")
    return recordParts((0..<images.shape[0]).map { $0..<($0 + 1) })
  }

  private func recordTogether(
    _ images: Tensor, keeping keep: Keep, mode: Mode, frozen: Set<String>, through last: String?,
    given: [String: Tensor], timedBy stopwatch: Stopwatch?
  ) -> Recording {
    let last = last.flatMap { graph.positions[$0] } ?? (graph.nodes.count - 1)
    let nodes = graph.nodes[0...max(last, 0)]
    let kept = (keep.nodes ?? Set(graph.nodes.map(\.name)))
      .union([nodes[nodes.endIndex - 1].name, graph.scoreName])
    if keep.backward == .none, mode == .inference {
      return infer(images, keeping: kept, through: nodes.endIndex - 1, timedBy: stopwatch)
    }
    let needed =
      given.isEmpty
      ? nil : self.nodes(after: Set(given.keys), to: nodes[nodes.endIndex - 1].name)
    // What is given was requested when it was computed, and so has the same kernels beside it.
    let steps = RunPlan(
      self, through: nodes.endIndex - 1, for: keep, mode: mode, keeping: kept.union(given.keys)
    ).steps.filter { needed?.contains($0.result) ?? true }
    var live = LiveTensors(images, readers: steps.lazy.map(\.inputs), kept: kept)
    for (name, output) in given { live[name] = output }
    var evaluations = [Evaluation?](repeating: nil, count: graph.nodes.count)
    var normalizedLayers: [Int: Int] = [:]
    let unrounded = mode == .inference ? unroundedLayers : []
    for step in steps {
      var inputs = live.take(step.inputs)
      stopwatch?.start()
      let node = graph.nodes[step.nodes[0]]
      if mode == .inference { round(&inputs, of: node) }
      let output: Tensor
      switch step.work {
      case .node(let position):
        let nodeMode = frozen.contains(node.name) ? .inference : mode.forNode(position)
        var evaluation: Evaluation
        if keep.holdsInputs(of: node, in: mode) {
          evaluation = evaluate(position, inputs, nodeMode, unrounded)
          evaluation.inputs = inputs
        } else {
          evaluation = evaluate(position, inputs.takeAll(), nodeMode, unrounded)
        }
        output = evaluation.keptOutput
        if !keep.holdsOutput(of: node, in: mode) { evaluation.output = nil }
        if keep.backward != .none { evaluations[position] = evaluation }
      case .fused(let layer):
        let source = inputs[0].shape
        let held = keep.holdsInputs(of: node, in: mode) ? [inputs[0]] : nil
        output = evaluate(
          layer, inputs.takeAll(), storing: unrounded.contains(node.name) ? .float32 : nil)
        for position in step.nodes {
          let own = graph.nodes[position]
          var evaluation = Evaluation(
            inputShapes: position == layer.layer
              ? [source] : own.inputs.map { _ in output.shape },
            output: output)
          if position == layer.layer { evaluation.inputs = held }
          if !keep.holdsOutput(of: own, in: mode) { evaluation.output = nil }
          evaluations[position] = evaluation
        }
        if let normalization = layer.normalization {
          normalizedLayers[normalization] = layer.layer
        }
      }
      stopwatch?.stop(.forward, step.nodes)
      live[step.result] = output
    }
    return Recording(
      network: self, input: images, evaluations: evaluations,
      outputs: live.kept, normalizedLayers: normalizedLayers)
  }
}

extension Network {
  /// Runs the network without a backward pass.
  private func infer(
    _ images: Tensor, keeping kept: Set<String>, through last: Int, timedBy stopwatch: Stopwatch?
  ) -> Recording {
    let plan = RunPlan(self, through: last, for: .only([]), mode: .inference, keeping: kept)
    var live = LiveTensors(images, readers: plan.steps.lazy.map(\.inputs), kept: kept)
    let unrounded = unroundedLayers
    for step in plan.steps {
      var inputs = live.take(step.inputs)
      stopwatch?.start()
      let node = graph.nodes[step.nodes[0]]
      round(&inputs, of: node)
      live[step.result] =
        switch step.work {
        case .node(let position) where unrounded.contains(node.name):
          evaluate(.init(layer: position), inputs.takeAll(), storing: .float32)
        case .node:
          node.operation.infer(inputs.takeAll(), parameters: parameters(of: node))
        case .fused(let layer):
          evaluate(layer, inputs.takeAll(), storing: unrounded.contains(node.name) ? .float32 : nil)
        }
      stopwatch?.stop(.forward, step.nodes)
    }
    // One after the other, so that never all are there twice.
    if precision != .float32 {
      for name in kept {
        guard let tensor = live.remove(name) else { continue }
        live[name] = (consume tensor).converted(to: .float32)
      }
    }
    return Recording(network: self, input: images, evaluations: [], outputs: live.kept)
  }
}

/// The tensors of a run that are still needed. The last reader of a tensor may reuse its memory.
private struct LiveTensors {
  private var tensors: [String: Tensor]
  private var readersToCome: [String: Int] = [:]
  private let keptNames: Set<String>

  init(_ images: Tensor, readers: some Sequence<[String]>, kept: Set<String>) {
    tensors = [Graph.inputName: images.arranged(as: .channelsLast)]
    for inputs in readers { for name in inputs { readersToCome[name, default: 0] += 1 } }
    for name in kept { readersToCome[name, default: 0] += 1 }
    // The recording keeps the original images.
    readersToCome[Graph.inputName, default: 0] += 1
    keptNames = kept
  }

  subscript(name: String) -> Tensor? {
    get { tensors[name] }
    set { tensors[name] = newValue }
  }

  mutating func remove(_ name: String) -> Tensor? { tensors.removeValue(forKey: name) }

  var kept: [String: Tensor] { tensors.filter { keptNames.contains($0.key) } }

  mutating func take(_ names: [String]) -> [Tensor] {
    names.compactMap { name in
      readersToCome[name, default: 0] -= 1
      return readersToCome[name] == 0 ? tensors.removeValue(forKey: name) : tensors[name]
    }
  }
}

extension Array {
  /// Moves the elements out, so that the receiver is their only owner.
  fileprivate mutating func takeAll() -> [Element] {
    let all = self
    self = []
    return all
  }
}

extension Mode {
  fileprivate func forNode(_ position: Int) -> Mode {
    switch self {
    case .inference: return .inference
    case .training(let seed):
      var generator = SeededGenerator(seed: seed, path: position)
      return .training(seed: generator.next())
    }
  }
}
