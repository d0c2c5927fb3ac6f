internal import TensorCore

/// The order in which a layer's filters and their input channels are clustered by similarity.
public struct FilterClustering: Sendable, Hashable {
  /// The filters by their weights.
  public let filters: SimilarityOrder
  /// The input channels by the weights that the filters give them.
  public let channels: SimilarityOrder

  /// - Parameters:
  ///   - finding: The weights.
  ///   - shown: The filters to cluster; the indices of `filters` are positions in it.
  public init(of finding: FilterFinding, shown: [Int]) {
    let shape = finding.filters.shape
    let window = shape.spatial.reduce(1, *)
    let rows = shown.map { finding.filters.rows($0..<($0 + 1)).elements }
    filters = SimilarityOrder(of: rows)
    channels = SimilarityOrder(
      of: (0..<shape[1]).map { channel in
        rows.flatMap { $0[(channel * window)..<((channel + 1) * window)] }
      })
  }
}
