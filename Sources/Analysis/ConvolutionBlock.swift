public import Networks
internal import TensorCore

extension Network {
  /// The layers through which the maps of one convolution go, up to its pooling: the convolution,
  /// what normalizes and rectifies it, and the pooling that follows, as far as there are any.
  ///
  /// Each layer is the only reader of the one before it, so a shortcut ends the block. What leaves
  /// maps as they are, such as dropout or quantization, is passed over.
  ///
  /// - Parameter layer: The convolution, or another layer of its block.
  /// - Returns: Nil if the layer is in no such block, or has no maps.
  public func convolutionBlock(of layer: String) -> [String]? {
    var start = layer
    while let node = graph[start], !(node.operation is Convolution) {
      guard node.operation.blockRole != nil, let input = node.inputs.first else { return nil }
      start = input
    }
    guard let shape = shapes[start], shape.rank == 4, graph[start] != nil else { return nil }
    var (block, current) = ([start], start)
    while let next = onlyReader(of: current), let role = next.operation.blockRole,
      shapes[next.name]?.rank == 4, shapes[next.name]?[1] == shape[1]
    {
      current = next.name
      if role != .carrier { block.append(current) }
      if role == .pooling { break }
    }
    // A normalization after the pooling is in none.
    return block.contains(layer) || graph[layer]?.operation.blockRole == .carrier ? block : nil
  }

  /// The only node that reads a node's output, if it reads no other.
  private func onlyReader(of name: String) -> Graph.Node? {
    let readers = graph.consumers(of: name)
    guard readers.count == 1, readers[0].inputs.filter(dependsOnPictures).count == 1 else {
      return nil
    }
    return readers[0]
  }
}

/// What a node does to the maps of a convolution.
private enum BlockRole {
  case normalization, activation, pooling
  /// Values stay as they are, or nearly so.
  case carrier
}

extension Networks.Operation {
  fileprivate var blockRole: BlockRole? {
    switch self {
    case is BatchNormalization, is GroupNormalization, is LocalResponseNormalization:
      .normalization
    case is Activation, is PReLU: .activation
    case is MaxPool, is AveragePool: .pooling
    case is Dropout, is Quantize, is Dequantize, is Pad: .carrier
    default: nil
    }
  }
}
