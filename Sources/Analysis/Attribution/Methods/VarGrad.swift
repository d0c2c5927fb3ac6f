public import Networks
internal import TensorCore

/// Adebayo et al. (2018), section 3: the variance of the gradient at noisy copies of the picture,
/// the mean square less the square of the mean.
///
/// Noise and samples as in SmoothGrad.
public struct VarGrad: AttributionMethod {
  public var samples = 50
  /// The deviation over the picture's range.
  public var noise: Float = 0.15
  public var seed: UInt64 = 0

  public init() {}

  public var name: String { "vargrad" }
  public var citation: String { "Adebayo et al. 2018" }
  public func explanation(of score: String) -> String {
    "The variance of the gradient of the \(score) over noisy copies of the picture"
  }
  public var isSigned: Bool { false }

  public static var parameters: [MethodParameter<Self>] {
    [
      .count("samples", "Number of noisy copies of each picture.", \.samples, 2...10_000),
      .number(
        "noise", "Standard deviation of the noise, as a fraction of the picture's range.", \.noise,
        1e-6...10),
      .seed(\.seed),
    ]
  }

  public func keep(in network: Network) -> Keep { .only([]) }
  public func largestKeep(in network: Network) -> Keep { .forGradient() }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    let noise = PictureNoise(of: batch, deviation: noise, seed: seed)
    var (count, mean, squares): (Float, Tensor?, Tensor?) = (0, nil, nil)
    batch.forEachRound(samples, of: scores, pictures: noise.copies) { gradient in
      count += 1
      guard let mean0 = mean, let squares0 = squares else {
        (mean, squares) = (gradient, gradient * 0)
        return
      }
      // Welford (1962): sums of squares about the running mean lose no digits.
      let difference = gradient - mean0
      let share = 1 / count
      let newMean = mean0.zip(difference) { $0 + share * $1 }
      mean = newMean
      squares = squares0 + difference * (gradient - newMean)
    }
    return Attribution(maps: (squares ?? batch.pictures) * (1 / max(count, 1)))
  }
}
