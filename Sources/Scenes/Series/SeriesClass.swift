/// What a synthetic series is, apart from its offset and its noise.
public enum SeriesClass: String, CaseIterable, Sendable, Hashable {
  case sine, square, sawtooth
  /// A sine whose frequency rises.
  case chirp
  /// Nothing, and then an oscillation that dies away.
  case damped
  /// Short equal pulses at equal distances.
  case pulses
  /// A straight line that jumps up or down.
  case step
  /// Noise whose power falls with the frequency, or not.
  case noise
}

/// A quantity that a series depends on; lengths and times are relative to the whole series.
public enum SeriesFactor: String, CaseIterable, Sendable, Hashable {
  /// In cycles; of a chirp, at its beginning.
  case frequency
  /// In cycles, from 0 to 1.
  case phase
  /// The factor by which the frequency of a chirp rises.
  case rise
  /// Half the height; the standard deviation of noise.
  case amplitude
  /// When the oscillation starts, or the line jumps.
  case position
  /// How often an oscillation falls to 1/e.
  case decay
  /// What the line rises by.
  case slope
  /// *α* of noise with a power of *1/fᵅ*: 0 white, 1 pink, 2 brown.
  case exponent
  /// Added to all values.
  case offset
  /// The standard deviation of white noise that is added.
  case noise = "noise_level"
}

extension SeriesClass {
  /// The factors that it depends on, and their values.
  public var ranges: [(factor: SeriesFactor, values: ClosedRange<Double>)] {
    let shared: [(SeriesFactor, ClosedRange<Double>)] = [
      (.amplitude, 0.5...1.5), (.offset, -0.5...0.5), (.noise, 0...0.2),
    ]
    let own: [(SeriesFactor, ClosedRange<Double>)] =
      switch self {
      case .sine, .square, .sawtooth: [(.frequency, 3...10), (.phase, 0...1)]
      case .chirp: [(.frequency, 1.5...3), (.phase, 0...1), (.rise, 4...6)]
      case .damped: [(.frequency, 8...16), (.position, 0.05...0.5), (.decay, 5...10)]
      case .pulses: [(.frequency, 3...8), (.phase, 0...1)]
      case .step: [(.position, 0.2...0.8), (.slope, -1...1)]
      case .noise: [(.exponent, 0...2)]
      }
    return own + shared
  }
}
