package import TensorCore

extension Network {
  /// The same network for questions that no weight answers: shapes, counts, receptive fields.
  ///
  /// Its learned matrices and filters are memory that nobody writes, so that even the largest
  /// network takes next to none. Biases, statistics and constants keep their numbers, because some
  /// layers are told apart by these.
  ///
  /// - Parameter memory: By shape, shared by all networks without weights that are kept together.
  package func withoutWeights(sharing memory: inout [Shape: Tensor]) -> Network {
    var stripped = Parameters()
    let weights = learnedParameters
    for name in parameters.names {
      guard let tensor = parameters[name] else { continue }
      guard weights.contains(name), tensor.shape.rank > 1 else {
        stripped[name] = tensor
        continue
      }
      let shape = tensor.shape
      let empty = memory[shape] ?? Tensor(shape: shape) { _ in }
      memory[shape] = empty
      stripped[name] = empty
    }
    var copy = self
    copy.parameters = stripped
    return copy
  }
}
