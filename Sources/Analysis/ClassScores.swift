public import Networks
internal import TensorCore

extension Network {
  /// Whether the network ends in one score per class, not in maps.
  public var hasClassScores: Bool {
    guard let shape = shapes[graph.scoreName], shape.rank >= 2 else { return false }
    return shape.extents.dropFirst(2).allSatisfy { $0 == 1 }
  }
}

extension Recording {
  /// The signal that asks for each picture's score of one class: 1 at the class and 0 elsewhere, of
  /// the shape that the recording gives for the scores' node.
  func oneHotScores(of classes: [Int]) -> Tensor {
    let (width, shape) = (scores.shape[1], self[network.graph.scoreName].shape)
    return Tensor(shape: [classes.count, width]) { target in
      for index in 0..<target.count {
        target[index] = classes[index / width] == index % width ? 1 : 0
      }
    }.reshaped(to: shape)
  }
}
