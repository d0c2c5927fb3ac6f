import TensorCore
import Testing
import Training

/// The published formulas, slowly and in `Double`.
private struct SlowOptimizer {
  let settings: OptimizerSettings
  var step = 0
  var first: [Double] = []
  var second: [Double] = []

  init(_ settings: OptimizerSettings) { self.settings = settings }

  mutating func update(_ weights: inout [Double], along gradient: [Double], rate: Double) {
    step += 1
    if first.isEmpty {
      first = weights.map { _ in 0 }
      second = first
    }
    let (firstBeta, secondBeta) = (settings.betas[0], settings.betas[1])
    for index in weights.indices {
      var slope = gradient[index]
      if settings.name == .adamw {
        weights[index] -= rate * settings.weightDecay * weights[index]
      } else {
        slope += settings.weightDecay * weights[index]
      }
      switch settings.name {
      case .sgd:
        first[index] = settings.momentum * first[index] + slope
        weights[index] -=
          rate * (settings.nesterov ? slope + settings.momentum * first[index] : first[index])
      case .adam, .adamw:
        first[index] = firstBeta * first[index] + (1 - firstBeta) * slope
        second[index] = secondBeta * second[index] + (1 - secondBeta) * slope * slope
        var (forgottenFirst, forgottenSecond) = (1.0, 1.0)
        for _ in 0..<step {
          forgottenFirst *= firstBeta
          forgottenSecond *= secondBeta
        }
        let mean = first[index] / (1 - forgottenFirst)
        let square = second[index] / (1 - forgottenSecond)
        weights[index] -= rate * mean / (square.squareRoot() + settings.epsilon)
      }
    }
  }
}

@Suite struct Optimizers {
  /// The output of `Fixtures/pytorch.py`: four weights after three steps with rate 0.1.
  private static let pyTorch: [(settings: OptimizerSettings, weights: [Float])] = [
    (OptimizerSettings(momentum: 0), [0.7, -1.8, 0.35, -1.2]),
    (
      OptimizerSettings(momentum: 0, weightDecay: 0.05),
      [0.686_073_6, -1.770_147, 0.343_036_8, -1.196_005]
    ),
    (
      OptimizerSettings(momentum: 0.9, weightDecay: 0.05),
      [0.498_018_6, -1.754_037, 0.249_009_3, -1.896_205]
    ),
    (
      OptimizerSettings(momentum: 0.9, nesterov: true, weightDecay: 0.05),
      [0.236_522_8, -1.549_826, 0.118_261_4, -2.894_316]
    ),
    (OptimizerSettings(name: .adam), [0.707_681_7, -1.902_286, 0.207_681_7, -0.292_318_3]),
    (
      OptimizerSettings(name: .adam, weightDecay: 0.05, betas: [0.8, 0.95], epsilon: 1e-3),
      [0.703_888_3, -1.894_537, 0.204_194, -0.295_536_2]
    ),
    (
      OptimizerSettings(name: .adamw, weightDecay: 0.05),
      [0.694_236_7, -1.873_251, 0.201_699_2, -0.290_838_2]
    ),
  ]

  @Test(arguments: pyTorch)
  func `agree with PyTorch after three steps`(settings: OptimizerSettings, weights: [Float]) {
    var optimizer = Optimizer(settings)
    var parameters = ["w": Tensor(shape: [4], [1, -2, 0.5, 0])]
    let base: [Float] = [0.5, -1, 0.25, 2]
    for step in 0..<3 {
      let scale = Float(step + 1)
      let gradient = base.enumerated().map { index, value in
        index == 1 && step == 1 ? -value * scale : value * scale
      }
      optimizer.update(
        &parameters, along: ["w": Tensor(shape: [4], gradient)], learningRate: 0.1)
    }
    let moved = parameters["w"]?.elements ?? []
    #expect(moved.count == 4 && weights.count == 4)
    for (found, expected) in zip(moved, weights) {
      #expect(abs(found - expected) <= 2e-6 * abs(expected), "\(moved) and \(weights)")
    }
  }

  private static let variants: [OptimizerSettings] = [
    OptimizerSettings(momentum: 0, weightDecay: 0.01),
    OptimizerSettings(momentum: 0.9),
    OptimizerSettings(momentum: 0.5, nesterov: true, weightDecay: 0.1),
    OptimizerSettings(name: .adam, weightDecay: 0.01),
    OptimizerSettings(name: .adamw, weightDecay: 0.2, betas: [0.5, 0.9], epsilon: 1e-3),
  ]

