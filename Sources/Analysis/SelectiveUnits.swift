/// How one unit answers a data set.
public struct UnitResponse: Sendable, Hashable {
  /// Lifetime sparseness (Vinje and Gallant 2000) of the unit's strongest activation in each
  /// picture, negative ones taken as 0: from 0, equal in all pictures, to 1, in one picture only.
  public let sparseness: Float
  /// Whether a rectified unit is active at every position of every picture.
  public let isAlwaysActive: Bool
}

/// Counts what becomes the responses of a layer's units, picture by picture.
struct ResponseCount {
  private var sums: [Double]
  private var squares: [Double]
  private var silent: [Bool]
  private var pictures = 0

  init(units: Int) {
    sums = Array(repeating: 0, count: units)
    squares = sums
    silent = Array(repeating: false, count: units)
  }

  /// Begins with the next picture.
  mutating func nextPicture() { pictures += 1 }

  /// - Parameters:
  ///   - value: The unit's strongest activation in the picture; nil if it has none.
  ///   - isSilentSomewhere: Whether the unit is inactive at some position of it.
  mutating func add(_ value: Float?, isSilentSomewhere: Bool, unit: Int) {
    let value = Double(max(value ?? 0, 0))
    sums[unit] += value
    squares[unit] += value * value
    if isSilentSomewhere { silent[unit] = true }
  }

  /// - Parameter isRectified: Whether units rest at zero; others are never called always active.
  func responses(isRectified: Bool) -> [UnitResponse] {
    let count = Double(pictures)
    return sums.indices.map { unit in
      let mean = sums[unit] / max(count, 1)
      let meanSquare = squares[unit] / max(count, 1)
      // With one picture, or without any response, there is nothing to compare.
      let sparseness =
        count > 1 && meanSquare > 0 ? (1 - mean * mean / meanSquare) / (1 - 1 / count) : 0
      return UnitResponse(
        sparseness: Float(min(max(sparseness, 0), 1)),
        isAlwaysActive: isRectified && pictures > 0 && !silent[unit])
    }
  }
}

extension ResponseCount {
  func save(into state: inout ScanStateWriter) {
    state.append(pictures)
    for unit in sums.indices {
      state.append(sums[unit])
      state.append(squares[unit])
      state.append(silent[unit])
    }
  }

  init(
    from state: inout ScanStateReader, units: Int, pictures most: Int
  ) throws(DamagedScanState) {
    self.init(units: units)
    pictures = try state.integer(0...most)
    for unit in 0..<units {
      sums[unit] = try state.sum()
      squares[unit] = try state.sum()
      silent[unit] = try state.flag()
    }
  }
}

extension TopActivationFinding {
  /// Units worth a look: selective ones, each with other pictures than those before it.
  ///
  /// One after the other, the unit with the greatest product of its sparseness and of the share of
  /// its strongest pictures that it does not have in common with any unit chosen before. Only
  /// units count that have as many patches as any other and whose strongest activation is at least
  /// the median of all active units', because what is hardly ever and hardly active is sparse, too;
  /// the others follow if there are not enough. Neither dead units nor those that are always
  /// active are chosen.
  ///
  /// - Parameters:
  ///   - count: At most how many.
  ///   - candidates: The units to choose from; nil for all.
  /// - Returns: In ascending order.
  public func selectiveUnits(_ count: Int, among candidates: [Int]? = nil) -> [Int] {
    let live = units.indices.filter { !units[$0].isEmpty && !responses[$0].isAlwaysActive }
    let most = live.map { units[$0].count }.max() ?? 0
    let strengths = live.map { units[$0][0].value }.sorted()
    let median = strengths.isEmpty ? 0 : strengths[(strengths.count - 1) / 2]
    let worth = Set(live.filter { units[$0].count == most && units[$0][0].value >= median })
    let pictures = units.map { Set($0.map(\.picture)) }
    var chosen: [Int] = []
    // The share of a unit's pictures that the unit chosen with the most of them has, too.
    var shared: [Int: Double] = [:]
    let allowed = candidates.map { Set($0).intersection(live) } ?? Set(live)
    for pool in [worth, Set(live).subtracting(worth)] {
      var left = pool.intersection(allowed).sorted()
      while chosen.count < count, !left.isEmpty {
        let values = left.map { Double(responses[$0].sparseness) * (1 - (shared[$0] ?? 0)) }
        // The first of those with the greatest value.
        let index = values.indices.max { (values[$0], $1) < (values[$1], $0) } ?? 0
        let unit = left.remove(at: index)
        chosen.append(unit)
        for other in allowed {
          let own = pictures[other]
          let share = Double(own.intersection(pictures[unit]).count) / Double(max(own.count, 1))
          shared[other] = max(shared[other] ?? 0, share)
        }
      }
    }
    return chosen.sorted()
  }
}
