import Kernels
import TensorCore
import TestSupport
import Testing

/// Whether NaN and infinity are preserved wherever a kernel takes a maximum or minimum.
@Suite struct `What is not finite` {
  private static let functions: [ActivationFunction] = [
    .rectifier, .leakyRectifier(slope: 0.1), .logistic, .hyperbolicTangent, .elu(alpha: 0.7),
    .selu(alpha: 1.6733, gamma: 1.0507), .celu(alpha: 0.6), .hardSigmoid(alpha: 0.2, beta: 0.5),
    .hardSwish, .swish, .softplus, .softsign, .gelu, .tanhGelu, .mish, .clip(lower: 0, upper: 6),
    .exponential, .logarithm, .squareRoot, .absolute, .negation, .reciprocal, .floor, .ceiling,
    .rounding, .errorFunction,
  ]

  /// The sum of a window may overflow even where its mean does not.
  @Test func `is found in the mean of great numbers`() {
    let images = Tensor(shape: [1, 1, 4, 4], repeating: 2e38)
    #expect(images.isFinite)
    let mean = averagePool(images, PoolingGeometry(window: 2, stride: 2), countsPadding: false)
    #expect(mean.isFinite == mean.elements.allSatisfy(\.isFinite))
  }

  @Test(arguments: functions)
  func `stays so behind every function, and nothing else becomes so`(
    function: ActivationFunction
  ) {
    var numbers = Tensor.random([1, 3, 7, 7], seed: 1).elements.map { abs($0) + 0.2 }
    let clean = activate(Tensor(shape: [1, 3, 7, 7], numbers), function).elements
    numbers[17] = .nan
    numbers[146] = .nan
    let result = activate(Tensor(shape: [1, 3, 7, 7], numbers), function).elements
    for (index, value) in result.enumerated() {
      if index == 17 || index == 146 {
        #expect(value.isNaN, "\(function) makes \(value) of NaN")
      } else {
        #expect(value == clean[index])
      }
    }
  }

  @Test(arguments: functions)
  func `is what the formula says at infinity`(function: ActivationFunction) {
    let x: [Float] = [.infinity, -.infinity, 1e30, 200, -200]
    let y = activate(Tensor(shape: [5], x), function).elements
    let slow = activate(Tensor(shape: [5], x.map { $0.isFinite ? 0 : $0 }), function).elements
    let isGated =
      switch function {
      case .swish, .hardSwish, .gelu, .tanhGelu, .mish: true
      default: false
      }
    for index in 0..<2 {
      let expected = Float(Slow.activate(Double(x[index]), function))
      // −∞ · 0 is undefined.
      if expected.isNaN || isGated && index == 1 { continue }
      #expect(y[index] == expected, "\(function) of \(x[index])")
      #expect(slow[index] == expected)
    }
    if case .exponential = function { #expect(y[2] == .infinity && y[3] == .infinity) }
  }

  @Test(arguments: functions.filter { $0.derivativeSource != .nothing })
  func `makes the gradient NaN where the function was`(function: ActivationFunction) {
    var numbers = Tensor.random([1, 2, 6, 6], seed: 2).elements.map { abs($0) + 0.2 }
    numbers[9] = .nan
    let x = Tensor(shape: [1, 2, 6, 6], numbers)
    let point = function.derivativeSource == .output ? activate(x, function) : x
    let one = Tensor(shape: x.shape, repeating: 1)
    let back = activationGradient(of: one, at: point, function).elements
    #expect(back[9].isNaN, "\(function)")
    #expect(back.enumerated().allSatisfy { $0.offset == 9 || $0.element.isFinite })
    var signal = [Float](repeating: 1, count: 72)
    signal[5] = .nan
    let clean = activate(Tensor.random([1, 2, 6, 6], seed: 2).map { abs($0) + 0.2 }, function)
    let at = function.derivativeSource == .output ? clean : x.map { $0.isNaN ? 1 : $0 }
    #expect(
      activationGradient(of: Tensor(shape: x.shape, signal), at: at, function).elements[5].isNaN)
  }

  @Test(arguments: [
    ActivationFunction?.none, .rectifier, .clip(lower: 0, upper: 6), .swish,
    .logistic, .hyperbolicTangent, .elu(alpha: 1), .gelu,
  ])
  func `crosses a convolution and its activation in one kernel`(function: ActivationFunction?) {
    for place in ["filters", "images", "bias", "addend"] {
      let images = Tensor.random([2, 3, 9, 9], seed: 3).with(.nan, at: place == "images" ? 40 : nil)
      let filters = Tensor.random([8, 3, 3, 3], seed: 4)
        .with(.nan, at: place == "filters" ? 2 * 27 + 5 : nil)
      let bias = Tensor.random([8], seed: 5).with(.nan, at: place == "bias" ? 3 : nil)
      let addend = Tensor.random([2, 8, 7, 7], seed: 6).with(.nan, at: place == "addend" ? 9 : nil)
      let apart = convolve(images, with: filters, bias: bias).zip(addend, +)
      let expected = function.map { activate(apart, $0) } ?? apart
      let fused = convolve(
        images, with: filters, bias: bias, addingTo: addend, activation: function)
      #expect(fused.nonFiniteCount > 0, "NaN in \(place)")
      #expect(fused.elements.map(\.isNaN) == expected.elements.map(\.isNaN), "NaN in \(place)")
    }
  }

