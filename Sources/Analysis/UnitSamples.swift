/// Pictures that activate a unit about equally strongly.
public struct UnitSample: Sendable {
  /// Of the middle one of them: the share, from 0 to 1, of the other pictures that activate the
  /// unit less; 0 if the weakest of all is among them.
  public let quantile: Double
  /// The strongest first.
  public let excitations: [Excitation]
}

/// How strongly a unit responds to the pictures of one class.
public struct ClassMean: Sendable, Hashable {
  /// As the data set numbers its classes.
  public let label: Int
  /// The mean, over the class's pictures, of the unit's strongest activation in each.
  public let mean: Double
  /// The number of pictures.
  public let count: Int
}

extension UnitFinding {
  /// The pictures with the strongest activations, the strongest first; fewer if fewer activate it.
  ///
  /// - Parameter count: How many.
  public func strongest(_ count: Int) -> [Excitation] { ranked.prefix(count).map(excitation) }

  /// Pictures that activate the unit less: for each quantile, those nearest to it that are neither
  /// among the strongest nor in an earlier sample.
  ///
  /// - Parameters:
  ///   - count: How many pictures for each quantile; there are fewer, or no sample, if there are
  ///     not enough.
  ///   - quantiles: Of the pictures that activate the unit, by strength, from 0 for the weakest.
  ///   - strongest: How many of the strongest are left out.
  public func samples(
    _ count: Int, at quantiles: [Double], without strongest: Int
  ) -> [UnitSample] {
    let ranked = ranked
    let last = ranked.count - 1
    var free = Array(ranked.indices.dropFirst(strongest))
    return quantiles.compactMap { quantile in
      let center = (1 - quantile) * Double(last)
      let chosen = free.sorted {
        (abs(Double($0) - center), $0) < (abs(Double($1) - center), $1)
      }.prefix(count).sorted()
      guard !chosen.isEmpty else { return nil }
      free.removeAll(where: chosen.contains)
      let middle = 1 - Double(chosen[chosen.count / 2]) / Double(max(last, 1))
      return UnitSample(
        quantile: chosen.last == last ? 0 : middle,
        excitations: chosen.map { excitation(at: ranked[$0]) })
    }
  }

  /// The mean strongest activation of each class, the greatest first.
  ///
  /// - Parameter label: The class of a picture; nil if it is not known.
  public func classMeans(label: (Int) -> Int?) -> [ClassMean] {
    var sums: [Int: (sum: Double, count: Int)] = [:]
    for (value, picture) in zip(values, pictures) {
      guard let label = label(picture) else { continue }
      sums[label, default: (0, 0)].sum += Double(value)
      sums[label, default: (0, 0)].count += 1
    }
    return sums.map { ClassMean(label: $0, mean: $1.sum / Double($1.count), count: $1.count) }
      .sorted { (-$0.mean, $0.label) < (-$1.mean, $1.label) }
  }
}
