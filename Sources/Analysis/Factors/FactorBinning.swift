internal import Foundation

extension FactorLevels {
  /// Numbers of more different values than this are divided into ranges.
  public static let mostValues = 12
  /// How many ranges of equal width numbers are divided into.
  public static let usualBins = 8

  /// Levels of words, in alphabetical order.
  ///
  /// - Parameters:
  ///   - name: The factor's.
  ///   - words: One for each picture.
  public init(_ name: String, words: [String]) {
    let values = Set(words).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
    self.init(name, levels: words.compactMap { places[$0] }, values: values)
  }

  /// Levels of numbers: the numbers themselves if there are few, otherwise ranges of equal width
  /// between the least and the greatest number, or over a full turn. Empty ranges are left out.
  ///
  /// - Parameters:
  ///   - name: The factor's.
  ///   - numbers: One for each picture, all finite.
  ///   - turn: The full turn that angles are from, in degrees; nil for other numbers.
  ///   - bins: The number of ranges.
  public init(
    _ name: String, numbers: [Double], turn: ClosedRange<Double>? = nil,
    bins: Int = FactorLevels.usualBins
  ) {
    let distinct = Set(numbers).sorted()
    guard distinct.count > Self.mostValues else {
      let places = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
      self.init(
        name, levels: numbers.compactMap { places[$0] },
        values: distinct.map { String(format: "%.15g", $0) })
      return
    }
    let range = turn ?? distinct[0]...distinct[distinct.count - 1]
    // No difference overflows.
    let width = range.upperBound / Double(bins) - range.lowerBound / Double(bins)
    let bin = numbers.map { number -> Int in
      let place = (number / 2 - range.lowerBound / 2) / (width / 2)
      return place >= 0 ? Int(min(place, Double(bins - 1))) : 0
    }
    // Enough for neighbouring ranges to differ.
    let greatest = max(abs(range.lowerBound), abs(range.upperBound), width)
    let digits = 3 + Int(min(log10(greatest / width), 14))
    let used = Set(bin).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
    self.init(
      name, levels: bin.compactMap { places[$0] },
      values: used.map { bin in
        let start = range.lowerBound + Double(bin) * width
        return String(format: "%.*g–%.*g", digits, start, digits, start + width)
      }, isBinned: true)
  }

  /// The levels of some of the pictures, without values that none of them has.
  ///
  /// - Parameter places: Of these pictures among all.
  public func only(_ places: [Int]) -> FactorLevels {
    let own = places.map { levels[$0] }
    let used = Set(own).sorted()
    let renumbered = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
    return FactorLevels(
      name, levels: own.compactMap { renumbered[$0] }, values: used.map { values[$0] },
      isBinned: isBinned)
  }
}
