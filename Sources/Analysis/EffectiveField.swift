public import Networks
public import TensorCore

/// How strongly the activations at the centre of a layer's maps depend on each pixel, beside what
/// they can depend on.
public struct EffectiveFieldFinding: Sendable {
  public let layer: String
  /// The units whose mean it is, in ascending order.
  public let units: [Int]
  /// Row and column in the maps.
  public let position: [Int]
  /// What the units can depend on together.
  public let field: ReceptiveField
  /// The root of the mean squared gradient of an activation by each pixel, `[H, W]`: the mean over
  /// pictures and units of the sum over the input's channels.
  public let gradient: Tensor
  /// The number of pictures over which it was averaged.
  public let pictureCount: Int
  /// The number of pictures that are left out because their gradients are not finite.
  public let nonFiniteCount: Int
  /// The rectangle that holds `EnergyBox.usualShare` of the squared gradient; nil if that is zero
  /// everywhere.
  public let box: EnergyBox?

  /// - Parameters:
  ///   - layer: The layer's name.
  ///   - units: In ascending order.
  ///   - position: Row and column in the maps.
  ///   - field: What the units can depend on together.
  ///   - gradient: The root of the mean squared gradient, `[H, W]`.
  ///   - pictureCount: Over how many pictures it was averaged.
  ///   - nonFiniteCount: How many were left out.
  public init(
    layer: String, units: [Int], position: [Int], field: ReceptiveField, gradient: Tensor,
    pictureCount: Int, nonFiniteCount: Int = 0
  ) {
    (self.layer, self.units, self.position, self.field) = (layer, units, position, field)
    (self.gradient, self.pictureCount) = (gradient, pictureCount)
    self.nonFiniteCount = nonFiniteCount
    box = EnergyBox(
      holding: EnergyBox.usualShare,
      of: gradient.reshaped(to: Shape([1, 1] + gradient.shape.extents)), asSquare: false)
  }

  /// The rows and columns of the picture that the position can depend on, including those outside.
  public var pixels: [Range<Int>] { field.pixels(at: position) }

  /// The share of ``pixels`` that is outside the picture.
  public var outsideShare: Double {
    1 - share(of: gradient.shape.extents.map { 0..<$0 })
  }

  /// The share of ``pixels`` that the ``box`` covers.
  public var boxShare: Double? { box.map { share(of: [$0.rows, $0.columns]) } }

  private func share(of ranges: [Range<Int>]) -> Double {
    zip(pixels, ranges).reduce(1) { share, axis in
      share * Double(axis.0.clamped(to: axis.1).count) / Double(max(axis.0.count, 1))
    }
  }
}

/// Measures effective receptive fields: a gradient of 1 starts at the centre of a layer's maps, all
/// others being zero, and what arrives at the pixels is squared and averaged over pictures (Luo et
/// al. 2016, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
/// sections 2 and 3).
///
/// The paper's derivation is of one channel. Here the mean is also over a layer's units, each
/// squared by itself: a gradient of all units together would lose what cancels out between them,
/// and be zero after a normalization over channels. One backward pass for each picture is enough,
/// because the signs of the units are random: the expected square of `Σ ±gᵤ` is `Σ gᵤ²`. A single
/// unit has no sign.
public struct EffectiveFieldAnalysis: Sendable {
  public let network: Network
  public let layers: [String]
  private let units: [[Int]]
  private let seed: UInt64
  private var sums: [Sum]

  private struct Sum {
    var energy: [Double]
    var count = 0
    var nonFinite = 0
  }

  /// - Parameters:
  ///   - network: The network.
  ///   - layers: Layers with maps, `[N, C, H, W]`.
  ///   - units: Of some layers, those whose mean it is; all for the others.
  ///   - seed: Of the random signs.
  public init(
    _ network: Network, layers: [String], units: [String: [Int]] = [:], seed: UInt64 = 0
  ) {
    (self.network, self.layers, self.seed) = (network, layers, seed)
    self.units = layers.map { layer in
      units[layer].map { $0.sorted() } ?? Array(0..<network.unitCount(layer))
    }
    let area = network.graph.inputShape.extents.dropFirst().reduce(1, *)
    sums = layers.map { _ in Sum(energy: [Double](repeating: 0, count: area)) }
  }

