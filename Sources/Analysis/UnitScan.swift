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
/// (``bytes(of:pictures:)``). If a layer saturates, its values before
/// saturation decide which are strongest (`Ranking`).
public final class UnitScan: ScanObserver {
  public let nodes: [String]

  fileprivate struct Watch {
    let unit: Int
    /// NaN for a picture without a finite one.
    var values: [Float] = []
    /// Empty if the values order themselves.
    var ranks: [Float] = []
    var positions: [Int32] = []
    var nonFinitePictures = 0
  }

  fileprivate struct Layer {
    let name: String
    let ranking: Ranking?
    var width = 1
    /// Of the units by their places among all.
    var watches: [Int: Watch] = [:]
  }

  private let network: Network
  private let units: [LayerUnit]
  private var layers: [Layer] = []
  private var pictures: [Int] = []

  /// - Parameter units: Of layers whose outputs depend on the pictures.
  public init(_ network: Network, units: [LayerUnit]) {
    self.network = network
    self.units = units
    for (place, unit) in units.enumerated() {
      if !layers.contains(where: { $0.name == unit.layer }) {
        layers.append(Layer(name: unit.layer, ranking: network.ranking(of: unit.layer)))
      }
      guard let layer = layers.firstIndex(where: { $0.name == unit.layer }) else { continue }
      layers[layer].watches[place] = Watch(unit: unit.unit)
    }
    nodes = network.nodes(toRank: layers.map(\.name))
  }

  /// What a scan of so many units and pictures holds, in bytes.
  public static func bytes(of units: Int, pictures: Int) -> Int {
    let product = units.multipliedReportingOverflow(by: 12 * (pictures + 1))
    return product.overflow ? .max : product.partialValue
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    self.pictures += pictures
    for index in layers.indices {
      let maps = recording[layers[index].name].arranged(as: .channelsLast)
      let ranks = layers[index].ranking?.values(in: recording).arranged(as: .channelsLast)
      layers[index].width = maps.shape.rank > 3 ? maps.shape[3] : 1
      for place in layers[index].watches.keys {
        layers[index].watches[place]?.observe(maps, rankedBy: ranks, count: pictures.count)
      }
    }
  }

  /// One for each unit, in the order of the units.
  public func findings() -> [UnitFinding] {
    let fields = network.receptiveFields()
    return units.enumerated().compactMap { place, unit in
      guard let field = fields[unit.layer],
        let layer = layers.first(where: { $0.name == unit.layer }), let watch = layer.watches[place]
      else { return nil }
      let ranks = layer.ranking == nil ? watch.values : watch.ranks
      let known = watch.values.indices.filter { !watch.values[$0].isNaN }
      // Usually all, which are then not copied.
      func only<Value>(_ values: [Value]) -> [Value] {
        known.count == values.count ? values : known.map { values[$0] }
      }
      return UnitFinding(
        unit: unit, field: field.field(ofUnit: unit.unit), values: only(watch.values),
        pictures: only(pictures), rankedBy: layer.ranking?.node,
        restsAtZero: network.restsAtZero(unit.layer),
        nonFinitePictures: watch.nonFinitePictures, ranks: only(ranks),
        positions: only(watch.positions), width: layer.width)
    }
  }
}

extension UnitScan.Watch {
  /// - Parameters:
  ///   - maps: Channels last.
  ///   - ranks: Of the same shape and layout; nil if the maps' own values order them.
  ///   - pictures: Their number.
  fileprivate mutating func observe(_ maps: Tensor, rankedBy ranks: Tensor?, count pictures: Int) {
    let units = maps.shape[1]
    let isRanked = ranks != nil
    let count = maps.shape.spatial.reduce(1, *)
    maps.withUnsafeElements { values in
      (ranks ?? maps).withUnsafeElements { ranks in
        for row in 0..<pictures {
          var best: Int?
          var isFinite = true
          for position in 0..<count {
            let index = (row * count + position) * units + unit
            guard values[index].isFinite, !ranks[index].isNaN else {
              isFinite = false
              continue
            }
            if best.map({ ranks[index] > ranks[$0] }) ?? true { best = index }
          }
          if !isFinite { nonFinitePictures += 1 }
          self.values.append(best.map { values[$0] } ?? .nan)
          if isRanked { self.ranks.append(best.map { ranks[$0] } ?? .nan) }
          positions.append(
            best.map { Int32(truncatingIfNeeded: $0 / units - row * count) } ?? 0)
        }
      }
    }
  }
}
