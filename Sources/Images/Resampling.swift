/// For one axis: which source pixels contribute to each target pixel, and with what weights.
///
/// The triangle filter, widened by the reduction factor so that every source pixel counts. Bounds,
/// weights and their rounding to 22 bits are those of Pillow's `Resample.c`, so that networks get
/// the same pictures as in training.
struct ResamplingWeights {
  /// For each target pixel of the window: the first source pixel, and the index of its first
  /// weight.
  private(set) var firstSource: [Int] = []
  private(set) var firstWeight: [Int] = [0]
  /// In units of 2⁻²².
  private(set) var weights: [UInt32] = []

  /// The sum of a pixel times its weights stays below 2³¹.
  static let weightBits: UInt32 = 22

  /// - Parameters:
  ///   - source: The length of the axis before resampling.
  ///   - target: The length of the axis after resampling.
  ///   - window: The part of the target axis that is needed.
  init(from source: Int, to target: Int, window: Range<Int>) {
    let scale = Double(source) / Double(target)
    let filterScale = max(scale, 1)
    let support = filterScale
    firstSource.reserveCapacity(window.count)
    firstWeight.reserveCapacity(window.count + 1)
    var triangle: [Double] = []
    for position in window {
      let center = (Double(position) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), source)
      triangle.removeAll(keepingCapacity: true)
      var sum = 0.0
      for pixel in first..<max(end, first) {
        let distance = abs((Double(pixel) - center + 0.5) / filterScale)
        let weight = max(1 - distance, 0)
        triangle.append(weight)
        sum += weight
      }
      let unit = Double(UInt32(1) << Self.weightBits)
      for weight in triangle { weights.append(UInt32(0.5 + weight / sum * unit)) }
      firstSource.append(first)
      firstWeight.append(weights.count)
    }
  }

  var count: Int { firstSource.count }

  /// The source pixels that any target pixel needs.
  var sourceRange: Range<Int> {
    guard let first = firstSource.first, let last = firstSource.last else { return 0..<0 }
    return first..<(last + firstWeight[count] - firstWeight[count - 1])
  }
}

/// Two bytes of a pixel, one in each 32-bit half of a word: a single multiplication weights both.
@inline(__always)
private func spread(_ bytes: UInt32) -> UInt64 {
  let pair = UInt64(bytes & 0x00FF_00FF)
  return (pair | pair << 16) & 0x0000_00FF_0000_00FF
}

/// The four bytes of a weighted sum of pixels.
@inline(__always)
private func gather(_ even: UInt64, _ odd: UInt64) -> UInt32 {
  let bits = UInt64(ResamplingWeights.weightBits)
  let mask: UInt64 = 0x0000_00FF_0000_00FF
  let low = even >> bits & mask
  let high = odd >> bits & mask
  return UInt32(truncatingIfNeeded: (low | low >> 16) | (high | high >> 16) << 8)
}

/// Half a unit in each half, for rounding.
private let roundingHalf: UInt64 = {
  let half = UInt64(1) << UInt64(ResamplingWeights.weightBits - 1)
  return half | half << 32
}()

/// Resamples one row: one target pixel for each position of the weights.
func resampleRow(
  _ line: UnsafeBufferPointer<UInt32>, by weights: ResamplingWeights,
  into target: UnsafeMutableBufferPointer<UInt32>
) {
  let start = roundingHalf
  withPointers(to: weights) { firstSource, firstWeight, factors in
    for x in 0..<target.count {
      var (even, odd) = (start, start)
      var pixel = firstSource[x]
      for index in firstWeight[x]..<firstWeight[x + 1] {
        let factor = UInt64(factors[index])
        even &+= spread(line[pixel]) &* factor
        odd &+= spread(line[pixel] >> 8) &* factor
        pixel &+= 1
      }
      target[x] = gather(even, odd)
    }
  }
}

/// Resamples whole rows: `sourceRows × width` become `weights.count × width`.
///
/// - Parameter firstRow: The number of the first row in `source`.
func resampleColumns(
  _ source: UnsafeBufferPointer<UInt32>, width: Int, firstRow: Int,
  by weights: ResamplingWeights, into target: UnsafeMutableBufferPointer<UInt32>
) {
  let start = roundingHalf
  withPointers(to: weights) { firstSource, firstWeight, factors in
    for y in 0..<weights.count {
      let top = (firstSource[y] - firstRow) * width
      let range = firstWeight[y]..<firstWeight[y + 1]
      for x in 0..<width {
        var (even, odd) = (start, start)
        var pixel = top + x
        for index in range {
          let factor = UInt64(factors[index])
          even &+= spread(source[pixel]) &* factor
          odd &+= spread(source[pixel] >> 8) &* factor
          pixel &+= width
        }
        target[y * width + x] = gather(even, odd)
      }
    }
  }
}

private func withPointers(
  to weights: ResamplingWeights,
  _ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int>, UnsafeBufferPointer<UInt32>) -> Void
) {
  weights.firstSource.withUnsafeBufferPointer { firstSource in
    weights.firstWeight.withUnsafeBufferPointer { firstWeight in
      weights.weights.withUnsafeBufferPointer { body(firstSource, firstWeight, $0) }
    }
  }
}
