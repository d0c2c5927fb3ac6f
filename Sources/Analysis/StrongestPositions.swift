/// Where each unit of a layer is strongest in one picture.
///
/// One pass over the channels-last values serves all units, whose results are kept side by side so
/// that the inner loop, over units, is vectorized.
struct StrongestPositions {
  /// The number of positions where each unit is active.
  private(set) var activeCounts: [Int32]
  private var positions: [Int32]
  private var best: [Float]

  init(units: Int) {
    activeCounts = Array(repeating: 0, count: units)
    positions = Array(repeating: -1, count: units)
    best = Array(repeating: 0, count: units)
  }

  /// Looks at another picture.
  ///
  /// Positions count as active if their values are above the floor and finite, and their ranks are
  /// not NaN.
  ///
  /// - Parameters:
  ///   - values: `[positions, units]`.
  ///   - ranks: What orders the positions, of the same shape.
  ///   - floor: −∞ to count every finite value.
  mutating func find(
    in values: UnsafeBufferPointer<Float>, rankedBy ranks: UnsafeBufferPointer<Float>,
    above floor: Float
  ) {
    let units = best.count
    best.withUnsafeMutableBufferPointer { best in
      positions.withUnsafeMutableBufferPointer { places in
        activeCounts.withUnsafeMutableBufferPointer { active in
          for unit in 0..<units { (places[unit], active[unit]) = (-1, 0) }
          for position in 0..<(values.count / max(units, 1)) {
            let start = position * units
            for unit in 0..<units {
              let (value, rank) = (values[start + unit], ranks[start + unit])
              let isActive = value > floor && value < .infinity && rank == rank
              let wins = isActive && (places[unit] < 0 || rank > best[unit])
              best[unit] = wins ? rank : best[unit]
              places[unit] = wins ? Int32(truncatingIfNeeded: position) : places[unit]
              active[unit] &+= isActive ? 1 : 0
            }
          }
        }
      }
    }
  }

  /// Where a unit's rank is greatest, the first position if several are equal; nil if it is active
  /// nowhere.
  func position(of unit: Int) -> Int? { positions[unit] < 0 ? nil : Int(positions[unit]) }
}
