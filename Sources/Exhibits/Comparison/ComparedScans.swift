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

  /// - Parameters:
  ///   - sampled: The pictures whose features are kept.
  ///   - sides: How many networks' features are in memory together.
  init(
    _ studio: Studio, _ pictures: Pictures, _ layers: ComparedLayers, parts: Set<ComparedPart>,
    sampled: Set<Int>, among sides: Int, seed: UInt64
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
    // For each network as they are collected and as they are compared; of two networks also in
    // double precision, with the pictures' inner products where features outnumber pictures.
    let features = (2 * sides + 4) * sampled.count * width * MemoryLayout<Float>.stride
    let wide = layers.matrix.count { network.unitCount($0) > sampled.count }
    let products = 2 * wide * sampled.count * sampled.count * MemoryLayout<Double>.stride
    try studio.model.memory.check(
      features + products, studio.model.path,
      "comparing the features of \(sampled.count) pictures",
      advice: "a smaller --limit or fewer --layers take less")
  }

  var observers: [any ScanObserver] {
    let all: [(any ScanObserver)?] = [classification, features, top, embedding]
    return all.compactMap(\.self)
  }
}