  @Test(arguments: variants, 0..<3 as Range<UInt64>)
  func `follow the published formulas with any gradients and rates`(
    settings: OptimizerSettings, seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed)
    let shapes: [String: Shape] = ["conv.weight": [3, 2, 3, 3], "fc.weight": [5, 7], "b": [11]]
    var parameters: [String: Tensor] = [:]
    var slowWeights: [String: [Double]] = [:]
    var slowOptimizers: [String: SlowOptimizer] = [:]
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      let weights = (0..<shape.elementCount).map { _ in random.normal() }
      parameters[name] = Tensor(shape: shape, weights)
      slowWeights[name] = weights.map(Double.init)
      slowOptimizers[name] = SlowOptimizer(settings)
    }
    var optimizer = Optimizer(settings)
    for step in 0..<20 {
      let rate = 0.1 / Double(step + 1)
      var gradients: [String: Tensor] = [:]
      for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
        let gradient = (0..<shape.elementCount).map { _ in random.normal() }
        slowOptimizers[name]?.update(
          &slowWeights[name, default: []], along: gradient.map(Double.init), rate: rate)
        // Gradients may be in another memory layout.
        gradients[name] = Tensor(shape: shape, gradient).arranged(as: .channelsLast)
      }
      optimizer.update(&parameters, along: gradients, learningRate: rate)
    }
    for (name, expected) in slowWeights {
      let found = parameters[name]?.elements ?? []
      #expect(found.count == expected.count)
      for (a, b) in zip(found, expected) {
        #expect(abs(Double(a) - b) <= 2e-5 * max(1, abs(b)), "\(name): \(a) and \(b)")
      }
    }
    #expect(optimizer.steps == 20)
  }

  @Test func `biases can be spared the decay`() {
    var settings = OptimizerSettings(momentum: 0, weightDecay: 0.5)
    for spared in [false, true] {
      settings.decayBiases = !spared
      var optimizer = Optimizer(settings)
      var parameters = [
        "w": Tensor(shape: [1, 2], repeating: 1), "b": Tensor(shape: [2], repeating: 1),
      ]
      let none = parameters.mapValues { Tensor(shape: $0.shape, repeating: 0) }
      optimizer.update(&parameters, along: none, learningRate: 1)
      #expect(parameters["w"]?.elements == [0.5, 0.5])
      #expect(parameters["b"]?.elements == (spared ? [1, 1] : [0.5, 0.5]))
    }
  }

  @Test func `parameters without a gradient stay, and copies are left alone`() {
    var optimizer = Optimizer(OptimizerSettings())
    let before = Tensor(shape: [2], [1, 2])
    var parameters = ["moved": before, "still": before]
    optimizer.update(
      &parameters, along: ["moved": Tensor(shape: [2], [1, 1])], learningRate: 1)
    #expect(parameters["moved"]?.elements == [0, 1])
    #expect(parameters["still"]?.elements == [1, 2])
    #expect(before.elements == [1, 2])
  }

  @Test func `a tensor with one owner is changed where it lies`() {
    for settings in Self.variants {
      var optimizer = Optimizer(settings)
      var parameters = ["w": Tensor(shape: [64, 1024], repeating: 1)]
      let gradients = ["w": Tensor(shape: [64, 1024], repeating: 0.5)]
      optimizer.update(&parameters, along: gradients, learningRate: 0.1)
      let place = parameters["w"]?.withUnsafeElements { $0.baseAddress }
      #expect(place != nil)
      let moments = optimizer.state.mapValues { $0.withUnsafeElements { $0.baseAddress } }
      optimizer.update(&parameters, along: gradients, learningRate: 0.1)
      #expect(parameters["w"]?.withUnsafeElements { $0.baseAddress } == place)
      #expect(
        optimizer.state.mapValues { $0.withUnsafeElements { $0.baseAddress } } == moments)
    }
  }

  @Test(arguments: variants)
  func `state taken over goes on to the same bits`(settings: OptimizerSettings) {
    var whole = Optimizer(settings)
    var parameters = ["w": Tensor(shape: [3], [1, 2, 3])]
    let gradients = ["w": Tensor(shape: [3], [0.3, -0.2, 0.1])]
    whole.update(&parameters, along: gradients, learningRate: 0.1)
    var restored = Optimizer(settings, after: whole.steps, with: whole.state)
    var copy = parameters
    whole.update(&parameters, along: gradients, learningRate: 0.1)
    restored.update(&copy, along: gradients, learningRate: 0.1)
    #expect(parameters["w"]?.elements == copy["w"]?.elements)
    #expect(restored.steps == 2)
  }
}
