public import Networks
internal import TensorCore

/// One unit of a layer.
public struct LayerUnit: Sendable, Hashable {
  public let layer: String
  /// The index along the layer's second axis.
  public let unit: Int

  /// - Parameters:
  ///   - layer: The name of a node.
  ///   - unit: The index along the layer's second axis.
  public init(layer: String, unit: Int) { (self.layer, self.unit) = (layer, unit) }
}

/// How one unit responds to every picture of a data set.
public struct UnitFinding: Sendable {
  public let unit: LayerUnit
  /// Which pixels a position of the unit sees.
  public let field: ReceptiveField
  /// The unit's strongest activation in each picture, in the order of the scan. Values that are not
  /// finite do not count; a picture without a finite one is left out.
  public let values: [Float]
  /// The pictures of ``values``, by index in the data set.
  public let pictures: [Int]
  /// The node whose values order the activations; nil if their own values do.
  public let rankedBy: String?
  /// Whether the unit rests at zero if nothing activates it, so that only positive values count as
  /// activations.
  public let restsAtZero: Bool
  /// The number of pictures with values that are not finite.
  public let nonFinitePictures: Int
  fileprivate let ranks: [Float]
  /// The indices of the pictures that activate the unit, the strongest first; if two are equally
  /// strong, the earlier one is first.
  let ranked: [Int]
  fileprivate let positions: [Int32]
  /// The number of columns of the unit's map.
  fileprivate let width: Int

  /// The strongest activation in a picture.
  ///
  /// - Parameter index: Into ``values``.
  public func excitation(at index: Int) -> Excitation {
    let position = Int(positions[index])
    return Excitation(
      value: values[index], rank: ranks[index], picture: pictures[index],
      position: [position / width, position % width])
  }

  /// The number of pictures that activate the unit.
  public var activeCount: Int { ranked.count }
}

/// Keeps the strongest activation of some units of a layer in each picture of a data set.
///
/// It holds two numbers for each unit and picture, or three if the layer saturates
/// (``bytes(of:in:pictures:)``). If a layer saturates, its values before saturation decide which
/// are strongest (`Ranking`). However many units are watched, the layer's values are read once, so
/// all of them can be watched to choose units after the scan.
public final class UnitScan: ScanObserver {
  public let layer: String
  public let nodes: [String]
  public let heldBytes: Int

  private let network: Network
  private let ranking: Ranking?
  /// Those that are watched.
  private let units: [Int]
  private lazy var field = network.receptiveFields()[layer]
  private let expectedPictures: Int
  private var pictures: [Int] = []
  /// The number of columns of the layer's maps.
  private var width = 1
  /// Picture by picture, of each unit its strongest activation; NaN without a finite one.
  private var values: [Float] = []
  /// In the same order; empty if the values order themselves.
  private var ranks: [Float] = []
  private var positions: [Int32] = []
  /// By unit.
  private var nonFinitePictures: [Int32]

  /// - Parameters:
  ///   - layer: A node whose output depends on the pictures.
  ///   - units: Those that are watched; nil for all.
  ///   - count: How many pictures there will be at most, if it is known, so that memory is
  ///     allocated once.
  public init(
    _ network: Network, layer: String, units: [Int]? = nil, pictures count: Int = 0
  ) {
    self.network = network
    self.layer = layer
    let all = network.unitCount(layer)
    // Each once.
    self.units = units.map { Set($0).sorted() } ?? Array(0..<all)
    ranking = network.ranking(of: layer)
    nonFinitePictures = Array(repeating: 0, count: self.units.count)
    expectedPictures = count
    nodes = network.nodes(toRank: [layer])
    heldBytes = Self.bytes(of: [layer: self.units.count], in: network, pictures: count)
    values.reserveCapacity(count * self.units.count)
    positions.reserveCapacity(count * self.units.count)
    if ranking != nil { ranks.reserveCapacity(count * self.units.count) }
  }

  /// The memory that scans need for a number of pictures, in bytes.
  ///
  /// - Parameter unitCounts: How many units of each layer are watched.
  public static func bytes(
    of unitCounts: [String: Int], in network: Network, pictures count: Int
  ) -> Int {
    let numbers = unitCounts.reduce(0) { sum, layer in
      sum + layer.value * (network.ranking(of: layer.key) == nil ? 2 : 3)
    }
    let size = MemoryLayout<Float>.stride
    let product = (numbers * size).multipliedReportingOverflow(by: count)
    let sum = product.partialValue.addingReportingOverflow(unitCounts.values.reduce(0, +) * size)
    return product.overflow || sum.overflow ? .max : sum.partialValue
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    self.pictures += pictures
    let maps = recording[layer].arranged(as: .channelsLast)
    let ranks = ranking?.values(in: recording).arranged(as: .channelsLast)
    width = maps.shape.rank > 3 ? maps.shape[3] : 1
    observe(maps, rankedBy: ranks)
  }

  /// One for each unit that is watched, in ascending order.
  public func findings() -> [UnitFinding] { units.compactMap(finding) }

