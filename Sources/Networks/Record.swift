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
      let node = graph.nodes[step.work.layer.layer]
      if mode == .inference { round(&inputs, of: node) }
      let isUnrounded = unrounded.contains(node.name)
      switch step.work {
      case .pooled(_, let concatenation):
        let parts = inputs.takeAll().map { node.operation.infer([$0], parameters: []) }
        live[step.result] = graph.nodes[concatenation].operation.infer(parts, parameters: [])
      case .node where !isUnrounded && keep.backward == .none && mode == .inference:
        live[step.result] = node.operation.infer(
          inputs.takeAll(), parameters: parameters(of: node))
      case .node(let position) where !isUnrounded:
        let held = keep.holdsInputs(of: node, in: mode) ? inputs : nil
        var evaluation = node.operation.evaluate(
          inputs.takeAll(), parameters: parameters(of: node),
          mode: frozen.contains(node.name) ? .inference : mode.forNode(position))
        live[step.result] = evaluation.output
        evaluation.inputs = held
        if !keep.holdsOutput(of: node, in: mode) { evaluation.output = nil }
        if keep.backward != .none { evaluations[position] = evaluation }
      default:
        let layer = step.work.layer
        let source = inputs[0].shape
        let held = keep.holdsInputs(of: node, in: mode) ? [inputs[0]] : nil
        let output = evaluate(layer, inputs.takeAll(), storing: isUnrounded ? .float32 : nil)
        live[step.result] = output
        if let normalization = layer.normalization {
          normalizedLayers[normalization] = layer.layer
        }
        for position in step.nodes where keep.backward != .none {
          let own = graph.nodes[position]
          let isLayer = position == layer.layer
          var evaluation = Evaluation(
            inputShapes: isLayer ? [source] : own.inputs.map { _ in output.shape },
            output: output)
          if isLayer { evaluation.inputs = held }
          if !keep.holdsOutput(of: own, in: mode) { evaluation.output = nil }
          evaluations[position] = evaluation
        }
      }
      stopwatch?.stop(.forward, step.nodes)
    }
    // One after the other, so that never all are there twice.
    if precision != .float32, keep.backward == .none {
      for name in kept {
        guard let tensor = live.remove(name) else { continue }
        live[name] = (consume tensor).converted(to: .float32)
      }
    }
    return Recording(
      network: self, input: images, evaluations: evaluations,
      outputs: live.kept, normalizedLayers: normalizedLayers)
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
