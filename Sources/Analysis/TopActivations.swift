internal import HeapModule
public import Networks
internal import TensorCore

/// A position where a unit was strongly activated.
public struct Excitation: Sendable, Hashable {
  public let value: Float
  /// What the unit's excitations are ordered by: the value before saturation if there is one, the
  /// log odds of the probability if there is that.
  public let rank: Float
  /// Of the class that the unit scores; nil unless classes are ranked by it.
  public let probability: Float?
  /// The picture's index in the data set.
  public let picture: Int
  /// Row and column in the unit's map; `[0, 0]` if the layer has no positions.
  public let position: [Int]

  init(value: Float, rank: Float, probability: Float? = nil, picture: Int, position: [Int]) {
    self.value = value
    self.rank = rank
    self.probability = probability
    self.picture = picture
    self.position = position
  }
}

/// The strongest activations of one layer's units over a data set.
public struct TopActivationFinding: Sendable {
  public let layer: String
  /// Which pixels a position of the layer sees.
  public let field: ReceptiveField
  /// By unit, strongest first; fewer if fewer pictures activated the unit. After a rectifier
  /// only positive values count; a class score may be negative.
  public private(set) var units: [[Excitation]]
  /// Units that no picture activated.
  public let dead: [Int]
  /// The node whose values order the activations; nil if their own values do.
  public let rankedBy: String?
  /// Units with a value that is not finite, all of which are left out.
  public let nonFiniteUnits: [Int]
  /// The number of pictures with such values.
  public let nonFinitePictures: Int
  /// The number of pictures in the scan.
  public let pictureCount: Int
  /// By unit, how it answers the data set.
  public let responses: [UnitResponse]
  /// What ranks the pictures of classes; nil if they are ranked by the activations.
  public var classRanking: ClassRanking?
}

extension TopActivationFinding {
  /// The same finding with only the strongest activation of each unit.
  public var strongestOnly: TopActivationFinding {
    var copy = self
    copy.units = units.map { Array($0.prefix(1)) }
    return copy
  }

  /// How pictures of classes were ranked by probability.
  public struct ClassRanking: Sendable, Hashable {
    /// What makes the scores probabilities.
    public let function: ProbabilityFunction
    /// The number of pictures whose class is known, of each of which a unit has one at most.
    public let labelled: Int
  }
}

/// Finds the pictures and places that activate each unit most (Zeiler and Fergus 2014, figure 2),
/// for all layers in one pass and in bounded memory.
///
/// If a layer saturates, its values before saturation decide which are strongest (`Ranking`).
public final class TopActivationScan: ScanObserver {
  public let layers: [String]
  public let nodes: [String]
  /// One layer that is observed.
  struct Watch {
    let layer: String
    let ranking: Ranking?
    /// What a value must exceed to be an excitation.
    let floor: Float
    var heaps: [Heap<Ranked>]
    var responses: ResponseCount
    var nonFiniteUnits: Set<Int> = []
    var nonFinitePictures = 0
  }

  let network: Network
  let count: Int
  let perPicture: Int
  /// What was found so far, which `SavableScan` saves.
  var watches: [Watch]
  var pictureCount = 0

  /// Orders by rank; if ranks are equal, the earlier picture is the stronger.
  struct Ranked: Comparable {
    let excitation: Excitation

    static func < (a: Ranked, b: Ranked) -> Bool {
      (a.excitation.rank, b.excitation.picture, b.excitation.position[0], b.excitation.position[1])
        < (
          b.excitation.rank, a.excitation.picture, a.excitation.position[0],
          a.excitation.position[1]
        )
    }
  }

  /// - Parameters:
  ///   - count: How many places to keep for each unit.
  ///   - perPicture: How many of them may lie in one picture.
  public init(_ network: Network, layers: [String], count: Int = 9, perPicture: Int = 1) {
    self.network = network
    self.count = count
    self.perPicture = perPicture
    watches = layers.map { layer in
      Watch(
        layer: layer, ranking: network.ranking(of: layer),
        floor: network.restsAtZero(layer) ? 0 : -.infinity,
        heaps: Array(repeating: Heap(), count: network.unitCount(layer)),
        responses: ResponseCount(units: network.unitCount(layer)))
    }
    self.layers = layers
    nodes = network.nodes(toRank: layers)
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    pictureCount += pictures.count
    for index in watches.indices {
      let maps = recording[watches[index].layer].arranged(as: .channelsLast)
      let ranks = watches[index].ranking?.values(in: recording).arranged(as: .channelsLast)
      if !maps.isFinite { watches[index].note(maps) }
      observe(maps, rankedBy: ranks, pictures, &watches[index])
    }
  }

