public import TensorCore

/// An array that is read by full indices, for oracles.
public struct SlowArray: Sendable {
  public let extents: [Int]
  public let elements: [Double]

  public init(_ tensor: Tensor) {
    extents = tensor.shape.extents
    elements = tensor.elements.map(Double.init)
  }

  /// Computes every element from its index.
  public init(_ extents: [Int], _ element: ([Int]) -> Double) {
    self.extents = extents
    elements = Slow.indices(extents).map(element)
  }

  public subscript(index: [Int]) -> Double {
    elements[zip(extents, index).reduce(0) { $0 * $1.0 + $1.1 }]
  }
}

extension Slow {
  /// Every index of an array, with the last axis varying fastest.
  public static func indices(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { heads, extent in
      heads.flatMap { head in (0..<extent).map { head + [$0] } }
    }
  }

  public static func transpose(_ x: SlowArray, _ order: [Int]) -> SlowArray {
    SlowArray(order.map { x.extents[$0] }) { index in
      var source = index
      for (place, axis) in order.enumerated() { source[axis] = index[place] }
      return x[source]
    }
  }

  /// Python's `x[start:end:step]` along one axis, written as a loop.
  public static func slice(
    _ x: SlowArray, axis: Int, from start: Int, to end: Int, by step: Int
  ) -> SlowArray {
    let extent = x.extents[axis]
    let first = start < 0 ? start + extent : start
    let last = end < 0 ? (end == .min ? -1 : max(end + extent, -1)) : end
    var place = step > 0 ? max(first, 0) : min(first, extent - 1)
    var places: [Int] = []
    while step > 0 ? place < min(last, extent) : place > last && place >= 0 {
      places.append(place)
      place += step
    }
    return take(x, axis: axis, places)
  }

  public static func take(_ x: SlowArray, axis: Int, _ places: [Int]) -> SlowArray {
    var extents = x.extents
    extents[axis] = places.count
    return SlowArray(extents) { index in
      var source = index
      source[axis] = places[index[axis]]
      return x[source]
    }
  }

  /// NumPy's `pad` along one axis, built by adding one element after another.
  public static func pad(
    _ x: SlowArray, axis: Int, before: Int, after: Int, _ mode: String
  ) -> SlowArray {
    let count = x.extents[axis]
    func place(_ position: Int) -> Int {
      var (place, step) = (0, position < 0 ? -1 : 1)
      for _ in 0..<abs(position) {
        switch mode {
        case "edge": place = min(max(place + step, 0), count - 1)
        case "wrap": place = place + step < 0 ? count - 1 : (place + step) % count
        default:
          if !(0..<count).contains(place + step) { step = -step }
          if count > 1 { place += step }
        }
      }
      return place
    }
    return take(x, axis: axis, (-before..<(count + after)).map(place))
  }

  /// Resizes one axis as ONNX's reference does: by the nearest neighbours in a row that continues
  /// beyond its ends.
  public static func resize(
    _ row: [Double], output: Int, center: (Int) -> Double, weights: (Double) -> [Double]
  ) -> [Double] {
    (0..<output).map { place in
      let x = center(place)
      let below = x.rounded(.up) - 1
      let weights = weights(x - below)
      let first = Int(below) - weights.count / 2 + 1
      return weights.indices.reduce(0) { sum, index in
        sum + weights[index] * row[min(max(first + index, 0), row.count - 1)]
      }
    }
  }
}
