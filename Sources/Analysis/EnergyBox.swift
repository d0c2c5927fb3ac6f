public import TensorCore

/// The part of a picture where most of a projection lies.
///
/// The theoretical receptive field of a deep unit may be larger than the picture, while nearly all
/// that the unit reacts to lies in a small part of it (Luo et al. 2016).
public struct EnergyBox: Sendable, Hashable {
  /// The share of the squared projection that figures look for.
  public static let usualShare = 0.95

  public let rows: Range<Int>
  public let columns: Range<Int>

  /// The part that holds a share of the squared projection, summed over channels.
  ///
  /// From the whole picture, the outermost row or column with the least of it is removed, again
  /// and again, as long as the share remains.
  ///
  /// - Parameters:
  ///   - share: Above 0, at most 1.
  ///   - projection: `[1, C, H, W]`. Values that are not finite count as zero.
  ///   - asSquare: Whether what is left is extended to a square that does not leave the picture; it
  ///     is a rectangle only if the picture is narrower than the square.
  /// - Returns: Nil if the projection is zero everywhere.
  public init?(holding share: Double, of projection: Tensor, asSquare: Bool = true) {
    let (channels, height, width) = (
      projection.shape[1], projection.shape[2], projection.shape[3]
    )
    var energy = [Double](repeating: 0, count: height * width)
    let values = projection.elements
    for channel in 0..<channels {
      for place in 0..<(height * width) {
        let value = Double(values[channel * height * width + place])
        if value.isFinite { energy[place] += value * value }
      }
    }
    let total = energy.reduce(0, +)
    guard total > 0 else { return nil }
    var (top, bottom, left, right) = (0, height, 0, width)
    func row(_ row: Int) -> Double { (left..<right).reduce(0) { $0 + energy[row * width + $1] } }
    func column(_ column: Int) -> Double {
      (top..<bottom).reduce(0) { $0 + energy[$1 * width + column] }
    }
    var spare = (1 - share) * total
    while bottom - top > 1 || right - left > 1 {
      var edges: [(energy: Double, remove: () -> Void)] = []
      if bottom - top > 1 {
        edges.append((row(top), { top += 1 }))
        edges.append((row(bottom - 1), { bottom -= 1 }))
      }
      if right - left > 1 {
        edges.append((column(left), { left += 1 }))
        edges.append((column(right - 1), { right -= 1 }))
      }
      guard let least = edges.min(by: { $0.energy < $1.energy }), least.energy <= spare else {
        break
      }
      spare -= least.energy
      least.remove()
    }
    let side = asSquare ? max(bottom - top, right - left) : 0
    rows = widened(top..<bottom, to: max(side, bottom - top), within: height)
    columns = widened(left..<right, to: max(side, right - left), within: width)
  }
}

/// A range of a given length about the same middle, moved so that it stays within an extent.
private func widened(_ range: Range<Int>, to length: Int, within extent: Int) -> Range<Int> {
  let length = min(length, extent)
  let start = range.lowerBound - (length - range.count) / 2
  let first = min(max(start, 0), extent - length)
  return first..<(first + length)
}
