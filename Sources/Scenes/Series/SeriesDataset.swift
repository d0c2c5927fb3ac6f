public import Datasets
public import Files
internal import Foundation
internal import TensorCore

/// Synthetic series of one channel with known factors.
///
/// Its annotations are the class and each ``SeriesFactor`` that this class has.
public struct SeriesDataset: FactoredDataset {
  public static let usualLength = 128
  public static let factorNames = ["class"] + SeriesFactor.allCases.map(\.rawValue)
  public static let word = "series"
  public static let fileEnding = ".csv"

  public let count: Int
  /// In samples.
  public let length: Int
  public let seed: UInt64

  public init(count: Int, length: Int = SeriesDataset.usualLength, seed: UInt64 = 0) {
    precondition(count >= 0 && length > 0, "\(count) series of \(length) samples")
    (self.count, self.length, self.seed) = (count, length, seed)
  }

  public var classNames: [String] { SeriesClass.allCases.map(\.rawValue) }

  /// What a series is made from.
  private struct Sketch {
    let kind: SeriesClass
    let values: [SeriesFactor: Double]
    /// For its noise.
    var generator: SeededGenerator
  }

  private func sketch(_ index: Int) -> Sketch {
    let kind = SeriesClass.allCases[classTakingTurns(at: index)]
    var generator = SeededGenerator(seed: seed, path: Self.randomPath, index)
    var values: [SeriesFactor: Double] = [:]
    for (factor, range) in kind.ranges { values[factor] = generator.uniform(range) }
    // Colours of noise have names, and steps go down as well.
    values[.exponent] = values[.exponent].map { min(($0 * 1.5).rounded(.down), 2) }
    if kind == .step, Bool.random(using: &generator) {
      values[.amplitude] = values[.amplitude].map { -$0 }
    }
    return Sketch(kind: kind, values: values, generator: generator)
  }

  /// Apart from the numbers of other data sets with the same seed.
  private static let randomPath = 0x5E51E5

  public func factors(at index: Int) -> [String: Annotations.Value] {
    let sketch = sketch(index)
    var factors = ["class": Annotations.Value.word(sketch.kind.rawValue)]
    for (factor, value) in sketch.values { factors[factor.rawValue] = .number(value) }
    return factors
  }

  public func example(at index: Int) throws -> Example {
    Example(
      .array(Tensor(shape: [1, length], values(at: index))), label: try label(at: index),
      source: try source(at: index), annotations: { try annotations(at: index) })
  }

  /// - Complexity: O(length), but O(length²) for noise.
  public func values(at index: Int) -> [Float] {
    var sketch = sketch(index)
    let noise = sketch.values[.noise] ?? 0
    var values = wave(sketch.kind, sketch.values, &sketch.generator)
    for sample in values.indices {
      values[sample] +=
        (sketch.values[.offset] ?? 0) + noise * Double(sketch.generator.normal())
    }
    return values.map { Float($0) }
  }

  private func wave(
    _ kind: SeriesClass, _ values: [SeriesFactor: Double], _ generator: inout SeededGenerator
  ) -> [Double] {
    func factor(_ name: SeriesFactor) -> Double { values[name] ?? 0 }
    let (amplitude, frequency) = (factor(.amplitude), factor(.frequency))
    if kind == .noise {
      return coloredNoise(exponent: factor(.exponent), &generator).map { amplitude * $0 }
    }
    return (0..<length).map { sample in
      let time = Double(sample) / Double(length)
      let cycles = frequency * time + factor(.phase)
      switch kind {
      case .sine: return amplitude * sin(2 * .pi * cycles)
      case .square: return amplitude * (cycles - cycles.rounded(.down) < 0.5 ? 1 : -1)
      case .sawtooth: return amplitude * (2 * (cycles - cycles.rounded(.down)) - 1)
      case .chirp:
        // The integral of a frequency that rises evenly.
        let rising = cycles + frequency * (factor(.rise) - 1) * time * time / 2
        return amplitude * sin(2 * .pi * rising)
      case .damped:
        let since = time - factor(.position)
        guard since >= 0 else { return 0 }
        return amplitude * exp(-factor(.decay) * since) * sin(2 * .pi * frequency * since)
      case .pulses:
        // A bell with a standard deviation of a hundredth of the series, above and below zero as
        // far as other waves.
        let distance = (cycles - cycles.rounded()) / frequency
        return amplitude * (2 * exp(-0.5 * pow(distance / 0.01, 2)) - 1)
      case .step:
        let jump = time >= factor(.position) ? amplitude : -amplitude
        return factor(.slope) * (time - 0.5) + jump
      case .noise: return 0
      }
    }
  }

  /// Noise with a standard deviation of 1 and a power of `1/fᵅ`: Kasdin, "Discrete Simulation of
  /// Colored Noise and Stochastic Processes and 1/fᵅ Power Law Noise Generation" (1995), section V,
  /// white noise filtered by `h₀ = 1, hₖ = hₖ₋₁ (k − 1 + α/2) / k`.
  private func coloredNoise(
    exponent: Double, _ generator: inout SeededGenerator
  ) -> [Double] {
    let white = (0..<length).map { _ in Double(generator.normal()) }
    var noise = white
    if exponent > 0 {
      var filter = [1.0]
      for k in 1..<max(length, 2) {
        filter.append(filter[k - 1] * (Double(k - 1) + exponent / 2) / Double(k))
      }
      noise = (0..<length).map { sample in
        var sum = 0.0
        for k in 0...sample { sum += filter[k] * white[sample - k] }
        return sum
      }
    }
    let mean = noise.reduce(0, +) / Double(length)
    let deviation =
      (noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)).squareRoot()
    return noise.map { ($0 - mean) / (deviation > 0 ? deviation : 1) }
  }

  /// One number per line, below a header; reading it gives the same values.
  public func write(_ index: Int, to path: String) throws(FileError) {
    let lines = ["value"] + values(at: index).map { "\($0)" }
    try writeFile(Data((lines.joined(separator: "\n") + "\n").utf8), to: path)
  }
}
