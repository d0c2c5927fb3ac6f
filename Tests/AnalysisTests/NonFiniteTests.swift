import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

extension Tensor {
  fileprivate func with(_ value: Float, at index: Int) -> Tensor {
    var numbers = elements
    numbers[index] = value
    return Tensor(shape: shape, numbers)
  }
}

@Suite struct `Numbers that are not finite` {
  private func network() throws -> Network {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv1", filters: 6, Convolution(3))
    try sketch.add("relu1", Activation.relu)
    try sketch.add("pool1", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 4)
    return try sketch.network()
  }

  /// With one weight of filter 2 replaced.
  private func broken(_ value: Float) throws -> Network {
    var network = try network()
    network.parameters["conv1.weight"] = network.parameters["conv1.weight"]?.with(value, at: 60)
    return network
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `never win among the strongest`(value: Float) throws {
    let images = Tensor.random([12, 3, 8, 8], seed: 2)
    for perPicture in [1, 3] {
      func scan(_ network: Network, _ images: Tensor) throws -> [TopActivationFinding] {
        let scan = TopActivationScan(
          network, layers: ["relu1", "pool1"], count: 50, perPicture: perPicture)
        scan.observe(
          network.record(images, keeping: .only(scan.nodes)),
          pictures: Array(0..<images.shape[0]))
        return scan.findings()
      }
      let (sound, unsound) = (try scan(network(), images), try scan(broken(value), images))
      #expect(sound.count == 2 && unsound.count == 2)
      for (whole, finding) in zip(sound, unsound) {
        #expect(finding.units[2].allSatisfy { $0.value.isFinite })
        for unit in [0, 1, 3, 4, 5] { #expect(finding.units[unit] == whole.units[unit]) }
        #expect(finding.nonFiniteUnits == [2] && finding.nonFinitePictures == 12)
        #expect(whole.nonFiniteUnits.isEmpty && whole.nonFinitePictures == 0)
        #expect(finding.dead == whole.dead)
      }
      // One picture with a single NaN: all its other values still count.
      let one = try scan(network(), images.with(value, at: 5 * 192 + 9))
      #expect(one[0].nonFinitePictures == 1)
      #expect(one[0].units.joined().allSatisfy { $0.value.isFinite })
      for unit in 0..<6 {
        #expect(
          one[0].units[unit].filter { $0.picture != 5 }
            == sound[0].units[unit].filter { $0.picture != 5 })
      }
      #expect(one[0].units.joined().contains { $0.picture == 5 })
    }
  }

  @Test func `are counted in feature maps, which are ordered without them`() throws {
    let picture = Tensor.random([1, 3, 8, 8], seed: 3)
    let findings = try FeatureMapAnalysis().run(
      on: broken(.nan), picture: picture, layers: ["conv1", "relu1", "pool1"])
    #expect(findings.count == 3)
    for finding in findings {
      #expect(finding.nonFinite[2] == finding.maps.count / 6)
      #expect(finding.nonFinite.reduce(0, +) == finding.maps.count / 6)
      #expect(finding.strongest.last == 2 && !finding.zero.contains(2))
      #expect(finding.maxima[2] == -.infinity)
    }
  }

  @Test func `are counted in unit values, which are ordered without them`() throws {
    var sketch = NetworkSketch([1, 1, 4], seed: 1)
    try sketch.add("flat", Flatten())
    try sketch.add("log", Activation(.logarithm))
    let network = try sketch.network()
    let picture = Tensor(shape: [1, 1, 1, 4], [-1, 2, 0, 5])
    let finding = try #require(
      try UnitValueAnalysis().run(on: network, picture: picture, layers: ["log"]).first)
    #expect(finding.nonFinite == [1, 0, 1, 0])
    #expect(finding.strongest == [3, 1, 0, 2])
    #expect(finding.maxima[0] == -.infinity && finding.maxima[2] == -.infinity)
    #expect(finding.rankedBy == nil)
  }

