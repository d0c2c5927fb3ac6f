internal import Kernels
public import Networks
internal import TensorCore

extension Network {
  /// The network with one node rewired, replaced or inserted, whether or not that makes sense.
  ///
  /// - Returns: Nil if the nodes then no longer fit together.
  public func madeStrange(seed: UInt64) -> Network? {
    var generator = SeededGenerator(seed: seed, path: 0x57A6)
    func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
    var nodes = graph.nodes
    let place = pick(0..<nodes.count)
    let node = nodes[place]
    let earlier = [Graph.inputName] + nodes[..<place].map(\.name)
    var inputs = node.inputs
    switch pick(0..<3) {
    case 0:
      guard !inputs.isEmpty else { return nil }
      inputs[pick(0..<inputs.count)] = earlier[pick(0..<earlier.count)]
      nodes[place] = Graph.Node(
        node.name, node.operation, inputs: inputs, parameters: node.parameters)
    case 1:
      guard node.parameters.isEmpty, inputs.count == 1 else { return nil }
      nodes[place] = Graph.Node(
        node.name, strangeOperation(shapes[inputs[0]] ?? [], &generator), inputs: inputs)
    default:
      let new = "strange\(nodes.count)"
      let operation = strangeOperation(shapes[node.name] ?? [], &generator)
      for later in nodes.indices where later > place {
        let reader = nodes[later]
        nodes[later] = Graph.Node(
          reader.name, reader.operation, inputs: reader.inputs.map { $0 == node.name ? new : $0 },
          parameters: reader.parameters)
      }
      nodes.insert(Graph.Node(new, operation, inputs: [node.name]), at: place + 1)
    }
    guard let graph = try? Graph(inputShape: graph.inputShape, nodes) else { return nil }
    return try? Network(graph: graph, parameters: parameters)
  }

  /// An operation with one input that accepts a tensor of this shape.
  private func strangeOperation(
    _ shape: Shape, _ generator: inout SeededGenerator
  ) -> any Operation {
    func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
    let axis = pick(0..<max(shape.rank, 1))
    switch pick(0..<20) {
    case 0: return Softmax(axis: axis)
    case 1: return LogSoftmax(axis: axis)
    case 2: return Transpose(shape.extents.indices.shuffled(using: &generator))
    case 3: return Reshape(shape.extents.shuffled(using: &generator))
    case 4: return Reshape([-1] + shape.extents.suffix(pick(0..<(shape.rank + 1))))
    case 5: return Reshape(shape.extents.prefix(axis) + [1] + shape.extents.dropFirst(axis))
    case 6: return Flatten(axis: pick(0..<(shape.rank + 1)))
    case 7: return Reduce([.mean, .maximum, .product][pick(0..<3)], axes: [axis], keepsAxes: true)
    case 8: return Reduce([.sum, .l2, .logSumExp][pick(0..<3)], axes: [axis], keepsAxes: false)
    case 9: return Slice(axes: [axis], starts: [pick(0..<2)], ends: [pick(1..<9)], steps: [1])
    case 10: return Slice(axes: [axis], starts: [-1], ends: [-100], steps: [-1])
    case 11: return Gather(axis: axis, indices: [0], indexShape: pick(0..<2) == 0 ? [] : [1])
    case 12: return Tile(shape.extents.indices.map { $0 == axis ? 2 : 1 })
    case 13: return Expand([pick(1..<3)] + shape.extents)
    case 14:
      let pads = shape.extents.indices.map { $0 == axis ? 1 : 0 }
      return Pad(before: pads, after: pads, mode: [.constant, .reflect, .edge, .wrap][pick(0..<4)])
    case 15: return GlobalPool()
    case 16: return MaxPool(PoolingGeometry(window: 2, stride: pick(1..<3)))
    case 17: return ArgMax(axis: axis, keepsAxis: pick(0..<2) == 0)
    case 18: return Activation([.absolute, .exponential, .logarithm, .squareRoot][pick(0..<4)])
    default: return Activation([.rectifier, .logistic, .negation, .rounding][pick(0..<4)])
    }
  }
}
