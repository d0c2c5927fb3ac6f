internal import TensorCore

/// Where each unit of a layer is strongest in one picture.
///
/// One pass over the channels-last values serves all units, whose results are kept side by side so
/// that the inner loop, over units, is vectorized.
struct StrongestPositions {
  /// The number of positions where each unit is active.
  private(set) var activeCounts: [Int32]
  private var positions: [Int32]
  private var best: [Float]

  private init(units: Int) {
    activeCounts = Array(repeating: 0, count: units)
    positions = Array(repeating: -1, count: units)
    best = Array(repeating: 0, count: units)
  }

  /// Those of every picture of a batch, found on all cores.
  ///
  /// Positions count as active if their values are above the floor and finite, and their ranks are
  /// not NaN.
  ///
  /// - Parameters:
  ///   - maps: Channels last.
  ///   - ranks: What orders the positions, of the same shape and layout; nil for the values.
  ///   - floor: −∞ to count every finite value.
  static func ofEachPicture(
    in maps: Tensor, rankedBy ranks: Tensor?, above floor: Float
  ) -> [StrongestPositions] {
    let (pictures, units) = (maps.shape[0], maps.shape[1])
    let size = maps.count / max(pictures, 1)
    let isPlain = ranks == nil && maps.isFinite
    return maps.withUnsafeElements { values in
      (ranks ?? maps).withUnsafeElements { ranks in
        // They are only read, and no longer than here.
        nonisolated(unsafe) let (values, ranks) = (values, ranks)
        return concurrentMap(pictures) { picture in
          let range = (picture * size)..<((picture + 1) * size)
          let values = UnsafeBufferPointer(rebasing: values[range])
          var found = StrongestPositions(units: units)
          if isPlain {
            found.find(in: values, above: floor)
          } else {
            found.find(
              in: values, rankedBy: UnsafeBufferPointer(rebasing: ranks[range]), above: floor)
          }
          return found
        }
      }
    }
  }

  /// - Parameter values: `[positions, units]`; all finite.
  private mutating func find(in values: UnsafeBufferPointer<Float>, above floor: Float) {
    let units = best.count
    best.withUnsafeMutableBufferPointer { best in
      positions.withUnsafeMutableBufferPointer { places in
        activeCounts.withUnsafeMutableBufferPointer { active in
          for unit in 0..<units { best[unit] = floor }
          for position in 0..<(values.count / max(units, 1)) {
            let start = position * units
            let place = Int32(truncatingIfNeeded: position)
            for unit in 0..<units {
              let value = values[start + unit]
              let wins = value > best[unit]
              best[unit] = wins ? value : best[unit]
              places[unit] = wins ? place : places[unit]
              active[unit] &+= value > floor ? 1 : 0
            }
          }
        }
      }
    }
  }

  /// - Parameters:
  ///   - values: `[positions, units]`.
  ///   - ranks: Of the same shape.
  private mutating func find(
    in values: UnsafeBufferPointer<Float>, rankedBy ranks: UnsafeBufferPointer<Float>,
    above floor: Float
  ) {
    let units = best.count
    best.withUnsafeMutableBufferPointer { best in
      positions.withUnsafeMutableBufferPointer { places in
        activeCounts.withUnsafeMutableBufferPointer { active in
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
