import Analysis
import Checkpoints
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Class saliency` {
  private func pictures(_ network: Network, count: Int = 2) -> Tensor {
    .random(Shape([count] + network.graph.inputShape.extents), seed: 7)
  }

  @Test func `says when a rule changes nothing, or says nothing of the picture`() throws {
    func network(_ nodes: (inout NetworkSketch) throws -> Void) throws -> Network {
      var sketch = NetworkSketch([3, 8, 8], seed: 1)
      try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
      try nodes(&sketch)
      try sketch.add("flat", Flatten())
      try sketch.linear("fc", outputs: 4)
      return try sketch.network()
    }
    func remark(_ name: String, _ network: Network) throws -> String {
      let finding = try SaliencyAnalysis(method: try attributionMethod(name)).run(
        on: network, pictures: pictures(network, count: 1), targets: [.classIndex(1)])[0]
      return finding.remark
    }
    let smooth = try network { try $0.add("tanh", Activation.tanh) }
    let plain = try network { try $0.add("relu", Activation.relu) }
    let pooled = try network {
      try $0.add("relu", Activation.relu)
      try $0.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    }
    let guided = "The network has no ReLU, so guided backpropagation is the plain gradient."
    #expect(try remark("guided-backpropagation", smooth) == guided)
    #expect(try remark("guided-grad-cam", smooth).hasSuffix(guided))
    #expect(
      try remark("deconvnet", smooth)
        == "The network has no ReLU, so the deconvnet is the plain gradient.")
    #expect(
      try remark("deconvnet", plain)
        == "The network has no max pooling, nor another layer whose backward pass depends on the "
        + "picture, so the deconvnet's map of a class is the same for every picture.")
    for name in ["guided-backpropagation", "gradient"] {
      #expect(try remark(name, plain) == "" && remark(name, pooled) == "")
    }
    #expect(try remark("deconvnet", pooled) == "" && remark("gradient", smooth) == "")
  }

  @Test(arguments: 0..<5)
  func `is the score's steepest slope over a pixel's channels`(seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    let pictures = pictures(network)
    let findings = try SaliencyAnalysis().run(
      on: network, pictures: pictures, targets: [.classIndex(3), .classIndex(0)])
    #expect(findings.map(\.classIndex) == [3, 0])
    let (h, w) = (pictures.shape[2], pictures.shape[3])
    for (row, finding) in findings.enumerated() {
      #expect(finding.map.shape == [h, w])
      #expect(finding.attribution.shape == [1, 3, h, w])
      let picture = pictures.rows(row..<(row + 1))
      let scale = finding.map.reduce(Float(0), max)
      for (y, x) in [(0, 0), (h / 2, w / 2), (h / 3, w - 3), (h - 4, 2)] {
        let slopes = (0..<3).map { channel -> Double in
          let pixel = Tensor(
            shape: picture.shape,
            picture.elements.indices.map { $0 == (channel * h + y) * w + x ? 1 : 0 })
          return centralDifference(
            of: {
              Double(network.record($0, keeping: .only([])).scores.elements[finding.classIndex])
            }, at: picture, along: pixel, step: 2e-2)
        }
        let expected = slopes.map(abs).max() ?? 0
        #expect(abs(Double(finding.map.elements[y * w + x]) - expected) < 5e-3 * Double(scale))
      }
    }
  }

  @Test func `takes the class by rank or by index`() throws {
    let network = try Network.random(seed: 2)
    let pictures = pictures(network)
    func run(_ targets: [ScoreSelection]) throws -> [SaliencyFinding] {
      try SaliencyAnalysis().run(on: network, pictures: pictures, targets: targets)
    }
    let first = try run([.choice(0), .choice(1)])
    for (row, finding) in first.enumerated() {
      let order = finding.prediction.candidates.map(\.index)
      #expect(finding.classIndex == order[row])
      let scores = network.record(pictures, keeping: .forGradient()).scores
        .elements[(row * 5)..<(row * 5 + 5)]
      #expect(finding.prediction.candidates[0].score == scores.max())
    }
    let same = try run(first.map { .classIndex($0.classIndex) })
    for (a, b) in zip(first, same) { #expect(a.map.elements == b.map.elements) }
    // A choice beyond the last class means the last class.
    #expect(
      try run([.choice(99), .choice(0)])[0].classIndex
        == first[0].prediction.candidates.last?.index)
  }

  /// Simonyan et al. (2014), section 3.1: before softmax, whose gradient depends on the other
  /// classes.
  @Test(.slow, arguments: attributionMethods.map(\.name))
  func `is that of the score before softmax`(name: String) throws {
    func network(_ closing: [(String, any Operation)]) throws -> Network {
      var sketch = NetworkSketch([3, 9, 9], seed: 3)
      try sketch.convolution("conv", filters: 6, Convolution(3))
      try sketch.add("relu", Activation.relu)
      try sketch.convolution("head", filters: 4, Convolution(1))
      try sketch.add("gap", GlobalPool())
      for (name, operation) in closing { try sketch.add(name, operation) }
      return try sketch.network()
    }
    let endings: [[(String, any Operation)]] = [
      [("flatten", Flatten())],
      [("flatten", Flatten()), ("softmax", Softmax())],
      [("softmax", Softmax())],
      [("softmax", Softmax()), ("flatten", Flatten())],
    ]
    let images = Tensor.random([2, 3, 9, 9], seed: 1)
    func maps(_ closing: [(String, any Operation)]) throws -> [SaliencyFinding] {
      try SaliencyAnalysis(method: attributionMethod(name)).run(
        on: try network(closing), pictures: images, targets: [.choice(0), .classIndex(2)])
    }
    let plain = try maps([])
    for closing in endings {
      let closed = try maps(closing)
      #expect(plain.count == 2 && closed.count == 2)
      for (a, b) in zip(plain, closed) {
        #expect(a.classIndex == b.classIndex)
        #expect(a.map.elements == b.map.elements)
        #expect(a.prediction == b.prediction)
      }
    }
  }

  @Test(
    .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"),
    arguments: ReferenceNetwork.allCases)
  func `agrees with Captum's`(reference: ReferenceNetwork) throws {
    let (network, expected) = try reference.load()
    let targets = try expected.tensor("target").elements.map { Int($0) }
    let (input, maps) = (try expected.tensor("input"), try expected.tensor("saliency.maxabs"))
    let findings = try SaliencyAnalysis().run(
      on: network, pictures: input, targets: targets.map { .classIndex($0) })
    #expect(findings.count == input.shape[0])
    for (row, finding) in findings.enumerated() {
      let map = maps.rows(row..<(row + 1)).reshaped(to: finding.map.shape)
      expectClose(finding.map, map, relativeNorm: 1e-3, reference.rawValue)
    }
  }
}
