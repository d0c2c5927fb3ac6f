/// The strongest activation of one unit over the same pictures, at each of several checkpoints
/// (Zeiler and Fergus 2014, figure 4).
public struct UnitEvolution: Sendable, Hashable {
  public let unit: Int
  /// One for each checkpoint, in order; nil if no picture activates the unit.
  public let strongest: [Excitation?]

  /// - Parameters:
  ///   - unit: Its number in the layer.
  ///   - findings: Of the same layer and pictures, one for each checkpoint.
  public init(of unit: Int, in findings: [TopActivationFinding]) {
    self.unit = unit
    strongest = findings.map { $0.units[unit].first }
  }

  /// For each checkpoint, whether another picture activates the unit most than at the one before;
  /// false if the unit is inactive at one of the two.
  public var changesPicture: [Bool] {
    strongest.indices.map { index in
      guard index > 0, let own = strongest[index], let before = strongest[index - 1] else {
        return false
      }
      return own.picture != before.picture
    }
  }
}
