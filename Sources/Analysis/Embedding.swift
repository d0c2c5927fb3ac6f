internal import Foundation
public import Kernels
public import Networks
public import TensorCore

/// Pictures as points: the features of one layer along their principal components.
public struct EmbeddingFinding: Sendable {
  public let layer: String
  public let pooling: FeaturePooling
  /// `[N, k]`.
  public let coordinates: Tensor
  /// The loadings: each component as a direction among the features (after a projection, among
  /// those), `[k, features]`.
  public let components: Tensor
  /// The mean of the features, which is the origin of the coordinates.
  public let mean: [Float]
  /// The share of all variance along each component.
  public let explained: [Double]
  /// The data set's index of each row.
  public let pictures: [Int]
  /// The number of features of each picture.
  public let featureCount: Int
  /// Pictures without a point, because some of their features are NaN or infinite.
  public let leftOut: [Int]
  /// The number of features after a random projection; nil if all fitted into memory.
  public let projectedTo: Int?
  /// How t-SNE placed the points; nil for principal components.
  public var neighbors: NeighborFit?
}

/// How well the points of a neighbour embedding fit.
public struct NeighborFit: Sendable, Hashable {
  public let perplexity: Double
  /// The Kullback–Leibler divergence between the affinities of features and of points.
  public let divergence: Double
  /// The number of principal components whose coordinates were the features.
  public let componentCount: Int
  /// Whether the gradient was exact, not Barnes and Hut's approximation.
  public let isExact: Bool
}

/// How maps are reduced to features.
public enum FeaturePooling: String, Sendable, Hashable, CaseIterable {
  /// The mean of each map.
  case mean
  /// Every value of every map.
  case flatten
}

/// Collects the features of a layer over a data set, then finds their principal components
/// (Aubry and Russell 2015, section 3).
///
/// Features that would not fit into memory are randomly projected as they arrive (Johnson and
/// Lindenstrauss 1984; Achlioptas 2003, signs of equal probability).
public final class EmbeddingScan: ScanObserver {
  /// In bytes; more features are projected.
  public static let memoryLimit = 1 << 30

  public let layer: String
  public let pooling: FeaturePooling
  public var nodes: [String] { [layer] }
  private let featureCount: Int
  private let projection: Tensor?
  private var rows: [Tensor] = []
  private var pictures: [Int] = []
  /// Pictures whose features are not all finite.
  public private(set) var leftOut: [Int] = []

  /// - Parameters:
  ///   - expected: The expected number of pictures.
  ///   - seed: The seed of the random projection.
  public init(
    _ network: Network, layer: String, pooling: FeaturePooling, expected: Int, seed: UInt64,
    memoryLimit: Int = EmbeddingScan.memoryLimit
  ) {
    self.layer = layer
    self.pooling = pooling
    let shape = network.shapes[layer] ?? [1, 1]
    featureCount = pooling == .mean ? shape[1] : shape.elementCount
    let fitting = memoryLimit / (4 * max(expected, 1))
    // The signs are in memory too, and must fit as the projected features do.
    let signs = memoryLimit / (4 * max(featureCount, 1))
    projection =
      featureCount > fitting
      ? randomSigns(rows: max(2, min(fitting, signs)), columns: featureCount, seed: seed) : nil
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    var features = recording[layer]
    let n = features.shape[0]
    if pooling == .mean, features.shape.rank > 2 {
      features = positionMeans(features)
    } else {
      features = features.reshaped(to: [n, features.count / max(n, 1)])
    }
    features = projection.map { innerProduct(features, with: $0) } ?? features
    if features.isFinite {
      rows.append(features)
      self.pictures += pictures
      return
    }
    for (row, picture) in pictures.enumerated() {
      let own = features.rows(row..<(row + 1))
      if own.isFinite {
        rows.append(own)
        self.pictures.append(picture)
      } else {
        leftOut.append(picture)
      }
    }
  }

  /// The features of pictures that are all finite, `[N, D]` after a projection if there is one, and
  /// the data set's index of each row; nil if there are fewer than three, which span no plane.
  public var collected: (features: Tensor, pictures: [Int])? {
    pictures.count > 2 ? (Tensor(concatenatingRows: rows), pictures) : nil
  }

  /// The number of features of each picture before a projection.
  public var ownFeatureCount: Int { featureCount }

  /// - Returns: Nil for fewer than three pictures with finite features, which span no plane.
  public func finding(components: Int = 10) throws(EigenvectorError) -> EmbeddingFinding? {
    guard let collected else { return nil }
    let result = try principalComponents(collected.features, count: components)
    return EmbeddingFinding(
      layer: layer, pooling: pooling, coordinates: result.coordinates,
      components: result.components, mean: result.mean,
      explained: result.variances.map { $0 / max(result.totalVariance, .leastNormalMagnitude) },
      pictures: pictures, featureCount: featureCount, leftOut: leftOut,
      projectedTo: projection?.shape[0])
  }

  /// The pictures by t-SNE.
  ///
  /// - Parameters:
  ///   - method: How points are placed.
  ///   - progress: Called with the number of finished steps.
  /// - Returns: Nil for fewer pictures with finite features than the perplexity needs.
  public func finding(
    by method: NeighborEmbedding, progress: (Int) -> Void = { _ in }
  ) throws(EigenvectorError) -> EmbeddingFinding? {
    guard let collected,
      collected.pictures.count >= NeighborEmbedding.fewestPoints(perplexity: method.perplexity)
    else { return nil }
    let result = try method.run(on: collected.features, progress: progress)
    return EmbeddingFinding(
      layer: layer, pooling: pooling, coordinates: result.coordinates,
      components: Tensor(shape: [0, collected.features.shape[1]], []), mean: [], explained: [],
      pictures: pictures, featureCount: featureCount, leftOut: leftOut,
      projectedTo: projection?.shape[0],
      neighbors: NeighborFit(
        perplexity: method.perplexity, divergence: result.divergence,
        componentCount: result.componentCount, isExact: result.isExact))
  }
}

/// `[N, C, …]` to each map's mean, `[N, C]`.
func positionMeans(_ maps: Tensor) -> Tensor {
  let maps = maps.arranged(as: .channelsLast)
  let (n, c) = (maps.shape[0], maps.shape[1])
  let positions = maps.shape.spatial.reduce(1, *)
  return maps.withUnsafeElements { x in
    Tensor(shape: [n, c]) { target in
      target.initialize(repeating: 0)
      for row in 0..<(n * positions) {
        let image = row / positions
        for channel in 0..<c { target[image * c + channel] += x[row * c + channel] }
      }
      for index in 0..<target.count { target[index] /= Float(positions) }
    }
  }
}

/// Random signs divided by `√rows`, so that distances are preserved on average.
private func randomSigns(rows: Int, columns: Int, seed: UInt64) -> Tensor {
  var generator = SeededGenerator(seed: seed, path: rows, columns)
  let size = 1 / Float(rows).squareRoot()
  return Tensor(shape: [rows, columns]) { target in
    var bits: UInt64 = 0
    for index in 0..<target.count {
      if index % 64 == 0 { bits = generator.next() }
      target[index] = bits & 1 == 0 ? size : -size
      bits >>= 1
    }
  }
}
