internal import Analysis
internal import Datasets
internal import Files
internal import Networks
internal import TensorCore

extension Studio {
  /// How many pictures to run through the network together, so that a run fits into the memory
  /// left by weights and pictures.
  ///
  /// - Parameters:
  ///   - most: The number that would be fastest.
  ///   - pictures: Those that the run reads; nil if it makes its own.
  ///   - keep: As in `Network.record`.
  ///   - extra: What else is held, in bytes.
  /// - Throws: `FileError` of kind `.tooLarge` if the memory is too small for one.
  func batchSize(
    upTo most: Int, on pictures: Pictures?, keeping keep: Keep, through last: String? = nil,
    beside extra: Int = 0
  ) throws(FileError) -> Int {
    let input = network.graph.inputShape.elementCount * MemoryLayout<Float>.stride
    // With each batch the next one is in memory.
    let held = heldBytes(keeping: keep) + (pictures?.dataset.heldBytes ?? 0) + extra
    try model.memory.check(
      held, model.path, "holding the weights, their rearranged copies and the pictures' files")
    let rest = model.memory.less(held).bytes
    for size in [most, 1] {
      let free = max(rest - size * input, 0)
      if let fitting = network.mostPictures(
        upTo: size, within: free, keeping: keep, through: last)
      {
        return fitting
      }
    }
    let needed = held + input + network.runBytes(pictures: 1, keeping: keep, through: last)
    let size = network.graph.inputShape.extents.map(String.init).joined(separator: "×")
    try model.memory.check(
      needed, model.path, "running one picture of \(size)",
      advice: "a smaller --input or fewer --layers take less")
    return 1
  }

  private func heldBytes(keeping keep: Keep) -> Int { model.heldBytes(keeping: keep) }

  /// What is left beside the weights and the figures that are being drawn.
  var memoryForPictures: MemoryBudget {
    model.memory.less(network.parameterBytes + Model.drawingBytes)
  }

  /// Frees what the next part of the work does not need; also what was derived from the weights, if
  /// memory is too short to keep that of several kinds of runs.
  func releaseIdle() {
    releaseIdleMemory()
    let all = heldBytes(keeping: .only([])) + heldBytes(keeping: .forGradient())
    if model.memory.bytes < 4 * all { network.releaseDerivedWeights() }
  }

  /// For the features of an embedding, in bytes: there are several copies of them while their
  /// principal components are computed.
  var embeddingMemory: Int { min(EmbeddingScan.memoryLimit, model.memory.bytes / 8) }

  /// The outputs of some layers for one picture, in bytes.
  func outputBytes(of layers: [String]) -> Int {
    layers.reduce(0) { sum, layer in
      sum + (network.shapes[layer]?.elementCount ?? 0) * MemoryLayout<Float>.stride
    }
  }
}

extension Model {
  /// For figures that are drawn and encoded in the background: fonts, canvases, compressed files.
  fileprivate static let drawingBytes = 32 << 20

  /// What is in memory during a run besides its activations and its pictures.
  func heldBytes(keeping keep: Keep) -> Int {
    network.parameterBytes + network.derivedWeightBytes(keeping: keep) + Self.drawingBytes
  }
}