  @Test func `crosses a linear layer and its activation, and so does overflow`() {
    let inputs = Tensor.random([4, 20], seed: 7)
    var weights = Tensor.random([6, 20], seed: 8).elements
    weights[45] = .nan
    let broken = innerProduct(
      inputs, with: Tensor(shape: [6, 20], weights), activation: .rectifier)
    for row in 0..<4 {
      #expect(
        broken.elements[row * 6..<(row + 1) * 6].map(\.isNaN)
          == [false, false, true, false, false, false])
    }
    // Sums of +∞ and −∞ are NaN, which a fused ReLU would turn into 0.
    let huge = Tensor(shape: [1, 2], [3e38, -3e38])
    let sum = innerProduct(
      huge, with: Tensor(shape: [1, 2], [3e38, 3e38]), activation: .rectifier)
    #expect(!sum.isFinite)
  }

  @Test func `wins every maximum`() {
    var numbers = Tensor.random([1, 2, 6, 6], seed: 9).elements
    numbers[14] = .nan
    let images = Tensor(shape: [1, 2, 6, 6], numbers)
    let geometry = PoolingGeometry(window: 2, stride: 2)
    for output in [maxPool(images, geometry).0, maxPoolWithoutSwitches(images, geometry)] {
      #expect(output.elements.indices.filter { output.elements[$0].isNaN } == [4])
    }
    let (_, switches) = maxPool(images, geometry)
    let back = maxPoolInputGradient(
      of: Tensor(shape: [1, 2, 3, 3], repeating: 1), switches: switches, imageShape: images.shape,
      geometry)
    #expect(back.elements[14] == 1)
    #expect(back.sum() == 18)
    let nothing = Tensor(shape: [1, 1, 2, 2], repeating: -.infinity)
    #expect(maxPoolWithoutSwitches(nothing, geometry).elements == [-.infinity])
    for axis in 1...3 {
      for function in [ReductionFunction.maximum, .minimum, .sum, .logSumExp] {
        #expect(reduceAxes([axis], of: images, by: function).nonFiniteCount == 1, "\(function)")
      }
    }
    let other = Tensor(shape: [1, 2, 6, 6], repeating: 0)
    for function in [ArithmeticFunction.minimum, .maximum] {
      #expect(combine(images, other, function).elements[14].isNaN)
      #expect(combine(other, images, function).elements[14].isNaN)
    }
    #expect(softmax(Tensor(shape: [2, 3], [1, .nan, 2, 1, 2, 3])).nonFiniteCount == 3)
    let row = Tensor(shape: [1, 4], [1, .nan, 9, 2])
    #expect(extremePositions(along: 1, of: row, least: false, takesLast: false).elements == [1])
    #expect(extremePositions(along: 1, of: row, least: true, takesLast: true).elements == [1])
  }

  /// If a bound were ever too small, a fused layer could hide NaN.
  @Test(arguments: 0..<20)
  func `is ruled out only by bounds that hold`(seed: Int) {
    let functions: [ActivationFunction] = [
      .rectifier, .leakyRectifier(slope: 3), .elu(alpha: 2), .clip(lower: -1, upper: 2), .swish,
      .clip(lower: 2, upper: 3), .hardSwish, .gelu, .tanhGelu, .logistic, .hyperbolicTangent,
    ]
    var x = Tensor.random([2, 4, 8, 8], seed: seed)
    for layer in 0..<6 {
      let filters = Tensor.random([4, 4, 3, 3], seed: 10 * seed + layer).map { 5 * $0 }
      let function = functions[(seed + 3 * layer) % functions.count]
      x = convolve(
        x, with: filters, bias: .random([4], seed: layer),
        geometry: WindowGeometry(stride: 1, padding: 1), activation: function)
      let greatest = x.elements.map(abs).max() ?? .infinity
      #expect((x.knownMagnitude ?? 0) >= greatest)
      #expect(x.map { $0 }.measuredMagnitude() == greatest)
    }
  }
}

extension Tensor {
  /// The same elements except for one.
  fileprivate func with(_ value: Float, at index: Int?) -> Tensor {
    guard let index else { return self }
    var numbers = elements
    numbers[index] = value
    return Tensor(shape: shape, numbers)
  }
}
