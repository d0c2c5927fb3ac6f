import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Reductions` {
  @Test(arguments: ReductionFunction.allCases, 0..<16)
  func `agree with their definition along any axes`(function: ReductionFunction, seed: Int) {
    var shapes = RandomShapes(seed: seed)
    let shape = shapes.shape()
    let axes = shapes.axes(of: shape)
    let x = Tensor.random(shape, seed: seed).arranged(bySeed: seed)
    let result = reduceAxes(axes, of: x, by: function)
    #expect(result.shape == shape.reduced(axes))
    expectClose(
      result.elements, Slow.slices(x, axes: axes).map { Slow.reduce($0, function) },
      relative: 1e-5, absolute: 2e-6, "\(function) of \(shape) along \(axes)")
  }

  /// Long runs, for which naive sums in single precision drift, at every position in memory.
  @Test(
    arguments: [ReductionFunction.mean, .sumOfSquares, .l1, .maximum], [[2, 3], [1], [0, 2, 3]])
  func `stay exact over many numbers`(function: ReductionFunction, axes: [Int]) {
    let x = Tensor.random([2, 19, 41, 37], seed: 1).map { $0 + 10 }
    for layout in [Layout.rowMajor, .channelsLast] {
      let result = reduceAxes(axes, of: x.arranged(as: layout), by: function)
      expectClose(
        result.elements, Slow.slices(x, axes: axes).map { Slow.reduce($0, function) },
        relative: 1e-6, "\(layout)")
    }
  }

  @Test func `of nothing are what changes nothing`() {
    let empty = Tensor(shape: [2, 0, 3], [])
    let expected: [ReductionFunction: Float] = [
      .sum: 0, .product: 1, .maximum: -.infinity, .minimum: .infinity, .l1: 0, .l2: 0,
      .sumOfSquares: 0, .logSumExp: -.infinity,
    ]
    for (function, value) in expected {
      let result = reduceAxes([1], of: empty, by: function)
      #expect(result.shape == [2, 1, 3])
      #expect(result.elements.allSatisfy { $0 == value }, "\(function)")
    }
  }

  @Test func `a log sum exp of large numbers is finite, and of none is minus infinity`() {
    let x = Tensor(shape: [3, 2], [1000, 1000, -1000, -1000, -.infinity, -.infinity])
    let result = reduceAxes([1], of: x, by: .logSumExp).elements
    #expect(abs(result[0] - 1000.6931) < 1e-3 && abs(result[1] + 999.3069) < 1e-3)
    #expect(result[2] == -.infinity)
  }

  @Test(arguments: 0..<12, [false, true])
  func `the place of an extreme is where it first or last stands`(seed: Int, least: Bool) {
    var shapes = RandomShapes(seed: seed)
    let shape = shapes.shape()
    let axis = shapes.pick(0...(shape.rank - 1))
    let x = Tensor.integers(shape, 0...3, seed: seed).arranged(bySeed: seed)
    let slices = Slow.slices(x, axes: [axis])
    for takesLast in [false, true] {
      let places = slices.map { values -> Double in
        let extreme = (least ? values.min() : values.max()) ?? 0
        let place = takesLast ? values.lastIndex(of: extreme) : values.firstIndex(of: extreme)
        return Double(place ?? -1)
      }
      let result = extremePositions(along: axis, of: x, least: least, takesLast: takesLast)
      #expect(result.shape == shape.reduced([axis]))
      expectClose(result.elements, places)
    }
  }

  @Test(arguments: 0..<12)
  func `softmax sums to one along any axis, its logarithm is its logarithm`(seed: Int) {
    var shapes = RandomShapes(seed: seed)
    let shape = shapes.shape()
    let axis = shapes.pick(0...(shape.rank - 1))
    // Numbers whose exponentials would overflow.
    let x = (Tensor.random(shape, seed: seed) * 100).arranged(bySeed: seed)
    let y = softmax(x, along: axis)
    #expect(y.shape == shape && y.elements.allSatisfy { $0 >= 0 })
    expectClose(
      reduceAxes([axis], of: y, by: .sum).elements,
      [Double](repeating: 1, count: y.count / shape[axis]), absolute: 1e-5)
    let logarithms = logSoftmax(x, along: axis)
    expectClose(
      activate(logarithms, .exponential).elements, y.elements.map(Double.init), relative: 2e-4,
      absolute: 1e-6)
  }
}
