/// How many of the pictures that excite a layer's units most are the same in two networks.
public struct PatchOverlap: Sendable, Hashable {
  /// What one unit's two sets of pictures have in common.
  public struct Unit: Sendable, Hashable {
    public let common: Int
    /// The number of pictures in the larger of the two sets.
    public let most: Int
    /// Of the two sets: the share of their union that is common (Jaccard 1912); nil if both are
    /// empty.
    public let jaccard: Double?
  }

  public let layer: String
  public let units: [Unit]

  /// The mean of the units that some picture excites in one of the networks; nil if there are none.
  public var meanJaccard: Double? {
    let known = units.compactMap(\.jaccard)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// The mean number of common pictures, of the same units.
  public var meanCommon: Double? {
    let known = units.filter { $0.jaccard != nil }
    return known.isEmpty ? nil : Double(known.reduce(0) { $0 + $1.common }) / Double(known.count)
  }

  /// - Parameters: Of the same layer in both networks, on the same pictures.
  public init(_ first: TopActivationFinding, _ second: TopActivationFinding) {
    self.init(
      layer: first.layer,
      zip(first.units, second.units).map { own, other in
        (own.map(\.picture), other.map(\.picture))
      })
  }

  /// - Parameter pictures: The pictures of each unit in both networks; one that occurs twice counts
  ///   once.
  public init(layer: String, _ pictures: [(first: [Int], second: [Int])]) {
    self.layer = layer
    units = pictures.map { first, second in
      let (own, other) = (Set(first), Set(second))
      let (common, all) = (own.intersection(other).count, own.union(other).count)
      return Unit(
        common: common, most: max(own.count, other.count),
        jaccard: all == 0 ? nil : Double(common) / Double(all))
    }
  }
}
