internal import Kernels
internal import TensorCore

/// How a graph is run: with as few kernels as possible.
///
///     convolution → batch norm → addition → activation      one kernel
///     linear → activation                                   one kernel
///     concatenation → convolution                           one kernel per part, which adds to the sum
///     concatenation → pooling                               one kernel per part
///
/// The last two, in runs without a backward pass, avoid a copy of the parts or make a smaller one.
/// In training, batch norms and what follows a linear layer are kernels of their own.
/// A node is only merged into a kernel if neither a request nor a backward pass keeps its output
/// and nothing else reads it, so that a node that is kept has its usual value, up to rounding.
struct RunPlan {
  struct Step {
    /// The nodes that it reads, in the order in which `work` takes them.
    let inputs: [String]
    /// The node whose output it computes.
    let result: String
    /// The indices of what it computes, in order.
    let nodes: [Int]
    let work: Work
  }

  enum Work {
    case node(Int)
    case fused(FusedLayer)
    /// The parts of a concatenation are pooled before it.
    case pooled(pool: Int, concatenation: Int)

    /// The layer by itself, if nothing is merged into it.
    var layer: FusedLayer {
      switch self {
      case .node(let position), .pooled(let position, _): FusedLayer(layer: position)
      case .fused(let layer): layer
      }
    }
  }

  /// A layer with the operations that follow it; the addend, if there is one, is the last input.
  struct FusedLayer {
    let layer: Int
    /// The concatenation whose parts it reads.
    var concatenation: Int?
    var normalization: Int?
    var adds = false
    var activation: ActivationFunction?
  }

  let steps: [Step]

  /// - Parameters:
  ///   - keep: What the run keeps for a backward pass.
  ///   - kept: The nodes whose outputs are requested.
  init(
    _ network: Network, through last: Int, for keep: Keep, mode: Mode, keeping kept: Set<String>
  ) {
    let nodes = network.graph.nodes[0...last]
    var chains = ChainFinder(
      network: network, nodes: nodes, keep: keep, mode: mode, kept: kept)
    var ends: [Int: Step] = [:]
    for position in nodes.indices {
      if let (end, step) = chains.chain(from: position) ?? chains.pooling(at: position) {
        ends[end] = step
      }
    }
    steps = nodes.indices.compactMap { position in
      if let step = ends[position] { return step }
      guard !chains.absorbed.contains(position) else { return nil }
      let node = nodes[position]
      return Step(
        inputs: node.inputs, result: node.name, nodes: [position], work: .node(position))
    }
  }
}

private struct ChainFinder {
  private let network: Network
  private let nodes: ArraySlice<Graph.Node>
  private let mode: Mode
  /// The only reader of each node that has just one and was not requested itself.
  private var soleReader: [String: Int] = [:]
  /// Whether a reader may take the parts of a concatenation instead of the whole.
  private let readsParts: Bool
  /// Nodes that are computed as part of a chain.
  var absorbed: Set<Int> = []

  init(
    network: Network, nodes: ArraySlice<Graph.Node>, keep: Keep, mode: Mode, kept: Set<String>
  ) {
    (self.network, self.nodes, self.mode) = (network, nodes, mode)
    // Sums of parts that are stored in half precision would be rounded.
    readsParts = keep.backward == .none && mode == .inference && network.precision == .float32
    var readers: [String: [Int]] = [:]
    for (position, node) in zip(nodes.indices, nodes) {
      for input in node.inputs { readers[input, default: []].append(position) }
    }
    soleReader = readers.compactMapValues { $0.count == 1 ? $0[0] : nil }
      .filter { name, reader in
        guard !kept.contains(name), let origin = network.graph[name] else { return false }
        return !keep.holdsOutput(of: origin, in: mode)
          && !keep.holdsInputs(of: nodes[reader], in: mode)
      }
  }

  /// The fused step that starts with a layer, and the index of its last node.
  mutating func chain(from start: Int) -> (end: Int, RunPlan.Step)? {
    let layer = nodes[start]
    guard layer.operation is Convolution || layer.operation is Linear, !absorbed.contains(start)
    else { return nil }
    var fused = RunPlan.FusedLayer(layer: start)
    var (members, inputs) = ([start], layer.inputs)
    fused.concatenation = concatenation(before: start)
    if let concatenation = fused.concatenation { inputs = nodes[concatenation].inputs }
    func next() -> Int? {
      members.last.flatMap { soleReader[nodes[$0].name] }.flatMap {
        absorbed.contains($0) ? nil : $0
      }
    }
    if layer.operation is Convolution {
      if mode == .inference, let position = next(),
        nodes[position].operation is BatchNormalization
      {
        fused.normalization = position
        members.append(position)
      }
      if let position = next(), let other = addend(of: position, besides: members) {
        fused.adds = true
        inputs.append(other)
        members.append(position)
      }
    }
    // In training, linear layers' weights, often most of all, would have to be bounded at each step.
    if mode == .inference || layer.operation is Convolution, let position = next(),
      let activation = nodes[position].operation as? Activation,
      activation.function.canFollowALayer
    {
      fused.activation = activation.function
      members.append(position)
    }
    guard let end = members.last else { return nil }
    if let concatenation = fused.concatenation { members.insert(concatenation, at: 0) }
    guard members.count > 1 else { return nil }
    absorbed.formUnion(members)
    return (
      end, .init(inputs: inputs, result: nodes[end].name, nodes: members, work: .fused(fused))
    )
  }

