import Foundation

/// Two independent random fields whose amplitude is inversely proportional to the frequency, as in
/// natural scenes.
///
/// Source: Field, "Relations between the statistics of natural images and the response properties
/// of cortical cells" (1987).
package struct CloudField: Sendable {
  /// The number of samples along one side, a power of two.
  package let side: Int
  /// `side · side` values of mean 0 and standard deviation about 1, row by row; they are periodic.
  package let first: [Float]
  package let second: [Float]

  /// Finer fields with the same seed have the same coarse structure.
  package init(side: Int, seed: UInt32) {
    precondition(side > 1 && side & (side - 1) == 0, "\(side) is not a power of two")
    self.side = side
    var real = [Float](repeating: 0, count: side * side)
    var imaginary = real
    let half = side / 2
    for row in 0..<side {
      let v = row < half ? row : row - side
      for column in 0..<side {
        let u = column < half ? column : column - side
        // The highest frequency has no negative counterpart, so it is left out.
        guard u != 0 || v != 0, u > -half, v > -half else { continue }
        let bits = scramble(seed: seed, u, v)
        let amplitude = Self.reference / Float(u * u + v * v).squareRoot()
        real[row * side + column] = signedUnit(bits) * amplitude
        imaginary[row * side + column] = signedUnit(bits >> 32) * amplitude
      }
    }
    transform(&real, &imaginary, side: side)
    first = real
    second = imaginary
  }

  /// Normalizes the standard deviation to 1 for a field of 64 samples: a number drawn uniformly
  /// from −1…1 has variance ⅓, and the sum of 1/f² over that many frequencies is 22.6.
  private static let reference: Float = (3 / 22.6 as Float).squareRoot()
}

private func signedUnit(_ bits: UInt64) -> Float {
  Float(bits & 0xFF_FFFF) * (2 / 16_777_216) - 1
}

/// Mixes a seed and a frequency into 64 random bits (SplitMix64's finisher).
private func scramble(seed: UInt32, _ u: Int, _ v: Int) -> UInt64 {
  var z = UInt64(seed) << 32 ^ UInt64(bitPattern: Int64(u &* 0x1_0001 &+ v))
  z = z &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// The two-dimensional discrete Fourier transform in place, by radix 2.
private func transform(_ real: inout [Float], _ imaginary: inout [Float], side: Int) {
  let waves = (0..<side / 2).map { i -> (Float, Float) in
    let angle = 2 * Double.pi * Double(i) / Double(side)
    return (Float(cos(angle)), Float(sin(angle)))
  }
  let bits = side.trailingZeroBitCount
  let reversed = (0..<side).map { i in
    (0..<bits).reduce(0) { $0 | ((i >> $1) & 1) << (bits - 1 - $1) }
  }
  real.withUnsafeMutableBufferPointer { re in
    imaginary.withUnsafeMutableBufferPointer { im in
      for (step, line) in [(1, side), (side, 1)] {
        for l in 0..<side {
          transformLine(re, im, l * line, step: step, waves: waves, reversed: reversed)
        }
      }
    }
  }
}

private func transformLine(
  _ re: UnsafeMutableBufferPointer<Float>, _ im: UnsafeMutableBufferPointer<Float>, _ start: Int,
  step: Int, waves: [(Float, Float)], reversed: [Int]
) {
  let count = reversed.count
  for i in 0..<count where i < reversed[i] {
    re.swapAt(start + i * step, start + reversed[i] * step)
    im.swapAt(start + i * step, start + reversed[i] * step)
  }
  var half = 1
  while half < count {
    let stride = count / (2 * half)
    for block in Swift.stride(from: 0, to: count, by: 2 * half) {
      for i in 0..<half {
        let (c, s) = waves[i * stride]
        let (a, b) = (start + (block + i) * step, start + (block + i + half) * step)
        let (x, y) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c)
        (re[b], im[b]) = (re[a] - x, im[a] - y)
        (re[a], im[a]) = (re[a] + x, im[a] + y)
      }
    }
    half *= 2
  }
}
