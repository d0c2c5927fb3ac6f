/// A long row of numbers in fewer steps, each with the least and the greatest of neighbouring ones,
/// so that a curve of a hundred thousand samples shows every peak.
public struct Envelope: Sendable, Hashable {
  /// How many neighbouring numbers a step covers; the last step may cover fewer.
  public let every: Int
  /// The least finite number of each step; NaN for a step without one.
  public let least: [Float]
  /// The greatest finite number of each step; NaN for a step without one.
  public let greatest: [Float]
  /// Whether a step has a number that is NaN or infinite.
  public let hasGap: [Bool]

  /// - Parameters:
  ///   - values: In their order.
  ///   - most: The greatest number of steps, at least 1.
  public init(of values: [Float], most: Int) {
    self.init(of: values, every: max(1, (values.count - 1) / max(1, most) + 1))
  }

  /// - Parameters:
  ///   - values: In their order.
  ///   - every: How many a step covers, at least 1.
  public init(of values: [Float], every: Int) {
    let every = max(1, every)
    var (least, greatest, hasGap): ([Float], [Float], [Bool]) = ([], [], [])
    for start in stride(from: 0, to: values.count, by: every) {
      var (low, high, isBroken) = (Float.infinity, -Float.infinity, false)
      for value in values[start..<min(start + every, values.count)] {
        guard value.isFinite else {
          isBroken = true
          continue
        }
        low = min(low, value)
        high = max(high, value)
      }
      least.append(low <= high ? low : .nan)
      greatest.append(low <= high ? high : .nan)
      hasGap.append(isBroken)
    }
    (self.every, self.least, self.greatest, self.hasGap) = (every, least, greatest, hasGap)
  }

  /// The number of greatest magnitude of each step; NaN for a step with a number that is not finite.
  public var extremes: [Float] {
    hasGap.indices.map { step in
      hasGap[step]
        ? .nan : abs(least[step]) > abs(greatest[step]) ? least[step] : greatest[step]
    }
  }
}
