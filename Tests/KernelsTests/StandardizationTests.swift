import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct `Standardization` {
  @Test(arguments: 0..<12)
  func `over trailing axes agrees with its formula`(seed: Int) {
    var shapes = RandomShapes(seed: seed)
    let shape = shapes.shape(rank: shapes.pick(2...5))
    let axis = shapes.pick(1...(shape.rank - 1))
    let axes = Array(axis..<shape.rank)
    let x = Tensor.random(shape, seed: seed).map { 3 * $0 + 5 }
    let scale = Tensor.random(Shape(Array(shape.extents[axis...])), seed: seed + 1)
    let shift = Tensor.random(scale.shape, seed: seed + 2)
    let (s, b) = (scale.elements, shift.elements)
    let expected = Slow.slices(x, axes: axes).flatMap { values in
      Slow.standardize(values, epsilon: 1e-3).enumerated().map {
        $1 * Double(s[$0]) + Double(b[$0])
      }
    }
    expectClose(
      standardize(
        x.arranged(bySeed: seed), over: axes, scale: scale, shift: shift, epsilon: 1e-3
      ).elements, expected, relative: 1e-4, absolute: 1e-4)
  }

  @Test(arguments: [1, 2, 3, 6], [Shape([2, 6]), [2, 6, 5], [2, 6, 3, 4], [2, 6, 2, 3, 2]])
  func `of groups agrees with its formula in both layouts`(groups: Int, shape: Shape) {
    let x = Tensor.random(shape, seed: groups).map { 2 * $0 - 3 }
    let (scale, shift) = (Tensor.random([6], seed: 2), Tensor.random([6], seed: 3))
    let (s, b) = (scale.elements, shift.elements)
    let positions = shape.spatial.reduce(1, *)
    let grouped = Tensor(
      shape: [2, groups, shape.elementCount / 2 / groups], x.elements)
    let standard = Slow.slices(grouped, axes: [2]).flatMap {
      Slow.standardize($0, epsilon: 1e-5)
    }
    let expected = standard.enumerated().map { index, value in
      let channel = index / positions % 6
      return value * Double(s[channel]) + Double(b[channel])
    }
    for layout in [Layout.rowMajor, .channelsLast] {
      let result = normalizeGroups(
        x.arranged(as: layout), groups: groups, scale: scale, shift: shift, epsilon: 1e-5)
      #expect(result.layout == layout)
      // A single value is its own mean: only rounding errors are left of it.
      expectClose(result.elements, expected, relative: 2e-4, absolute: 5e-4)
    }
  }

  @Test func `quantized numbers come back within half a step`() {
    let x = Tensor.random([3, 4, 5], seed: 1)
    let scale = Tensor(shape: [1, 4, 1], [0.01, 0.02, 0.03, 0.04])
    let zero = Tensor(shape: [1, 4, 1], [0, 10, -10, 3])
    let q = quantize(x, scale: scale, zeroPoint: zero, lower: -1000, upper: 1000)
    #expect(q.elements.allSatisfy { $0 == $0.rounded() })
    let back = dequantize(q, scale: scale, zeroPoint: zero)
    let steps = expand(scale, to: x.shape).elements
    for (index, (value, result)) in zip(x.elements, back.elements).enumerated() {
      #expect(abs(value - result) <= steps[index] * 0.501)
    }
    let clipped = quantize(x, scale: scale, zeroPoint: zero, lower: 0, upper: 15).elements
    #expect(clipped.allSatisfy { (0...15).contains($0) })
  }
}
