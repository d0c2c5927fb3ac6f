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
  ) {
    let network = studio.network
    let needsClasses = parts.contains(.predictions) || parts.contains(.saliency)
    classification =
      network.hasClassScores && needsClasses
      ? ClassificationScan(network, top: 1, label: pictures.labels(in: studio.model)) : nil
    features =
      Self.needFeatures(parts)
      ? FeatureScan(layers: layers.representations, pictures: sampled) : nil
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
  }

  private static func needFeatures(_ parts: Set<ComparedPart>) -> Bool {
    parts.contains(.similarity) || parts.contains(.weights)
  }

  /// - Parameters:
  ///   - sampled: The number of pictures whose features are kept.
  ///   - copies: How many networks' features are in memory together when all were collected.
  /// - Throws: `FileError` of kind `.tooLarge` if the features do not fit into memory.
  static func checkMemory(
    _ studio: Studio, _ layers: ComparedLayers, parts: Set<ComparedPart>, sampled: Int, copies: Int
  ) throws {
    guard needFeatures(parts) else { return }
    let network = studio.network
    let width = layers.representations.reduce(0) { $0 + network.unitCount($1) }
    // Of two networks also in double precision, with the pictures' inner products where features
    // outnumber pictures.
    let features = (copies + 4) * sampled * width * MemoryLayout<Float>.stride
    let wide = layers.matrix.count { network.unitCount($0) > sampled }
    let products = 2 * wide * sampled * sampled * MemoryLayout<Double>.stride
    try studio.model.memory.check(
      features + products, studio.model.path,
      "comparing the features of \(sampled) pictures",
      advice: "a smaller --limit or fewer --layers take less")
  }

  var observers: [any ScanObserver] {
    let all: [(any ScanObserver)?] = [classification, features, top, embedding]
    return all.compactMap(\.self)
  }
}
