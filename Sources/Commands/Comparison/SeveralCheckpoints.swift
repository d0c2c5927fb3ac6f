import Analysis
import Exhibits
import Files
import Foundation
import Galleries
import Networks

extension CheckpointOptions {
  /// Loads several checkpoints with the same options; all stay in memory.
  func load(_ paths: [String], _ console: Console) throws -> [Model] {
    let memory = memory
    var models: [Model] = []
    for path in paths {
      var own = self
      own.checkpoint = path
      let held = models.reduce(0) { $0 + $1.network.parameterBytes }
      var model = try own.load(console, memory: memory.less(held))
      model.memory = memory
      models.append(model)
    }
    return models
  }
}

extension GalleryWriter {
  /// Writes figures of several checkpoints into a folder of their own.
  ///
  /// - Parameters:
  ///   - reference: The network that the page describes.
  ///   - checkpoints: All of them.
  ///   - key: All that decides what is drawn, but for the weights.
  convenience init(
    folder: String, reference: Model, checkpoints: [ComparisonRecord.Checkpoint],
    kinds: [FigureKind], key: String, _ output: OutputOptions, resumes: Bool,
    comparison: ComparisonRecord? = nil, evolution: EvolutionRecord? = nil
  ) throws {
    try self.init(
      folder: folder,
      checkpoint: .init(
        name: checkpoints.map(\.name).joined(separator: ", "),
        sha256: fingerprint(of: Data(checkpoints.map(\.sha256).joined().utf8)),
        network: reference.summary, preprocessing: reference.preprocessing,
        classNames: reference.classNames.names),
      kinds: kinds, version: Release.version,
      mode: .replacing(
        configuration: "\(key)\n\(output.arrays?.rawValue ?? "")", resumes: resumes),
      force: output.force, pixelsPerPoint: output.pixelsPerPoint, appearance: output.theme,
      style: output.style.style(),
      summary: GallerySummary(of: reference.network, warnings: reference.warnings),
      comparison: comparison, evolution: evolution)
  }
}
