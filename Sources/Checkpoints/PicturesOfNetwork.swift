internal import Files
internal import Networks
internal import TensorCore

// How a checkpoint's network must handle pictures, series and volumes, whatever file it comes from.

/// - Throws: `FileError` of kind `.malformed` if the network takes no pictures, returns nothing for
///   each of them, or requires several at a time and mixes them.
func refuseWithoutPictures(_ network: Network, _ path: String) throws(FileError) {
  let graph = network.graph
  func malformed(_ reason: String) -> FileError { FileError(.malformed, path, reason) }
  guard (2...4).contains(graph.inputShape.rank), !graph.inputShape.extents.contains(0) else {
    throw malformed(
      "expected pictures [N, C, H, W], series [N, C, L] or volumes [N, C, D, H, W] as the input, found "
        + "\(Shape([graph.batch] + graph.inputShape.extents))")
  }
  if let node = network.batchObstacle, graph.batch > 1 {
    throw malformed(
      "is made for batches of \(graph.batch), and after node \(quoted(node)) the pictures of one "
        + "cannot be told apart; export it for one picture or for any number")
  }
  for name in [graph.scoreName, graph.outputName] {
    let shape = network.shapes[name] ?? []
    guard network.dependsOnPictures(name), shape.elementCount > 0 else {
      throw malformed("expected an output for every picture, found \(quoted(name)) of \(shape)")
    }
  }
}

/// What a user should know about how a network handles a batch of pictures.
func batchNotes(_ network: Network) -> [String] {
  guard let node = network.batchObstacle else { return [] }
  return [
    "pictures are processed one at a time, which is slower: after node \(quoted(node)), the "
      + "pictures of a batch cannot be told apart"
  ]
}
