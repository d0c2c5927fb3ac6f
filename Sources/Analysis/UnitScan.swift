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
/// It holds three numbers for each unit and picture. If a layer saturates, its values before
/// saturation decide which are strongest (`Ranking`).
public final class UnitScan: ScanObserver {
  public let nodes: [String]

  fileprivate struct Watch {
    let unit: LayerUnit
    let ranking: Ranking?
    var values: [Float] = []
    var ranks: [Float] = []
    var positions: [Int32] = []
    var pictures: [Int] = []
    var width = 1
    var nonFinitePictures = 0
  }

  private let network: Network
  private var watches: [Watch]

  /// - Parameter units: Of layers whose outputs depend on the pictures.
  public init(_ network: Network, units: [LayerUnit]) {
    self.network = network
    watches = units.map { Watch(unit: $0, ranking: network.ranking(of: $0.layer)) }
    var layers: [String] = []
    for unit in units where !layers.contains(unit.layer) { layers.append(unit.layer) }
    nodes = network.nodes(toRank: layers)
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    for index in watches.indices {
      let maps = recording[watches[index].unit.layer].arranged(as: .channelsLast)
      let ranks = watches[index].ranking?.values(in: recording).arranged(as: .channelsLast)
      watches[index].observe(maps, rankedBy: ranks ?? maps, pictures)
    }
  }

  /// One for each unit, in the order of the units.
  public func findings() -> [UnitFinding] {
    let fields = network.receptiveFields()
    return watches.compactMap { watch in
      guard let field = fields[watch.unit.layer] else { return nil }
      return UnitFinding(
        unit: watch.unit, field: field.field(ofUnit: watch.unit.unit), values: watch.values,
        pictures: watch.pictures, rankedBy: watch.ranking?.node,
        restsAtZero: network.restsAtZero(watch.unit.layer),
        nonFinitePictures: watch.nonFinitePictures, ranks: watch.ranks,
        positions: watch.positions, width: watch.width)
    }
  }
}

extension UnitScan.Watch {
  /// - Parameters:
  ///   - maps: Channels last.
  ///   - ranks: Of the same shape and layout.
  fileprivate mutating func observe(_ maps: Tensor, rankedBy ranks: Tensor, _ pictures: [Int]) {
    let units = maps.shape[1]
    width = maps.shape.rank > 3 ? maps.shape[3] : 1
    let count = maps.shape.spatial.reduce(1, *)
    maps.withUnsafeElements { values in
      ranks.withUnsafeElements { ranks in
        for (row, picture) in pictures.enumerated() {
          var best: Int?
          var isFinite = true
          for position in 0..<count {
            let index = (row * count + position) * units + unit.unit
            guard values[index].isFinite, !ranks[index].isNaN else {
              isFinite = false
              continue
            }
            if best.map({ ranks[index] > ranks[$0] }) ?? true { best = index }
          }
          if !isFinite { nonFinitePictures += 1 }
          guard let best else { continue }
          self.values.append(values[best])
          self.ranks.append(ranks[best])
          positions.append(Int32(truncatingIfNeeded: best / units - row * count))
          self.pictures.append(picture)
        }
      }
    }
  }
}
