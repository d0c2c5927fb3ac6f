public import TensorCore

/// What a filter of several channels makes of colour.
public struct FilterColor: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// All channels have weights of one sign, the weakest at least half of the strongest.
    case grey
    /// Channels have weights of both signs, the weaker sign's strongest at least a fifth of the
    /// other's: one colour against another, such as orange against blue.
    case opponent
    /// Neither: mostly one or two of the colours.
    case tinted

    private static let leastGrey = 0.5
    private static let leastOpponent = 0.2

    /// - Parameter axis: A weight for each channel.
    init(axis: [Double]) {
      let (least, greatest) = (axis.min() ?? 0, axis.max() ?? 0)
      let (weak, strong) = (min(abs(least), abs(greatest)), max(abs(least), abs(greatest)))
      switch least * greatest {
      case ..<0: self = weak >= Self.leastOpponent * strong ? .opponent : .tinted
      default: self = weak >= Self.leastGrey * strong ? .grey : .tinted
      }
    }
  }

  /// The colour axis: a weight for each channel, with a sum of squares of 1, the one of greatest
  /// magnitude positive. One spatial pattern times this axis is the product that is nearest to the
  /// filter.
  public let axis: [Double]
  /// The share of the filter's sum of squares that this product holds: more than any Gabor function
  /// or handcrafted kernel, which are such products, can explain.
  public let productShare: Double
  /// The share of the filter's sum of squares that equal weights of all channels hold.
  public let greyShare: Double
  public let kind: Kind

  /// - Parameter filter: `[C, R, S]`.
  /// - Returns: Nil if all weights are zero or one is not finite.
  public init?(of filter: Tensor) {
    guard let channels = unitNorm(filter.channels) else { return nil }
    self.init(of: channels)
  }

  /// - Parameter channels: One array of values for each channel, with a sum of squares of 1.
  init(of channels: [[Double]]) {
    let count = channels.count
    var gram = channels.flatMap { first in channels.map { dot(first, $0) } }
    let trace = (0..<count).reduce(0) { $0 + gram[$1 * count + $1] }
    greyShare = gram.reduce(0, +) / Double(count) / trace
    let original = gram
    // Squared over and over, a matrix becomes the projection on its greatest eigenvector: after 24
    // times, of eigenvalues that differ by 10⁻⁵, e⁻¹⁶⁷ is left of the smaller one.
    for _ in 0..<24 {
      var square = [Double](repeating: 0, count: count * count)
      for row in 0..<count {
        for column in 0..<count {
          for index in 0..<count {
            square[row * count + column] += gram[row * count + index] * gram[index * count + column]
          }
        }
      }
      let scale = (0..<count).reduce(0) { $0 + square[$1 * count + $1] }
      gram = square.map { $0 / scale }
    }
    // Of several that are equal, the first one.
    let strongest =
      (0..<count).max { (gram[$0 * count + $0], -$0) < (gram[$1 * count + $1], -$1) } ?? 0
    let column = (0..<count).map { gram[$0 * count + strongest] }
    let norm = dot(column, column).squareRoot()
    let greatest = column.max { abs($0) < abs($1) } ?? 1
    axis = column.map { (greatest < 0 ? -$0 : $0) / norm }
    var share = 0.0
    for row in 0..<count {
      for column in 0..<count {
        share += axis[row] * original[row * count + column] * axis[column]
      }
    }
    productShare = min(1, share / trace)
    kind = Kind(axis: axis)
  }
}
