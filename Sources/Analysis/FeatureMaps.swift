public import Networks
public import TensorCore

/// The maps of one layer for one picture, series or volume.
public struct FeatureMapFinding: Sendable {
  public let layer: String
  /// `[C, H, W]` of a picture, `[C, L]` of a series, `[C, D, H, W]` of a volume; row-major.
  public let maps: Tensor
  /// Each map's greatest finite value; −∞ if it has none.
  public let maxima: [Float]
  /// How many of each map's values are NaN or infinite.
  public let nonFinite: [Int]
  /// Units whose values are all zero.
  public let zero: [Int]
  /// Whether no value is negative, as after a rectifier: units that are zero everywhere are then
  /// dead in this picture.
  public let isRectified: Bool
  /// Units by the 99th percentile of their map inside its border, greatest first (`mapStrengths`);
  /// of units that saturate, by that before.
  public let strongest: [Int]
  /// The node whose values decide between units that saturate; nil if none may.
  public let rankedBy: String?
}

/// Shows what units respond to in a picture, a series or a volume.
public struct FeatureMapAnalysis: Sendable {
  public init() {}

  /// - Parameters:
  ///   - picture: `[1, C, H, W]`; of a series `[1, C, L]`, of a volume `[1, C, D, H, W]`.
  ///   - layers: Nodes whose outputs are maps.
  /// - Throws: `SelectionError` if a layer's output has no positions.
  public func run(
    on network: Network, picture: Tensor, layers: [String]
  ) throws(SelectionError) -> [FeatureMapFinding] {
    for layer in layers {
      guard network.hasPositions(layer) else {
        throw SelectionError("layer '\(layer)' has no maps: its output has no positions")
      }
    }
    let rankings = layers.map { network.ranking(of: $0) }
    let recording = network.record(
      picture, keeping: .only(network.nodes(toRank: layers)))
    return zip(layers, rankings).map { layer, ranking in
      let output = recording[layer]
      let shape = Shape(Array(output.shape.extents.dropFirst()))
      let maps = output.reshaped(to: shape)
      let maxima = finiteMaxima(maps)
      // Sparse maps, whose percentile is zero, are still ordered by their greatest value.
      let ranks =
        ranking.map { mapStrengths($0.values(in: recording).reshaped(to: shape)) } ?? maxima
      let nonFinite = (0..<shape[0]).map { maps.rows($0..<($0 + 1)).nonFiniteCount }
      return FeatureMapFinding(
        layer: layer, maps: maps, maxima: maxima, nonFinite: nonFinite,
        zero: maxima.indices.filter { unit in
          maxima[unit] == 0 && maps.rows(unit..<(unit + 1)).elements.allSatisfy { $0 == 0 }
        }, isRectified: maps.elements.allSatisfy { !($0 < 0) },
        strongest: unitsByStrength(mapStrengths(maps), ranks), rankedBy: ranking?.node)
    }
  }
}
