public import TensorCore

/// Moves pictures by a random number of pixels down and right; what leaves at one side enters at
/// the other. All pictures of a batch move alike.
///
/// Source: the jitter of Mordvintsev, Olah and Tyka, "Inceptionism" (2015) and its published code.
public struct RandomShift: Transformation {
  /// The greatest shift, in pixels each way.
  public let reach: Int

  public init(reach: Int) { self.reach = reach }

  public func transform(
    _ pictures: Tensor, using generator: inout SeededGenerator
  ) -> TensorWithPullback {
    guard reach > 0 else { return (pictures, { $0 }) }
    let down = Int.random(in: -reach...reach, using: &generator)
    let right = Int.random(in: -reach...reach, using: &generator)
    return (
      rolled(pictures, down: down, right: right), { rolled($0, down: -down, right: -right) }
    )
  }
}

/// `[N, C, H, W]` moved down and right; what leaves at one side enters at the other.
private func rolled(_ images: Tensor, down: Int, right: Int) -> Tensor {
  guard (down, right) != (0, 0) else { return images }
  let (n, c, h, w) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
  let (down, right) = (((down % h) + h) % h, ((right % w) + w) % w)
  return images.arranged(as: .channelsLast).withUnsafeElements { x in
    Tensor(shape: images.shape, layout: .channelsLast) { target in
      guard let x = x.baseAddress, let target = target.baseAddress else { return }
      for row in 0..<(n * h) {
        let (image, y) = (row / h, row % h)
        let from = (image * h + (y - down + h) % h) * w * c
        let (to, shift) = (row * w * c, right * c)
        // The end of the row first, which enters at the left.
        (target + to).update(from: x + (from + w * c - shift), count: shift)
        (target + to + shift).update(from: x + from, count: w * c - shift)
      }
    }
  }
}
