internal import TensorCore

/// A rectangle of pixels of a picture that is hidden under a colour.
///
/// Of what is outside the picture, nothing is hidden.
public struct HiddenBox: Sendable, Hashable {
  public let rows: Range<Int>
  public let columns: Range<Int>

  /// - Parameters:
  ///   - rows: From the top, of the network's input.
  ///   - columns: From the left.
  public init(rows: Range<Int>, columns: Range<Int>) {
    (self.rows, self.columns) = (rows, columns)
  }

  /// The box of the same size at a random place inside a picture, every place being equally likely.
  ///
  /// - Parameters:
  ///   - height: Of the picture, in pixels.
  ///   - width: Of the picture, in pixels.
  ///   - object: What the box's centre has to be in; nil for the whole picture. If the box cannot be
  ///     inside the picture then, it is as near as it can be.
  public func moved<Generator: RandomNumberGenerator>(
    inHeight height: Int, width: Int, within object: HiddenBox?, by generator: inout Generator
  ) -> HiddenBox {
    HiddenBox(
      rows: Self.moved(rows, in: height, within: object?.rows, by: &generator),
      columns: Self.moved(columns, in: width, within: object?.columns, by: &generator))
  }

  private static func moved<Generator: RandomNumberGenerator>(
    _ range: Range<Int>, in extent: Int, within object: Range<Int>?,
    by generator: inout Generator
  ) -> Range<Int> {
    let size = min(range.count, extent)
    let greatest = extent - size
    var starts = 0...greatest
    if let object, !object.isEmpty {
      // Twice the centre is 2 · start + size; it is at least the object's first edge, and at most its
      // last.
      let first = Int((Double(2 * object.lowerBound - size) / 2).rounded(.up))
      let last = Int((Double(2 * object.upperBound - size) / 2).rounded(.down))
      let lower = min(max(first, 0), greatest)
      starts = lower...max(lower, min(last, greatest))
    }
    let start = Int.random(in: starts, using: &generator)
    return start..<(start + size)
  }
}

extension Tensor {
  /// Copies of a picture, channels last, each with a box in a colour.
  ///
  /// - Parameters:
  ///   - boxes: One for each copy; nil hides nothing.
  ///   - color: One value per channel.
  /// - Returns: `[N, C, H, W]` of `[1, C, H, W]`.
  func copies(hiding boxes: [HiddenBox?], under color: [Float]) -> Tensor {
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    precondition(color.count == channels, "\(color.count) values for \(channels) channels")
    return arranged(as: .channelsLast).withUnsafeElements { source in
      Tensor(shape: shape.withCount(boxes.count), layout: .channelsLast) { target in
        for (index, box) in boxes.enumerated() {
          let start = index * source.count
          _ = UnsafeMutableBufferPointer(rebasing: target[start...]).initialize(
            fromContentsOf: source)
          guard let box else { continue }
          for row in box.rows.clamped(to: 0..<height) {
            for column in box.columns.clamped(to: 0..<width) {
              for channel in 0..<channels {
                target[start + (row * width + column) * channels + channel] = color[channel]
              }
            }
          }
        }
      }
    }
  }
}
