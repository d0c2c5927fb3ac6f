internal import HeapModule
public import Networks
internal import TensorCore

/// A place where a unit was strongly excited.
public struct Excitation: Sendable, Hashable {
  public let value: Float
  /// The picture's index in the data set.
  public let picture: Int
  /// Row and column in the unit's map; `[0, 0]` where the layer has no positions.
  public let position: [Int]
}

/// The strongest excitations of one layer's units over a data set.
public struct TopActivationFinding: Sendable {
  public let layer: String
  /// Which pixels a position of the layer sees.
  public let field: ReceptiveField
  /// By unit, strongest first; fewer where fewer pictures excited the unit.
  public let units: [[Excitation]]
  /// Units that no picture excited.
  public let dead: [Int]
  /// How many pictures were looked at.
  public let pictureCount: Int
}

/// Finds the pictures and places that excite each unit most (Zeiler and Fergus 2014, figure 2),
/// for all layers in one pass and in bounded memory.
public final class TopActivationScan: ScanObserver {
  public let layers: [String]
  private let network: Network
  private let count: Int
  private let perPicture: Int
  private var heaps: [[Heap<Ranked>]]
  private var pictureCount = 0

  /// Orders by value; of equals the earlier picture is the stronger.
  private struct Ranked: Comparable {
    let excitation: Excitation

    static func < (a: Ranked, b: Ranked) -> Bool {
      (a.excitation.value, b.excitation.picture, b.excitation.position[0], b.excitation.position[1])
        < (
          b.excitation.value, a.excitation.picture, a.excitation.position[0],
          a.excitation.position[1]
        )
    }
  }

  /// - Parameters:
  ///   - count: How many places to keep for each unit.
  ///   - perPicture: How many of them may lie in one picture.
  public init(_ network: Network, layers: [String], count: Int = 9, perPicture: Int = 1) {
    self.network = network
    self.layers = layers
    self.count = count
    self.perPicture = perPicture
    heaps = layers.map { Array(repeating: Heap(), count: network.unitCount($0)) }
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    pictureCount += pictures.count
    for (index, layer) in layers.enumerated() {
      observe(recording[layer].arranged(as: .channelsLast), pictures, &heaps[index])
    }
  }

  private func observe(_ maps: Tensor, _ pictures: [Int], _ heaps: inout [Heap<Ranked>]) {
    let units = maps.shape[1]
    let width = maps.shape.rank > 3 ? maps.shape[3] : 1
    let positions = maps.shape.spatial.reduce(1, *)
    maps.withUnsafeElements { values in
      var best = [Float](repeating: 0, count: units)
      var place = [Int32](repeating: 0, count: units)
      for (row, picture) in pictures.enumerated() {
        let base = UnsafeBufferPointer(
          rebasing: values[(row * positions * units)..<((row + 1) * positions * units)])
        guard perPicture == 1 else {
          offerSeveral(base, units, width, picture, &heaps)
          continue
        }
        strongest(base, units: units, &best, &place)
        for unit in 0..<units where best[unit] > 0 {
          offer(best[unit], picture, Int(place[unit]), width, &heaps[unit])
        }
      }
    }
  }

  /// Each unit's greatest value and its place, 0 where none is positive; of equals the first.
  private func strongest(
    _ values: UnsafeBufferPointer<Float>, units: Int, _ best: inout [Float],
    _ place: inout [Int32]
  ) {
    best.withUnsafeMutableBufferPointer { best in
      place.withUnsafeMutableBufferPointer { place in
        for unit in 0..<units { best[unit] = 0 }
        for position in 0..<(values.count / max(units, 1)) {
          let start = position * units
          for unit in 0..<units {
            let value = values[start + unit]
            let wins = value > best[unit]
            best[unit] = wins ? value : best[unit]
            place[unit] = wins ? Int32(truncatingIfNeeded: position) : place[unit]
          }
        }
      }
    }
  }

  /// Several places of one picture, none of them a neighbour of a stronger one.
  private func offerSeveral(
    _ values: UnsafeBufferPointer<Float>, _ units: Int, _ width: Int, _ picture: Int,
    _ heaps: inout [Heap<Ranked>]
  ) {
    let positions = values.count / max(units, 1)
    for unit in 0..<units {
      let ranked = (0..<positions).filter { values[$0 * units + unit] > 0 }
        .sorted { (values[$1 * units + unit], $0) < (values[$0 * units + unit], $1) }
      var taken: [Int] = []
      for position in ranked where taken.count < perPicture {
        let apart = taken.allSatisfy {
          abs($0 / width - position / width) > 1 || abs($0 % width - position % width) > 1
        }
        guard apart else { continue }
        taken.append(position)
        offer(values[position * units + unit], picture, position, width, &heaps[unit])
      }
    }
  }

  private func offer(
    _ value: Float, _ picture: Int, _ position: Int, _ width: Int, _ heap: inout Heap<Ranked>
  ) {
    // Most are weaker than the least kept: found out before anything is allocated.
    if heap.count >= count, let least = heap.min, least.excitation.value > value { return }
    let place = [position / width, position % width]
    heap.insert(Ranked(excitation: Excitation(value: value, picture: picture, position: place)))
    if heap.count > count { _ = heap.popMin() }
  }

  /// One finding a layer, in the order of `layers`.
  public func findings() -> [TopActivationFinding] {
    let fields = network.receptiveFields()
    return zip(layers, heaps).compactMap { layer, heaps in
      guard let field = fields[layer] else { return nil }
      let units = heaps.map { heap in
        heap.unordered.sorted { $0 > $1 }.map(\.excitation)
      }
      return TopActivationFinding(
        layer: layer, field: field, units: units,
        dead: units.indices.filter { units[$0].isEmpty }, pictureCount: pictureCount)
    }
  }
}
