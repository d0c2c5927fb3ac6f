internal import Foundation
internal import HeapModule
internal import TensorCore

/// How likely each point would choose each other one as its neighbour, symmetrized: `p_ij`, which
/// add up to 1.
struct Affinities: Sendable {
  /// Row by row: where the neighbours of each point begin.
  private let starts: [Int]
  /// Nil if every row has all points, in order.
  private let neighbours: [Int32]?
  private let values: [Float]

  /// Between all pairs.
  ///
  /// - Parameters:
  ///   - rows: `[N, width]`.
  ///   - width: The number of features.
  ///   - perplexity: The effective number of neighbours.
  init(exactlyOf rows: [Double], width: Int, perplexity: Double) {
    let count = rows.count / max(width, 1)
    let conditional = concurrentMap(count) { row -> [Float] in
      var distances = (0..<count).map { squaredDistance(rows, row, $0, width) }
      distances[row] = .infinity
      return affinities(of: distances, perplexity: perplexity)
    }
    var values = [Float](repeating: 0, count: count * count)
    for row in 0..<count {
      for other in 0..<count {
        values[row * count + other] =
          (conditional[row][other] + conditional[other][row]) / Float(2 * count)
      }
    }
    self.values = values
    neighbours = nil
    starts = (0...count).map { $0 * count }
  }

  /// Between each point and its nearest neighbours, three times as many as the perplexity (van der
  /// Maaten 2014, section 4.1).
  ///
  /// - Parameters: As above.
  init(ofNeighboursAmong rows: [Double], width: Int, perplexity: Double) {
    let count = rows.count / max(width, 1)
    let most = min(Int(min(3 * perplexity, 0x1p40)), count - 1)
    let conditional = concurrentMap(count) { row -> [(other: Int32, value: Float)] in
      let nearest = nearest(most, to: row, of: count) { squaredDistance(rows, row, $0, width) }
      let own = affinities(of: nearest.map(\.distance), perplexity: perplexity)
      return zip(nearest, own).map { (Int32($0.index), $1) }
    }
    // Each pair is listed at both of its points, so a point may list another one twice.
    var ends = [Int](repeating: 0, count: count + 1)
    for (row, others) in conditional.enumerated() {
      ends[row + 1] += others.count
      for (other, _) in others { ends[Int(other) + 1] += 1 }
    }
    for row in 0..<count { ends[row + 1] += ends[row] }
    var free = ends
    var listed = [(other: Int32, value: Float)](repeating: (0, 0), count: ends[count])
    func list(_ other: Int32, at row: Int, _ value: Float) {
      listed[free[row]] = (other, value / Float(2 * count))
      free[row] += 1
    }
    for (row, others) in conditional.enumerated() {
      for (other, value) in others {
        list(other, at: row, value)
        list(Int32(row), at: Int(other), value)
      }
    }
    var (starts, neighbours, values) = ([0], [Int32](), [Float]())
    for row in 0..<count {
      for (other, value) in listed[ends[row]..<ends[row + 1]].sorted(by: { $0.other < $1.other }) {
        if neighbours.count > starts[row], neighbours[neighbours.count - 1] == other {
          values[values.count - 1] += value
        } else {
          neighbours.append(other)
          values.append(value)
        }
      }
      starts.append(neighbours.count)
    }
    (self.starts, self.neighbours, self.values) = (starts, neighbours, values)
  }

  /// `body` of each point, on all cores; it is given a loop over the point's neighbours.
  func map<Value: Sendable>(
    _ body: @Sendable (Int, _ neighbours: ((Int, Double) -> Void) -> Void) -> Value
  ) -> [Value] {
    concurrentMap(starts.count - 1) { row in
      body(row) { visit in
        for place in starts[row]..<starts[row + 1] {
          visit(neighbours.map { Int($0[place]) } ?? place - starts[row], Double(values[place]))
        }
      }
    }
  }
}

/// The nearest of `count` points to one of them, the nearest first; of equally near ones, the
/// earlier.
private func nearest(
  _ most: Int, to point: Int, of count: Int, distance: (Int) -> Double
) -> [Neighbour] {
  var heap = Heap<Neighbour>()
  for index in 0..<count where index != point {
    let own = Neighbour(distance: distance(index), index: index)
    if heap.count < most {
      heap.insert(own)
    } else if let farthest = heap.max, own < farthest {
      heap.replaceMax(with: own)
    }
  }
  return heap.unordered.sorted()
}

private struct Neighbour: Comparable {
  let distance: Double
  let index: Int

  static func < (a: Neighbour, b: Neighbour) -> Bool {
    (a.distance, a.index) < (b.distance, b.index)
  }
}

private func squaredDistance(_ rows: [Double], _ a: Int, _ b: Int, _ width: Int) -> Double {
  rows.withUnsafeBufferPointer { x in
    var sum = 0.0
    for column in 0..<width {
      let difference = x[a * width + column] - x[b * width + column]
      sum += difference * difference
    }
    return sum
  }
}

/// The probabilities of a point's neighbours, in a Gaussian whose width gives the perplexity; by
/// bisection of the precision.
///
/// - Parameter distances: Squared; infinite for the point itself.
private func affinities(of distances: [Double], perplexity: Double) -> [Float] {
  let nearest = distances.min() ?? 0
  let wanted = log(perplexity)
  var (least, greatest, precision) = (0.0, Double.infinity, 1.0)
  var values: [Double] = []
  for _ in 0..<100 {
    values = distances.map { exp(-precision * ($0 - nearest)) }
    let sum = values.reduce(0, +)
    var weighted = 0.0
    for (value, distance) in zip(values, distances) where value > 0 {
      weighted += value * (distance - nearest)
    }
    let entropy = log(sum) + precision * weighted / sum
    for index in values.indices { values[index] /= sum }
    if abs(entropy - wanted) < 1e-5 { break }
    if entropy > wanted {
      least = precision
      precision = greatest.isFinite ? (precision + greatest) / 2 : 2 * precision
    } else {
      greatest = precision
      precision = (precision + least) / 2
    }
  }
  return values.map { Float($0) }
}