  private func observe(
    _ maps: Tensor, rankedBy ranks: Tensor?, _ pictures: [Int], _ watch: inout Watch
  ) {
    let floor = watch.floor
    let units = maps.shape[1]
    let width = maps.shape.rank > 3 ? maps.shape[3] : 1
    let positions = maps.shape.spatial.reduce(1, *)
    let found =
      perPicture == 1
      ? StrongestPositions.ofEachPicture(in: maps, rankedBy: ranks, above: floor) : []
    maps.withUnsafeElements { values in
      (ranks ?? maps).withUnsafeElements { ranks in
        for (row, picture) in pictures.enumerated() {
          watch.responses.nextPicture()
          let range = (row * positions * units)..<((row + 1) * positions * units)
          let values = UnsafeBufferPointer(rebasing: values[range])
          let ranks = UnsafeBufferPointer(rebasing: ranks[range])
          guard perPicture == 1 else {
            offerSeveral(values, ranks, units, width, picture, &watch)
            continue
          }
          let strongest = found[row]
          for unit in 0..<units {
            guard let position = strongest.position(of: unit) else {
              watch.responses.add(nil, isSilentSomewhere: true, unit: unit)
              continue
            }
            let index = position * units + unit
            watch.responses.add(
              values[index], isSilentSomewhere: strongest.activeCounts[unit] < positions,
              unit: unit)
            offer(values[index], ranks[index], picture, position, width, &watch.heaps[unit])
          }
        }
      }
    }
  }

  /// Offers several places of one picture, none of them adjacent to a stronger one.
  private func offerSeveral(
    _ values: UnsafeBufferPointer<Float>, _ ranks: UnsafeBufferPointer<Float>, _ units: Int,
    _ width: Int, _ picture: Int, _ watch: inout Watch
  ) {
    let floor = watch.floor
    let positions = values.count / max(units, 1)
    for unit in 0..<units {
      let ranked = (0..<positions).filter {
        let value = values[$0 * units + unit]
        return value > floor && value.isFinite && !ranks[$0 * units + unit].isNaN
      }.sorted { (ranks[$1 * units + unit], $0) < (ranks[$0 * units + unit], $1) }
      watch.responses.add(
        ranked.first.map { values[$0 * units + unit] },
        isSilentSomewhere: ranked.count < positions, unit: unit)
      var taken: [Int] = []
      for position in ranked where taken.count < perPicture {
        let apart = taken.allSatisfy {
          abs($0 / width - position / width) > 1 || abs($0 % width - position % width) > 1
        }
        guard apart else { continue }
        taken.append(position)
        let index = position * units + unit
        offer(values[index], ranks[index], picture, position, width, &watch.heaps[unit])
      }
    }
  }

  private func offer(
    _ value: Float, _ rank: Float, _ picture: Int, _ position: Int, _ width: Int,
    _ heap: inout Heap<Ranked>
  ) {
    // Most are weaker than the weakest kept: checked before anything is allocated.
    if heap.count >= count, let least = heap.min, least.excitation.rank > rank { return }
    let place = [position / width, position % width]
    heap.insert(
      Ranked(
        excitation: Excitation(value: value, rank: rank, picture: picture, position: place)))
    if heap.count > count { _ = heap.popMin() }
  }

  /// One finding per layer, in the order of `layers`.
  public func findings() -> [TopActivationFinding] {
    let fields = network.receptiveFields()
    return watches.compactMap { watch in
      guard let field = fields[watch.layer] else { return nil }
      let units = watch.heaps.map { heap in
        heap.unordered.sorted { $0 > $1 }.map(\.excitation)
      }
      return TopActivationFinding(
        layer: watch.layer, field: field, units: units,
        dead: units.indices.filter { units[$0].isEmpty && !watch.nonFiniteUnits.contains($0) },
        rankedBy: watch.ranking?.node, nonFiniteUnits: watch.nonFiniteUnits.sorted(),
        nonFinitePictures: watch.nonFinitePictures, pictureCount: pictureCount,
        responses: watch.responses.responses(isRectified: watch.floor == 0))
    }
  }
}

extension TopActivationScan.Watch {
  /// Counts the pictures and units of a batch whose values are not all finite.
  fileprivate mutating func note(_ maps: Tensor) {
    let (pictures, units) = (maps.shape[0], maps.shape[1])
    let size = maps.count / max(pictures, 1)
    maps.withUnsafeElements { values in
      for picture in 0..<pictures {
        var isFinite = true
        for index in 0..<size where !values[picture * size + index].isFinite {
          isFinite = false
          nonFiniteUnits.insert(index % units)
        }
        if !isFinite { nonFinitePictures += 1 }
      }
    }
  }
}
