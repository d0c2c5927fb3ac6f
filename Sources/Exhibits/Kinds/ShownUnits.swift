internal import Analysis
internal import Networks

extension Studio {
  /// The units of a layer whose strongest activations are shown, and why these.
  ///
  /// - Parameters:
  ///   - selection: Those that are named; nil if none are.
  ///   - usual: How many to show then.
  func units(
    of finding: TopActivationFinding, chosenBy selection: UnitSelection?, usual: Int
  ) throws -> (units: [Int], reason: String) {
    if let selection, selection.selectiveCount == nil {
      let units = try units(selection, of: finding.layer) {
        finding.units.map { $0.first.map { $0.probability ?? $0.value } ?? -.infinity }
      }
      return (units, "")
    }
    let count = selection?.selectiveCount ?? usual
    // Every class is selective: its pictures are those of the class.
    if network.classNodes.contains(finding.layer) {
      return (finding.strongestUnits(count), "those that the pictures excite most")
    }
    let units = finding.selectiveUnits(count)
    // Of a dead layer, some dead units.
    guard !units.isEmpty else { return (finding.units.indices.spread(most: count), "") }
    return (
      units,
      "those with the most selective responses (lifetime sparseness, Vinje and Gallant 2000) and "
        + "the fewest pictures in common"
    )
  }
}

extension TopActivationFinding {
  /// Of hundreds of classes, those that the pictures excite most.
  func strongestUnits(_ count: Int) -> [Int] {
    // Saturated classes are told apart by what they are ranked by.
    func best(_ unit: Int) -> (Float, Float) {
      units[unit].first.map { ($0.probability ?? $0.value, $0.rank) } ?? (-.infinity, -.infinity)
    }
    return units.indices.sorted {
      let (first, second) = (best($0), best($1))
      return (second.0, second.1, $0) < (first.0, first.1, $1)
    }
    .prefix(count).sorted()
  }
}
