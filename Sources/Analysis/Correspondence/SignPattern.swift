/// The signs of the changes of features, two bits for each.
struct SignPattern: Sendable, Hashable {
  private var positive: [UInt64]
  private var negative: [UInt64]

  /// The bytes that the signs of a number of features take.
  static func bytes(of count: Int) -> Int { 2 * words(of: count) * MemoryLayout<UInt64>.stride }

  private static func words(of count: Int) -> Int { (count + 63) / 64 }

  /// The signs of `original` − `changed`.
  ///
  /// - Parameter rounding: Differences up to this have no sign: they are zero.
  /// - Returns: Nil if a value is not finite.
  init?(
    _ original: UnsafeBufferPointer<Float>, _ changed: UnsafeBufferPointer<Float>, rounding: Float
  ) {
    positive = [UInt64](repeating: 0, count: Self.words(of: original.count))
    negative = positive
    for (index, (x, y)) in zip(original, changed).enumerated() {
      guard x.isFinite, y.isFinite else { return nil }
      // The difference of two large numbers may be infinite, but has the right sign.
      let difference = x - y
      let bit = UInt64(1) << UInt64(index % 64)
      if difference > rounding {
        positive[index / 64] |= bit
      } else if difference < -rounding {
        negative[index / 64] |= bit
      }
    }
  }

  /// The Hamming distance: the number of features whose signs (−1, 0, 1) are not the same.
  func distance(to other: SignPattern) -> Int {
    var count = 0
    for word in positive.indices {
      count +=
        ((positive[word] ^ other.positive[word]) | (negative[word] ^ other.negative[word]))
        .nonzeroBitCount
    }
    return count
  }

  /// The number of features that change.
  var changedCount: Int {
    zip(positive, negative).reduce(0) { $0 + ($1.0 | $1.1).nonzeroBitCount }
  }
}
