internal import Files
internal import Networks
internal import TensorCore

/// A checkpoint whose weights are in memory only while they are used, so that a run of many epochs
/// takes no more memory than two.
package struct UnloadedModel {
  /// The model without its weights: enough for every question that no weight answers.
  let outline: Model
  private let options: CheckpointOptions

  fileprivate init(_ outline: Model, _ options: CheckpointOptions) {
    (self.outline, self.options) = (outline, options)
  }

  /// Loads the weights, and frees them and what was derived from them when the work is done.
  ///
  /// - Parameters:
  ///   - studio: That of the model without weights.
  ///   - work: Gets the same studio with weights, no part of which it may keep.
  /// - Throws: `FileError` if the file is no longer the one that was checked; the errors of `work`.
  func withWeights<Found>(in studio: Studio, _ work: (Studio) throws -> Found) throws -> Found {
    // Blocks that are kept for tensors of the same size would add to those of the next network.
    defer { releaseIdleMemory() }
    return try work(studio.with(try loaded(as: studio.model)))
  }

  /// - Parameter model: The outline, as its pictures have adapted it.
  private func loaded(as model: Model) throws -> Model {
    let found = try Model(options, memory: model.memory)
    guard found.fingerprint == model.fingerprint else {
      func short(_ model: Model) -> String { String(model.fingerprint.prefix(12)) }
      throw FileError(
        .malformed, model.path,
        "was replaced while it was in use: expected SHA-256 \(short(model))…, found "
          + "\(short(found))…")
    }
    var loaded = model
    loaded.network = found.network
    return loaded
  }
}

extension CheckpointOptions {
  /// Reads several checkpoints with the same options, one after the other, and keeps no weights.
  ///
  /// - Throws: The errors of ``Model/init(_:)``.
  package func loadInTurn(_ paths: [String], _ reporter: any Reporter) throws -> [UnloadedModel] {
    let memory = memory
    var shared: [Shape: Tensor] = [:]
    var largest = 0
    return try paths.map { path in
      var own = self
      own.checkpoint = path
      let outline = try own.outline(
        reporter, memory: memory, beside: largest, sharing: &shared)
      releaseIdleMemory()
      largest = max(largest, outline.network.parameterBytes)
      return UnloadedModel(outline, own)
    }
  }

  /// - Parameter held: The weights that are in memory besides these, in bytes.
  private func outline(
    _ reporter: any Reporter, memory: MemoryBudget, beside held: Int,
    sharing shared: inout [Shape: Tensor]
  ) throws -> Model {
    var model = try load(reporter, memory: memory.less(held))
    model.network = model.network.withoutWeights(sharing: &shared)
    model.memory = memory
    return model
  }
}
