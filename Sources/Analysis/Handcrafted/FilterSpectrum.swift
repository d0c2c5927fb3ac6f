internal import Foundation

/// The power spectrum of a filter: how strongly it responds to waves, summed over its channels.
///
/// A grid of odd side with frequency 0 in its middle: `frequency(of:)` says what a column or row
/// is. The filter is surrounded by zeros, so the grid may be finer than the filter's own.
struct FilterSpectrum {
  /// Of both axes; odd.
  let side: Int
  /// Row by row: columns are frequencies along x, rows along y (down).
  let power: [Double]

  /// - Parameters:
  ///   - channels: One array of `height` × `width` values for each channel, row by row.
  ///   - side: Odd.
  init(of channels: [[Double]], height: Int, width: Int, side: Int) {
    precondition(side > 0 && !side.isMultiple(of: 2), "a spectrum of side \(side)")
    self.side = side
    func waves(_ extent: Int) -> (cosine: [Double], sine: [Double]) {
      var (cosine, sine): ([Double], [Double]) = ([], [])
      for step in 0..<side {
        let frequency = Self.frequency(of: step, side: side)
        for place in 0..<extent {
          cosine.append(cos(2 * .pi * frequency * Double(place)))
          sine.append(-sin(2 * .pi * frequency * Double(place)))
        }
      }
      return (cosine, sine)
    }
    let (across, down) = (waves(width), waves(height))
    var power = [Double](repeating: 0, count: side * side)
    for channel in channels {
      // 1. Along each row.
      var (real, imaginary) = (
        [Double](repeating: 0, count: height * side), [Double](repeating: 0, count: height * side)
      )
      for row in 0..<height {
        for step in 0..<side {
          for column in 0..<width {
            let value = channel[row * width + column]
            real[row * side + step] += value * across.cosine[step * width + column]
            imaginary[row * side + step] += value * across.sine[step * width + column]
          }
        }
      }
      // 2. Along each column.
      for vertical in 0..<side {
        for horizontal in 0..<side {
          var (sum, other) = (0.0, 0.0)
          for row in 0..<height {
            let (cosine, sine) = (
              down.cosine[vertical * height + row], down.sine[vertical * height + row]
            )
            let (x, y) = (real[row * side + horizontal], imaginary[row * side + horizontal])
            sum += x * cosine - y * sine
            other += x * sine + y * cosine
          }
          power[vertical * side + horizontal] += sum * sum + other * other
        }
      }
    }
    self.power = power
  }

  /// The frequency of a column or row in cycles per pixel, above −1/2 and below 1/2.
  func frequency(of step: Int) -> Double { Self.frequency(of: step, side: side) }

  private static func frequency(of step: Int, side: Int) -> Double {
    Double(step - side / 2) / Double(side)
  }

  /// The local maxima of one half of the plane (the other is its mirror image) from a frequency
  /// on, the greatest first.
  ///
  /// - Returns: Frequencies along x and y, in cycles per pixel.
  func peaks(from least: Double, most: Int) -> [(x: Double, y: Double)] {
    let middle = side / 2
    var found: [(x: Double, y: Double, power: Double)] = []
    for row in middle..<side {
      for column in 0..<side where row > middle || column > middle {
        let (x, y) = (frequency(of: column), frequency(of: row))
        let own = power[row * side + column]
        guard x * x + y * y >= least * least, own > 0 else { continue }
        let isPeak = (max(0, row - 1)...min(side - 1, row + 1)).allSatisfy { other in
          (max(0, column - 1)...min(side - 1, column + 1)).allSatisfy {
            power[other * side + $0] <= own
          }
        }
        if isPeak { found.append((x, y, own)) }
      }
    }
    // Sorting is not stable, so equal ones are told apart by their place.
    return found.sorted { ($0.power, $0.y, $0.x) > ($1.power, $1.y, $1.x) }.prefix(most)
      .map { ($0.x, $0.y) }
  }
}
