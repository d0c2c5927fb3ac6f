import Analysis
import Networks
import TensorCore
import TestSupport
import Testing

/// Networks and pictures with integer values: sums are exact in any order, so batches of any size
/// give the same results, and there are many ties.
private struct WholeNumbers {
  let network: Network
  let pictures: Tensor
  let layers = ["relu1", "pool1", "join", "relu3", "fc"]

  init(seed: Int, count: Int = 23) throws {
    network = try Network.random(seed: seed, weights: .integers)
    pictures = .integers(Shape([count] + network.graph.inputShape.extents), 0...2, seed: seed)
  }

  func scan(
    batch: Int, count: Int = 9, perPicture: Int = 1, order: [Int]? = nil
  ) -> [TopActivationFinding] {
    let scan = TopActivationScan(network, layers: layers, count: count, perPicture: perPicture)
    let order = order ?? Array(0..<pictures.shape[0])
    for start in stride(from: 0, to: order.count, by: batch) {
      let indices = Array(order[start..<min(start + batch, order.count)])
      let images = Tensor(concatenatingRows: indices.map { pictures.rows($0..<($0 + 1)) })
      scan.observe(network.record(images, keeping: .only(layers)), pictures: indices)
    }
    return scan.findings()
  }

  /// Every excitation of one unit, sorted.
  func sorted(_ layer: String, unit: Int, perPicture: Int, in recording: Recording) -> [Place] {
    let maps = recording[layer]
    let (pictures, units) = (maps.shape[0], maps.shape[1])
    let width = maps.shape.rank > 3 ? maps.shape[3] : 1
    let positions = maps.count / pictures / units
    let values = maps.elements
    var all: [Place] = []
    for picture in 0..<pictures {
      let start = (picture * units + unit) * positions
      var ranked: [Place] = []
      let counts: (Float) -> Bool = ["join", "fc"].contains(layer) ? { _ in true } : { $0 > 0 }
      for index in 0..<positions where counts(values[start + index]) {
        ranked.append(
          Place(
            value: values[start + index], picture: picture, row: index / width,
            column: index % width))
      }
      ranked.sort { $0.isStronger(than: $1) }
      var taken: [Place] = []
      for candidate in ranked where taken.count < perPicture {
        if !taken.contains(where: { $0.touches(candidate) }) { taken.append(candidate) }
      }
      all += taken
    }
    return all.sorted { $0.isStronger(than: $1) }
  }
}

private struct Place: Equatable {
  let value: Float
  let picture: Int
  let row: Int
  let column: Int

  init(value: Float, picture: Int, row: Int, column: Int) {
    (self.value, self.picture, self.row, self.column) = (value, picture, row, column)
  }

  init(_ excitation: Excitation) {
    self.init(
      value: excitation.value, picture: excitation.picture, row: excitation.position[0],
      column: excitation.position[1])
  }

  func isStronger(than other: Place) -> Bool {
    if value != other.value { return value > other.value }
    if picture != other.picture { return picture < other.picture }
    return row != other.row ? row < other.row : column < other.column
  }

  func touches(_ other: Place) -> Bool {
    abs(row - other.row) <= 1 && abs(column - other.column) <= 1
  }
}

