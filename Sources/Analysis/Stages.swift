internal import Kernels
internal import Networks
internal import TensorCore

/// A run of nodes whose maps have one size.
struct Stage {
  let extents: [Int]
  /// The last node that shows features.
  var end: String
  var convolutions: Int
}

extension Network {
  /// The stages in the order in which they end.
  func stages() -> [Stage] {
    var stages: [Stage] = []
    // Inside a block, axes may be permuted: a map must have the size of some convolution's output.
    let sizes = Set(
      graph.nodes.filter { $0.operation is Convolution }.compactMap { shapes[$0.name]?.spatial })
    for node in graph.nodes {
      guard let shape = shapes[node.name], shape.rank == 4, sizes.contains(shape.spatial),
        node.operation.givesFeatures, shape.spatial.contains(where: { $0 > 1 }),
        !leadsOnlyToScores(node.name)
      else { continue }
      let convolutions = node.operation is Convolution ? 1 : 0
      if let index = stages.firstIndex(where: { $0.extents == shape.spatial }) {
        stages[index].end = node.name
        stages[index].convolutions += convolutions
      } else {
        stages.append(Stage(extents: shape.spatial, end: node.name, convolutions: convolutions))
      }
    }
    // An expanding path, as in a U-Net, returns to a size: the later end counts.
    let order = Dictionary(
      graph.nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    return stages.filter { $0.convolutions > 0 }
      .sorted { order[$0.end, default: 0] < order[$1.end, default: 0] }
  }

  /// Whether a node is a map of class scores, followed only by a mean and a softmax.
  private func leadsOnlyToScores(_ name: String) -> Bool {
    guard hasClassScores, shapes[name]?[1] == classCount else { return false }
    var name = name
    while name != graph.scoreName {
      let consumers = graph.consumers(of: name)
      guard consumers.count == 1, let next = consumers.first, next.parameters.isEmpty,
        shapes[next.name]?.extents.dropFirst().reduce(1, *) ?? 0 >= classCount
      else { return false }
      name = next.name
    }
    return true
  }
}

extension Networks.Operation {
  /// Whether the output shows features: rectified values, or a combination of them.
  fileprivate var givesFeatures: Bool {
    self is Activation || self is Concatenate || self is Convolution
      || (self as? Arithmetic)?.function == .add
  }
}
