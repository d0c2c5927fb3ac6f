/// How far the features of one layer moved from each checkpoint to the next.
public struct LayerMovement: Sendable, Hashable {
  public let layer: String
  /// `1 − CKA` of the features of two successive checkpoints, in `0...1`, one for each checkpoint
  /// but the first; nil if a layer gives the same features for every picture.
  public let distances: [Double?]

  public init(layer: String, distances: [Double?]) {
    (self.layer, self.distances) = (layer, distances)
  }
}

/// Measures how far features moved between successive checkpoints by linear centred kernel
/// alignment (Kornblith, Norouzi, Lee and Hinton 2019), which does not change if features are
/// scaled, rotated or permuted: training changes the scale of features even if what they represent
/// stays the same.
public struct LayerMovementAnalysis: Sendable {
  public init() {}

  /// - Parameter features: Of the same layers and pictures, one for each checkpoint.
  /// - Returns: One for each layer, measured on the pictures whose features are finite at all
  ///   checkpoints; all distances are nil for fewer than three of these.
  public func run(on features: [LayerFeatures]) -> [LayerMovement] {
    guard let first = features.first else { return [] }
    let pictures = features.dropFirst().reduce(first.finitePictures) {
      $0.intersection($1.finitePictures)
    }
    let alignments = zip(features, features.dropFirst()).map {
      KernelAlignmentAnalysis().sameLayers($0, $1, pictures: pictures)
    }
    return first.layers.map { layer in
      LayerMovement(layer: layer, distances: alignments.map { all in all[layer].map { 1 - $0 } })
    }
  }
}
