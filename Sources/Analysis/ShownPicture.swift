internal import Kernels
public import Networks
internal import TensorCore

/// What a network says of an optimized picture as it can be shown: with every value clipped to
/// those from black to white.
public struct ShownPicture: Sendable, Hashable {
  /// The class score of the clipped picture.
  public let score: Float
  /// Its probability; nil if the network does not have one.
  public let probability: Float?
  /// The share of the picture's values that are outside the range.
  public let clippedShare: Double

  public init(score: Float, probability: Float?, clippedShare: Double) {
    (self.score, self.probability) = (score, probability)
    self.clippedShare = clippedShare
  }

  /// - Parameters:
  ///   - findings: Of one network, at least one.
  ///   - range: One limit for each channel.
  /// - Returns: One for each finding. The rounding to 256 levels is left out.
  public static func all(
    of findings: [ClassModelFinding], on network: Network, within range: PixelRange
  ) -> [ShownPicture] {
    let pictures = Tensor(concatenatingRows: findings.map { $0.image.arranged(as: .rowMajor) })
    let (count, channels) = (pictures.shape[0], pictures.shape[1])
    let size = pictures.count / (count * channels)
    var outside = [Int](repeating: 0, count: count)
    let clipped = Tensor(
      shape: pictures.shape,
      pictures.elements.enumerated().map { index, value in
        let channel = index / size % channels
        let limits = (range.low[channel], range.high[channel])
        if value < limits.0 || value > limits.1 { outside[index / (size * channels)] += 1 }
        return min(max(value, limits.0), limits.1)
      })
    let node = network.graph.scoreName
    let predictions = Prediction.all(
      from: network.record(clipped, keeping: .only([node])).scores,
      by: network.probabilityFunction)
    return findings.indices.map { row in
      let own = predictions[row][findings[row].classIndex]
      return ShownPicture(
        score: own?.score ?? .nan, probability: own?.probability,
        clippedShare: Double(outside[row]) / Double(size * channels))
    }
  }
}
