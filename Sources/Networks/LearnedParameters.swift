internal import Kernels
internal import TensorCore

extension Network {
  /// The parameters that gradient descent changes: the weights and biases of convolutions and
  /// linear layers, the scales and shifts of normalizations, and the slopes of rectifiers.
  ///
  /// A graph from another program's file also has numbers that are no weights, such as the mean
  /// that it subtracts from pictures, a mask or a table of positions. Of these constants, only two
  /// kinds learn: a matrix that activations are multiplied by, and a vector (one axis longer than
  /// 1) that scales activations or is added to them after a layer with weights, as where a file
  /// spells out a bias or a normalization.
  public var learnedParameters: Set<String> {
    var learned: Set<String> = []
    var weighted: Set<String> = []
    for node in graph.nodes {
      if node.inputs.contains(where: weighted.contains) { weighted.insert(node.name) }
      switch node.operation {
      case is Constant: continue
      case is BatchNormalization: learned.formUnion(node.parameters.prefix(2))
      default: learned.formUnion(node.parameters)
      }
      let constants = learnedConstants(of: node, after: weighted)
      learned.formUnion(constants)
      if !node.parameters.isEmpty || !constants.isEmpty { weighted.insert(node.name) }
    }
    // Numbers that something else reads as well are no weights.
    let shared = Set(
      graph.nodes.filter { $0.operation is Constant }.filter { constant in
        graph.consumers(of: constant.name).contains { reader in
          !learnedConstants(of: reader, after: weighted).contains(constant.parameters[0])
        }
      }.flatMap(\.parameters))
    return learned.subtracting(shared)
  }

  /// The batch norms' running mean and variance, which training measures.
  public var measuredStatistics: Set<String> {
    Set(
      graph.nodes.filter { $0.operation is BatchNormalization }
        .flatMap { $0.parameters.dropFirst(2) })
  }

  /// The constants among a node's inputs that are its weights.
  private func learnedConstants(of node: Graph.Node, after weighted: Set<String>) -> [String] {
    let constants = node.inputs.filter { graph[$0]?.operation is Constant }
    guard constants.count == 1, node.inputs.contains(where: dependsOnPictures) else { return [] }
    let shape = ownShapes[constants[0]] ?? []
    let isLearned =
      switch node.operation {
      case is MatrixProduct: shape.rank > 1
      case let arithmetic as Arithmetic:
        [.add, .multiply].contains(arithmetic.function)
          && shape.extents.count { $0 > 1 } == 1
          && node.inputs.contains(where: weighted.contains)
      default: false
      }
    return isLearned ? graph[constants[0]]?.parameters ?? [] : []
  }
}