  /// The step of a pooling that reads the parts of a concatenation, and its index.
  mutating func pooling(at position: Int) -> (end: Int, RunPlan.Step)? {
    let pool = nodes[position]
    guard pool.operation is MaxPool || pool.operation is AveragePool,
      let concatenation = concatenationReadOnly(by: position)
    else { return nil }
    let members = [concatenation, position]
    absorbed.formUnion(members)
    return (
      position,
      .init(
        inputs: nodes[concatenation].inputs, result: pool.name, nodes: members,
        work: .pooled(pool: position, concatenation: concatenation))
    )
  }

  /// The concatenation of channels before a convolution, if adding up one result per part moves
  /// fewer numbers than copying the parts.
  private func concatenation(before start: Int) -> Int? {
    guard let convolution = nodes[start].operation as? Convolution, convolution.groups == 1,
      let position = concatenationReadOnly(by: start)
    else { return nil }
    let concatenation = nodes[position]
    let parts = concatenation.inputs.map { network.ownShapes[$0]?[1] ?? 1 }
    let (read, written) = (
      network.ownShapes[concatenation.name]?.elementCount ?? 0,
      network.ownShapes[nodes[start].name]?.elementCount ?? 0
    )
    // Kernels are made for vectors of channels.
    return parts.allSatisfy { $0.isMultiple(of: 16) } && (parts.count - 1) * written < read
      ? position : nil
  }

  private func concatenationReadOnly(by reader: Int) -> Int? {
    guard readsParts, let name = nodes[reader].inputs.first, soleReader[name] == reader,
      let position = network.graph.positions[name], nodes.indices.contains(position),
      (nodes[position].operation as? Concatenate)?.axis == 1,
      // What is the same for every picture is a single tensor, even for several pictures.
      nodes[position].inputs.allSatisfy(network.dependsOnPictures)
    else { return nil }
    return position
  }

  /// What an addition of two tensors of the same shape adds to the chain's result.
  private func addend(of position: Int, besides chain: [Int]) -> String? {
    let node = nodes[position]
    guard let end = chain.last, (node.operation as? Arithmetic)?.function == .add,
      node.inputs.count == 2,
      let other = node.inputs.first(where: { $0 != nodes[end].name }),
      network.ownShapes[other] == network.ownShapes[nodes[end].name],
      // What is the same for every picture is a single tensor, even for several pictures.
      network.dependsOnPictures(other), network.dependsOnPictures(nodes[end].name)
    else { return nil }
    return other
  }
}

extension Network {
  /// Runs a plan's fused layer.
  ///
  /// - Parameter precision: In which the result is stored; that of the input by default.
  func evaluate(
    _ fused: RunPlan.FusedLayer, _ inputs: consuming [Tensor],
    storing precision: Precision? = nil
  ) -> Tensor {
    let addend = fused.adds ? inputs.popLast() : nil
    let layer = graph.nodes[fused.layer]
    let parameters: [Tensor]
    if let normalization = fused.normalization {
      parameters = fusedParameters(of: layer, with: graph.nodes[normalization])
    } else {
      parameters = self.parameters(of: layer)
    }
    guard let convolution = layer.operation as? Convolution else {
      return Linear.apply(
        to: inputs[0], parameters: parameters, activation: fused.activation, storing: precision)
    }
    var sum = addend
    var filters = [parameters[0]]
    if fused.concatenation != nil {
      filters = self.filters(parameters[0], of: fused, forParts: inputs)
      for (part, weights) in zip(inputs, filters).dropLast() {
        sum = convolve(part, with: weights, geometry: convolution.moves, addingTo: sum.take())
      }
    }
    return convolve(
      inputs[inputs.count - 1], with: filters[filters.count - 1],
      bias: parameters.count > 1 ? parameters[1] : nil, geometry: convolution.moves,
      groups: convolution.groups, addingTo: sum.take(), activation: fused.activation,
      storing: precision)
  }

  /// The weights on each part of a concatenation.
  private func filters(
    _ filters: Tensor, of fused: RunPlan.FusedLayer, forParts parts: [Tensor]
  ) -> [Tensor] {
    let members = [fused.layer, fused.normalization].compactMap(\.self)
    // No node has such a name.
    let key = members.map { graph.nodes[$0].name }.joined(separator: "\0") + "\0"
    return fusedWeights.tensors(of: key) {
      separate(
        filters.arranged(as: .rowMajor), along: 1,
        into: parts.map { Shape([filters.shape[0], $0.shape[1]] + filters.shape.spatial) })
    }
  }
}
