import Analysis
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Class models` {
  private func analysis(steps: Int, shift: Int = 0, seed: UInt64 = 1) -> ClassModelAnalysis {
    var analysis = ClassModelAnalysis()
    (analysis.steps, analysis.shift, analysis.seed) = (steps, shift, seed)
    return analysis
  }

  private func objective(_ finding: ClassModelFinding, _ network: Network, _ penalty: Float)
    -> Float
  {
    let score = network.record(finding.image).scores.elements[finding.classIndex]
    return score - penalty * finding.image.norm * finding.image.norm
  }

  @Test(arguments: 0..<4)
  func `raise the score less λ‖I‖²`(seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    var analysis = analysis(steps: 0)
    var last: [Float] = [-.infinity, -.infinity]
    for steps in [0, 5, 20, 60] {
      analysis.steps = steps
      let findings = analysis.run(on: network, classes: [1, 4])
      #expect(findings.map(\.classIndex) == [1, 4])
      for (row, finding) in findings.enumerated() {
        let value = objective(finding, network, analysis.penalty)
        #expect(value > last[row], "class \(finding.classIndex) after \(steps) steps")
        last[row] = value
        #expect(finding.scores.count == steps + 1)
        #expect(
          abs(
            finding.scores[steps]
              - network.record(finding.image).scores.elements[finding.classIndex]) < 1e-4)
      }
    }
  }

  @Test(arguments: 0..<3)
  func `are scored as they are shown`(seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    var analysis = analysis(steps: 30)
    analysis.rate = 0.3
    let findings = analysis.run(on: network, classes: [1, 4])
    let channels = network.graph.inputShape[0]
    let low = (0..<channels).map { -0.2 - 0.1 * Float($0) }
    let high = (0..<channels).map { 0.1 + 0.1 * Float($0) }
    let shown = ShownPicture.all(
      of: findings, on: network, within: PixelRange(low: low, high: high))
    #expect(shown.count == 2)
    for (finding, shown) in zip(findings, shown) {
      let image = finding.image.arranged(as: .rowMajor)
      let size = image.count / channels
      var (values, outside) = (image.elements, 0)
      for index in values.indices {
        let limited = min(max(values[index], low[index / size]), high[index / size])
        if limited != values[index] { outside += 1 }
        values[index] = limited
      }
      #expect(shown.clippedShare == Double(outside) / Double(image.count) && outside > 0)
      let recording = network.record(Tensor(shape: image.shape, values))
      #expect(abs(shown.score - recording.scores.elements[finding.classIndex]) < 1e-4)
      let probability = try #require(shown.probability)
      let exact = recording.scores.elements.map { exp(Double($0)) }
      #expect(
        abs(Double(probability) - exact[finding.classIndex] / exact.reduce(0, +)) < 1e-5)
    }
    // Within the range, nothing changes.
    let wide = ShownPicture.all(
      of: findings, on: network,
      within: PixelRange(
        low: low.map { _ in -1e9 }, high: high.map { _ in 1e9 }))
    for (finding, wide) in zip(findings, wide) {
      #expect(wide.clippedShare == 0 && abs(wide.score - (finding.scores.last ?? 0)) < 1e-4)
    }
  }

  @Test(.slow) func `stay smaller under a greater λ`() throws {
    let network = try Network.random(seed: 1, smooth: true)
    let norms = [Float(0), 0.1, 10].map { penalty -> Float in
      var analysis = analysis(steps: 100)
      analysis.penalty = penalty
      return analysis.run(on: network, classes: [2])[0].image.norm
    }
    #expect(norms[1] < norms[0])
    #expect(norms[2] < norms[1] / 2)
  }

  /// A network that takes grey levels, and the same on standardized input.
  @Test func `do not depend on the input's units`() throws {
    let network = try Network.random(seed: 2, smooth: true)
    var standardized = network
    standardized.parameters["conv1.weight"] = network.parameters["conv1.weight"].map { $0 * 64 }
    var analysis = analysis(steps: 20)
    let expected = analysis.run(on: standardized, classes: [3])[0].image.elements
    analysis.contrast = 64
    let found = analysis.run(on: network, classes: [3])[0].image.elements
    expectClose(found, expected.map { Double($0) * 64 }, relative: 1e-3, absolute: 1e-2)
    #expect(found.contains { abs($0) > 1 })
  }

  @Test func `start from the zero image`() throws {
    let network = try Network.random(seed: 1)
    let finding = analysis(steps: 0).run(on: network, classes: [2])[0]
    #expect(finding.image.elements.allSatisfy { $0 == 0 })
    #expect(finding.image.shape == Shape([1] + network.graph.inputShape.extents))
    let scores = network.record(finding.image).scores.elements
    #expect(finding.scores == [scores[2]])
  }

  /// Without biases, every ReLU is inactive at zero, and there is no gradient to ascend.
  @Test(arguments: [0, 2])
  func `leave a zero image that is silent`(shift: Int) throws {
    let network = try Architecture.alexnetSmall.blueprint(classes: 4, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    let findings = analysis(steps: 40, shift: shift).run(on: network, classes: [0, 3])
    #expect(findings.map(\.classIndex) == [0, 3])
    for finding in findings {
      #expect(finding.scores[0] == 0)
      #expect((finding.scores.last ?? 0) > 0.5)
      #expect(finding.probability ?? 0 > 0.25)
    }
  }

  @Test(.slow, arguments: [0, 1])
  func `are the same alone and among others`(shift: Int) throws {
    // Inactive at first, so that random steps are taken; then smooth.
    let networks = [
      try Network.random(seed: 2, smooth: true),
      try Architecture.lenet5.blueprint(inputShape: [1, 16, 16])
        .network(seed: 1, initialization: .he),
    ]
    for (network, steps) in zip(networks, [30, 1]) {
      let analysis = analysis(steps: steps, shift: shift)
      let together = analysis.run(on: network, classes: [0, 3, 2])
      #expect(together.map(\.classIndex) == [0, 3, 2])
      for finding in together {
        let alone = analysis.run(on: network, classes: [finding.classIndex])[0]
        expectClose(finding.image, alone.image, relativeNorm: 1e-3, "class \(finding.classIndex)")
      }
    }
  }

  @Test func `with shifts are the same for the same seed only`() throws {
    let network = try Network.random(seed: 2, smooth: true)
    func image(_ seed: UInt64) -> [Float] {
      analysis(steps: 20, shift: 3, seed: seed).run(on: network, classes: [1])[0].image.elements
    }
    #expect(image(1) == image(1))
    #expect(image(1) != image(2))
    #expect(ClassModelAnalysis().shift(on: network) == 0)
    let larger = try Architecture.alexnetSmall.blueprint().network(seed: 1, initialization: .he)
    #expect(ClassModelAnalysis().shift(on: larger) == 4)
  }

  /// Every step again, with differences for gradients.
  @Test(arguments: [(0, 1, 0), (2, 1, 0), (1, 57.6, 0.05), (0, 57.6, 0.3)])
  func `take the steps of a slow restatement in Double`(
    shift: Int, contrast: Float, penalty: Float
  ) throws {
    for isSilent in [false, true] {
      let network = try SlowClassModel.network(contrast: contrast, isSilent: isSilent)
      var analysis = analysis(steps: 9, shift: shift, seed: 5)
      (analysis.rate, analysis.contrast, analysis.penalty) = (0.07, contrast, penalty)
      for finding in analysis.run(on: network, classes: [3, 1]) {
        var slow = SlowClassModel(
          network, classIndex: finding.classIndex, isSilent: isSilent)
        let scores = slow.ascend(analysis, shift: shift)
        expectClose(
          finding.image.elements, slow.picture, relative: 1e-3, absolute: 1e-4 * Double(contrast),
          "class \(finding.classIndex)")
        expectClose(finding.scores, scores, relative: 1e-3, absolute: 1e-4)
        #expect(finding.image.norm > 0.5 * contrast)
      }
    }
  }
}

