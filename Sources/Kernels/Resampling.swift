/// How one axis is resized, in the terms of ONNX's Resize (version 19).
public struct ResamplingRule: Sendable, Hashable, Codable {
  /// How a value is computed from its neighbours.
  public enum Mode: String, Sendable, Hashable, Codable { case nearest, linear, cubic }

  /// How an output position maps to the input.
  public enum Coordinates: String, Sendable, Hashable, Codable {
    case halfPixel, alignCorners, asymmetric, pytorchHalfPixel, halfPixelSymmetric
    case tfHalfPixelForNearest
  }

  /// Which neighbour is the nearest.
  public enum Rounding: String, Sendable, Hashable, Codable {
    /// The lower one of two that are equally near.
    case preferFloor
    case preferCeiling
    case floor
    case ceiling
  }

  public var mode: Mode
  public var coordinates: Coordinates
  public var rounding: Rounding
  /// The parameter of Keys's cubic (1981): −0.75 in PyTorch, −0.5 in Pillow and TensorFlow.
  public var cubic: Double
  /// Ignore neighbours outside the picture instead of repeating its edge.
  public var excludesOutside: Bool
  /// Widen the neighbourhood when downscaling, as Pillow does.
  public var antialiases: Bool

  public init(
    mode: Mode = .nearest, coordinates: Coordinates = .halfPixel,
    rounding: Rounding = .preferFloor, cubic: Double = -0.75, excludesOutside: Bool = false,
    antialiases: Bool = false
  ) {
    (self.mode, self.coordinates, self.rounding) = (mode, coordinates, rounding)
    (self.cubic, self.excludesOutside) = (cubic, excludesOutside)
    self.antialiases = antialiases
  }

  /// The inputs, with weights, of each of `output` positions.
  ///
  /// - Parameter scale: Outputs per input; need not be exactly `output / input`.
  public func table(input: Int, output: Int, scale: Double) -> AxisTable {
    var table = AxisTable(inputCount: input)
    for place in 0..<output {
      let center = center(Double(place), input: input, output: output, scale: scale)
      var terms: [(index: Int, weight: Double)] = []
      for (neighbour, weight) in neighbours(of: center, scale: scale) {
        if excludesOutside, mode != .nearest, neighbour < 0 || neighbour >= input { continue }
        let index = min(max(neighbour, 0), input - 1)
        if let present = terms.firstIndex(where: { $0.index == index }) {
          terms[present].weight += weight
        } else {
          terms.append((index, weight))
        }
      }
      if excludesOutside, mode != .nearest {
        let sum = terms.reduce(0) { $0 + $1.weight }
        if sum != 0 { terms = terms.map { ($0.index, $0.weight / sum) } }
      }
      table.append(terms)
    }
    return table
  }

  private func center(_ place: Double, input: Int, output: Int, scale: Double) -> Double {
    // ONNX's definition uses the width before rounding.
    let width = scale * Double(input)
    switch coordinates {
    case .halfPixel: return (place + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return width > 1 ? (place + 0.5) / scale - 0.5 : 0
    case .alignCorners: return width == 1 ? 0 : place * Double(input - 1) / (width - 1)
    case .asymmetric: return place / scale
    case .tfHalfPixelForNearest: return (place + 0.5) / scale
    case .halfPixelSymmetric:
      let offset = Double(input) / 2 * (1 - Double(output) / width)
      return offset + (place + 0.5) / scale - 0.5
    }
  }

  private func neighbours(of center: Double, scale: Double) -> [(Int, Double)] {
    // Farther out, every neighbour is the edge.
    let center = min(max(center, -1e9), 1e9)
    let below = center.rounded(.down)
    switch mode {
    case .nearest:
      let fraction = center - below
      let up =
        switch rounding {
        case .preferFloor: fraction > 0.5
        case .preferCeiling: fraction >= 0.5
        case .floor: false
        case .ceiling: fraction > 0
        }
      return [(Int(below) + (up ? 1 : 0), 1)]
    case .linear:
      return kernel(around: center, radius: 1, scale: scale) { max(1 - $0, 0) }
    case .cubic:
      return kernel(around: center, radius: 2, scale: scale) { distance in
        let (x, a) = (distance, cubic)
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0
      }
    }
  }

  /// A symmetric kernel's weights at the pixels within `radius`, which widens when downscaling with
  /// antialiasing; then normalized.
  private func kernel(
    around center: Double, radius: Double, scale: Double, _ weight: (Double) -> Double
  ) -> [(Int, Double)] {
    guard antialiases, scale < 1 else {
      let first = Int(center.rounded(.down)) - Int(radius) + 1
      return (first..<(first + 2 * Int(radius))).map { ($0, weight(abs(Double($0) - center))) }
    }
    let reach = radius / scale
    let first = Int((center - reach).rounded(.down))
    let last = Int((center + reach).rounded(.up))
    let weights = (first...last).map { weight(abs(Double($0) - center) * scale) }
    let sum = weights.reduce(0, +)
    return zip(first...last, weights).map { ($0, $1 / sum) }
  }
}