@Suite struct `Strongest excitations` {
  @Test(.slow, arguments: 0..<12)
  func `are the first of all, sorted`(seed: Int) throws {
    let case_ = try WholeNumbers(seed: seed)
    let recording = case_.network.record(case_.pictures)
    for (count, perPicture) in [(9, 1), (4, 3), (1, 1), (30, 2)] {
      let findings = case_.scan(batch: 5, count: count, perPicture: perPicture)
      #expect(findings.map(\.layer) == case_.layers)
      for finding in findings {
        #expect(finding.pictureCount == 23)
        #expect(finding.units.count == case_.network.unitCount(finding.layer))
        for (unit, excitations) in finding.units.enumerated() {
          let expected = case_.sorted(
            finding.layer, unit: unit, perPicture: perPicture, in: recording)
          #expect(
            excitations.map { Place($0) } == Array(expected.prefix(count)),
            "\(finding.layer) unit \(unit)")
        }
        #expect(finding.dead == finding.units.indices.filter { finding.units[$0].isEmpty })
      }
    }
  }

  @Test(arguments: 0..<6)
  func `do not depend on batches, nor on the order of the pictures`(seed: Int) throws {
    let case_ = try WholeNumbers(seed: seed)
    var generator = SeededGenerator(seed: UInt64(seed))
    let one = case_.scan(batch: 23)
    for other in [
      case_.scan(batch: 1), case_.scan(batch: 4), case_.scan(batch: 22),
      case_.scan(batch: 6, order: (0..<23).shuffled(using: &generator)),
    ] {
      #expect(one.map(\.layer) == case_.layers && other.map(\.layer) == case_.layers)
      for (a, b) in zip(one, other) { #expect(a.units == b.units, "\(a.layer)") }
    }
  }

  @Test func `come from different pictures, and no more of them are held than asked for`() throws {
    let case_ = try WholeNumbers(seed: 3, count: 200)
    for finding in case_.scan(batch: 16, count: 5) {
      #expect(finding.units.contains { $0.count == 5 }, "\(finding.layer)")
      for excitations in finding.units {
        #expect(excitations.count <= 5)
        #expect(Set(excitations.map(\.picture)).count == excitations.count)
      }
    }
  }

  @Test func `name the units that nothing excites`() throws {
    var sketch = NetworkSketch([3, 5, 5], seed: 1)
    try sketch.convolution("conv", filters: 4, .init(3))
    try sketch.add("relu", Activation.relu)
    var network = try sketch.network()
    network.parameters["conv.bias"] = Tensor(shape: [4], [0, -1000, 0, -1000])
    let scan = TopActivationScan(network, layers: ["relu"])
    scan.observe(network.record(.random([4, 3, 5, 5], seed: 1)), pictures: [0, 1, 2, 3])
    let finding = try #require(scan.findings().first)
    #expect(finding.dead == [1, 3])
    #expect(finding.units[0].count == 4)
    #expect(finding.field.size == [3, 3])
  }

  /// A score has no baseline: a constant added to all of them changes nothing.
  @Test func `of a class are the same however low its scores are`() throws {
    var sketch = NetworkSketch([3, 5, 5], seed: 1)
    try sketch.convolution("conv", filters: 4, .init(3))
    try sketch.add("relu", Activation.relu)
    try sketch.add("flat", Flatten(axis: 1))
    try sketch.linear("fc", outputs: 3)
    var network = try sketch.network()
    let images = Tensor.random([6, 3, 5, 5], seed: 1)
    func order() throws -> [[Int]] {
      let scan = TopActivationScan(network, layers: ["fc"])
      scan.observe(network.record(images), pictures: Array(0..<6))
      let finding = try #require(scan.findings().first)
      #expect(finding.dead == [])
      return finding.units.map { $0.map(\.picture) }
    }
    let before = try order()
    #expect(before.allSatisfy { $0.count == 6 })
    let bias = try #require(network.parameters["fc.bias"])
    network.parameters["fc.bias"] = bias.map { $0 - 100 }
    #expect(try order() == before)
  }

  /// The image patch of an activation, on its own, activates the unit equally.
  @Test(arguments: 0..<6)
  func `lie where their receptive field says`(seed: Int) throws {
    let case_ = try WholeNumbers(seed: seed)
    let finding = try #require(case_.scan(batch: 8)[2] as TopActivationFinding?)
    let shape = case_.network.graph.inputShape
    for (unit, excitations) in finding.units.enumerated() {
      guard let first = excitations.first else { continue }
      let pixels = finding.field.pixels(at: first.position)
      let picture = case_.pictures.rows(first.picture..<(first.picture + 1)).elements
      let area = shape[1] * shape[2]
      let masked = Tensor(
        shape: Shape([1] + shape.extents),
        picture.indices.map { index in
          let (row, column) = (index % area / shape[2], index % shape[2])
          return pixels[0].contains(row) && pixels[1].contains(column) ? picture[index] : 0
        })
      let maps = case_.network.record(masked, keeping: .only(["join"]))["join"]
      let place =
        (unit * maps.shape[2] + first.position[0]) * maps.shape[3] + first.position[1]
      #expect(maps.elements[place] == first.value)
    }
  }
}
