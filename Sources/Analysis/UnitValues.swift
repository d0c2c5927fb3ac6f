public import Networks
public import TensorCore

/// The values of one layer without maps, such as a classifier's, for one picture.
public struct UnitValueFinding: Sendable {
  public let layer: String
  /// `[1, units, …]`, row-major.
  public let values: Tensor
  /// Each unit's greatest finite value; −∞ if it has none.
  public let maxima: [Float]
  /// How many of each unit's values are NaN or infinite.
  public let nonFinite: [Int]
  /// Units by their greatest value, greatest first; of units that saturate, by that before.
  public let strongest: [Int]
  /// The node whose values decide between units that saturate; nil if none may.
  public let rankedBy: String?
}

/// Shows how strongly the units of layers without maps respond to a picture.
public struct UnitValueAnalysis: Sendable {
  public init() {}

  /// - Parameters:
  ///   - picture: `[1, C, H, W]`.
  ///   - layers: Nodes whose outputs depend on the picture.
  /// - Throws: `SelectionError` if one does not.
  public func run(
    on network: Network, picture: Tensor, layers: [String]
  ) throws(SelectionError) -> [UnitValueFinding] {
    for layer in layers {
      if let problem = network.obstacle(to: .activations, at: layer) {
        throw SelectionError("layer '\(layer)' \(problem)")
      }
    }
    let recording = network.record(picture, keeping: .only(network.nodes(toRank: layers)))
    return layers.map { layer in
      let values = recording[layer].arranged(as: .rowMajor)
      let shape = Shape(Array(values.shape.extents.dropFirst()))
      let units = values.reshaped(to: shape)
      let ranking = network.ranking(of: layer)
      let maxima = finiteMaxima(units)
      let ranks = ranking.map { finiteMaxima($0.values(in: recording).reshaped(to: shape)) }
      return UnitValueFinding(
        layer: layer, values: values, maxima: maxima,
        nonFinite: (0..<shape[0]).map { units.rows($0..<($0 + 1)).nonFiniteCount },
        strongest: unitsByStrength(maxima, ranks), rankedBy: ranking?.node)
    }
  }
}
