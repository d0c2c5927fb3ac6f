internal import Foundation
internal import TensorCore

extension Augmentation {
  /// Flips and shifts.
  func move(
    _ source: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>,
    frame: Frame, changes: Changes
  ) {
    guard changes.isFlipped || changes.right != 0 || changes.down != 0 else {
      _ = target.initialize(fromContentsOf: source)
      return
    }
    let (width, channels) = (frame.width, frame.channels)
    withUnsafeTemporaryAllocation(of: Int.self, capacity: width) { columns in
      for x in 0..<width {
        let shifted = reflect((changes.isFlipped ? width - 1 - x : x) + changes.right, in: width)
        columns.initializeElement(at: x, to: shifted * channels)
      }
      for row in 0..<(frame.depth * frame.height) {
        let (picture, y) = row.quotientAndRemainder(dividingBy: frame.height)
        let shifted = reflect(y + changes.down, in: frame.height)
        let from = (picture * frame.height + shifted) * width * channels
        let to = row * width * channels
        if channels == 1 {
          for x in 0..<width {
            target.initializeElement(at: to + x, to: source[from + columns[x]])
          }
        } else {
          for x in 0..<width {
            for channel in 0..<channels {
              target.initializeElement(
                at: to + x * channels + channel, to: source[from + columns[x] + channel])
            }
          }
        }
      }
    }
  }

  /// Changes brightness, then contrast, then saturation.
  ///
  /// With factors *b, c, s*, the grey *g(p)* of a pixel and its mean *m* over the picture, the
  /// three blends combine to *p ← s·c·b·p + (1 − s)·c·b·g(p) + (1 − c)·b·m*. Values are not clamped
  /// to black and white, because a network takes any value.
  func recolor(
    _ picture: UnsafeMutableBufferPointer<Float>, frame: Frame, changes: Changes,
    encoding: ColorEncoding
  ) {
    let channels = frame.channels
    precondition(
      encoding.mean.count == channels,
      "an encoding of \(encoding.mean.count) channels for pictures of \(channels)")
    let pixels = frame.pixels
    // The grey of a pixel from encoded values: Σ weight·(deviation·value + mean).
    let slopes = zip(encoding.greyWeights, encoding.deviation).map { $0 * $1 }
    let base = zip(encoding.greyWeights, encoding.mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    var sums = [Float](repeating: 0, count: channels)
    for pixel in 0..<pixels {
      for channel in 0..<channels { sums[channel] += picture[pixel * channels + channel] }
    }
    let meanGrey = zip(sums, slopes).reduce(base) { $0 + $1.0 * $1.1 / Float(pixels) }

    let gain = changes.contrast * changes.brightness
    let own = changes.saturation * gain
    let grey = (1 - changes.saturation) * gain
    let lift = (1 - changes.contrast) * changes.brightness * meanGrey
    let offsets = encoding.mean.map { own * $0 + lift - $0 }
    slopes.withUnsafeBufferPointer { slopes in
      encoding.deviation.withUnsafeBufferPointer { deviation in
        offsets.withUnsafeBufferPointer { offsets in
          for pixel in 0..<pixels {
            let start = pixel * channels
            var pixelGrey = base
            for channel in 0..<channels { pixelGrey += slopes[channel] * picture[start + channel] }
            for channel in 0..<channels {
              picture[start + channel] =
                own * picture[start + channel]
                + (grey * pixelGrey + offsets[channel]) / deviation[channel]
            }
          }
        }
      }
    }
  }

  func addNoise(
    to picture: UnsafeMutableBufferPointer<Float>, frame: Frame,
    random: inout SeededGenerator, encoding: ColorEncoding
  ) {
    let strengths = encoding.deviation.map { Float(noise) / $0 }
    precondition(
      strengths.count == frame.channels,
      "an encoding of \(strengths.count) channels for pictures of \(frame.channels)")
    NormalTable.shared.values.withUnsafeBufferPointer { table in
      strengths.withUnsafeBufferPointer { strengths in
        var bits: UInt64 = 0
        var left = 0
        var channel = 0
        for index in picture.indices {
          if left == 0 {
            bits = random.next()
            left = 64 / NormalTable.bits
          }
          let draw = Int(truncatingIfNeeded: bits) & (table.count - 1)
          picture[index] += strengths[channel] * table[draw]
          bits >>= UInt64(NormalTable.bits)
          left -= 1
          channel = channel + 1 == strengths.count ? 0 : channel + 1
        }
      }
    }
  }

  /// The preprocessed mean colour is 0.
  func cut(
    _ picture: UnsafeMutableBufferPointer<Float>, frame: Frame, changes: Changes
  ) {
    let rows = max(changes.cutRow - cutout / 2, 0)
    let rowEnd = min(changes.cutRow - cutout / 2 + cutout, frame.height)
    let columns = max(changes.cutColumn - cutout / 2, 0)
    let columnEnd = min(changes.cutColumn - cutout / 2 + cutout, frame.width)
    guard rows < rowEnd, columns < columnEnd else { return }
    for number in 0..<frame.depth {
      for row in rows..<rowEnd {
        let first = (number * frame.height + row) * frame.width
        let (start, end) = (
          (first + columns) * frame.channels, (first + columnEnd) * frame.channels
        )
        for index in start..<end { picture[index] = 0 }
      }
    }
  }
}

/// `… 2 1 | 0 1 2 3 | 2 1 …`: positions outside are mirrored at the outermost pixels.
private func reflect(_ position: Int, in extent: Int) -> Int {
  if position < 0 { return -position }
  return position < extent ? position : 2 * (extent - 1) - position
}

/// Quantiles of the standard normal distribution: noise by a single table look-up instead of a
/// logarithm and a cosine.
private struct NormalTable {
  static let shared = NormalTable()
  /// Bits per draw; five draws fit into one random word.
  static let bits = 12

  let values: [Float]

  private init() {
    let count = 1 << Self.bits
    let upper = (0..<(count / 2)).map { index in
      Self.quantile(upperTail: (Double(count / 2 - 1 - index) + 0.5) / Double(count))
    }
    // The outermost entries represent everything beyond them: the scale restores a variance of 1.
    let variance = upper.reduce(0) { $0 + $1 * $1 } / Double(upper.count)
    let scaled = upper.map { Float($0 / variance.squareRoot()) }
    values = scaled.reversed().map { -$0 } + scaled
  }

  /// Solves *erfc(z/√2)/2 = p* by bisection.
  private static func quantile(upperTail probability: Double) -> Double {
    var (low, high) = (0.0, 8.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if Foundation.erfc(middle / 2.0.squareRoot()) / 2 > probability {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }
}
