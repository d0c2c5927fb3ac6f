public import TensorCore

/// The Gabor function that is nearest to a filter in the sense of least squares, times one weight
/// for each channel.
public struct GaborFit: Sendable, Hashable {
  /// θ is from 0 up to π, ψ above −π and up to π.
  public let function: GaborFunction
  /// The function's weight in each channel; the one of greatest magnitude is positive.
  public let weights: [Double]
  /// The share of the filter's sum of squares that it explains, from 0 to 1.
  public let share: Double
  /// The same for the best of the starting values.
  public let startShare: Double
  /// The frequency to which it responds most, in cycles per pixel; 0 if it is low-pass.
  public let preferredFrequency: Double
}

extension GaborFit {
  /// The least standard deviation of the Gaussian, in pixels.
  ///
  /// The squares of a round Gaussian are spread over 2πσ² pixels (by their participation ratio): four
  /// for this one, of which the neighbours of the middle have nearly half of its weight.
  public static let leastDeviation = 0.8

  /// Fits a Gabor function to a filter.
  ///
  /// - Parameter filter: `[C, R, S]`.
  /// - Returns: Nil if all weights are zero, one is not finite, or the window is a single pixel.
  public init?(to filter: Tensor) {
    let (height, width) = (filter.shape[1], filter.shape[2])
    guard height * width > 1,
      let fitting = GaborFitting(filter.channels, height: height, width: width)
    else { return nil }
    self = fitting.fit
  }
}
