internal import Networks
internal import TensorCore

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