  @Test func `do not come of saturated unit values, which are ordered by those before`() throws {
    var sketch = NetworkSketch([1, 1, 4], seed: 1)
    try sketch.add("flat", Flatten())
    try sketch.add("clip", Activation(.clip(lower: 0, upper: 6)))
    let network = try sketch.network()
    let picture = Tensor(shape: [1, 1, 1, 4], [7, 9, -1, 8])
    let finding = try #require(
      try UnitValueAnalysis().run(on: network, picture: picture, layers: ["clip"]).first)
    #expect(finding.values.elements == [6, 6, 0, 6])
    #expect(finding.strongest == [1, 3, 0, 2] && finding.rankedBy == "flat")
  }

  @Test(arguments: [Float.nan, .infinity])
  func `are left out of norms, medians and duplicates`(value: Float) throws {
    let finding = try FilterAnalysis().run(on: broken(value), layer: "conv1")
    let sound = try FilterAnalysis().run(on: network(), layer: "conv1")
    #expect(finding.nonFinite == [2] && sound.nonFinite.isEmpty)
    #expect(finding.dead == sound.dead)
    #expect(!finding.norms[2].isFinite)
    #expect(finding.nearDuplicates.allSatisfy { $0.first != 2 && $0.second != 2 })
    var network = try network()
    network.parameters["conv1.weight"] = Tensor(shape: [6, 3, 3, 3], repeating: value)
    let none = try FilterAnalysis().run(on: network, layer: "conv1")
    #expect(none.nonFinite == Array(0..<6) && none.dead.isEmpty && none.nearDuplicates.isEmpty)
  }

  @Test(arguments: [Float(1e30), 1e-30, 1e-42])
  func `are not made of great and small filters`(size: Float) throws {
    var network = try network()
    let rows = try #require(network.parameters["conv1.weight"]).with(0.1, at: 3)
    var elements = rows.elements
    for index in 0..<27 { elements[27 + index] = 3 * elements[index] }
    network.parameters["conv1.weight"] = Tensor(shape: rows.shape, elements.map { size * $0 })
    let finding = try FilterAnalysis().run(on: network, layer: "conv1")
    #expect(finding.norms.allSatisfy { $0.isFinite && $0 > 0 })
    #expect(finding.dead.isEmpty)
    #expect(finding.nearDuplicates.first.map { [$0.first, $0.second] } == [0, 1])
  }

  @Test func `leave their pictures out of an embedding`() throws {
    let images = Tensor.random([20, 3, 8, 8], seed: 4)
    let network = try network()
    func finding(_ images: Tensor, _ pictures: [Int]) throws -> EmbeddingFinding? {
      let scan = EmbeddingScan(
        network, layer: "relu1", pooling: .mean, expected: 20, seed: 1)
      scan.observe(network.record(images, keeping: .only(["relu1"])), pictures: pictures)
      return try scan.finding(components: 3)
    }
    let kept = (0..<20).filter { $0 != 7 }
    let all = try #require(try finding(images.with(.nan, at: 7 * 192 + 100), Array(0..<20)))
    let rest = try #require(
      try finding(Tensor(concatenatingRows: kept.map { images.rows($0..<($0 + 1)) }), kept))
    #expect(all.leftOut == [7] && rest.leftOut.isEmpty)
    #expect(all.pictures == kept)
    expectClose(
      all.coordinates.elements, rest.coordinates.elements.map(Double.init), absolute: 1e-5)
    #expect(try finding(images * .nan, Array(0..<20)) == nil)
  }

  @Test func `stop a class model, and only that`() throws {
    var analysis = ClassModelAnalysis()
    (analysis.steps, analysis.shift) = (12, 0)
    let network = try network()
    var broken = network
    broken.parameters["fc.bias"] = network.parameters["fc.bias"]?.with(.infinity, at: 1)
    let sound = analysis.run(on: network, classes: [0, 1, 3])
    let found = analysis.run(on: broken, classes: [0, 1, 3])
    #expect(sound.map(\.stoppedAt) == [nil, nil, nil])
    #expect(found.map(\.stoppedAt) == [nil, 0, nil])
    #expect(found[0].image.elements == sound[0].image.elements)
    #expect(found[1].image.elements.allSatisfy { $0 == 0 })
    let nowhere = try analysis.run(on: self.broken(.nan), classes: [0, 1])
    #expect(nowhere.map(\.stoppedAt) == [0, 0])
    #expect(nowhere.allSatisfy { $0.scores[0].isNaN })
  }

  @Test(arguments: [Float(1e25), 1e-25])
  func `do not come of great or small slopes`(size: Float) throws {
    var analysis = ClassModelAnalysis()
    (analysis.steps, analysis.shift, analysis.penalty) = (12, 0, 0)
    var network = try network()
    network.parameters["fc.weight"] = network.parameters["fc.weight"].map { $0 * size }
    let found = analysis.run(on: network, classes: [0, 1])
    #expect(found.count == 2)
    #expect(found.allSatisfy { $0.stoppedAt == nil && $0.image.isFinite && $0.image.norm > 0.1 })
  }

  @Test func `come last among classes`() {
    let scores = Tensor(shape: [2, 4], [1, .nan, 3, 2, .nan, .nan, .nan, .nan])
    let predictions = Prediction.all(from: scores, by: .softmax)
    #expect(predictions[0].candidates.map(\.index) == [2, 3, 0, 1])
    #expect(predictions.map(\.isFinite) == [false, false])
    #expect(Prediction.all(from: Tensor(shape: [1, 2], [1, 2]), by: .softmax)[0].isFinite)
  }

  @Test func `stay in saliency maps`() throws {
    var network = try network()
    network.parameters["fc.weight"] = network.parameters["fc.weight"]?.with(.nan, at: 0)
    let pictures = Tensor.random([2, 3, 8, 8], seed: 5)
    let found = try SaliencyAnalysis().run(
      on: network, pictures: pictures, targets: [.classIndex(0), .classIndex(0)])
    #expect(found.count == 2)
    #expect(found.allSatisfy { !$0.prediction.isFinite && $0.map.nonFiniteCount > 0 })
  }

  @Test func `are traced to where they began`() throws {
    let picture = Tensor.random([1, 3, 8, 8], seed: 6)
    #expect(try network().nonFiniteOrigin(of: "fc", for: picture) == nil)
    let origin = try #require(try broken(.nan).nonFiniteOrigin(of: "fc", for: picture))
    #expect(
      origin.description
        == "36 of 216 values of 'conv1' (convolution) are not finite, with weights "
        + "'conv1.weight' that are not")
    var late = try network()
    late.parameters["fc.weight"] = late.parameters["fc.weight"].map { $0 * 3e38 }
    let overflow = try #require(late.nonFiniteOrigin(of: "fc", for: picture))
    #expect(overflow.node == "fc")
  }

  @Test func `are passed by where they only mask`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.add(
      "mask", Constant(), of: [],
      parameters: [("mask", Tensor(shape: [1, 3, 1, 1], [0, -.infinity, 0]))])
    try sketch.add("masked", Arithmetic(.add), of: ["input", "mask"])
    try sketch.add("softmax", Softmax(axis: 1))
    try sketch.convolution("conv", filters: 2, Convolution(3))
    try sketch.add("relu", Activation.relu)
    var network = try sketch.network()
    let picture = Tensor.random([1, 3, 8, 8], seed: 6)
    #expect(network.nonFiniteOrigin(of: "relu", for: picture) == nil)
    network.parameters["conv.bias"] = Tensor(shape: [2], [0, .nan])
    #expect(network.nonFiniteOrigin(of: "relu", for: picture)?.node == "conv")
  }
}
