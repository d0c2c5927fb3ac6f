/// How alike the features of several pictures change when the same part is hidden in each, and when
/// random places are.
public struct CorrespondenceFinding: Sendable {
  /// How alike the changes of a layer's features are.
  public struct Consistency: Sendable, Hashable {
    /// The Hamming distances of the signs, for each pair i < j of pictures.
    public let distances: [Int]
    /// The number of features of a picture.
    public let featureCount: Int
    /// The mean share of features that change at all; NaN without pictures.
    public let changedShare: Double

    /// - Parameters:
    ///   - distances: One for each pair of pictures.
    ///   - featureCount: Of a picture.
    ///   - changedShare: Of features that change at all.
    public init(distances: [Int], featureCount: Int, changedShare: Double) {
      (self.distances, self.featureCount) = (distances, featureCount)
      self.changedShare = changedShare
    }

    /// Δ as it is defined: the sum over ordered pairs, so that each pair counts twice.
    public var sum: Int { 2 * distances.reduce(0, +) }

    /// The share of features whose signs differ, for each pair.
    public var shares: [Double] { distances.map { Double($0) / Double(max(featureCount, 1)) } }

    /// Δ divided by the numbers of pairs and of features; NaN without pairs.
    public var mean: Double { meanAndDeviation(of: shares).mean }

    /// The standard deviation of `shares` (n − 1); NaN for a single pair.
    public var deviation: Double { meanAndDeviation(of: shares).deviation }
  }

  /// What was found at one layer.
  public struct Layer: Sendable {
    public let name: String
    /// One for each part.
    public let parts: [Consistency]
    /// Of each draw of random places, one for each part, whose boxes have been moved.
    public let random: [[Consistency]]

    /// - Parameters:
    ///   - name: The layer's.
    ///   - parts: One for each part.
    ///   - random: By draw and part.
    public init(name: String, parts: [Consistency], random: [[Consistency]]) {
      (self.name, self.parts, self.random) = (name, parts, random)
    }

    /// For each draw, the mean over the parts.
    public var randomMeans: [Double] {
      random.map { draw in meanAndDeviation(of: draw.map(\.mean).filter(\.isFinite)).mean }
    }

    /// The mean of ``randomMeans``, in which each part counts alike.
    public var randomMean: Double { meanAndDeviation(of: randomMeans.filter(\.isFinite)).mean }

    /// The standard deviation over all pairs of all draws.
    public var randomDeviation: Double {
      meanAndDeviation(of: random.joined().flatMap(\.shares)).deviation
    }

    /// The mean Δ of a part's random places, over all draws and parts with pairs of pictures.
    public var randomSum: Double {
      meanAndDeviation(of: random.joined().filter { !$0.shares.isEmpty }.map { Double($0.sum) })
        .mean
    }

    /// The mean share of features that change at all, over all draws and parts.
    public var randomChangedShare: Double {
      meanAndDeviation(of: random.joined().map(\.changedShare).filter(\.isFinite)).mean
    }
  }

  /// Their names.
  public let parts: [String]
  /// The number of pictures in which each part was hidden.
  public let pictureCounts: [Int]
  public let layers: [Layer]

  /// - Parameters:
  ///   - parts: Their names.
  ///   - pictureCounts: The number of pictures in which each part was hidden.
  ///   - layers: What was found at each.
  public init(parts: [String], pictureCounts: [Int], layers: [Layer]) {
    (self.parts, self.pictureCounts, self.layers) = (parts, pictureCounts, layers)
  }
}

/// NaN for the mean of nothing, and for the deviation of one number.
private func meanAndDeviation(of values: [Double]) -> (mean: Double, deviation: Double) {
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, values.count > 1 ? (squares / (count - 1)).squareRoot() : .nan)
}
