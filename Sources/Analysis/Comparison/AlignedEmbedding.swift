public import Kernels
internal import TensorCore

/// Two networks' embeddings of the same pictures, the second laid over the first.
public struct AlignedEmbedding: Sendable {
  public let layer: String
  /// The data set's index of each point.
  public let pictures: [Int]
  /// Each picture's first two coordinates in the first network: principal components.
  public let fixed: [SIMD2<Double>]
  /// The same pictures in the second network, in the place, size and orientation of the first.
  public let aligned: [SIMD2<Double>]
  /// What is left of the squared distance, both scaled to norm 1: 0…1 (Gower 1975).
  public let residual: Double
  /// How many principal components were aligned, and which share of the variance they hold in each
  /// network.
  public let components: Int
  public let explained: (first: Double, second: Double)

  /// Lays the second embedding over the first by a translation, a rotation or reflection, and a
  /// scale.
  ///
  /// All components that were found are aligned, because what is the first component of one network
  /// may be the third of the other.
  ///
  /// - Returns: Nil for fewer than three common pictures, or if all points of one coincide.
  public init?(
    of second: EmbeddingFinding, to first: EmbeddingFinding
  ) throws(SingularValueError) {
    let d = min(first.coordinates.shape[1], second.coordinates.shape[1])
    let common = Set(first.pictures).intersection(second.pictures).sorted()
    guard common.count > 2, d > 0 else { return nil }
    let (x, y) = (first.rows(common, width: d), second.rows(common, width: d))
    guard let found = try procrustesAlignment(of: y, to: x, dimensions: d) else { return nil }
    layer = first.layer
    pictures = common
    fixed = Self.points(x, d)
    aligned = Self.points(found.aligned, d)
    residual = found.residual
    components = d
    explained = (
      first.explained.prefix(d).reduce(0, +), second.explained.prefix(d).reduce(0, +)
    )
  }

  private static func points(_ values: [Double], _ d: Int) -> [SIMD2<Double>] {
    stride(from: 0, to: values.count, by: d).map {
      SIMD2(values[$0], d > 1 ? values[$0 + 1] : 0)
    }
  }
}

extension EmbeddingFinding {
  /// The first coordinates of some pictures, row by row.
  fileprivate func rows(_ wanted: [Int], width: Int) -> [Double] {
    let places = Dictionary(zip(pictures, pictures.indices)) { first, _ in first }
    let own = coordinates.shape[1]
    let values = coordinates.elements
    return wanted.compactMap { places[$0] }.flatMap { row in
      values[(row * own)..<(row * own + width)].map(Double.init)
    }
  }
}
