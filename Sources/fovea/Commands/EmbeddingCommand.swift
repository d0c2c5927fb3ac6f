import Analysis
import ArgumentParser

struct EmbeddingCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "embedding",
    abstract: "Plot pictures as points, by the principal components of their features.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions

  @Option(help: "Layers by name, separated by commas; by default the last hidden layer.")
  var layers: String?

  @Option(help: "Features taken from each map: its mean, or all its values.")
  var pooling = FeaturePooling.mean

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    let scanned = try studio.pictures(pictures).scanned
    let names =
      try layers.map { try studio.layers(matching: $0, for: .activations) }
      ?? [studio.network.penultimateLayer]
    let scans = names.map {
      EmbeddingScan(
        studio.network, layer: $0, pooling: pooling, expected: scanned.count,
        seed: pictures.seed, memoryLimit: studio.embeddingMemory)
    }
    try studio.scan(scanned, scans)
    for scan in scans {
      guard try studio.addEmbedding(scan, of: scanned, seed: pictures.seed) else {
        throw UsageError(Studio.noEmbedding(of: scanned, scan))
      }
    }
  }
}
