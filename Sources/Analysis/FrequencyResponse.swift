internal import Foundation
internal import TensorCore

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
  public init(of taps: [Float], dilation: Int = 1, count: Int = usualCount) {
    self.init(taps, Waves(taps: taps.count, dilation: dilation, count: count))
  }

  /// How many frequencies a figure shows.
  public static let usualCount = 129

  fileprivate init(_ taps: [Float], _ waves: Waves) {
    frequencies = waves.frequencies
    magnitudes = waves.frequencies.indices.map { index in
      var (real, imaginary) = (0.0, 0.0)
      let start = index * taps.count
      for (place, tap) in taps.enumerated() {
        real += Double(tap) * waves.cosines[start + place]
        imaginary -= Double(tap) * waves.sines[start + place]
      }
      return (real * real + imaginary * imaginary).squareRoot()
    }
  }

  /// The waves that taps are compared with, row by row for each frequency.
  fileprivate struct Waves {
    let frequencies, cosines, sines: [Double]

    init(taps: Int, dilation: Int, count: Int) {
      precondition(count > 1 && dilation > 0, "\(count) frequencies of a dilation of \(dilation)")
      let step = 0.5 / Double(count - 1)
      frequencies = (0..<count).map { step * Double($0) }
      let angles = frequencies.flatMap { frequency in
        (0..<taps).map { place in
          let cycles = frequency * Double(dilation) * Double(place)
          // Whole cycles are left out before rounding counts.
          return 2 * .pi * (cycles - cycles.rounded(.down))
        }
      }
      cosines = angles.map { cos($0) }
      sines = angles.map { sin($0) }
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

extension FilterFinding {
  /// The greatest number of taps with a frequency response that a figure can show.
  private static let mostTaps = 1024

  /// The frequency responses of some filters, one for each input channel; nil unless the layer reads
  /// series with several taps.
  ///
  /// - Parameter filters: Their numbers.
  public func frequencyResponses(of filters: some Sequence<Int>) -> [[FrequencyResponse]]? {
    let shape = self.filters.shape
    guard isFirst, shape.rank == 3, (2...Self.mostTaps).contains(shape[2]) else { return nil }
    let taps = shape[2]
    let waves = FrequencyResponse.Waves(
      taps: taps, dilation: dilation.first ?? 1, count: FrequencyResponse.usualCount)
    return filters.map { filter in
      let weights = self.filters.rows(filter..<(filter + 1)).elements
      return (0..<shape[1]).map { channel in
        FrequencyResponse(Array(weights[(channel * taps)..<((channel + 1) * taps)]), waves)
      }
    }
  }
}