  /// What a run keeps: for planning memory.
  public var keep: Keep { .forGradient(and: layers) }

  /// The layer up to which pictures are run.
  public var last: String? { network.graph.nodes.last { layers.contains($0.name) }?.name }

  /// What is in memory besides the runs, in bytes.
  ///
  /// - Parameter pictures: The number in a batch.
  public func workBytes(pictures: Int) -> Int {
    let signals = layers.map { network.shapes[$0]?.elementCount ?? 0 }.max() ?? 0
    let input = network.graph.inputShape.elementCount
    return MemoryLayout<Double>.stride * sums.reduce(0) { $0 + $1.energy.count }
      + MemoryLayout<Float>.stride * pictures * (signals + 2 * input)
  }

  /// Runs pictures, and propagates the centre of each layer back to them.
  ///
  /// - Parameters:
  ///   - pictures: `[N, C, H, W]`.
  ///   - indices: Their numbers in the data set, on which their random signs depend.
  ///   - progress: Called after each layer, with their number.
  /// - Returns: The first layer of which a gradient is not finite, and the picture's row; nil if
  ///   all are finite.
  public mutating func add(
    _ pictures: Tensor, indices: [Int], progress: (Int) -> Void = { _ in }
  ) -> (layer: String, row: Int)? {
    let recording = network.record(pictures, keeping: keep, through: last)
    var stray: (layer: String, row: Int)?
    for (place, layer) in layers.enumerated() {
      let shape = recording.shape(of: layer)
      let signal = signal(of: place, shape: shape, indices)
      let gradient = recording.propagate(signal, from: layer).input
      let area = sums[place].energy.count
      let channels = gradient.count / max(indices.count * area, 1)
      gradient.arranged(as: .rowMajor).withUnsafeElements { values in
        for row in indices.indices {
          let own = values[(row * channels * area)..<((row + 1) * channels * area)]
          guard own.allSatisfy(\.isFinite) else {
            sums[place].nonFinite += 1
            if stray == nil { stray = (layer, row) }
            continue
          }
          sums[place].count += 1
          for (index, value) in own.enumerated() {
            sums[place].energy[index % area] += Double(value) * Double(value)
          }
        }
      }
      progress(place + 1)
    }
    return stray
  }

  /// The centre of a layer's maps: of an even number of rows or columns, the one after the middle.
  private func center(of layer: String) -> [Int] {
    network.shapes[layer]?.spatial.map { $0 / 2 } ?? []
  }

  /// 1 or −1 for each unit at the centre, for each picture.
  ///
  /// - Parameter shape: `[N, C, H, W]`.
  private func signal(of place: Int, shape: Shape, _ indices: [Int]) -> Tensor {
    let layer = layers[place]
    // Signs are those of the layer, whichever others are shown.
    let number = network.graph.nodes.firstIndex { $0.name == layer } ?? 0
    let area = shape.spatial.reduce(1, *)
    let position = zip(center(of: layer), shape.spatial).reduce(0) { $0 * $1.1 + $1.0 }
    return Tensor(shape: shape) { target in
      target.initialize(repeating: 0)
      for (row, index) in indices.enumerated() {
        var generator = SeededGenerator(seed: seed, path: number, index)
        for unit in units[place] {
          let isNegative = units[place].count > 1 && generator.next() >> 63 == 1
          target[(row * shape[1] + unit) * area + position] = isNegative ? -1 : 1
        }
      }
    }
  }

  /// One for each layer.
  public var findings: [EffectiveFieldFinding] {
    let fields = network.receptiveFields()
    let extents = Array(network.graph.inputShape.extents.dropFirst())
    return layers.indices.map { place in
      let (layer, own, sum) = (layers[place], units[place], sums[place])
      let whole = fields[layer] ?? ReceptiveField(size: extents, stride: [0, 0], start: [0, 0])
      let count = Double(max(sum.count * own.count, 1))
      return EffectiveFieldFinding(
        layer: layer, units: own, position: center(of: layer), field: whole.field(ofUnits: own),
        gradient: Tensor(
          shape: Shape(extents), sum.energy.map { Float(($0 / count).squareRoot()) }),
        pictureCount: sum.count, nonFiniteCount: sum.nonFinite)
    }
  }
}
