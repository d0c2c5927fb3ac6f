public import Networks
public import TensorCore

/// The values of one layer without maps, such as a classifier's, for one picture.
public struct UnitValueFinding: Sendable {
  public let layer: String
  /// `[1, units, …]`, row-major.
  public let values: Tensor
  /// Units by their greatest value, greatest first.
  public let strongest: [Int]

  /// Each unit's greatest value.
  public let maxima: [Float]
}

/// Shows how strongly the units of layers without maps respond to a picture.
public struct UnitValueAnalysis: Sendable {
  public init() {}

  /// - Parameters:
  ///   - picture: `[1, C, H, W]`.
  ///   - layers: Nodes whose outputs depend on the picture.
  /// - Throws: `SelectionError` where one does not.
  public func run(
    on network: Network, picture: Tensor, layers: [String]
  ) throws(SelectionError) -> [UnitValueFinding] {
    for layer in layers {
      if let problem = network.obstacle(to: .activations, at: layer) {
        throw SelectionError("layer '\(layer)' \(problem)")
      }
    }
    let recording = network.record(picture, keeping: .only(layers))
    return layers.map { layer in
      let values = recording[layer].arranged(as: .rowMajor)
      let width = values.count / max(values.shape[1], 1)
      let elements = values.elements
      let maxima = (0..<values.shape[1]).map { unit in
        elements[(unit * width)..<((unit + 1) * width)].max() ?? 0
      }
      return UnitValueFinding(
        layer: layer, values: values,
        strongest: maxima.indices.sorted { (-maxima[$0], $0) < (-maxima[$1], $1) },
        maxima: maxima)
    }
  }
}
