internal import Kernels
internal import TensorCore

extension Network {
  /// An upper bound on the peak memory of a run in bytes, without the weights: what is alive at
  /// each node, by the same plan and the same lifetimes as in the run itself, and what the node
  /// itself needs temporarily, the scratchpads of oneDNN's primitives among it. With a backward
  /// pass, this includes the pass itself and the second arrangement of the weights that it uses.
  ///
  /// - Parameter pictures: The number of pictures that are run together.
  /// - Complexity: O(nodes); nothing is computed.
  public func runBytes(
    pictures: Int, keeping keep: Keep, mode: Mode = .inference, through last: String? = nil
  ) -> Int {
    let last = max(last.flatMap { graph.positions[$0] } ?? (graph.nodes.count - 1), 0)
    let nodes = graph.nodes[0...last]
    let kept = (keep.nodes ?? Set(nodes.map(\.name)))
      .union([nodes[nodes.endIndex - 1].name, graph.scoreName])
    let hasBackwardPass = keep.backward != .none
    let sizes = TensorSizes(self, pictures: pictures, isReadLater: hasBackwardPass)
    let steps = RunPlan(self, through: last, for: keep, mode: mode, keeping: kept).steps.map {
      // Before pooled parts are beside each other, they are tensors of their own.
      let parts = if case .pooled = $0.work { sizes[$0.result] } else { 0 }
      return Tally.Step(
        inputs: $0.inputs, result: $0.result,
        scratchpad: parts
          + scratchpadBytes(
            of: graph.nodes[$0.work.layer.layer], [.forward], pictures: pictures))
    }

    var held = kept.union(
      nodes.flatMap { node in
        (keep.holdsInputs(of: node, in: mode) ? node.inputs : [])
          + (keep.holdsOutput(of: node, in: mode) ? [node.name] : [])
      })
    held.insert(Graph.inputName)
    var tally = Tally(sizes, steps: steps, held: held)
    let isInParts =
      mode == .inference
      && !pictureParts(of: pictures, for: keep, through: nodes.last?.name).isEmpty
    // Each part copies its pictures.
    if isInParts { tally.live += sizes[Graph.inputName] }
    for step in steps { tally.run(step) }
    // If a recording has to move the batch axis to the front, or was run in parts, it makes a copy:
    // of all that it keeps if there is no backward pass: then the parts are joined.
    let copied = kept.filter {
      dependsOnPictures($0) && (isInParts || batchAxes[$0] != BatchAxis(0))
    }.map { sizes[$0] }
    let copies = isInParts && !hasBackwardPass ? copied.reduce(0, +) : copied.max() ?? 0
    if hasBackwardPass { tally.live += copies }
    tally.mostBytes = max(tally.mostBytes, tally.live + (hasBackwardPass ? 0 : copies))
    guard hasBackwardPass else { return tally.mostBytes + tally.idleBytes }

    tally.live += nodes.reduce(0) { $0 + savedBytes(of: $1, mode, sizes) }
    // The backward pass rearranges the weights, and training has a gradient for each.
    tally.live += (keep.backward == .training ? 2 : 1) * parameterBytes
    let passes: [LayerPass] =
      keep.backward == .training ? [.inputGradient, .weightGradient] : [.inputGradient]
    tally.goBack(through: nodes) { scratchpadBytes(of: $0, passes, pictures: pictures) }
    return tally.mostBytes + tally.idleBytes
  }

  /// The greatest number of pictures, up to a limit, for which a run needs at most `bytes`; nil if
  /// one picture already needs more.
  public func mostPictures(
    upTo most: Int, within bytes: Int, keeping keep: Keep, through last: String? = nil
  ) -> Int? {
    func fits(_ pictures: Int) -> Bool {
      runBytes(pictures: pictures, keeping: keep, through: last) <= bytes
    }
    if fits(most) { return most }
    var (fitting, tooMany) = (0, most)
    while tooMany - fitting > 1 {
      let middle = (fitting + tooMany) / 2
      if fits(middle) { fitting = middle } else { tooMany = middle }
    }
    return fitting > 0 ? fitting : nil
  }

  /// The memory of the weights themselves.
  public var parameterBytes: Int { parameters.count * MemoryLayout<Float>.stride }

  /// The memory of what runs derive from the weights and keep for the next one: their copies in the
  /// order that each primitive prefers, those with batch norm fused into them, and the primitives
  /// themselves.
  public func derivedWeightBytes(keeping keep: Keep) -> Int {
    let layers = graph.nodes.filter {
      $0.operation is Convolution || $0.operation is ConvolutionTranspose || $0.operation is Linear
    }
    let fused = graph.nodes.filter { $0.operation is BatchNormalization }
      .compactMap { graph[$0.inputs[0]] }.filter { $0.operation is Convolution }
      .reduce(0) { $0 + (parameters[$1.parameters[0]]?.count ?? 0) }
    // The weights of convolutions after concatenations are divided, too.
    let divided = graph.nodes.filter { $0.operation is Convolution }
      .filter { $0.inputs.first.flatMap { graph[$0] }?.operation is Concatenate }
      .reduce(0) { $0 + (parameters[$1.parameters[0]]?.count ?? 0) }
    let hasBackwardPass = keep.backward != .none
    // The last batch of a scan may be smaller, and parts of a batch may have two sizes, with
    // primitives of their own.
    let primitives = layers.count * (hasBackwardPass ? 8 : 4) * Self.primitiveBytes
    return parameterBytes + (fused + divided) * MemoryLayout<Float>.stride + primitives
  }

