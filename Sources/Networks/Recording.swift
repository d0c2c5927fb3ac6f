public import TensorCore

/// What a forward run keeps; everything else is freed or reused during the run.
public struct Keep: Sendable, Hashable {
  /// Each keeps what those before it do.
  enum Backward: Int, Sendable { case none, gradient, training, anyRule }

  /// Nil for all.
  let nodes: Set<String>?
  let backward: Backward

  /// Every activation: any rule can run a backward pass over the recording.
  public static let everything = Keep(nodes: nil, backward: .anyRule)

  /// Some nodes' outputs, without a backward pass.
  public static func only(_ nodes: [String]) -> Keep {
    Keep(nodes: Set(nodes), backward: .none)
  }

  /// What rules that only gate the gradient need: plain, guided and deconvnet.
  public static func forGradient(and nodes: [String] = []) -> Keep {
    Keep(nodes: Set(nodes), backward: .gradient)
  }

  /// What the gradients of the parameters need.
  public static let forTraining = Keep(nodes: [], backward: .training)

  /// The same and some nodes' outputs.
  public func and(_ names: [String]) -> Keep {
    Keep(nodes: nodes.map { $0.union(names) }, backward: backward)
  }

  /// What serves both.
  public func union(_ other: Keep) -> Keep {
    let nodes = self.nodes.flatMap { own in other.nodes.map { own.union($0) } }
    let isLess = backward.rawValue < other.backward.rawValue
    return Keep(nodes: nodes, backward: isLess ? other.backward : backward)
  }

  /// Whether a run that keeps this keeps the other too.
  public func covers(_ other: Keep) -> Bool { union(other) == self }

  /// Whether the backward pass through a node reads the node's inputs.
  func holdsInputs(of node: Graph.Node) -> Bool {
    backward == .anyRule || backward == .training && !node.parameters.isEmpty
      || backward != .none && node.operation.pullbackReads.contains(.inputs)
  }

  /// Whether the backward pass through a node reads the node's output.
  func holdsOutput(of node: Graph.Node) -> Bool {
    backward == .anyRule || backward != .none && node.operation.pullbackReads.contains(.output)
  }
}

/// One forward run: the activations that were kept, from which backward passes can start.
public struct Recording: Sendable {
  public let network: Network
  public let input: Tensor
  let evaluations: [Evaluation?]
  private let outputs: [String: Tensor]
  /// The runs of the individual pictures, if they were run one by one.
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
  /// - Precondition: The run kept it, and the pictures were run together.
  public func ownOutput(of node: String) -> Tensor {
    guard let output = outputs[node] else {
      preconditionFailure("the recording did not keep '\(node)'")
    }
    return output.converted(to: .float32)
  }

  /// Whether all pictures were run together, not one by one.
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

  fileprivate init(
    network: Network, input: Tensor, evaluations: [Evaluation?], outputs: [String: Tensor]
  ) {
    self.network = network
    self.input = input
    self.evaluations = evaluations
    self.outputs = outputs
    parts = []
  }

  fileprivate init(_ parts: [Recording], of network: Network, input: Tensor) {
    self.network = network
    self.input = input
    self.parts = parts
    (evaluations, outputs) = ([], [:])
  }

  /// Whether each node that was kept has as many pictures as the input.
  fileprivate var hasEveryPicture: Bool {
    outputs.allSatisfy { node, output in
      guard let axis = network.batchAxes[node], let one = network.ownShapes[node] else {
        return true
      }
      return output.shape == axis.shape(one, pictures: input.shape[0])
    }
  }
}

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
    func recordTogether(_ images: Tensor, _ given: [String: Tensor] = [:]) -> Recording {
      self.recordTogether(
        images, keeping: keep, mode: mode, frozen: frozen, through: last, given: given,
        timedBy: stopwatch)
    }
    if batchObstacle == nil || images.shape[0] == graph.batch {
      let recording = recordTogether(images, given)
      // The shapes were computed beforehand; what the run returns is decisive.
      if recording.hasEveryPicture { return recording }
    }
    precondition(graph.batch == 1, "a network for \(graph.batch) pictures, not \(images.shape)")
    let parts = (0..<images.shape[0]).map {
      recordTogether(images.rows($0..<($0 + 1)))
    }
    return Recording(parts, of: self, input: images)
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
    func runs(_ node: Graph.Node) -> Bool { needed?.contains(node.name) ?? true }
    var live = LiveTensors(images, readers: nodes.lazy.filter(runs).map(\.inputs), kept: kept)
    for (name, output) in given { live[name] = output }
    var evaluations = [Evaluation?](repeating: nil, count: graph.nodes.count)
    let unrounded = mode == .inference ? unroundedLayers : []
    for (position, node) in nodes.enumerated() where runs(node) {
      var inputs = live.take(node.inputs)
      let nodeMode = frozen.contains(node.name) ? .inference : mode.forNode(position)
      var evaluation: Evaluation
      stopwatch?.start()
      if mode == .inference { round(&inputs, of: node) }
      if keep.holdsInputs(of: node) {
        evaluation = evaluate(position, inputs, nodeMode, unrounded)
        evaluation.inputs = inputs
      } else {
        evaluation = evaluate(position, inputs.takeAll(), nodeMode, unrounded)
      }
      stopwatch?.stop(.forward, [position])
      live[node.name] = evaluation.output
      if keep.backward != .none {
        if !keep.holdsOutput(of: node) { evaluation.output = nil }
        evaluations[position] = evaluation
      }
    }
    return Recording(
      network: self, input: images, evaluations: evaluations,
      outputs: live.kept)
  }
}

extension Network {
  /// Runs the network without a backward pass.
  private func infer(
    _ images: Tensor, keeping kept: Set<String>, through last: Int, timedBy stopwatch: Stopwatch?
  ) -> Recording {
    let plan = InferencePlan(self, through: last, keeping: kept)
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
