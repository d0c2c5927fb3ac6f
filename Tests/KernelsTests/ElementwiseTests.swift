import Kernels
import TensorCore
import TestSupport
import Testing

/// A function, with the interval on which it is tested.
private struct FunctionCase: Sendable, CustomTestStringConvertible {
  let function: ActivationFunction
  /// The positions of the function's kinks.
  var corners: [Float] = []
  var positiveOnly = false
  var isStep = false

  var testDescription: String { "\(function)" }

  static let all: [FunctionCase] =
    [
      FunctionCase(function: .rectifier, corners: [0]),
      FunctionCase(function: .leakyRectifier(slope: 0.1), corners: [0]),
      FunctionCase(function: .leakyRectifier(slope: -0.5), corners: [0]),
      FunctionCase(function: .elu(alpha: 0.7), corners: [0]),
      FunctionCase(function: .elu(alpha: -0.7), corners: [0]),
      FunctionCase(function: .selu(alpha: 1.6733, gamma: 1.0507), corners: [0]),
      FunctionCase(function: .celu(alpha: 0.6)),
      FunctionCase(function: .celu(alpha: -0.6), corners: [0]),
      FunctionCase(function: .hardSigmoid(alpha: 0.5, beta: 0.4), corners: [-0.8, 1.2]),
      FunctionCase(function: .hardSigmoid(alpha: -0.5, beta: 0.4), corners: [0.8, -1.2]),
      FunctionCase(function: .hardSwish, corners: [-3, 3]),
      FunctionCase(function: .clip(lower: -0.5, upper: 1), corners: [-0.5, 1]),
      FunctionCase(function: .clip(lower: -.greatestFiniteMagnitude, upper: 1), corners: [1]),
      FunctionCase(function: .clip(lower: 2, upper: 1)),
      FunctionCase(function: .logarithm, positiveOnly: true),
      FunctionCase(function: .squareRoot, positiveOnly: true),
      FunctionCase(function: .reciprocal, positiveOnly: true),
      FunctionCase(function: .absolute, corners: [0]),
      FunctionCase(function: .floor, isStep: true),
      FunctionCase(function: .ceiling, isStep: true),
      FunctionCase(function: .rounding, isStep: true),
      FunctionCase(function: .not, isStep: true),
    ]
    + [
      .logistic, .hyperbolicTangent, .swish, .softplus, .softsign, .gelu, .tanhGelu, .mish,
      .exponential, .negation, .errorFunction,
    ].map { FunctionCase(function: $0) }

  func numbers(_ shape: Shape, seed: Int) -> Tensor {
    let x = Tensor.random(shape, seed: seed).map { positiveOnly ? abs($0) + 0.3 : 1.5 * $0 }
    return x.arranged(bySeed: seed)
  }
}

@Suite struct `Elementwise functions` {
  @Test(arguments: FunctionCase.all, 0..<4)
  fileprivate func `agree with their formula`(item: FunctionCase, seed: Int) {
    var shapes = RandomShapes(seed: seed)
    let x = item.numbers(shapes.shape(), seed: seed)
    let y = activate(x, item.function)
    #expect(y.shape == x.shape && y.layout == x.layout)
    expectClose(
      y.elements, x.elements.map { Slow.activate(Double($0), item.function) }, relative: 1e-5,
      absolute: 2e-6, "\(item.function)")
  }

  @Test(arguments: FunctionCase.all, 0..<2)
  fileprivate func `have their slope`(item: FunctionCase, seed: Int) {
    let x = item.numbers([3, 4, 5, 7], seed: seed)
    let gradient = Tensor.random(x.shape, seed: 7).arranged(bySeed: seed / 2)
    let y = activate(x, item.function)
    let back = activationGradient(
      of: gradient, at: item.function.derivativeSource == .output ? y : x, item.function)
    guard !item.isStep else {
      #expect(back.elements.allSatisfy { $0 == 0 })
      return
    }
    let step = 1e-4
    let (g, slopes) = (gradient.elements, back.elements)
    for (index, value) in x.elements.enumerated() {
      // At a kink there are two slopes.
      if item.corners.contains(where: { abs($0 - value) < 1e-3 }) { continue }
      let slope =
        (Slow.activate(Double(value) + step, item.function)
          - Slow.activate(Double(value) - step, item.function)) / (2 * step)
      let expected = Double(g[index]) * slope
      #expect(
        abs(Double(slopes[index]) - expected) < 2e-4 * max(1, abs(expected)), "at \(value)")
    }
  }

  @Test(arguments: [ActivationFunction.rectifier, .softsign])
  func `work in place where nobody else holds the numbers, and nowhere else`(
    function: ActivationFunction
  ) {
    let x = Tensor.random([2, 3, 4, 5], seed: 1)
    let before = x.elements
    let held = activate(x, function)
    #expect(x.elements == before)
    #expect(held.elements != before)
    let own = Tensor.random([2, 3, 4, 5], seed: 1)
    let place = own.withUnsafeElements { $0.baseAddress }
    let result = activate(consume own, function)
    #expect(result.withUnsafeElements { $0.baseAddress } == place)
    #expect(result.elements == held.elements)
  }

  @Test func `are rectifiers where guided backpropagation should gate`() {
    let rectifiers: [ActivationFunction] = [.rectifier, .clip(lower: 0, upper: 6)]
    #expect(rectifiers.allSatisfy { $0.isRectifier })
    let others: [ActivationFunction] = [
      .clip(lower: -1, upper: 1), .leakyRectifier(slope: 0.1), .hardSwish,
    ]
    #expect(!others.contains { $0.isRectifier })
  }

  @Test func `round halves to the even number`() {
    let halves = Tensor(shape: [6], [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5])
    #expect(activate(halves, .rounding).elements == [-2, 0, 0, 2, 2, 4])
  }
}
