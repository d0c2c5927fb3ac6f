import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Projections of activations` {
  private static let window = WindowGeometry(padding: 1)

  /// Convolution, ReLU, max pool, convolution, ReLU.
  private func network(seed: Int) throws -> Network {
    var sketch = NetworkSketch([2, 6, 6], seed: seed)
    try sketch.convolution("conv1", filters: 3, Convolution(3, padding: 1))
    try sketch.add("relu1", Activation.relu)
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("conv2", filters: 4, Convolution(3, padding: 1))
    try sketch.add("relu2", Activation.relu)
    return try sketch.network()
  }

  /// The same in `Double`, layer by layer, with the paper's words: unpool to the switches, rectify,
  /// filter with the transposed filters.
  private func slow(
    _ network: Network, _ picture: Tensor, unit: Int, position: Int, seed: Float,
    by rule: ProjectionRule
  ) throws -> [Double] {
    func parameter(_ name: String) throws -> Tensor { try #require(network.parameters[name]) }
    func convolved(_ image: [Double], _ side: Int, _ layer: String) throws -> [Double] {
      let weight = try parameter("\(layer).weight")
      return try Slow.convolve(
        Tensor(shape: [1, weight.shape[1], side, side], image.map { Float($0) }), weight,
        bias: parameter("\(layer).bias"), Self.window, groups: 1)
    }
    func filteredBack(_ signal: [Double], _ side: Int, _ layer: String) throws -> [Double] {
      let weight = try parameter("\(layer).weight")
      return Slow.convolveTransposed(
        Tensor(shape: [1, weight.shape[0], side, side], signal.map { Float($0) }), weight,
        bias: nil, Self.window, groups: 1, to: [side, side])
    }
    func rectified(_ signal: [Double], _ input: [Double]) -> [Double] {
      zip(signal, input).map { signal, input in
        switch rule {
        case .deconvnet: max(signal, 0)
        case .guided: input > 0 ? max(signal, 0) : 0
        case .gradient: input > 0 ? signal : 0
        }
      }
    }
    let first = try convolved(picture.elements.map(Double.init), 6, "conv1")
    var (pooled, switches) = ([Double](), [Int]())
    for map in 0..<3 {
      for row in 0..<3 {
        for column in 0..<3 {
          let cells = [0, 1, 6, 7].map { map * 36 + 12 * row + 2 * column + $0 }
          let best = cells.max { max(first[$0], 0) < max(first[$1], 0) } ?? 0
          pooled.append(max(first[best], 0))
          // Of equal values, the first.
          switches.append(cells.first { max(first[$0], 0) == pooled[pooled.count - 1] } ?? best)
        }
      }
    }
    let second = try convolved(pooled, 3, "conv2")
    var signal = [Double](repeating: 0, count: 4 * 9)
    signal[unit * 9 + position] = Double(seed)
    signal = try filteredBack(rectified(signal, second), 3, "conv2")
    var unpooled = [Double](repeating: 0, count: 3 * 36)
    for (place, value) in zip(switches, signal) { unpooled[place] += value }
    return try filteredBack(rectified(unpooled, first), 6, "conv1")
  }

  @Test(arguments: ProjectionRule.allCases, ProjectionSeed.allCases)
  func `are those of a slow restatement, each alone`(
    rule: ProjectionRule, seed: ProjectionSeed
  ) throws {
    let network = try network(seed: 3)
    let pictures = Tensor.random([4, 2, 6, 6], seed: 4)
    let maps = network.record(pictures)["relu2"]
    // Different numbers of activations in each picture, and none in one.
    let scan = TopActivationScan(network, layers: ["relu2"], count: 3)
    scan.observe(network.record(pictures), pictures: [0, 1, 2, 3])
    var wanted: [[(unit: Int, excitation: Excitation)]] = [[], [], [], []]
    for (unit, places) in scan.findings()[0].units.enumerated() {
      for place in places where place.picture != 2 { wanted[place.picture].append((unit, place)) }
    }
    #expect(Set(wanted.map(\.count)).count > 1 && wanted.joined().count > 4)
    var seen = 0
    var projection = ActivationProjection(
      network, layer: "relu2", of: wanted.joined().map(\.excitation), by: [.gradient, rule],
      seed: seed, together: 3, crops: nil)
    func check(_ projected: [ProjectedActivation]) throws {
      for one in projected {
        let excitation = one.excitation
        let position = 3 * excitation.position[0] + excitation.position[1]
        #expect(
          excitation.value == maps.elements[(excitation.picture * 4 + one.unit) * 9 + position])
        let expected = try slow(
          network, pictures.rows(excitation.picture..<(excitation.picture + 1)), unit: one.unit,
          position: position, seed: seed == .one ? 1 : excitation.value, by: rule)
        let scale = expected.reduce(0) { max($0, abs($1)) }
        for (own, slow) in zip(one.projections[1].elements, expected) {
          #expect(abs(Double(own) - slow) <= 1e-5 * scale)
        }
        #expect(one.projections.count == 2 && one.projections[0].shape == [1, 2, 6, 6])
        #expect(one.pixels == [0..<6, 0..<6])
        seen += 1
      }
    }
    try projection.project(wanted, in: pictures, check)
    #expect(seen == wanted.joined().count)
    try projection.finish(check)
    #expect(seen == wanted.joined().count)
  }

  private struct Key: Hashable {
    let unit: Int
    let excitation: Excitation
  }

  /// All activations, by unit and excitation, and the number of pixels that were run.
  private func projected(
    _ network: Network, _ layer: String, _ wanted: [[(unit: Int, excitation: Excitation)]],
    in pictures: Tensor, together: Int, crops: LayerCrops?, kernelCost: Double = 0
  ) throws -> (found: [Key: [Tensor]], pixels: Int) {
    var found: [Key: [Tensor]] = [:]
    var pixels = 0
    let (height, width) = (pictures.shape[2], pictures.shape[3])
    func note(_ projected: [ProjectedActivation]) {
      for one in projected {
        let key = Key(unit: one.unit, excitation: one.excitation)
        #expect(found[key] == nil)
        found[key] = one.projections.indices.map { one.whole($0, height: height, width: width) }
        pixels += one.pixels.map(\.count).reduce(1, *)
      }
    }
    var projection = ActivationProjection(
      network, layer: layer, of: wanted.joined().map(\.excitation),
      by: ProjectionRule.allCases, together: together, crops: crops, kernelCost: kernelCost)
    // In several batches, as a data set gives them.
    let count = pictures.shape[0]
    for start in stride(from: 0, to: count, by: together) {
      let rows = start..<min(start + together, count)
      projection.project(Array(wanted[rows]), in: pictures.rows(rows), note)
    }
    projection.finish(note)
    return (found, pixels)
  }

  @Test(.slow, arguments: 0..<8)
  func `are the same on crops`(seed: Int) throws {
    let network = try Network.randomLocal(seed: seed)
    let pictures = Tensor.random(Shape([7] + network.graph.inputShape.extents), seed: seed)
    for layer in ["relu1", "inception", "relu3"] {
      let scan = TopActivationScan(network, layers: [layer], count: 4, perPicture: 2)
      scan.observe(network.record(pictures), pictures: Array(0..<7))
      var wanted = [[(unit: Int, excitation: Excitation)]](repeating: [], count: 7)
      for (unit, places) in scan.findings()[0].units.enumerated() {
        for place in places { wanted[place.picture].append((unit, place)) }
      }
      let count = wanted.joined().count
      try #require(count > 5)
      let crops = try #require(LayerCrops(of: layer, in: network, most: .infinity))
      let whole = try projected(network, layer, wanted, in: pictures, together: 3, crops: nil)
      let own = try projected(network, layer, wanted, in: pictures, together: 3, crops: crops)
      #expect(whole.found.count == count && own.found.count == count)
      for (key, expected) in whole.found {
        let found = try #require(own.found[key])
        for (own, whole) in zip(found, expected) {
          expectClose(own, whole, relativeNorm: 2e-5, "\(layer), unit \(key.unit)")
        }
      }
      let all = pictures.shape[2] * pictures.shape[3]
      #expect(whole.pixels == count * all)
      #expect(own.pixels < (layer == "relu1" ? whole.pixels / 4 : whole.pixels))
      // For so little work, no kernels are made.
      let usual = try projected(
        network, layer, wanted, in: pictures, together: 3, crops: crops,
        kernelCost: ActivationProjection.usualKernelCost)
      #expect(usual.pixels == whole.pixels)
    }
  }
}

@Suite struct `Boxes of energy` {
  @Test(arguments: 0..<20)
  func `are squares that hold the share, and no row or column too many`(seed: Int) throws {
    var random = RandomShapes(seed: seed)
    let (height, width) = (random.pick(3...17), random.pick(3...17))
    // Most of it around one place.
    let (row, column) = (random.pick(0...(height - 1)), random.pick(0...(width - 1)))
    let noise = Tensor.random([1, 2, height, width], seed: seed)
    let values = noise.elements.enumerated().map { index, value in
      let distance = abs(index / width % height - row) + abs(index % width - column)
      return value / Float(1 + distance * distance)
    }
    let energy = values.map { Double($0) * Double($0) }
    func sum(_ rows: Range<Int>, _ columns: Range<Int>) -> Double {
      energy.indices.reduce(0) {
        rows.contains($1 / width % height) && columns.contains($1 % width) ? $0 + energy[$1] : $0
      }
    }
    let total = energy.reduce(0, +)
    let box = try #require(
      EnergyBox(holding: 0.95, of: Tensor(shape: [1, 2, height, width], values)))
    #expect(box.rows.lowerBound >= 0 && box.rows.upperBound <= height)
    #expect(box.columns.lowerBound >= 0 && box.columns.upperBound <= width)
    #expect(sum(box.rows, box.columns) >= 0.95 * total)
    let side = max(box.rows.count, box.columns.count)
    #expect(box.rows.count == min(side, height) && box.columns.count == min(side, width))
    // The same, removing lines from sums made anew each time.
    var (top, bottom, left, right) = (0, height, 0, width)
    while true {
      let choices = [
        (top + 1, bottom, left, right), (top, bottom - 1, left, right),
        (top, bottom, left + 1, right), (top, bottom, left, right - 1),
      ].filter { $0.0 < $0.1 && $0.2 < $0.3 }
      guard
        let best = choices.max(by: { sum($0.0..<$0.1, $0.2..<$0.3) < sum($1.0..<$1.1, $1.2..<$1.3) }
        ),
        sum(best.0..<best.1, best.2..<best.3) >= 0.95 * total
      else { break }
      (top, bottom, left, right) = best
    }
    #expect(side == max(bottom - top, right - left))
    #expect(box.rows.clamped(to: top..<bottom) == top..<bottom)
    #expect(box.columns.clamped(to: left..<right) == left..<right)
  }

  @Test func `are single pixels, the whole, or none`() throws {
    var values = [Float](repeating: 0, count: 35)
    #expect(EnergyBox(holding: 0.95, of: Tensor(shape: [1, 1, 5, 7], values)) == nil)
    values[2 * 7 + 6] = 3
    values[0] = .nan
    let box = try #require(EnergyBox(holding: 0.95, of: Tensor(shape: [1, 1, 5, 7], values)))
    #expect(box.rows == 2..<3 && box.columns == 6..<7)
    values = [Float](repeating: 1, count: 35)
    let whole = try #require(EnergyBox(holding: 1, of: Tensor(shape: [1, 1, 5, 7], values)))
    #expect(whole.rows == 0..<5 && whole.columns == 0..<7)
    // Of what lies in one row, a square or just that.
    values = (0..<35).map { (14..<18).contains($0) ? 1 : 0 }
    let line = Tensor(shape: [1, 1, 5, 7], values)
    #expect(EnergyBox(holding: 1, of: line)?.rows == 1..<5)
    let tight = try #require(EnergyBox(holding: 1, of: line, asSquare: false))
    #expect(tight.rows == 2..<3 && tight.columns == 0..<4)
  }
}
