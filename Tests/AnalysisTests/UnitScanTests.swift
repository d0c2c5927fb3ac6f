import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Scans of units` {
  private func network(seed: Int) throws -> Network {
    var sketch = NetworkSketch([2, 7, 6], seed: seed)
    try sketch.convolution("conv", filters: 3, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("last", filters: 4, Convolution(2))
    return try sketch.network()
  }

  /// A unit that is what its pictures of one pixel are, rectified.
  private func finding(of values: [Float]) throws -> UnitFinding {
    var sketch = NetworkSketch([1, 1, 1], seed: 0)
    try sketch.add("relu", Activation.relu)
    let network = try sketch.network()
    let scan = UnitScan(network, layer: "relu", units: [0])
    let pictures = Tensor(shape: Shape([values.count, 1, 1, 1]), values)
    scan.observe(network.record(pictures), pictures: Array(values.indices))
    return scan.findings()[0]
  }

  @Test(arguments: 0..<4)
  func `find each picture's strongest activation, as a slow search does`(seed: Int) throws {
    let network = try network(seed: seed)
    let units = [
      LayerUnit(layer: "relu", unit: 2), LayerUnit(layer: "last", unit: 0),
      LayerUnit(layer: "last", unit: 3),
    ]
    let pictures = Tensor.random([7, 2, 7, 6], seed: seed)
    let scans = [
      UnitScan(network, layer: "relu", units: [2]),
      UnitScan(network, layer: "last", units: [3, 0]),
    ]
    for range in [0..<3, 3..<7] {
      for scan in scans {
        scan.observe(
          network.record(pictures.rows(range), keeping: .only(scan.nodes)),
          pictures: range.map { 10 + $0 })
      }
    }
    let findings = scans.flatMap { $0.findings() }
    let recording = network.record(pictures)
    for (unit, finding) in zip(units, findings) {
      #expect(finding.unit == unit && finding.pictures == Array(10..<17))
      let maps = SlowArray(recording[unit.layer])
      for picture in 0..<7 {
        var best = (value: -Double.infinity, place: [0, 0])
        for row in 0..<maps.extents[2] {
          for column in 0..<maps.extents[3] {
            let value = maps[[picture, unit.unit, row, column]]
            if value > best.value { best = (value, [row, column]) }
          }
        }
        let found = finding.excitation(at: picture)
        expectClose([found.value], [best.value], relative: 1e-5, absolute: 1e-6)
        #expect(found.position == best.place && found.picture == 10 + picture)
      }
    }
    #expect(findings.map(\.restsAtZero) == [true, false, false])
  }

  /// A layer that saturates, so that the values before it rank the pictures, and values that are
  /// not finite.
  @Test(arguments: 0..<3)
  func `of whole layers find what those of single units do`(seed: Int) throws {
    var sketch = NetworkSketch([2, 5, 6], seed: seed)
    try sketch.convolution("conv", filters: 19, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    try sketch.convolution("second", filters: 3, Convolution(3))
    try sketch.add("sigmoid", Activation(.logistic))
    let network = try sketch.network()
    var numbers = Tensor.random([6, 2, 5, 6], seed: seed).elements
    numbers[70] = .nan
    numbers[200] = .infinity
    let pictures = Tensor(shape: [6, 2, 5, 6], numbers)
    func findings(_ layer: String, _ units: [Int]?) -> [UnitFinding] {
      let scan = UnitScan(network, layer: layer, units: units, pictures: 6)
      for range in [0..<4, 4..<6] {
        scan.observe(
          network.record(pictures.rows(range), keeping: .only(scan.nodes)),
          pictures: Array(range))
      }
      #expect(units == nil || scan.finding(of: 99) == nil)
      return scan.findings()
    }
    let together = findings("relu", nil) + findings("sigmoid", nil)
    #expect(together.map(\.unit.unit) == Array(0..<19) + [0, 1, 2])
    #expect(together.contains { $0.nonFinitePictures > 0 })
    for finding in together {
      let alone = try #require(findings(finding.unit.layer, [finding.unit.unit]).first)
      #expect(finding.values == alone.values && finding.pictures == alone.pictures)
      #expect(finding.nonFinitePictures == alone.nonFinitePictures)
      #expect(finding.rankedBy == alone.rankedBy && finding.restsAtZero == alone.restsAtZero)
      #expect(finding.strongest(6) == alone.strongest(6))
    }
    #expect(together.last?.rankedBy == "second")
  }

  @Test func `choose pictures about quantiles of the active ones, none twice`() throws {
    // Pictures 0…40 with activations 0…40, of which the first is silent.
    let finding = try finding(of: (0...40).map(Float.init))
    #expect(finding.activeCount == 40)
    #expect(finding.strongest(3).map(\.picture) == [40, 39, 38])
    let samples = finding.samples(3, at: [0.9, 0.5, 0], without: 9)
    // The 90th percentile is among the strongest; the nearest others follow them.
    func pictures(_ samples: [UnitSample]) -> [[Int]] {
      samples.map { $0.excitations.map(\.picture) }
    }
    #expect(pictures(samples) == [[31, 30, 29], [22, 21, 20], [3, 2, 1]])
    expectClose(
      samples.map { Float($0.quantile) }, [29.0 / 39, 20.0 / 39, 0], relative: 1e-5)
    // Too few for all.
    let few = try self.finding(of: [0, 5, 4, 3, 2])
    #expect(pictures(few.samples(3, at: [0.9, 0], without: 3)) == [[4]])
    #expect(few.samples(3, at: [0.9, 0], without: 4).isEmpty)
    let dead = try self.finding(of: [0, 0, -1])
    #expect(dead.strongest(9).isEmpty && dead.samples(3, at: [0.5], without: 0).isEmpty)
  }

  @Test func `average over the pictures of each class, the silent ones too`() throws {
    let finding = try finding(of: [4, 0, -3, 1, 3, 9])
    let labels = [0, 0, 1, 1, 2, nil]
    let responses = finding.classMeans { labels[$0] }
    #expect(responses.map(\.label) == [2, 0, 1] && responses.map(\.count) == [1, 2, 2])
    #expect(responses.map(\.mean) == [3, 2, 0.5])
  }

  @Test func `leave out what is not finite`() throws {
    let finding = try finding(of: [1, .nan, 2])
    #expect(finding.pictures == [0, 2] && finding.nonFinitePictures == 1)
  }
}

