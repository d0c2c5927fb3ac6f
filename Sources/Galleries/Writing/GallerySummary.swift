internal import Analysis
public import Networks

/// What a gallery says about its network before the figures.
public struct GallerySummary: Sendable {
  /// In the order in which they are computed; empty if they are not known.
  public var layers: [LayerRecord]
  /// The layer of the class scores; nil if there are none.
  public var scores: String?
  /// On the labelled pictures; nil if there were none.
  public var accuracy: Manifest.Accuracy?
  /// What a reader should know before trusting the figures, one line each.
  public var warnings: [String]

  public init(
    layers: [LayerRecord] = [], scores: String? = nil, accuracy: Manifest.Accuracy? = nil,
    warnings: [String] = []
  ) {
    (self.layers, self.scores) = (layers, scores)
    (self.accuracy, self.warnings) = (accuracy, warnings)
  }

  public init(of network: Network, warnings: [String] = []) {
    self.init(
      layers: network.layerRecords,
      scores: network.hasClassScores ? network.graph.scoreName : nil, warnings: warnings)
  }

  func added(to manifest: Manifest) -> Manifest {
    var manifest = manifest
    func known<Element>(_ list: [Element]) -> [Element]? { list.isEmpty ? nil : list }
    manifest.layers = known(layers)
    manifest.scores = scores
    manifest.accuracy = accuracy
    manifest.warnings = known(warnings)
    return manifest
  }
}
