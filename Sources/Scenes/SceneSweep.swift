/// Scenes that differ in one factor only.
public struct SceneSweep: Sendable, Hashable {
  public let factor: SceneFactor
  public let base: SceneFactors
  /// The factor's values, in order.
  public let values: [Double]

  /// Evenly spaced values.
  ///
  /// - Parameters:
  ///   - range: Both ends are included, except that a full turn of a cyclic factor omits its end,
  ///     which looks like its start.
  public init(
    factor: SceneFactor, count: Int, base: SceneFactors, range: ClosedRange<Double>? = nil
  ) {
    self.factor = factor
    self.base = base
    let range = range ?? factor.range
    let span = range.upperBound - range.lowerBound
    let open = factor.isCyclic && span >= 360
    let steps = Double(max(1, open ? count : count - 1))
    values = (0..<max(0, count)).map { i in
      let value = range.lowerBound + span * Double(i) / steps
      return factor.isDiscrete ? value.rounded() : value
    }
  }

  public var scenes: [SceneFactors] {
    values.map { value in
      var scene = base
      scene[factor] = value
      return scene
    }
  }
}