  /// What a convolution with its reorders takes (measured with oneDNN 2.6).
  private static let primitiveBytes = 120 << 10

  /// Frees what runs have derived from the weights; the next run derives it again.
  public func releaseDerivedWeights() {
    fusedWeights.release()
    for name in parameters.names { parameters[name]?.releaseArrangements() }
  }

  /// The most that one of the passes of a node needs temporarily.
  private func scratchpadBytes(
    of node: Graph.Node, _ passes: [LayerPass], pictures: Int
  ) -> Int {
    // Pictures that cannot be told apart are run one by one.
    func shape(_ name: String) -> Shape {
      let own = ownShapes[name] ?? []
      return batchAxes[name]?.shape(own, pictures: pictures) ?? own
    }
    return passes.map {
      node.operation.scratchpadBytes(
        $0, inputs: node.inputs.map(shape), parameters: parameters(of: node).map(\.shape),
        output: shape(node.name))
    }.max() ?? 0
  }

  /// What a node stores for its own backward pass, at most one number for each that it reads.
  private func savedBytes(of node: Graph.Node, _ mode: Mode, _ sizes: TensorSizes) -> Int {
    switch node.operation {
    case is MaxPool, is GlobalPool, is LocalResponseNormalization:
      return node.inputs.reduce(0) { $0 + sizes[$1] }
    case is Dropout: return mode == .inference ? 0 : sizes[node.name]
    default: return 0
    }
  }
}

/// The size in bytes of each node's output for a number of pictures.
private struct TensorSizes {
  private let bytes: [String: Int]

  /// - Parameter isReadLater: Whether what a run with rounded activations keeps may be read as
  ///   `Float` while it is still kept; others are converted one after the other.
  init(_ network: Network, pictures: Int, isReadLater: Bool) {
    let float = MemoryLayout<Float>.stride
    let bytes = isReadLater && network.precision == .bfloat16 ? float + float / 2 : float
    let counted = max(network.shapes[Graph.inputName]?[0] ?? 1, 1)
    self.bytes = Dictionary(
      uniqueKeysWithValues: network.shapes.map { name, shape in
        let own = shape.elementCount * bytes
        let grows = name == Graph.inputName || network.dependsOnPictures(name)
        return (name, grows ? (own * pictures + counted - 1) / counted : own)
      })
  }

  subscript(name: String) -> Int { bytes[name] ?? 0 }
}

/// Simulates a run and adds up its memory.
private struct Tally {
  struct Step {
    let inputs: [String]
    let result: String
    let scratchpad: Int
  }

  private let sizes: TensorSizes
  private let held: Set<String>
  private var readersToCome: [String: Int] = [:]
  /// The bytes alive between two nodes.
  var live: Int
  var mostBytes: Int
  private var freed = 0
  /// Of all scratchpads, which are taken from the same pool of freed blocks.
  private var scratchpads: Set<Int> = []

  init(_ sizes: TensorSizes, steps: [Step], held: Set<String>) {
    (self.sizes, self.held) = (sizes, held)
    for step in steps { for name in step.inputs { readersToCome[name, default: 0] += 1 } }
    live = sizes[Graph.inputName]
    mostBytes = live
  }

  /// Freed blocks are kept for the next tensor of the same size, up to a limit.
  var idleBytes: Int { min(freed + scratchpads.reduce(0, +), idleMemoryLimit) }

  mutating func run(_ step: Step) {
    let (inputs, result) = (step.inputs, step.result)
    let read = inputs.reduce(0) { $0 + sizes[$1] }
    live += sizes[result]
    // An operation may need its input in another order.
    mostBytes = max(mostBytes, live + read)
    scratchpads.insert(step.scratchpad)
    for name in inputs {
      readersToCome[name, default: 0] -= 1
      if readersToCome[name] == 0 { free(name) }
    }
    if readersToCome[result, default: 0] == 0 { free(result) }
  }

  private mutating func free(_ name: String) {
    guard !held.contains(name) else { return }
    live -= sizes[name]
    freed += sizes[name]
  }

  /// The signals in the backward pass: one for each node that was reached and has not passed it on.
  mutating func goBack(
    through nodes: ArraySlice<Graph.Node>, scratchpad: (Graph.Node) -> Int
  ) {
    var signals: [String: Int] = nodes.last.map { [$0.name: sizes[$0.name]] } ?? [:]
    var waiting = signals.values.reduce(0, +)
    for node in nodes.reversed() {
      guard let own = signals.removeValue(forKey: node.name) else { continue }
      let given = node.inputs.reduce(0) { $0 + sizes[$1] }
      // Besides the signal: the signal passed on, its sum with an earlier one, and another
      // arrangement.
      mostBytes = max(mostBytes, live + waiting + 2 * given + own)
      scratchpads.insert(scratchpad(node))
      waiting -= own
      freed += own
      for name in node.inputs where signals[name] == nil {
        signals[name] = sizes[name]
        waiting += sizes[name]
      }
    }
  }
}
