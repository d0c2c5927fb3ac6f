public import Networks
public import TensorCore

/// The maps of one layer for one picture.
public struct FeatureMapFinding: Sendable {
  public let layer: String
  /// `[C, H, W]`, row-major.
  public let maps: Tensor
  /// Each map's greatest value.
  public let maxima: [Float]
  /// Units without a positive value anywhere in the picture.
  public let dead: [Int]
  /// Units by their greatest value, greatest first.
  public let strongest: [Int]
}

/// Shows what units respond to in a picture.
public struct FeatureMapAnalysis: Sendable {
  public init() {}

  /// - Parameters:
  ///   - picture: `[1, C, H, W]`.
  ///   - layers: Nodes whose outputs are maps.
  /// - Throws: `SelectionError` where a layer's output has no positions.
  public func run(
    on network: Network, picture: Tensor, layers: [String]
  ) throws(SelectionError) -> [FeatureMapFinding] {
    for layer in layers {
      guard let shape = network.shapes[layer], shape.rank == 4 else {
        throw SelectionError("layer '\(layer)' has no maps: its output has no positions")
      }
    }
    let recording = network.record(picture, keeping: .only(layers))
    return layers.map { layer in
      let output = recording[layer]
      let shape = Shape(Array(output.shape.extents.dropFirst()))
      let maps = output.reshaped(to: shape)
      let maxima = (0..<shape[0]).map { maps.rows($0..<($0 + 1)).reduce(-.infinity, max) }
      return FeatureMapFinding(
        layer: layer, maps: maps, maxima: maxima,
        dead: maxima.indices.filter { maxima[$0] <= 0 },
        strongest: maxima.indices.sorted { (-maxima[$0], $0) < (-maxima[$1], $1) })
    }
  }
}
