import Analysis
import ArgumentParser

struct EmbeddingCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "embedding",
    abstract: "Draw pictures as points by the principal components of their features.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions

  @Option(help: "Layers by name, several with commas; the last hidden one by default.")
  var layers: String?

  @Option(help: "mean of each map, or flatten.")
  var pooling = FeaturePooling.mean

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    let scanned = try studio.model.pictures(pictures).scanned
    let names =
      try layers.map { try studio.network.layers(matching: namePatterns($0, of: "--layers")) }
      ?? [studio.network.penultimateLayer]
    let scans = names.map {
      EmbeddingScan(
        studio.network, layer: $0, pooling: pooling, expected: scanned.count, seed: pictures.seed)
    }
    try studio.scan(scanned, scans)
    for scan in scans {
      guard try studio.addEmbedding(scan, of: scanned, seed: pictures.seed) else {
        throw UsageError(Studio.noEmbedding(of: scanned, scan))
      }
    }
  }
}
