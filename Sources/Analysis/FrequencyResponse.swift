internal import Foundation

/// How strongly a filter of a series passes each frequency: the magnitude of its transfer function
/// (Oppenheim and Schafer, "Discrete-Time Signal Processing", section 5.1),
/// `|H(f)| = |Σ h[r] exp(−2πi f d r)|` for taps `h[r]` that are `d` samples apart.
///
/// A layer correlates, so its taps are those of the filter in reverse, of which the magnitude is the
/// same.
public struct FrequencyResponse: Sendable, Hashable {
  /// In cycles per sample, from 0 to 0.5, at equal distances.
  public let frequencies: [Double]
  /// `|H(f)|` for each frequency; not finite if a tap is not.
  public let magnitudes: [Double]

  /// - Parameters:
  ///   - taps: `[R]`.
  ///   - dilation: The distance between taps, in samples.
  ///   - count: How many frequencies, at least 2.
  public init(of taps: [Float], dilation: Int = 1, count: Int = 129) {
    precondition(count > 1 && dilation > 0, "\(count) frequencies of a dilation of \(dilation)")
    let step = 0.5 / Double(count - 1)
    frequencies = (0..<count).map { step * Double($0) }
    magnitudes = frequencies.map { frequency in
      var (real, imaginary) = (0.0, 0.0)
      for (place, tap) in taps.enumerated() {
        let cycles = frequency * Double(dilation) * Double(place)
        // Whole cycles are left out before rounding counts.
        let angle = 2 * .pi * (cycles - cycles.rounded(.down))
        real += Double(tap) * cos(angle)
        imaginary -= Double(tap) * sin(angle)
      }
      return (real * real + imaginary * imaginary).squareRoot()
    }
  }

  /// The frequency that passes most strongly, the lowest of several; nil if nothing passes, or a tap
  /// is not finite.
  public var peak: Double? {
    guard magnitudes.allSatisfy(\.isFinite), let greatest = magnitudes.max(), greatest > 0 else {
      return nil
    }
    return magnitudes.firstIndex(of: greatest).map { frequencies[$0] }
  }
}
