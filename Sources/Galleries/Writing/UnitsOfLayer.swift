/// Units of one layer.
public struct UnitsOfLayer: Codable, Sendable, Hashable {
  /// The name of a node.
  public let layer: String
  /// Indices along the layer's second axis, in the order in which they are shown.
  public let units: [Int]

  /// - Parameters:
  ///   - layer: The name of a node.
  ///   - units: Indices along the layer's second axis.
  public init(_ layer: String, _ units: [Int]) { (self.layer, self.units) = (layer, units) }
}
