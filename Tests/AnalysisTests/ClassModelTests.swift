import Analysis
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

  @Test func `stay smaller under a greater λ`() throws {
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
    for finding in analysis(steps: 40, shift: shift).run(on: network, classes: [0, 3]) {
      #expect(finding.scores[0] == 0)
      #expect((finding.scores.last ?? 0) > 0.5)
      #expect(finding.probability > 0.25)
    }
  }

  @Test(arguments: [0, 1])
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
}
