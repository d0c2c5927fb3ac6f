internal import Analysis
public import Networks
internal import TensorCore

/// What `gallery.json` and `fovea inspect --json` say about one layer of the network.
public struct LayerRecord: Codable, Sendable, Hashable {
  public let name: String
  /// Such as `convolution`.
  public let kind: String
  public let inputs: [String]
  /// The shape for one picture, such as `[C, H, W]`.
  public let output: [Int]
  public let parameters: Int
  /// For one picture.
  public let multiplyAdds: Int
  /// `[H, W]` in pixels of the input; empty if the layer has no positions.
  public let receptiveField: [Int]
  public let stride: [Int]
  /// The first row and column that the first unit sees.
  public let offset: [Int]
  /// Why a gallery shows the layer by default; nil if it does not.
  public let gallery: String?

  public init(
    name: String, kind: String, inputs: [String], output: [Int], parameters: Int,
    multiplyAdds: Int, receptiveField: [Int], stride: [Int], offset: [Int], gallery: String?
  ) {
    (self.name, self.kind, self.inputs, self.output) = (name, kind, inputs, output)
    (self.parameters, self.multiplyAdds) = (parameters, multiplyAdds)
    (self.receptiveField, self.stride, self.offset) = (receptiveField, stride, offset)
    self.gallery = gallery
  }
}

extension Network {
  /// The layers in the order in which they are computed.
  public var layerRecords: [LayerRecord] {
    let fields = receptiveFields()
    var reasons: [String: String] = [:]
    for layer in galleryLayers() { reasons[layer.name] = layer.reason }
    return graph.nodes.map { node in
      let (field, cost) = (fields[node.name], cost(of: [node]))
      return LayerRecord(
        name: node.name, kind: node.operation.kind, inputs: node.inputs,
        output: (shapes[node.name]?.extents).map {
          // Values that are the same for every picture have no batch axis.
          dependsOnPictures(node.name) ? Array($0.dropFirst()) : $0
        } ?? [],
        parameters: cost.parameters, multiplyAdds: cost.multiplyAdds,
        receptiveField: field?.size ?? [], stride: field?.stride ?? [], offset: field?.start ?? [],
        gallery: reasons[node.name])
    }
  }
}
