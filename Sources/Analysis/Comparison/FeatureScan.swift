public import Networks
public import TensorCore

/// Collects the features of several layers over a data set: the mean of each map, and the values of
/// layers without positions.
public final class FeatureScan: ScanObserver {
  public let layers: [String]
  public var nodes: [String] { layers }
  private let wanted: Set<Int>?
  private var rows: [[Tensor]]
  private var seen: [Int] = []

  /// - Parameter pictures: The indices in the data set of those whose features are kept; nil for
  ///   all.
  public init(layers: [String], pictures: Set<Int>? = nil) {
    self.layers = layers
    wanted = pictures
    rows = Array(repeating: [], count: layers.count)
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    let chosen = pictures.indices.filter { wanted?.contains(pictures[$0]) ?? true }
    guard !chosen.isEmpty else { return }
    seen += chosen.map { pictures[$0] }
    for (index, layer) in layers.enumerated() {
      let output = recording[layer]
      let n = output.shape[0]
      let features =
        output.shape.rank > 2
        ? positionMeans(output) : output.reshaped(to: [n, output.count / max(n, 1)])
      rows[index] +=
        chosen.count == n ? [features] : chosen.map { features.rows($0..<($0 + 1)) }
    }
  }

  /// What was collected, one row for each picture.
  public var finding: LayerFeatures {
    LayerFeatures(
      layers: layers, pictures: seen,
      features: rows.map { $0.isEmpty ? Tensor(shape: [0, 0], []) : Tensor(concatenatingRows: $0) })
  }
}

/// The features of some layers for the same pictures.
public struct LayerFeatures: Sendable {
  public let layers: [String]
  /// The data set's index of each row.
  public let pictures: [Int]
  /// `[N, D]` for each layer.
  public let features: [Tensor]

  public init(layers: [String], pictures: [Int], features: [Tensor]) {
    (self.layers, self.pictures, self.features) = (layers, pictures, features)
  }

  /// The pictures whose features are finite in every layer.
  public var finitePictures: Set<Int> {
    var finite = Set(pictures)
    for tensor in features where !tensor.isFinite {
      for (row, picture) in pictures.enumerated() where !tensor.rows(row..<(row + 1)).isFinite {
        finite.remove(picture)
      }
    }
    return finite
  }

  /// The features of some of the layers.
  public func only(_ names: [String]) -> LayerFeatures {
    let places = names.compactMap { layers.firstIndex(of: $0) }
    return LayerFeatures(
      layers: places.map { layers[$0] }, pictures: pictures,
      features: places.map { features[$0] })
  }

  /// One layer's rows for some of the pictures, in ascending order of these, in `Double`.
  public func rows(of layer: Int, for wanted: Set<Int>) -> [Double] {
    let order = pictures.indices.filter { wanted.contains(pictures[$0]) }
      .sorted { pictures[$0] < pictures[$1] }
    let width = features[layer].shape[1]
    return features[layer].withUnsafeElements { values in
      order.flatMap { row in values[(row * width)..<((row + 1) * width)].map(Double.init) }
    }
  }
}
