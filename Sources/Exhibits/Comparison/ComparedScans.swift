internal import Analysis
internal import Files
internal import Networks
internal import TensorCore

/// What one network's pass over the pictures collects.
struct ComparedScans {
  let classification: ClassificationScan?
  let features: FeatureScan?
  let top: TopActivationScan?
  let embedding: EmbeddingScan?

  /// Similarities are measured on no more pictures than this: their bias is small by then, and time
  /// and memory grow with them.
  static let mostFeaturePictures = 2000

  /// - Parameter sampled: The pictures whose features are kept.
  init(
    _ studio: Studio, _ pictures: Pictures, _ layers: ComparedLayers, parts: Set<ComparedPart>,
    sampled: Set<Int>, seed: UInt64
  ) throws {
    let network = studio.network
    let needsClasses = parts.contains(.predictions) || parts.contains(.saliency)
    classification =
      network.hasClassScores && needsClasses
      ? ClassificationScan(network, top: 1, label: pictures.labels(in: studio.model)) : nil
    let needsFeatures = parts.contains(.similarity) || parts.contains(.weights)
    features =
      needsFeatures ? FeatureScan(layers: layers.representations, pictures: sampled) : nil
    top =
      parts.contains(.patches) || parts.contains(.weights)
      ? TopActivationScan(network, layers: layers.activations) : nil
    embedding =
      parts.contains(.embedding)
      ? layers.embedding.map {
        EmbeddingScan(
          network, layer: $0, pooling: .mean, expected: pictures.count, seed: seed,
          memoryLimit: studio.embeddingMemory)
      } : nil
    guard needsFeatures else { return }
    let width = layers.representations.reduce(0) { $0 + network.unitCount($1) }
    // As they are collected, and twice in double precision while they are compared.
    try studio.model.memory.check(
      5 * sampled.count * width * MemoryLayout<Float>.stride, studio.model.path,
      "comparing the features of \(sampled.count) pictures",
      advice: "a smaller --limit or fewer --layers take less")
  }

  var observers: [any ScanObserver] {
    let all: [(any ScanObserver)?] = [classification, features, top, embedding]
    return all.compactMap(\.self)
  }
}
