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

extension ReceptiveField {
  /// Where a position of a layer is along the first axis of the example, the samples of a series or
  /// the frames of a volume: the centre of its field, counted from the middle of sample or frame 0.
  ///
  /// - Parameters:
  ///   - position: Along that axis.
  ///   - unit: Nil for all units together.
  /// - Returns: Nil if positions do not move along the axis.
  public func place(of position: Int, ofUnit unit: Int? = nil) -> Double? {
    let field = unit.map(field(ofUnit:)) ?? self
    guard field.axes.first == 2 else { return nil }
    let others = [Int](repeating: 0, count: field.axes.count - 1)
    // Centres are distances from the edge of the first sample, whose own centre is at one half.
    return field.center(of: [position] + others)[0] - 0.5
  }
}
