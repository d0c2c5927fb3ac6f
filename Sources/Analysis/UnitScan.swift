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

  /// The indices of the pictures that activate the unit, the strongest first; if two are equally
  /// strong, the earlier one is first.
  var ranked: [Int] {
    values.indices.filter { !restsAtZero || values[$0] > 0 }
      .sorted { (-ranks[$0], pictures[$0]) < (-ranks[$1], pictures[$1]) }
  }

  /// The number of pictures that activate the unit.
  public var activeCount: Int { values.count { !restsAtZero || $0 > 0 } }
}

/// Keeps the strongest activation of some units in each picture of a data set.
///
/// It holds two numbers for each unit and picture, or three if the layer saturates
/// (``bytes(of:in:pictures:)``). If a layer saturates, its values before
/// saturation decide which are strongest (`Ranking`). However many units of a layer are watched, its
/// values are read once, so whole layers can be watched to choose units after the scan.
public final class UnitScan: ScanObserver {
  public let nodes: [String]
  public let heldBytes: Int

  fileprivate struct Layer {
    let name: String
    let ranking: Ranking?
    /// Those that are watched.
    let units: [Int]
    var width = 1
    var strongest: StrongestPositions
    /// Picture by picture, of each unit its strongest activation; NaN without a finite one.
    var values: [Float] = []
    /// In the same order; empty if the values order themselves.
    var ranks: [Float] = []
    var positions: [Int32] = []
    /// By unit.
    var nonFinitePictures: [Int32]
  }

  private let network: Network
  private let units: [LayerUnit]
  private var layers: [Layer]
  private var pictures: [Int] = []

  /// - Parameters:
  ///   - units: Of layers whose outputs depend on the pictures.
  ///   - count: How many pictures there will be, if it is known, so that memory is allocated once.
  public init(_ network: Network, units: [LayerUnit], pictures count: Int = 0) {
    self.network = network
    self.units = units
    let names = units.map(\.layer).reduce(into: [String]()) {
      if $0.last != $1, !$0.contains($1) { $0.append($1) }
    }
    let watched = Dictionary(grouping: units, by: \.layer)
    layers = names.map { name in
      // Each once.
      let own = Set((watched[name] ?? []).map(\.unit)).sorted()
      var layer = Layer(
        name: name, ranking: network.ranking(of: name), units: own,
        strongest: StrongestPositions(units: network.unitCount(name)),
        nonFinitePictures: Array(repeating: 0, count: own.count))
      layer.values.reserveCapacity(count * own.count)
      layer.positions.reserveCapacity(count * own.count)
      if layer.ranking != nil { layer.ranks.reserveCapacity(count * own.count) }
      return layer
    }
    nodes = network.nodes(toRank: names)
    heldBytes = Self.bytes(of: units, in: network, pictures: count)
  }

  /// The memory that a scan of some units needs for a number of pictures, in bytes.
  public static func bytes(
    of units: [LayerUnit], in network: Network, pictures count: Int
  ) -> Int {
    let numbers = Dictionary(grouping: units, by: \.layer).reduce(0) { sum, layer in
      sum + layer.value.count * (network.ranking(of: layer.key) == nil ? 2 : 3)
    }
    let size = MemoryLayout<Float>.stride
    let product = (numbers * size).multipliedReportingOverflow(by: count)
    let sum = product.partialValue.addingReportingOverflow(units.count * size)
    return product.overflow || sum.overflow ? .max : sum.partialValue
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    self.pictures += pictures
    for index in layers.indices {
      let maps = recording[layers[index].name].arranged(as: .channelsLast)
      let ranks = layers[index].ranking?.values(in: recording).arranged(as: .channelsLast)
      layers[index].width = maps.shape.rank > 3 ? maps.shape[3] : 1
      layers[index].observe(maps, rankedBy: ranks, count: pictures.count)
    }
  }

  /// One for each unit that is watched, in the order of the units.
  public func findings() -> [UnitFinding] { findings(of: units) }

  /// One for each of some of the units.
  ///
  /// - Parameter chosen: In the order of the findings; those that are not watched are left out.
  public func findings(of chosen: [LayerUnit]) -> [UnitFinding] {
    let fields = network.receptiveFields()
    return chosen.compactMap { unit in
      guard let field = fields[unit.layer],
        let layer = layers.first(where: { $0.name == unit.layer }),
        let column = layer.units.firstIndex(of: unit.unit)
      else { return nil }
      let values = layer.column(column, of: layer.values)
      let known = values.indices.filter { !values[$0].isNaN }
      // Usually all, which are then not copied.
      func only<Value>(_ values: [Value]) -> [Value] {
        known.count == values.count ? values : known.map { values[$0] }
      }
      return UnitFinding(
        unit: unit, field: field.field(ofUnit: unit.unit), values: only(values),
        pictures: only(pictures), rankedBy: layer.ranking?.node,
        restsAtZero: network.restsAtZero(unit.layer),
        nonFinitePictures: Int(layer.nonFinitePictures[column]),
        ranks: layer.ranking == nil ? only(values) : only(layer.column(column, of: layer.ranks)),
        positions: only(layer.column(column, of: layer.positions)), width: layer.width)
    }
  }
}

extension UnitScan.Layer {
  /// - Parameters:
  ///   - maps: Channels last.
  ///   - ranks: Of the same shape and layout; nil if the maps' own values order them.
  ///   - pictures: Their number.
  fileprivate mutating func observe(_ maps: Tensor, rankedBy ranks: Tensor?, count pictures: Int) {
    let all = maps.shape[1]
    let isRanked = ranks != nil
    let count = maps.shape.spatial.reduce(1, *)
    maps.withUnsafeElements { values in
      (ranks ?? maps).withUnsafeElements { ranks in
        for row in 0..<pictures {
          let range = (row * count * all)..<((row + 1) * count * all)
          let values = UnsafeBufferPointer(rebasing: values[range])
          let ranks = UnsafeBufferPointer(rebasing: ranks[range])
          strongest.find(in: values, rankedBy: ranks, above: -.infinity)
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
  fileprivate func column<Value>(_ column: Int, of numbers: [Value]) -> [Value] {
    stride(from: column, to: numbers.count, by: units.count).map { numbers[$0] }
  }
}
