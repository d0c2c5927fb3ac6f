public import Networks
internal import Kernels
internal import TensorCore

extension Network {
  /// The layers through which the maps of one convolution go, up to its pooling: the convolution,
  /// what normalizes and rectifies it, and the pooling that follows, as far as there are any.
  ///
  /// Each layer is the only reader of the one before it, so a shortcut ends the block. What leaves
  /// maps as they are, such as dropout or quantization, is passed over, as are biases and factors
  /// that are nodes of their own. A product of maps with an activation of themselves, as exporters
  /// write SiLU, is an activation.
  ///
  /// - Parameter layer: The convolution, or another layer of its block.
  /// - Returns: Nil if the layer is in no such block, or has no maps.
  public func convolutionBlock(of layer: String) -> [String]? {
    var start = layer
    while let node = graph[start], !node.operation.hasWindowedFilters {
      guard role(of: node) != nil,
        let input = gatedInput(of: node) ?? node.inputs.first(where: dependsOnPictures)
      else { return nil }
      start = input
    }
    guard let shape = shapes[start], hasPositions(start), graph[start] != nil else { return nil }
    var (block, current) = ([start], start)
    while let next = reader(of: current), let role = role(of: next),
      hasPositions(next.name), shapes[next.name]?[1] == shape[1]
    {
      current = next.name
      if role != .carrier { block.append(current) }
      if role == .pooling { break }
    }
    // A normalization after the pooling is in none.
    return block.contains(layer) || graph[layer].flatMap(role) == .carrier ? block : nil
  }

  /// The only node that reads a node's output, if it reads no other, or the product of a gate.
  func reader(of name: String) -> Graph.Node? {
    let readers = graph.consumers(of: name)
    if let product = readers.first(where: { gatedInput(of: $0) == name }) {
      return readers.count == 2 ? product : nil
    }
    guard readers.count == 1, readers[0].inputs.filter(dependsOnPictures).count == 1 else {
      return nil
    }
    return readers[0]
  }

  func role(of node: Graph.Node) -> BlockRole? {
    switch node.operation {
    case is BatchNormalization, is GroupNormalization, is LocalResponseNormalization:
      .normalization
    case is Activation, is PReLU: .activation
    case is MaxPool, is AveragePool: .pooling
    case is Dropout, is Quantize, is Dequantize, is Pad: .carrier
    case let arithmetic as Arithmetic:
      if gatedInput(of: node) != nil { .activation } else { carries(node, arithmetic.function) }
    default: nil
    }
  }

  /// A carrier, if the node adds constants to maps or multiplies by them.
  private func carries(_ node: Graph.Node, _ function: ArithmeticFunction) -> BlockRole? {
    guard node.inputs.filter(dependsOnPictures).count == 1 else { return nil }
    return switch function {
    case .add, .subtract, .multiply: .carrier
    case .divide: dependsOnPictures(node.inputs[0]) ? .carrier : nil
    default: nil
    }
  }

  /// The maps that a node multiplies by an activation of themselves, which nothing else reads; nil
  /// if it does something else.
  private func gatedInput(of node: Graph.Node) -> String? {
    guard (node.operation as? Arithmetic)?.function == .multiply, node.inputs.count == 2 else {
      return nil
    }
    return zip(node.inputs, node.inputs.reversed()).first { maps, gate in
      guard let activation = graph[gate], activation.operation is Activation else { return false }
      return activation.inputs == [maps] && graph.consumers(of: gate).count == 1
    }?.0
  }
}

/// What a node does to the maps of a convolution.
enum BlockRole {
  case normalization, activation, pooling
  /// Values stay as they are, or nearly so.
  case carrier
}