/// Convolution, activation and linear layer as loops, and the ascent of their class score.
private struct SlowClassModel {
  static let extents = [2, 4, 5]
  private static let filterCount = 3
  private let classIndex: Int
  private let filters, bias, weights, lastBias: [Double]
  private let isSilent: Bool
  /// `[C, H, W]` in row-major order.
  private(set) var picture = [Double](repeating: 0, count: Self.extents.reduce(1, *))

  /// - Parameter isSilent: Whether no unit of the first layer is active for the zero image.
  static func network(contrast: Float, isSilent: Bool) throws -> Network {
    var sketch = NetworkSketch(Shape(extents), seed: 3)
    try sketch.convolution("conv", filters: filterCount, Convolution(3, padding: 1))
    try sketch.add("active", isSilent ? Activation.relu : Activation.tanh)
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 4)
    var network = try sketch.network()
    network.parameters["conv.weight"] = network.parameters["conv.weight"]?.map { $0 / contrast }
    if isSilent {
      network.parameters["conv.bias"] = network.parameters["conv.bias"]?.map { _ in -0.01 }
    }
    return network
  }

  init(_ network: Network, classIndex: Int, isSilent: Bool) {
    func numbers(_ name: String) -> [Double] {
      network.parameters[name]?.elements.map(Double.init) ?? []
    }
    (filters, bias) = (numbers("conv.weight"), numbers("conv.bias"))
    (weights, lastBias) = (numbers("fc.weight"), numbers("fc.bias"))
    (self.classIndex, self.isSilent) = (classIndex, isSilent)
  }

  /// The class score of the picture moved down and right.
  private func score(_ picture: [Double], _ down: Int, _ right: Int) -> Double {
    let (c, h, w) = (Self.extents[0], Self.extents[1], Self.extents[2])
    func pixel(_ channel: Int, _ y: Int, _ x: Int) -> Double {
      guard (0..<h).contains(y), (0..<w).contains(x) else { return 0 }
      return picture[(channel * h + (y - down + h) % h) * w + (x - right + w) % w]
    }
    var score = lastBias[classIndex]
    for place in 0..<(Self.filterCount * h * w) {
      let (filter, y, x) = (place / (h * w), place / w % h, place % w)
      var sum = bias[filter]
      for tap in 0..<(c * 9) {
        sum +=
          filters[filter * c * 9 + tap] * pixel(tap / 9, y + tap / 3 % 3 - 1, x + tap % 3 - 1)
      }
      score +=
        weights[classIndex * Self.filterCount * h * w + place]
        * (isSilent ? max(sum, 0) : tanh(sum))
    }
    return score
  }

  /// The scores before each step and at the end.
  mutating func ascend(_ analysis: ClassModelAnalysis, shift: Int) -> [Double] {
    var shifts = SeededGenerator(seed: analysis.seed)
    let (unit, penalty) = (Double(analysis.contrast), Double(analysis.penalty))
    var scores: [Double] = []
    for step in 0..<analysis.steps {
      let down = shift > 0 ? Int.random(in: -shift...shift, using: &shifts) : 0
      let right = shift > 0 ? Int.random(in: -shift...shift, using: &shifts) : 0
      scores.append(score(picture, down, right))
      let slopes = picture.indices.map { index in
        let size = 1e-5 * unit
        var (more, less) = (picture, picture)
        (more[index], less[index]) = (picture[index] + size, picture[index] - size)
        return (score(more, down, right) - score(less, down, right)) / (2 * size)
      }
      guard slopes.contains(where: { $0 != 0 }) else {
        var random = SeededGenerator(seed: analysis.seed, path: step, classIndex)
        // In the order of memory, with the channels last.
        let (channels, area) = (Self.extents[0], picture.count / Self.extents[0])
        for index in picture.indices {
          picture[index % channels * area + index / channels] +=
            0.2 * unit * Double(random.normal())
        }
        continue
      }
      let direction = picture.indices.map { unit * slopes[$0] - 2 * penalty * picture[$0] / unit }
      let size = (direction.reduce(0) { $0 + $1 * $1 } / Double(direction.count)).squareRoot()
      let share = 1 - 0.9 * Double(step) / Double(analysis.steps - 1)
      for index in picture.indices {
        picture[index] += Double(analysis.rate) * share * unit * direction[index] / size
      }
    }
    return scores + [score(picture, 0, 0)]
  }
}