@Suite struct `Objectives of units` {
  @Test(arguments: 0..<3, ["relu1", "relu3"])
  func `have the gradient of their mean`(seed: Int, layer: String) throws {
    let network = try Network.random(seed: seed, smooth: true)
    let objective = UnitObjective(LayerUnit(layer: layer, unit: 1), of: network)
    let pictures = Tensor.random(
      Shape([1] + network.graph.inputShape.extents), seed: seed + 5)
    let recording = network.record(pictures)
    let signals = objective.signals(in: recording)
    let gradient = recording.propagate(signals[0].signal, from: signals[0].node).input
    let direction = Tensor.random(pictures.shape, seed: seed + 9)
    let slope = centralDifference(
      of: { Double(objective.values(in: network.record($0))[0]) }, at: pictures, along: direction)
    let size = max(abs(slope), Double(gradient.norm))
    #expect(abs(gradient.dot(direction) - slope) < 2e-3 * size && size > 1e-3)
  }

  @Test func `raise a ReLU's input, so that silent units have a gradient`() throws {
    var sketch = NetworkSketch([2, 6, 6], seed: 1)
    try sketch.convolution("conv", filters: 3, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    let network = try sketch.network()
    let unit = LayerUnit(layer: "relu", unit: 1)
    #expect(UnitObjective(unit, of: network).node == "conv")
    #expect(UnitObjective(LayerUnit(layer: "conv", unit: 1), of: network).node == "conv")
    var optimization = UnitOptimization()
    optimization.ascent.steps = 8
    let found = optimization.run(on: network, unit: unit)
    #expect(found.values.count == 9 && !found.isUnguided && found.stoppedAt == nil)
    #expect(try #require(found.values.last) > found.values[0] + 0.1)
  }
}
