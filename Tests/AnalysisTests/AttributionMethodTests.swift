import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Attribution methods` {
  /// With few steps and samples, so that tests are quick.
  private static func method(_ name: String) throws -> any AttributionMethod {
    let method = try attributionMethod(name)
    return try method.with(
      ["steps": "4", "samples": "4"].filter { entry in
        method.settings.contains { $0.name == entry.key }
      })
  }

  private static func pictures(_ network: Network, count: Int = 3, seed: Int = 7) -> Tensor {
    .random(Shape([count] + network.graph.inputShape.extents), seed: seed)
  }

  /// Squeeze-and-excitation, hard-swish as a product, a product of matrices, extremes, quotients,
  /// normalizations that are not fused, resizing.
  private static func strange(seed: Int) throws -> Network {
    var sketch = NetworkSketch([3, 10, 10], seed: seed)
    try sketch.add("two", Constant(), of: [], parameters: [("two", Tensor(shape: [], [2]))])
    try sketch.add("scaled", Arithmetic(.divide), of: ["input", "two"])
    try sketch.convolution("conv1", filters: 6, Convolution(3, stride: 2, padding: 1))
    try sketch.add("gate1", Activation(.hardSigmoid(alpha: 1 / 6, beta: 0.5)))
    try sketch.add("swish", Arithmetic(.multiply), of: ["conv1", "gate1"])
    try sketch.batchNormalization("norm1")
    try sketch.add("squeeze", GlobalPool())
    try sketch.convolution("excite", filters: 6, Convolution(1))
    try sketch.add("gate2", Activation.sigmoid)
    try sketch.add("excited", Arithmetic(.multiply), of: ["norm1", "gate2"])
    try sketch.add(
      "norm2", LocalResponseNormalization(LocalResponse(size: 3, alpha: 0.3, beta: 0.75, k: 1)))
    try sketch.add("pad", Pad(before: [0, 0, 1, 1], after: [0, 0, 0, 0]))
    try sketch.convolution("depthwise", filters: 6, Convolution(3, groups: 6))
    try sketch.add("mish", Activation(.mish))
    try sketch.add("turned", Transpose([0, 1, 3, 2]))
    try sketch.add("product", MatrixProduct(), of: ["mish", "turned"])
    try sketch.add("power", Arithmetic(.power), of: ["product", "two"])
    try sketch.add("less", Arithmetic(.subtract), of: ["product", "power"])
    try sketch.add("least", Arithmetic(.minimum), of: ["less", "two"])
    try sketch.add(
      "larger", Resample(ResamplingRule(mode: .linear), axes: [2, 3], extents: [7, 7]))
    try sketch.add("slice", Slice(axes: [2], starts: [1], ends: [6], steps: [1]))
    try sketch.add("squares", Reduce(.sumOfSquares, axes: [3], keepsAxes: true))
    try sketch.add("norm", LpPool(PoolingGeometry(window: 1, stride: 1), p: 2))
    try sketch.add("soft", Softmax())
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 4)
    return try sketch.network()
  }

  @Test func `have names of their own, and say whose they are`() {
    let names = attributionMethods.map(\.name)
    #expect(
      names == [
        "gradient", "guided-backpropagation", "deconvnet", "gradient-times-input", "smoothgrad",
        "vargrad", "integrated-gradients", "grad-cam", "grad-cam++", "layer-cam",
        "guided-grad-cam", "lrp-epsilon-plus-flat", "lrp-epsilon-gamma-box",
        "lrp-epsilon-alpha2-beta1-flat",
      ])
    for method in attributionMethods {
      #expect(method.citation.contains(/(19|20)\d\d/), "\(method.name)")
      #expect(!method.explanation(of: "score").hasSuffix("."), "\(method.name)")
    }
  }

  @Test(.slow, arguments: attributionMethods.map(\.name), 0..<8)
  func `give finite maps of the right shape and change nothing`(name: String, seed: Int) throws {
    let network = try seed < 6 ? Network.random(seed: seed) : Self.strange(seed: seed)
    let pictures = Self.pictures(network)
    let before = network.record(pictures).scores.elements
    let method = try Self.method(name)
    let findings = try SaliencyAnalysis(method: method).run(
      on: network, pictures: pictures, targets: [.choice(0), .classIndex(2), .choice(1)])
    let size = network.graph.inputShape.spatialOfPicture
    for finding in findings {
      #expect(finding.map.shape == Shape(size))
      #expect(finding.map.isFinite)
      #expect([1, 3].contains(finding.attribution.shape[1]))
      #expect(finding.method.isSigned || finding.map.elements.allSatisfy { $0 >= 0 })
    }
    #expect(findings.contains { !$0.isZero })
    #expect(network.record(pictures).scores.elements == before)
  }

  @Test(.slow, arguments: attributionMethods.map(\.name), 0..<4)
  func `do not depend on the batch`(name: String, seed: Int) throws {
    let network = try Network.random(seed: seed)
    let pictures = Self.pictures(network)
    let method = try Self.method(name)
    let targets: [ScoreSelection] = [.classIndex(0), .classIndex(3), .classIndex(1)]
    let together = ExplainedBatch(pictures, of: network)
    let maps = method.attribute(together.scores(targets), of: together).maps
    for row in 0..<3 {
      let alone = ExplainedBatch(pictures.rows(row..<(row + 1)), of: network, indices: [row])
      let map = method.attribute(alone.scores([targets[row]]), of: alone).maps
      expectClose(maps.rows(row..<(row + 1)), map, relativeNorm: 1e-4, "\(name), picture \(row)")
    }
  }

  /// One batch for all methods and several classes, in whatever order.
  @Test(.slow, arguments: 0..<2) func `share the runs of a batch`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let pictures = Self.pictures(network)
    let shared = ExplainedBatch(pictures, of: network)
    for rank in 0..<2 {
      for name in attributionMethods.map(\.name) + ["gradient"] {
        let analysis = SaliencyAnalysis(method: try Self.method(name))
        let targets = [ScoreSelection](repeating: .choice(rank), count: 3)
        let findings = analysis.run(on: shared, scores: targets)
        let own = try analysis.run(on: network, pictures: pictures, targets: targets)
        #expect(findings.count == 3 && own.count == 3)
        for (a, b) in zip(findings, own) {
          #expect(a.classIndex == b.classIndex)
          expectClose(a.map, b.map, relativeNorm: 1e-5, name)
        }
      }
    }
  }

  @Test(arguments: [
    ("smoothgrad", ["samples": "0"], "samples: expected an integer from 1 to 10000, found '0'"),
    ("smoothgrad", ["noise": "much"], "noise: expected a number from 0 to 10, found 'much'"),
    ("vargrad", ["seed": "-1"], "seed: expected an integer from 0 on, found '-1'"),
    (
      "integrated-gradients", ["baseline": "1,"],
      "baseline: expected one number, or one per channel separated by commas, found '1,'"
    ),
    (
      "smoothgrad", ["steps": "5"],
      "method 'smoothgrad' has no parameter 'steps'; its parameters are 'samples', 'noise', 'seed'"
    ),
    (
      "gradient", ["layer": "a"],
      "method 'gradient' has no parameter 'layer'; it has no parameters"
    ),
    (
      "grad-cam", ["gamma": "1"],
      "method 'grad-cam' has no parameter 'gamma'; its parameters are 'layer'"
    ),
    (
      "lrp-epsilon-plus-flat", ["epsilon": "0"],
      "epsilon: expected a number from 1e-12 to 1000000, found '0'"
    ),
    (
      "grad-cam+", [:],
      "no method 'grad-cam+'; did you mean 'grad-cam++'?"
    ),
  ])
  func `refuse parameters that are none`(
    name: String, given: [String: String], message: String
  ) {
    #expect(throws: SelectionError(message)) { try attributionMethod(name, given) }
  }

  @Test func `refuse before any work what the network does not have`() throws {
    let network = try Network.random(seed: 0)
    func message(_ name: String, _ given: [String: String]) -> String {
      do throws(SelectionError) {
        try attributionMethod(name, given).check(network)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      message("grad-cam", ["layer": "conv4"])
        == "layer: no layer 'conv4'; did you mean 'conv1', 'conv3'?")
    #expect(
      message("layer-cam", ["layer": "fc"]).hasPrefix("layer: 'fc' has no maps of more than one"))
    #expect(
      message("guided-grad-cam", ["layer": "flatten"])
        .hasPrefix("layer: 'flatten' has no maps of more than one position"))
    #expect(
      message("integrated-gradients", ["baseline": "1,2"])
        == "baseline: expected one number or one for each of 3 channels, found 2")
    #expect(message("lrp-epsilon-gamma-box", ["high": "1,2,3"]) == "")
    #expect(message("grad-cam", ["layer": "conv1"]) == "")
  }

  @Test func `class activation maps take the last layer with spatial extent and say so`() throws {
    let network = try Network.random(seed: 1)
    let finding = try SaliencyAnalysis(method: attributionMethod("grad-cam")).run(
      on: network, pictures: Self.pictures(network, count: 1), targets: [.choice(0)])[0]
    let size = try #require(network.shapes["relu3"]).spatial.map(String.init)
    #expect(
      finding.remark == "The layer is relu3, the last with spatial extent, of "
        + "\(size.joined(separator: "×")) positions.")
    #expect(finding.layerMap?.shape.spatial == network.shapes["relu3"]?.spatial)
  }

  /// Sundararajan et al. (2017), proposition 1.
  @Test(.slow, arguments: 0..<4) func `integrated gradients are complete`(seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    let pictures = Self.pictures(network)
    let found = try SaliencyAnalysis(
      method: attributionMethod("integrated-gradients", ["steps": "100", "baseline": "0.25"])
    ).run(on: network, pictures: pictures, targets: [.classIndex(0), .choice(0), .choice(1)])
    #expect(found.count == 3)
    let start = network.record(pictures.map { _ in 0.25 }).scores
    for (row, finding) in found.enumerated() {
      let check = try #require(finding.check)
      let scores = network.record(pictures).scores
      let place = row * scores.shape[1] + finding.classIndex
      #expect(check.kind == .completeness)
      #expect(abs(check.expected - Double(scores.elements[place] - start.elements[place])) < 1e-4)
      #expect(abs(check.sum - Double(finding.attribution.sum())) < 1e-4)
      #expect(abs(check.gap) < 1e-3 * max(abs(check.expected), 0.1))
    }
  }

  /// Smilkov et al. (2017), section 3, and Adebayo et al. (2018), again one copy at a time.
  @Test(arguments: 0..<3) func `noise is that of the seed, the picture and the copy`(seed: Int)
    throws
  {
    let network = try Network.random(seed: seed)
    let pictures = Self.pictures(network, count: 2)
    let (samples, noise) = (5, 0.2)
    let given = ["samples": "\(samples)", "noise": "\(noise)", "seed": "11"]
    let batch = ExplainedBatch(pictures, of: network, indices: [4, 9])
    let scores = batch.scores([.classIndex(1), .classIndex(2)])
    let smooth = try attributionMethod("smoothgrad", given).attribute(scores, of: batch).maps
    let variance = try attributionMethod("vargrad", given).attribute(scores, of: batch).maps
    for (row, index) in [4, 9].enumerated() {
      let picture = pictures.rows(row..<(row + 1))
      let range = (picture.elements.max() ?? 0) - (picture.elements.min() ?? 0)
      let gradients = (0..<samples).map { sample -> [Double] in
        var generator = SeededGenerator(seed: 11, path: index, sample)
        let copy = Tensor(
          shape: picture.shape,
          picture.elements.map { $0 + Float(noise) * range * generator.normal() })
        let signal = Tensor(shape: [1, 5], (0..<5).map { $0 == row + 1 ? 1 : 0 })
        return network.record(copy).propagate(signal, from: network.graph.scoreName)
          .input.elements.map { Double($0) }
      }
      let means = gradients[0].indices.map { place in
        gradients.reduce(0) { $0 + $1[place] } / Double(samples)
      }
      let squares = means.indices.map { place in
        gradients.reduce(0) { $0 + ($1[place] - means[place]) * ($1[place] - means[place]) }
          / Double(samples)
      }
      let size = means.map(abs).max() ?? 0
      expectClose(smooth.rows(row..<(row + 1)).elements, means, absolute: 1e-5 * size)
      expectClose(
        variance.rows(row..<(row + 1)).elements, squares, absolute: 1e-5 * (squares.max() ?? 0))
    }
  }

  /// zᴮ for pixels between black and white, or the picture's own ends where these are not known.
  @Test func `the box is that of valid pixels, moved out to the picture`() throws {
    let network = try Network.random(seed: 3)
    let pictures = Self.pictures(network, count: 2)
    func map(_ range: PixelRange?, _ given: [String: String] = [:]) throws -> Attribution {
      let batch = ExplainedBatch(pictures, of: network, validRange: range)
      return try attributionMethod("lrp-epsilon-gamma-box", given)
        .attribute(batch.scores([.choice(0), .choice(0)]), of: batch)
    }
    let wide = PixelRange(low: [-9, -8, -7], high: [7, 8, 9])
    let known = try map(wide)
    #expect(known.remark.hasPrefix("Pixels are assumed to lie between black and white, or within"))
    expectClose(
      known.maps, try map(nil, ["low": "-9,-8,-7", "high": "7,8,9"]).maps, relativeNorm: 1e-6)
    let own = try map(nil)
    #expect(own.remark.hasPrefix("Pixels are assumed to lie between each picture's lowest and"))
    // No box is smaller than the picture.
    let none = try map(PixelRange(low: [0, 0, 0], high: [0, 0, 0]))
    expectClose(own.maps, none.maps, relativeNorm: 0)
  }

  /// Relevance where there are no biases: the score, whole.
  @Test(
    arguments: [
      "lrp-epsilon-plus-flat", "lrp-epsilon-gamma-box", "lrp-epsilon-alpha2-beta1-flat",
    ], 0..<6)
  func `relevance adds up to the score`(name: String, seed: Int) throws {
    var sketch = NetworkSketch([3, 12, 12], seed: seed)
    try sketch.convolution("conv1", filters: 6, Convolution(3))
    try sketch.add("relu1", Activation.relu)
    try sketch.convolution("conv2", filters: 6, Convolution(3, padding: 1))
    try sketch.add("relu2", Activation.relu)
    try sketch.add("sum", Arithmetic(.add), of: ["relu1", "relu2"])
    try sketch.add("pool", AveragePool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    var network = try sketch.network()
    for name in network.parameters.names where name.hasSuffix("bias") {
      network.parameters[name] = network.parameters[name].map { $0 * 0 }
    }
    let findings = try SaliencyAnalysis(method: attributionMethod(name)).run(
      on: network, pictures: Self.pictures(network, count: 2), targets: [.choice(0), .choice(2)])
    #expect(findings.count == 2)
    for finding in findings {
      let check = try #require(finding.check)
      let score = try #require(finding.prediction[finding.classIndex]).score
      #expect(check.kind == .conservation)
      #expect(abs(check.expected - Double(score)) < 1e-5 * Double(abs(score)))
      #expect(abs(check.sum - Double(finding.map.sum())) < 1e-4 * abs(check.sum))
      #expect(abs(check.gap) < 2e-3 * abs(check.expected), "\(check)")
    }
  }
}

extension Shape {
  /// `[H, W]` of `[C, H, W]`.
  fileprivate var spatialOfPicture: [Int] { Array(extents.dropFirst()) }
}
