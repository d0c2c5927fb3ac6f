public import Networks
internal import TensorCore

/// How far the weights of one layer are from those of the same layer in another network.
public struct WeightDistance: Sendable, Hashable {
  public let layer: String
  /// Of the weights, without biases.
  public let shape: [Int]
  /// `‖a − b‖ / ‖a‖`; nil if all weights of the first network are zero, or some are not finite.
  public let relative: Double?
  /// Of the weights as vectors; nil if all weights of one are zero, or some are not finite.
  public let cosine: Double?
  /// The relative distance for each unit's own weights; empty if the first axis is not the units'.
  public let units: [Double?]

  /// The units whose weights moved most, the farthest first; those without a distance last.
  public var mostMoved: [Int] {
    units.indices.sorted { (-(units[$0] ?? -1), $0) < (-(units[$1] ?? -1), $1) }
  }
}

/// Measures how far weights moved, layer by layer, in `Double`.
///
/// Only weights of two or more axes count, which are those of convolutions, linear layers and the
/// like; biases and the scales and shifts of normalizations are left out.
public struct WeightDistanceAnalysis: Sendable {
  public init() {}

  /// - Parameters:
  ///   - first: The reference: distances are relative to its weights.
  ///   - layers: Layers of both, the same but for their weights; others are left out.
  public func run(
    from first: Network, to second: Network, layers: [String]
  ) -> [WeightDistance] {
    layers.compactMap { layer -> WeightDistance? in
      guard let node = first.graph[layer], let other = second.graph[layer] else { return nil }
      for (name, otherName) in zip(node.parameters, other.parameters) {
        guard let a = first.parameters[name], let b = second.parameters[otherName],
          a.shape == b.shape, a.shape.rank > 1, a.count > 0
        else { continue }
        let units = node.operation is Convolution || node.operation is Linear ? a.shape[0] : 1
        return distance(a.elements, b.elements, layer, a.shape.extents, units: units)
      }
      return nil
    }
  }

  private func distance(
    _ a: [Float], _ b: [Float], _ layer: String, _ shape: [Int], units: Int
  ) -> WeightDistance {
    let size = a.count / units
    let parts = (0..<units).map { unit in
      let range = unit * size..<(unit + 1) * size
      return Products(a[range], b[range])
    }
    let whole = parts.reduce(Products()) { $0 + $1 }
    return WeightDistance(
      layer: layer, shape: shape, relative: whole.relative, cosine: whole.cosine,
      units: units > 1 ? parts.map(\.relative) : [])
  }
}

/// Sums from which distance and angle of two vectors follow.
private struct Products {
  var (aa, bb, ab, difference) = (0.0, 0.0, 0.0, 0.0)

  init() {}

  init(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) {
    for (x, y) in zip(a, b) {
      let (x, y) = (Double(x), Double(y))
      aa += x * x
      bb += y * y
      ab += x * y
      difference += (x - y) * (x - y)
    }
  }

  static func + (one: Products, other: Products) -> Products {
    var sum = one
    sum.aa += other.aa
    sum.bb += other.bb
    sum.ab += other.ab
    sum.difference += other.difference
    return sum
  }

  var relative: Double? {
    let ratio = (difference / aa).squareRoot()
    return aa > 0 && ratio.isFinite ? ratio : nil
  }

  var cosine: Double? {
    let value = ab / (aa.squareRoot() * bb.squareRoot())
    return aa > 0 && bb > 0 && value.isFinite ? min(max(value, -1), 1) : nil
  }
}