  /// What one unit does; nil if it is not watched.
  public func finding(of unit: Int) -> UnitFinding? {
    guard let field, let column = units.firstIndex(of: unit) else { return nil }
    let values = self.column(column, of: self.values)
    let known = values.indices.filter { !values[$0].isNaN }
    // Usually all, which are then not copied.
    func only<Value>(_ values: [Value]) -> [Value] {
      known.count == values.count ? values : known.map { values[$0] }
    }
    let (found, pictures) = (only(values), only(self.pictures))
    let ranks = ranking == nil ? found : only(self.column(column, of: self.ranks))
    let restsAtZero = network.restsAtZero(layer)
    let ranked = found.indices.filter { !restsAtZero || found[$0] > 0 }
      .sorted { (-ranks[$0], pictures[$0]) < (-ranks[$1], pictures[$1]) }
    return UnitFinding(
      unit: LayerUnit(layer: layer, unit: unit), field: field.field(ofUnit: unit), values: found,
      pictures: pictures, rankedBy: ranking?.node, restsAtZero: restsAtZero,
      nonFinitePictures: Int(nonFinitePictures[column]), ranks: ranks, ranked: ranked,
      positions: only(self.column(column, of: positions)), width: width)
  }

  /// - Parameters:
  ///   - maps: Channels last.
  ///   - ranks: Of the same shape and layout; nil if the maps' own values order them.
  private func observe(_ maps: Tensor, rankedBy ranks: Tensor?) {
    let all = maps.shape[1]
    let strongest = StrongestPositions.ofEachPicture(in: maps, rankedBy: ranks, above: -.infinity)
    let isRanked = ranks != nil
    let count = maps.shape.spatial.reduce(1, *)
    maps.withUnsafeElements { values in
      (ranks ?? maps).withUnsafeElements { ranks in
        for (row, strongest) in strongest.enumerated() {
          let range = (row * count * all)..<((row + 1) * count * all)
          let values = UnsafeBufferPointer(rebasing: values[range])
          let ranks = UnsafeBufferPointer(rebasing: ranks[range])
          for (column, unit) in units.enumerated() {
            let position = strongest.position(of: unit)
            let index = position.map { $0 * all + unit }
            self.values.append(index.map { values[$0] } ?? .nan)
            if isRanked { self.ranks.append(index.map { ranks[$0] } ?? .nan) }
            positions.append(Int32(truncatingIfNeeded: position ?? 0))
            if strongest.activeCounts[unit] < count { nonFinitePictures[column] += 1 }
          }
        }
      }
    }
  }

  /// The numbers of one unit, picture by picture.
  private func column<Value>(_ column: Int, of numbers: [Value]) -> [Value] {
    stride(from: column, to: numbers.count, by: units.count).map { numbers[$0] }
  }
}

extension UnitScan: SavableScan {
  package func facts(of pictures: [Int]) -> [String] {
    ["activations", layer, units.count == network.unitCount(layer) ? "all units" : "\(units)"]
  }

  package var mostSavedBytes: Int {
    // Integers have at most nine bytes, positions five.
    let perPicture = 9 + units.count * (ranking == nil ? 9 : 13)
    let (bytes, overflow) = expectedPictures.multipliedReportingOverflow(by: perPicture)
    let (sum, exceeds) = bytes.addingReportingOverflow(9 * (units.count + 2))
    return overflow || exceeds ? .max : sum
  }

  package func save(into state: inout ScanStateWriter) {
    state.append(pictures.count)
    state.append(width)
    for picture in pictures { state.append(picture) }
    for value in values { state.append(value) }
    for rank in ranks { state.append(rank) }
    for position in positions { state.append(Int(position)) }
    for count in nonFinitePictures { state.append(Int(count)) }
  }

  package func restoration(
    from state: inout ScanStateReader, pictures most: Int
  ) throws(DamagedScanState) -> () -> Void {
    let places = max(network.shapes[layer]?.elementCount ?? 1, 1)
    let count = try state.integer(0...most)
    let width = try state.integer(1...places)
    var pictures: [Int] = []
    for _ in 0..<count { pictures.append(try state.integer(0...(most - 1))) }
    var (values, ranks, positions): ([Float], [Float], [Int32]) = ([], [], [])
    for _ in 0..<(count * units.count) {
      let value = try state.number()
      guard !value.isInfinite else { throw DamagedScanState() }
      values.append(value)
    }
    if ranking != nil {
      for value in values {
        let rank = try state.number()
        guard rank.isNaN == value.isNaN else { throw DamagedScanState() }
        ranks.append(rank)
      }
    }
    for _ in values { positions.append(Int32(try state.integer(0...(places - 1)))) }
    var nonFinitePictures: [Int32] = []
    for _ in units { nonFinitePictures.append(Int32(try state.integer(0...count))) }
    return { [self] in
      (self.pictures, self.width, self.nonFinitePictures) = (pictures, width, nonFinitePictures)
      (self.values, self.ranks, self.positions) = (values, ranks, positions)
    }
  }
}
