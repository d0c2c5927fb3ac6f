public import Networks
internal import TensorCore

extension Network {
  /// Whether a layer's output has positions along every axis of the example, as maps have:
  /// `[N, C, L]` of a series, `[N, C, H, W]` of a picture, `[N, C, D, H, W]` of a volume.
  public func hasPositions(_ layer: String) -> Bool {
    let rank = graph.inputShape.rank + 1
    return (3...5).contains(rank) && shapes[layer]?.rank == rank
  }
}
